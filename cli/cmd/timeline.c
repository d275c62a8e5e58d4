/* SPDX-License-Identifier: MIT */

/* mallow timeline: memory over the time of a run. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow timeline FILE [options]\n"
	"\n"
	"Draws live memory, resident memory (RSS) and the rate of allocations over the\n"
	"time of a run, with its peak and its snapshots. With any of the following, it\n"
	"also draws the largest groups, each for itself:\n"
	"\n"
	"  -n N                groups to show (default 10; 0: all)\n",
	mlw_help_groups,
	"  --at WHEN           whose sizes say which groups are the largest (default:\n"
	"                      peak); as FILE@WHEN\n"
	"  --cumulative        count a block for each function on its stack\n"
	"  --min-size SIZE     leave out groups smaller than SIZE\n"
	"\n",
	mlw_help_filters,
	mlw_help_names,
	"\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "timeline",
	.help = help,
	.operand = "FILE",
	.csv = true,
	.queries = true,
	.few_rows = true,
};

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	struct mallow_timeline *timeline;
	const struct mallow_about *about;
	struct mallow_error reason;
	int result = 0;

	if (mallow_timeline_new(&timeline, &selection->query, &reason))
		return mlw_reason(err, &reason);
	about = mallow_timeline_about(timeline);
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_timeline_json(timeline, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_timeline_csv(timeline, stdout);
	else
		result = mlw_render_timeline_text(timeline, &selection->style, stdout,
		                                  err);
	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format != MLW_FORMAT_JSON)
		mlw_output_sampled(about->file, about->sample_bytes);
	mallow_timeline_free(timeline);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_timeline = {
	.name = "timeline",
	.usage = "FILE [options]",
	.summary = "live memory, RSS and allocations over time, as a chart",
	.run = run,
};
