/* SPDX-License-Identifier: MIT */

/* read_recording FILE [WHEN]: what a recording holds, what allocated most, and what
 * changed from WHEN (the peak) to its end, read with libmallow-analysis. */

#include <err.h>
#include <inttypes.h>
#include <mallow/snapshot.h>
#include <stdio.h>
#include <stdlib.h>

static struct mallow_error failure;

static void must(int result)
{
	if (result)
		errx(2, "%s", failure.text);
}

static void print(char *text)
{
	if (!text)
		errx(2, "out of memory");
	puts(text);
	free(text);
}

static void show_run(const struct mallow_run *run)
{
	for (size_t i = 0; i < mallow_run_process_count(run); i++) {
		const struct mallow_process *process = mallow_run_process(run, i);

		printf("process %" PRIu32 ": %s\n", process->id, process->command);
	}
	for (size_t i = 0; i < mallow_run_thread_count(run); i++) {
		const struct mallow_thread *thread = mallow_run_thread(run, i);

		printf("thread %" PRIu32 " of process %" PRIu32 ": %s\n", thread->id,
		       thread->process, thread->name);
	}
	for (size_t i = 0; i < mallow_run_taken_count(run); i++) {
		const struct mallow_taken *taken = mallow_run_taken(run, i);

		printf("snapshot %s#%" PRIu64 ": %" PRIu64 " B\n", taken->name,
		       taken->nth, taken->size);
	}
}

/* Blocks inside of mappings would count twice beside these; what the C library keeps for
 * itself is no leak. */
static struct mallow_snapshot *blocks_of_malloc(struct mallow_run *run, const char *when)
{
	struct mallow_filter filter = MALLOW_FILTER_INIT;
	struct mallow_snapshot *all, *blocks;

	filter.domain = MALLOW_DOMAIN_MALLOC;
	filter.runtime = 0;
	must(mallow_run_snapshot(run, when, &all, &failure));
	must(mallow_snapshot_filter(all, &filter, 1, &blocks, &failure));
	mallow_snapshot_free(all);
	return blocks;
}

static void show_statistics(const struct mallow_snapshot *snapshot)
{
	struct mallow_statistics *statistics;

	must(mallow_snapshot_statistics(snapshot, MALLOW_BY_TRACEBACK, false, &statistics,
	                                &failure));
	for (size_t i = 0; i < 3 && i < mallow_statistics_count(statistics); i++) {
		const struct mallow_statistic *row = mallow_statistics_get(statistics, i);

		print(mallow_statistic_text(row));
		print(mallow_traceback_format(row->traceback, 0, true, NULL));
	}
	mallow_statistics_free(statistics);
}

static void show_differences(const struct mallow_snapshot *old,
                             const struct mallow_snapshot *new)
{
	struct mallow_differences *differences;

	must(mallow_snapshot_compare_to(new, old, MALLOW_BY_FUNCTION, false, &differences,
	                                &failure));
	for (size_t i = 0; i < 3 && i < mallow_differences_count(differences); i++)
		print(mallow_difference_text(mallow_differences_get(differences, i)));
	mallow_differences_free(differences);
}

/* What was allocated, live or not. */
static void show_allocated(struct mallow_run *run)
{
	struct mallow_statistics *statistics;
	struct mallow_snapshot *allocated;
	struct mallow_totals totals;

	must(mallow_run_totals(run, &totals, &failure));
	printf("%" PRIu64 " allocations, peak %" PRIu64 " B\n", totals.allocations,
	       totals.peak_size);
	must(mallow_run_measure(run, "end", MALLOW_ALLOCATED, &allocated, &failure));
	must(mallow_snapshot_statistics(allocated, MALLOW_BY_FUNCTION, false, &statistics,
	                                &failure));
	if (mallow_statistics_count(statistics))
		print(mallow_statistic_text(mallow_statistics_get(statistics, 0)));
	mallow_statistics_free(statistics);
	mallow_snapshot_free(allocated);
}

int main(int argc, char **argv)
{
	struct mallow_snapshot *old, *new;
	struct mallow_run *run;

	if (argc < 2 || argc > 3)
		errx(2, "usage: read_recording FILE [WHEN]");
	must(mallow_run_open(&run, argv[1], NULL, &failure));
	show_run(run);
	show_allocated(run);
	old = blocks_of_malloc(run, argc > 2 ? argv[2] : "peak");
	new = blocks_of_malloc(run, "end");
	mallow_run_close(run);
	show_statistics(new);
	show_differences(old, new);
	mallow_snapshot_free(old);
	mallow_snapshot_free(new);
	return 0;
}
