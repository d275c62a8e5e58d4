/* SPDX-License-Identifier: MIT */

/* mallow top: the places that allocate most. */

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow top FILE[@WHEN] [options]\n"
	"\n"
	"Shows the allocation sites that hold most memory, at the end of the run or at\n"
	"WHEN: end, peak, 1.5s (after the start), 25% (of the time) or the name of\n"
	"a snapshot (NAME#2: the second of that name).\n"
	"\n"
	"  -n N                rows to show (default 10; 0: all; --json, --csv: all)\n",
	mlw_help_groups,
	"  --at WHEN           instead of FILE@WHEN\n"
	"  --cumulative        count a block for each function on its stack\n"
	"\n",
	mlw_help_filters,
	"  --min-size SIZE     leave out groups smaller than SIZE\n",
	mlw_help_names,
	"\n"
	"  --source            the source lines too, where their files are found\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "top",
	.help = help,
	.operand = "FILE",
	.csv = true,
	.queries = true,
	.source = true,
};

/* What the rows do not say, but their reader should know. */
static void write_notes(const struct mallow_ranking *ranking,
                        const struct mlw_selection *selection)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	const struct mallow_sums *total = mallow_ranking_total(ranking);
	bool nothing = !total->count && total->peak_count;

	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(about->file, about->sample_bytes);
	if (nothing && !strcmp(about->at, "end") && selection->format == MLW_FORMAT_TEXT)
		mlw_output_note(about->file,
		                "nothing is live at the end; --at peak shows the peak");
}

static int show_text(const struct mallow_ranking *ranking,
                     const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mlw_style style = selection->style;
	struct mallow_error reason;
	int result;

	if (selection->source &&
	    mallow_source_open(&style.source, selection->query.names.source_root,
	                       &reason))
		return mlw_reason(err, &reason);
	result = mlw_render_ranking_text(ranking, &style, stdout, err);
	mallow_source_close(style.source);
	return result;
}

/* Source lines have no place in the rows of a program. */
static int check(const struct mlw_selection *selection, struct mlw_error *err)
{
	if (selection->source && selection->format != MLW_FORMAT_TEXT)
		return mlw_fail(err, "--source is for text, not for --json or --csv");
	return 0;
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mallow_ranking *ranking;
	struct mallow_error reason;
	int result = 0;

	if (check(selection, err))
		return -1;
	if (mallow_ranking_new(&ranking, &selection->query, &reason))
		return mlw_reason(err, &reason);
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_ranking_json(ranking, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_ranking_csv(ranking, stdout);
	else
		result = show_text(ranking, selection, err);
	write_notes(ranking, selection);
	mallow_ranking_free(ranking);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_top = {
	.name = "top",
	.usage = "FILE[@WHEN] [options]",
	.summary = "the sites that hold most memory",
	.run = run,
};
