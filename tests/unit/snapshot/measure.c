/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/ranking.h"
#include "analyze/stats.h"
#include "build.h"
#include "scene.h"

static struct scene scene;
static struct mallow_run *run;

static void open_run(void)
{
	struct mallow_error err = { "" };

	scene_open(&scene);
	cr_assert_eq(mallow_run_open(&run, scene.recorder.path, NULL, &err), 0, "%s",
	             err.text);
}

static void close_run(void)
{
	mallow_run_close(run);
	scene_close(&scene);
}

TestSuite(snapshot_measure, .init = open_run, .fini = close_run);

static struct mallow_snapshot *measure(const char *when, enum mallow_measure what)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_run_measure(run, when, what, &snapshot, &err), 0, "%s",
	             err.text);
	return snapshot;
}

static void expect(const char *when, enum mallow_measure what, const char *lines)
{
	struct mallow_snapshot *snapshot = measure(when, what);

	build_expect(build_statistics(snapshot, MALLOW_BY_FUNCTION, false), lines);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_measure, what_was_allocated_counts_though_it_was_freed)
{
	expect("end", MALLOW_ALLOCATED,
	       "libx.so.1+0x1050: size=4110 B, count=3, average=1370 B\n"
	       "parse: size=1350 B, count=4, average=338 B\n"
	       "inner: size=1000 B, count=2, average=500 B\n"
	       "recurse: size=30 B, count=1, average=30 B\n"
	       "libx.so.1+0x1060: size=7 B, count=1, average=7 B\n"
	       "xmalloc: size=1 B, count=1, average=1 B\n");
}

Test(snapshot_measure, what_came_later_does_not_count)
{
	expect("250us", MALLOW_ALLOCATED,
	       "libx.so.1+0x1050: size=4110 B, count=3, average=1370 B\n"
	       "parse: size=1150 B, count=3, average=383 B\n"
	       "inner: size=1000 B, count=2, average=500 B\n"
	       "recurse: size=30 B, count=1, average=30 B\n"
	       "libx.so.1+0x1060: size=7 B, count=1, average=7 B\n"
	       "xmalloc: size=1 B, count=1, average=1 B\n");
}

Test(snapshot_measure, temporary_blocks_have_no_size)
{
	expect("end", MALLOW_TEMPORARY, "inner: size=0 B, count=2, average=0 B\n");
}

Test(snapshot_measure, live_is_what_a_snapshot_is)
{
	struct mallow_snapshot *live = measure("peak", MALLOW_LIVE), *snapshot;

	cr_assert_eq(mallow_run_snapshot(run, "peak", &snapshot, NULL), 0);
	cr_expect_gt(mallow_snapshot_trace_count(live), 0);
	build_expect(build_differences(live, snapshot, MALLOW_BY_PROCESS, false),
	             "process 1: size=5298 B (+0 B), count=9 (+0), average=589 B\n");
	mallow_snapshot_free(live);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_measure, two_moments_tell_what_was_allocated_between_them)
{
	struct mallow_snapshot *old = measure("100us", MALLOW_ALLOCATED);
	struct mallow_snapshot *now = measure("end", MALLOW_ALLOCATED);

	build_expect(build_differences(now, old, MALLOW_BY_THREAD, false),
	             "thread 3 (main): size=200 B (+200 B), count=1 (+1), average=200 B\n"
	             "thread 1 (main): size=6277 B (+50 B), count=8 (+1), average=785 B\n"
	             "thread 2 (worker): size=21 B (+0 B), count=3 (+0), average=7 B\n");
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
}

Test(snapshot_measure, the_peak_is_a_moment_too)
{
	struct mallow_snapshot *peak = measure("peak", MALLOW_ALLOCATED);

	/* 200 us are reached, the 1000 B are not freed yet. */
	cr_expect_eq(mallow_snapshot_at_ns(peak), 200000);
	build_expect(build_statistics(peak, MALLOW_BY_THREAD, false),
	             "thread 1 (main): size=6277 B, count=8, average=785 B\n"
	             "thread 2 (worker): size=21 B, count=3, average=7 B\n");
	mallow_snapshot_free(peak);
}

/* The commands answer by a way of their own. */
Test(snapshot_measure, counts_are_those_of_the_commands)
{
	static const char *const places[] = { "end", "peak", "100us", "200us", "60%" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct mlw_query query = { .place = scene.recorder.path,
			                   .at = places[i],
			                   .by = MALLOW_BY_LINE,
			                   .sort = MALLOW_SORT_ALLOCATED,
			                   .up_to_place = true,
			                   .filter = { .domain = "all" } };
		struct mallow_snapshot *snapshot = measure(places[i], MALLOW_ALLOCATED);
		struct mallow_statistics *ours;
		struct mallow_ranking *theirs;
		struct mlw_error err = { "" };

		cr_assert_eq(mlw_ranking_new(&theirs, &query, &err), 0, "%s", err.text);
		cr_assert_eq(mallow_snapshot_statistics(snapshot, MALLOW_BY_LINE, false,
		                                        &ours, NULL),
		             0);
		for (size_t j = 0; j < mallow_statistics_count(ours); j++) {
			const struct mallow_statistic *row =
			        mallow_statistics_get(ours, j);

			cr_expect_eq(row->size, theirs->rows[j].sums.allocated_size);
			cr_expect_eq(row->count, theirs->rows[j].sums.allocations);
		}
		mallow_statistics_free(ours);
		mlw_ranking_free(theirs);
		mallow_snapshot_free(snapshot);
	}
}

Test(snapshot_measure, nothing_else_can_be_measured)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err;

	cr_expect_eq(
	        mallow_run_measure(run, "end", (enum mallow_measure)9, &snapshot, &err),
	        -1);
	cr_expect_null(snapshot);
	cr_expect_str_eq(err.text, "there is nothing 9 to measure");
}

static void expect_totals(const struct mallow_totals *ours,
                          const struct mallow_totals *theirs)
{
	cr_expect_eq(ours->allocations, theirs->allocations);
	cr_expect_eq(ours->frees, theirs->frees);
	cr_expect_eq(ours->reallocations, theirs->reallocations);
	cr_expect_eq(ours->allocated_size, theirs->allocated_size);
	cr_expect_eq(ours->live_size, theirs->live_size);
	cr_expect_eq(ours->live_count, theirs->live_count);
	cr_expect_eq(ours->peak_size, theirs->peak_size);
	cr_expect_eq(ours->peak_at_ns, theirs->peak_at_ns);
	cr_expect_eq(ours->temporary_count, theirs->temporary_count);
	cr_expect_eq(ours->inherited_frees, theirs->inherited_frees);
	cr_expect_eq(ours->foreign_frees, theirs->foreign_frees);
}

Test(snapshot_measure, totals_are_those_of_stats)
{
	struct mallow_totals totals;
	struct mallow_stats *stats;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_stats_new(&stats, scene.recorder.path, &err), 0, "%s", err.text);
	cr_assert_eq(mallow_run_totals(run, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 11);
	cr_expect_eq(totals.peak_size, SCENE_PEAK_SIZE);
	expect_totals(&totals, &stats->run.totals);
	for (uint32_t id = 1; id <= 2; id++) {
		cr_assert_eq(mallow_run_process_totals(run, id, &totals, NULL), 0);
		expect_totals(&totals, &stats->processes[id - 1].totals);
	}
	for (uint32_t id = 1; id <= 3; id++) {
		cr_assert_eq(mallow_run_thread_totals(run, id, &totals, NULL), 0);
		expect_totals(&totals, &stats->threads[id - 1].totals);
	}
	mlw_stats_free(stats);
}

Test(snapshot_measure, totals_of_a_domain_and_of_nothing)
{
	struct mallow_totals totals;

	cr_assert_eq(mallow_run_domain_totals(run, MALLOW_DOMAIN_MMAP, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 1);
	cr_expect_eq(totals.live_size, 4096);
	cr_assert_eq(mallow_run_domain_totals(run, 99, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 0);
	cr_assert_eq(mallow_run_process_totals(run, 0, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 0);
	cr_assert_eq(mallow_run_thread_totals(run, UINT32_MAX, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 0);
}

Test(snapshot_measure, a_reallocation_is_an_allocation_and_a_free)
{
	struct recorder recorder;
	struct mallow_totals totals;
	struct mallow_run *other;
	uint32_t frame, trace;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "p");
	frame = recorder_frame(&recorder, recorder_module(&recorder, "/p"), "f", "p.c",
	                       1);
	trace = recorder_trace(&recorder,
	                       recorder_stack(&recorder, (uint32_t[]){ frame, 0 }), 1,
	                       MLW_DOMAIN_MALLOC, 0);
	recorder_realloc(&recorder, recorder_alloc(&recorder, trace, 10), trace, 30);
	recorder_close(&recorder);
	cr_assert_eq(mallow_run_open(&other, recorder.path, NULL, NULL), 0);
	cr_assert_eq(mallow_run_totals(other, &totals, NULL), 0);
	cr_expect_eq(totals.allocations, 2);
	cr_expect_eq(totals.reallocations, 1);
	cr_expect_eq(totals.frees, 1);
	cr_expect_eq(totals.allocated_size, 40);
	cr_expect_eq(totals.live_size, 30);
	cr_expect_eq(totals.live_count, 1);
	mallow_run_close(other);
	recorder_remove(&recorder);
}

Test(snapshot_measure, of_a_sample_everything_but_what_was_temporary)
{
	const struct mlw_weight weight = mlw_weigh(1000, 10, 1);
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };
	struct recorder recorder;
	struct mallow_run *other;

	recorder_open(&recorder);
	recorder.sample_bytes = 1000;
	mlw_heap_set_sample(recorder.heap, recorder.sample_bytes);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "p");
	recorder_alloc(&recorder, recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0),
	               10);
	recorder_close(&recorder);
	cr_assert_eq(mallow_run_open(&other, recorder.path, NULL, NULL), 0);
	cr_expect_eq(mallow_run_sample_bytes(other), 1000);
	cr_expect_eq(mallow_run_sample_bytes(run), 0);
	cr_assert_eq(mallow_run_measure(other, "end", MALLOW_ALLOCATED, &snapshot, NULL),
	             0);
	cr_assert_eq(mallow_snapshot_trace_count(snapshot), 1);
	cr_expect_eq(mallow_snapshot_sample_bytes(snapshot), 1000);
	cr_expect_eq(mallow_snapshot_trace(snapshot, 0)->size, weight.size);
	cr_expect_eq(mallow_snapshot_trace(snapshot, 0)->count, weight.count);
	mallow_snapshot_free(snapshot);
	cr_expect_eq(mallow_run_measure(other, "end", MALLOW_TEMPORARY, &snapshot, &err),
	             -1);
	cr_expect_not_null(strstr(err.text, "they were sampled"), "%s", err.text);
	mallow_run_close(other);
	recorder_remove(&recorder);
}
