/* SPDX-License-Identifier: MIT */

/* mallow top: the places that allocate most. */

#include <stdio.h>
#include <string.h>

#include "analyze/source.h"
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
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
static void write_notes(const struct mlw_statistics *statistics,
                        const struct mlw_selection *selection)
{
	bool nothing = !statistics->total.count && statistics->total.peak_count;

	mlw_output_incomplete(statistics->file, statistics->closed, statistics->complete);
	if (nothing && !strcmp(statistics->at, "end") &&
	    selection->format == MLW_FORMAT_TEXT)
		mlw_output_note(statistics->file,
		                "nothing is live at the end; --at peak shows the peak");
}

static int show_text(const struct mlw_statistics *statistics,
                     const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mlw_style style = selection->style;
	int result;

	if (selection->source &&
	    mlw_source_open(&style.source, selection->query.recording.source_root, err))
		return -1;
	result = mlw_render_statistics_text(statistics, &style, stdout, err);
	mlw_source_close(style.source);
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
	struct mlw_statistics *statistics;
	int result = 0;

	if (check(selection, err) ||
	    mlw_statistics_new(&statistics, &selection->query, err))
		return -1;
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_statistics_json(statistics, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_statistics_csv(statistics, stdout);
	else
		result = show_text(statistics, selection, err);
	write_notes(statistics, selection);
	mlw_statistics_free(statistics);
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
