/* SPDX-License-Identifier: MIT */

/* mallow timeline: memory over the time of a run. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/render.h"

static const char help[] =
        "usage: mallow timeline FILE [options]\n"
        "\n"
        "Draws live memory, resident memory (RSS) and the rate of allocations over the\n"
        "time of a run, with its peak and its snapshots. With any of the following, it\n"
        "also draws the largest groups, each for itself:\n"
        "\n"
        "  -n N                groups to show (default 10; 0: all)\n"
        "  --by GROUP          line (default), function, file, module, trace, thread,\n"
        "                      process, domain, scope or size\n"
        "  --sort KEY          size (default), count, peak, allocated, allocations or\n"
        "                      temporary\n"
        "  --at WHEN           whose sizes say which groups are the largest (default:\n"
        "                      peak); as FILE@WHEN\n"
        "  --cumulative        count a block for each function on its stack\n"
        "  --min-size SIZE     leave out groups smaller than SIZE\n"
        "\n"
        "  --include GLOB      only sites whose function, file or module matches\n"
        "  --exclude GLOB      no sites whose function, file or module matches\n"
        "  --all-frames        match every frame of a stack, not only its site\n"
        "  --domain NAME       malloc (default), mmap, brk, the program's own, all\n"
        "  --thread T          only thread T: its id or a glob of its name\n"
        "  --process P         only process P: its id, its pid or a glob of its program\n"
        "  --wrapper GLOB      functions that only pass allocations on, never a site\n"
        "  --source-root DIR   name the files below DIR relative to it\n"
        "  --path-map OLD=NEW  replace the beginning OLD of files' paths\n"
        "\n"
        "  --json, --csv       for programs\n"
        "  --color[=WHEN]      auto (default), always or never\n";

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
	struct mlw_timeline *timeline;
	int result = 0;

	if (mlw_timeline_new(&timeline, &selection->query, err))
		return -1;
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_timeline_json(timeline, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_timeline_csv(timeline, stdout);
	else
		result = mlw_render_timeline_text(timeline, &selection->style, stdout,
		                                  err);
	mlw_output_incomplete(timeline->file, timeline->closed, timeline->complete);
	mlw_timeline_free(timeline);
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
