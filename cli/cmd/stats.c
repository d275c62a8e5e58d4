/* SPDX-License-Identifier: MIT */

/* mallow stats: a run on one screen. */

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/selection.h"
#include "render/reason.h"
#include "render/render.h"

static const char *const help[] = {
	"usage: mallow stats FILE [options]\n"
	"\n"
	"Shows a run on one screen: how it ended, totals, the peak, what is live at the\n"
	"end, sizes and lifetimes, processes, threads, and what the recording cost.\n"
	"\n"
	"  --by domain         what each domain has, and what is free in its pools\n",
	mlw_help_output,
	NULL,
};

static const struct mlw_accepted accepted = {
	.command = "stats",
	.help = help,
	.operand = "FILE",
	.csv = true,
	.domains = true,
};

static int write_text(const struct mallow_stats *stats,
                      const struct mlw_selection *selection, struct mlw_error *err)
{
	return selection->query.groups
	               ? mlw_render_stats_domains(stats, &selection->style, stdout, err)
	               : mlw_render_stats_text(stats, &selection->style, stdout, err);
}

static int show(const struct mlw_selection *selection, struct mlw_error *err)
{
	const struct mallow_about *about;
	struct mallow_stats *stats;
	struct mallow_error reason;
	int result = 0;

	if (selection->query.groups && selection->query.by != MALLOW_BY_DOMAIN)
		return mlw_fail(err, "stats can be told by domain, not by %s",
		                mallow_key_name(selection->query.by));
	if (mallow_stats_new(&stats, selection->query.place, &reason))
		return mlw_reason(err, &reason);
	about = mallow_stats_about(stats);
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_stats_json(stats, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_stats_csv(stats, stdout);
	else
		result = write_text(stats, selection, err);
	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(about->file, about->sample_bytes);
	mallow_stats_free(stats);
	return result;
}

static int run(int argc, char **argv)
{
	return mlw_selection_answer(argc, argv, &accepted, show);
}

const struct mlw_command mlw_command_stats = {
	.name = "stats",
	.usage = "FILE [options]",
	.summary = "a run on one screen: totals, peak, processes, threads",
	.run = run,
};
