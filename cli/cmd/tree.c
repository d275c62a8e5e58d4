/* SPDX-License-Identifier: MIT */

/* mallow tree: who calls whom, and what was allocated below. */

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow tree FILE[@WHEN] [options]\n"
	"\n"
	"Shows the calls that lead to allocations as a tree, callers first, each with "
	"what\n"
	"is live below it at the end of the run or at WHEN: end, peak, 1.5s (after the\n"
	"start), 25% (of the time).\n"
	"\n"
	"  --invert            allocation sites first, their callers below them\n"
	"  -n N                branches of a call to show (default 10; 0: all, and "
	"nothing\n"
	"                      is folded; --json, --csv: all)\n"
	"  --min-size SIZE     leave out calls that hold less (default: 1% of all;\n"
	"                      --json, --csv: none)\n"
	"  --by GROUP          a call is a line (default), function, file or module\n"
	"  --sort KEY          size (default), count, peak, allocated, allocations or\n"
	"                      temporary\n"
	"  --at WHEN           instead of FILE@WHEN\n"
	"\n",
	mlw_help_filters,
	mlw_help_names,
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "tree",
	.help = help,
	.operand = "FILE",
	.queries = true,
	.invert = true,
	.csv = true,
};

/* What the tree does not say, but its reader should know. */
static void write_notes(const struct mallow_tree *tree,
                        const struct mlw_selection *selection)
{
	const struct mallow_about *about = mallow_tree_about(tree);
	bool nothing =
	        !mallow_tree_root(tree)->count && mallow_tree_total(tree)->peak_count;

	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(about->file, about->sample_bytes);
	if (nothing && !strcmp(about->at, "end") && selection->format == MLW_FORMAT_TEXT)
		mlw_output_note(about->file,
		                "nothing is live at the end; --at peak shows the peak");
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mallow_tree *tree;
	struct mallow_error reason;
	int result;

	if (mallow_tree_new(&tree, &selection->query, &reason))
		return mlw_reason(err, &reason);
	if (selection->format == MLW_FORMAT_JSON)
		result = mlw_render_tree_json(tree, stdout, err);
	else if (selection->format == MLW_FORMAT_CSV)
		result = mlw_render_tree_csv(tree, stdout, err);
	else
		result = mlw_render_tree_text(tree, &selection->style, stdout, err);
	write_notes(tree, selection);
	mallow_tree_free(tree);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_tree = {
	.name = "tree",
	.usage = "FILE[@WHEN] [options]",
	.summary = "the calls that lead to allocations",
	.run = run,
};
