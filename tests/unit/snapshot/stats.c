/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <mallow/snapshot.h>

#include "build.h"
#include "saved.h"
#include "scene.h"

static struct mallow_stats *ask(const char *path)
{
	struct mallow_stats *stats;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_stats_new(&stats, path, &err), 0, "%s", err.text);
	return stats;
}

Test(mallow_stats, the_run_as_a_whole)
{
	struct scene scene;
	struct mallow_stats *stats;
	const struct mallow_run_stats *run;

	scene_open(&scene);
	stats = ask(scene.recorder.path);
	run = mallow_stats_run(stats);
	cr_expect_str_eq(mallow_stats_about(stats)->file, scene.recorder.path);
	cr_expect(mallow_stats_about(stats)->closed &&
	          mallow_stats_about(stats)->complete);
	cr_assert_eq(run->command_count, 2);
	cr_expect_str_eq(run->command[1], "two words");
	cr_expect_eq(run->end.ended, MALLOW_ENDED_EXIT);
	cr_expect_eq(run->end.exit_code, 0);
	cr_expect_eq(run->end.signal, -1);
	cr_expect_not(run->running || run->cut || run->saved || run->built);
	cr_expect_eq(run->duration_ns, 1000000);
	cr_expect_eq(run->totals.allocations, 11);
	cr_expect_eq(run->totals.peak_size, SCENE_PEAK_SIZE);
	cr_expect_eq(run->totals.live_size, SCENE_TOTAL_SIZE);
	cr_expect_eq(run->mapped.live_size, 4096);
	cr_expect_eq(run->distinct_traces, 6);
	mallow_stats_free(stats);
	scene_close(&scene);
}

Test(mallow_stats, what_there_is_of_it)
{
	struct scene scene;
	struct mallow_stats *stats;
	uint64_t count = 0;

	scene_open(&scene);
	stats = ask(scene.recorder.path);
	cr_assert_eq(mallow_stats_process_count(stats), 2);
	cr_expect_eq(mallow_stats_process(stats, 1)->parent, 1);
	cr_expect_eq(mallow_stats_process(stats, 1)->totals.live_size, 200);
	cr_expect_str_eq(mallow_stats_process(stats, 1)->command[0], "/usr/bin/child");
	cr_expect_null(mallow_stats_process(stats, 2));
	cr_assert_eq(mallow_stats_thread_count(stats), 3);
	cr_expect_str_eq(mallow_stats_thread(stats, 1)->name, "worker");
	cr_expect_eq(mallow_stats_thread(stats, 1)->totals.live_size, 21);
	cr_expect_null(mallow_stats_thread(stats, 3));
	cr_assert_eq(mallow_stats_domain_count(stats), 2);
	cr_expect_str_eq(mallow_stats_domain(stats, 0)->name, "malloc");
	cr_expect_eq(mallow_stats_domain(stats, 1)->id, MALLOW_DOMAIN_MMAP);
	cr_expect_eq(mallow_stats_domain(stats, 1)->totals.live_size, 4096);
	cr_expect_eq(mallow_stats_domain(stats, 1)->pool_count, 0);
	cr_expect_null(mallow_stats_domain(stats, 2));
	for (size_t i = 0; i < mallow_stats_size_count(stats); i++)
		count += mallow_stats_size(stats, i)->count;
	cr_expect_eq(count, 11);
	cr_expect_eq(mallow_stats_size(stats, 0)->min, 1);
	cr_expect_null(mallow_stats_size(stats, mallow_stats_size_count(stats)));
	cr_assert_eq(mallow_stats_lifetime_count(stats), 2);
	cr_expect_eq(mallow_stats_lifetime(stats, 0)->count, 2);
	cr_expect_eq(mallow_stats_lifetime(stats, 1)->size, 1000);
	cr_expect_null(mallow_stats_lifetime(stats, 2));
	cr_expect_eq(mallow_stats_taken_count(stats), 0);
	cr_expect_eq(mallow_stats_metadata_count(stats), 0);
	mallow_stats_free(stats);
	mallow_stats_free(NULL);
	scene_close(&scene);
}

/* A sampled run of one block of 100 bytes. */
static void record_sampled(struct recorder *recorder)
{
	uint32_t module, frames[2] = { 0 };

	recorder_open(recorder);
	recorder->sample_bytes = 1000;
	mlw_heap_set_sample(recorder->heap, recorder->sample_bytes);
	recorder_process(recorder, 0, "[\"one\"]");
	recorder_thread(recorder, 1, "main");
	module = recorder_module(recorder, "/usr/bin/one");
	frames[0] = recorder_frame(recorder, module, "main", "a.c", 1);
	recorder_alloc(recorder,
	               recorder_trace(recorder, recorder_stack(recorder, frames), 1,
	                              MLW_DOMAIN_MALLOC, 0),
	               100);
	recorder_close(recorder);
}

Test(mallow_stats, are_of_the_domain_that_they_name)
{
	struct recorder recorder;
	struct mallow_stats *stats;
	struct mallow_snapshots *snapshots;
	struct mallow_sums sums = { .size = 1051, .count = 10 };

	record_sampled(&recorder);
	stats = ask(recorder.path);
	cr_expect_str_eq(mallow_stats_about(stats)->domain, "malloc");
	cr_expect_gt(mallow_sums_error(&sums, mallow_stats_about(stats)), 0);
	mallow_stats_free(stats);
	cr_assert_eq(mallow_snapshots_new(&snapshots, recorder.path, NULL), 0);
	cr_expect_str_eq(mallow_snapshots_about(snapshots)->domain, "malloc");
	cr_expect_gt(mallow_sums_error(&sums, mallow_snapshots_about(snapshots)), 0);
	mallow_snapshots_free(snapshots);
	recorder_remove(&recorder);
}

Test(mallow_stats, pools_and_snapshots)
{
	const struct mlw_pool_row row = { .process = 1,
		                          .domain = 17,
		                          .block_size = 64,
		                          .created = 3,
		                          .pools = 2,
		                          .size = 1000,
		                          .used_size = 300,
		                          .free_size = 600 };
	struct recorder recorder;
	struct mallow_stats *stats;
	const struct mallow_domain_stats *domain;
	struct mlw_error err;

	recorder_open(&recorder);
	recorder_process(&recorder, 0, "[\"one\"]");
	cr_assert_eq(mlw_writer_pools(recorder.writer, &row, &err), 0, "%s", err.text);
	recorder_snapshot(&recorder, "loaded");
	recorder_close(&recorder);
	stats = ask(recorder.path);
	domain = mallow_stats_domain(stats, 1);
	cr_assert_eq(domain->pool_count, 1);
	cr_expect_eq(domain->pools[0].block_size, 64);
	cr_expect_eq(domain->pools[0].wasted_size, 100);
	cr_assert_eq(mallow_stats_taken_count(stats), 1);
	cr_expect_str_eq(mallow_stats_taken(stats, 0)->name, "loaded");
	cr_expect_eq(mallow_stats_taken(stats, 0)->nth, 1);
	cr_expect_null(mallow_stats_taken(stats, 1));
	mallow_stats_free(stats);
	recorder_remove(&recorder);
}

Test(mallow_stats, of_a_saved_snapshot, .init = saved_open, .fini = saved_close)
{
	struct mallow_snapshot *snapshot = build_old();
	struct mallow_stats *stats;

	cr_assert_eq(mallow_snapshot_set_metadata(snapshot, "commit", "4\0a", 3, NULL),
	             0);
	saved_save(snapshot, "old.mallow");
	mallow_snapshot_free(snapshot);
	stats = ask(saved_path("old.mallow"));
	cr_expect(mallow_stats_run(stats)->saved && mallow_stats_run(stats)->built);
	cr_expect(mallow_stats_about(stats)->live_only);
	cr_assert_eq(mallow_stats_metadata_count(stats), 1);
	cr_expect_str_eq(mallow_stats_metadatum(stats, 0)->key, "commit");
	cr_expect_eq(mallow_stats_metadatum(stats, 0)->size, 3);
	cr_expect_arr_eq(mallow_stats_metadatum(stats, 0)->value, "4\0a", 4);
	cr_expect_null(mallow_stats_metadatum(stats, 1));
	mallow_stats_free(stats);
}

Test(mallow_stats, are_of_the_whole_run)
{
	struct mallow_stats *stats;
	struct mallow_error err;

	cr_assert_eq(mallow_stats_new(&stats, "run.mallow@peak", &err), -1);
	cr_expect_null(stats);
	cr_expect_str_eq(err.text, "run.mallow@peak: stats are of the whole run, not of "
	                           "'@peak'");
}

Test(mallow_stats, words_of_ends)
{
	cr_expect_str_eq(mallow_ended_name(MALLOW_ENDED_RUNNING), "running");
	cr_expect_str_eq(mallow_ended_name(MALLOW_ENDED_DETACHED), "detached");
	cr_expect_str_eq(mallow_ended_name(MALLOW_ENDED_LOST), "lost");
	cr_expect_null(mallow_ended_name((enum mallow_ended)6));
}
