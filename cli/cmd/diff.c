/* SPDX-License-Identifier: MIT */

/* mallow diff: what changed between two places, runs or builds. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow diff OLD[@WHEN] NEW[@WHEN] [options]\n"
	"\n"
	"Shows what changed, by allocation site: between two places in one run, between\n"
	"two runs, even of two builds of a program. WHEN: end, peak, 1.5s (after the\n"
	"start), 25% (of the time) or the name of a snapshot.\n"
	"\n"
	"A site of one run is that of another by function, file and line; or by "
	"function\n"
	"and file where only lines moved between two builds: it is marked.\n"
	"\n"
	"  -n N                rows to show (default 10; 0: all; --json, --csv: all,\n"
	"                      also what did not change)\n"
	"  --by GROUP          line (default), function, file, module, trace, thread,\n"
	"                      process, domain, scope or size\n"
	"  --sort KEY          by the change of size (default), count, peak, allocated,\n"
	"                      allocations or temporary\n"
	"  --cumulative        count a block for each function on its stack\n"
	"\n",
	mlw_help_filters,
	"  --min-size SIZE     leave out changes of fewer bytes than SIZE\n",
	mlw_help_names,
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "diff",
	.help = help,
	.operand = "OLD",
	.second = "NEW",
	.two_places = true,
	.csv = true,
	.queries = true,
};

static int render(const struct mallow_changes *changes,
                  const struct mlw_selection *selection, struct mlw_error *err)
{
	switch (selection->format) {
	case MLW_FORMAT_JSON:
		mlw_render_difference_json(changes, stdout);
		return 0;
	case MLW_FORMAT_CSV:
		mlw_render_difference_csv(changes, stdout);
		return 0;
	case MLW_FORMAT_TEXT:
		break;
	}
	return mlw_render_difference_text(changes, &selection->style, stdout, err);
}

static int check(const struct mlw_selection *selection, struct mlw_error *err)
{
	if (!selection->second)
		return mlw_fail(err, "diff: NEW is missing (see 'mallow diff --help')");
	if (selection->query.at)
		return mlw_fail(err, "diff takes no option '--at': it has two places, "
		                     "OLD@WHEN and NEW@WHEN");
	return 0;
}

static void write_note(const struct mallow_about *about,
                       const struct mlw_selection *selection)
{
	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format != MLW_FORMAT_JSON)
		mlw_output_sampled(about->file, about->sample_bytes);
}

static void write_notes(const struct mallow_changes *changes,
                        const struct mlw_selection *selection)
{
	write_note(mallow_changes_about(changes, MALLOW_OLD), selection);
	if (!mallow_changes_one_run(changes))
		write_note(mallow_changes_about(changes, MALLOW_NEW), selection);
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mallow_query query = selection->query;
	struct mallow_changes *changes;
	struct mallow_error reason;
	int result;

	query.changed_only = selection->format == MLW_FORMAT_TEXT;
	if (check(selection, err))
		return -1;
	if (mallow_changes_new(&changes, &query, selection->second, &reason))
		return mlw_reason(err, &reason);
	result = render(changes, selection, err);
	write_notes(changes, selection);
	mallow_changes_free(changes);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_diff = {
	.name = "diff",
	.usage = "OLD[@WHEN] NEW[@WHEN] [options]",
	.summary = "what changed between two places, runs or builds",
	.run = run,
};
