/* SPDX-License-Identifier: MIT */
#include "cmd/run_summary.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"

static void print_totals(const struct mlw_run_options *options,
                         const struct mlw_summary *summary)
{
	const struct mlw_totals *totals = &summary->totals;
	char text[MLW_UNIT_TEXT], more[MLW_UNIT_TEXT];

	fprintf(stderr,
	        "mallow:   %" PRIu64 " allocations, %s in all; %" PRIu64 " frees\n",
	        totals->allocations, mlw_size_text(totals->allocated_size, text),
	        totals->frees);
	fprintf(stderr, "mallow:   peak %s after %s\n",
	        mlw_size_text(totals->peak_size, text),
	        mlw_duration_text(totals->peak_at_us * 1000, more));
	fprintf(stderr, "mallow:   live at the end %s in %" PRIu64 " blocks\n",
	        mlw_size_text(totals->live_size, text), totals->live_count);
	if (options->sample_bytes)
		fprintf(stderr, "mallow:   sampled, 1 in %s: these are estimates\n",
		        mlw_size_text(options->sample_bytes, text));
}

static void print_trouble(const struct mlw_run_options *options,
                          const struct mlw_launch *launch)
{
	const struct mlw_summary *summary = &launch->summary;

	if (!launch->reported) {
		fprintf(stderr, "mallow: the collector was killed: the recording is "
		                "incomplete\n");
		return;
	}
	if (summary->store_error[0])
		fprintf(stderr, "mallow: the recording is incomplete: %s\n",
		        summary->store_error);
	if (!summary->recorded)
		fprintf(stderr, "mallow: %s was not recorded: %s\n", options->command[0],
		        summary->reason);
	if (summary->lost_events)
		fprintf(stderr, "mallow: %" PRIu64 " events were lost\n",
		        summary->lost_events);
	if (summary->damaged_events)
		fprintf(stderr,
		        "mallow: %" PRIu64 " times what the program sent made no sense\n",
		        summary->damaged_events);
	if (summary->stack_mismatches)
		fprintf(stderr, "mallow: %" PRIu64 " stacks differ from libunwind's\n",
		        summary->stack_mismatches);
}

static void print_summary(const struct mlw_run_options *options,
                          const struct mlw_launch *launch)
{
	const struct mlw_summary *summary = &launch->summary;

	fprintf(stderr, "mallow: recorded in %s\n", launch->path);
	if (launch->reported)
		print_totals(options, summary);
	if (summary->processes > 1 || summary->threads > 1)
		fprintf(stderr, "mallow:   %" PRIu32 " processes, %" PRIu32 " threads\n",
		        summary->processes, summary->threads);
	if (summary->events_cut)
		fprintf(stderr, "mallow:   --max-size was reached: of what came later "
		                "the file has the totals only\n");
	if (summary->surviving)
		fprintf(stderr,
		        "mallow:   %" PRIu32 " still running, their recording "
		        "goes on\n",
		        summary->surviving);
	fprintf(stderr, "mallow: now: mallow top %s\n", launch->path);
}

int mlw_run_summary_print(const struct mlw_run_options *options,
                          const struct mlw_launch *launch)
{
	if (!options->quiet)
		print_summary(options, launch);
	print_trouble(options, launch);
	if (options->require_trace && launch->reported && !launch->summary.recorded)
		return MLW_LAUNCH_FAILED;
	return launch->status;
}
