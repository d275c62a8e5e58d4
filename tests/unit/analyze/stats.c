/* SPDX-License-Identifier: MIT */
#include "analyze/stats.h"

#include <criterion/criterion.h>
#include <string.h>

#include "recorder.h"
#include "scene.h"

static struct mallow_stats *ask(const char *path)
{
	struct mlw_error err = { "" };
	struct mallow_stats *stats;

	cr_assert_eq(mlw_stats_new(&stats, path, &err), 0, "%s", err.text);
	return stats;
}

Test(stats, totals_are_those_of_the_heap)
{
	struct scene scene;
	struct mallow_stats *stats;

	scene_open(&scene);
	stats = ask(scene.recorder.path);
	cr_expect_eq(stats->run.totals.allocations, 11);
	cr_expect_eq(stats->run.totals.frees, 3);
	cr_expect_eq(stats->run.totals.live_size, SCENE_TOTAL_SIZE);
	cr_expect_eq(stats->run.totals.live_count, SCENE_TOTAL_COUNT);
	cr_expect_eq(stats->run.totals.peak_size, SCENE_PEAK_SIZE);
	cr_expect_eq(stats->run.totals.peak_at_ns, 200000);
	cr_expect_eq(stats->run.totals.temporary_count, 2);
	cr_expect_eq(stats->run.mapped.live_size, 4096);
	cr_expect_eq(stats->run.distinct_traces, 6);
	cr_expect_eq(stats->run.truncated_traces, 1);
	mlw_stats_free(stats);
	scene_close(&scene);
}

Test(stats, run_processes_and_threads_are_told)
{
	struct scene scene;
	struct mallow_stats *stats;

	scene_open(&scene);
	stats = ask(scene.recorder.path);
	cr_assert_eq(stats->run.command_count, 2);
	cr_expect_str_eq(stats->run.command[1], "two words");
	cr_expect_eq(stats->run.end.ended, MALLOW_ENDED_EXIT);
	cr_expect_eq(stats->run.end.exit_code, 0);
	cr_expect_eq(stats->run.end.signal, -1);
	cr_expect(stats->about.complete);
	cr_assert_eq(stats->process_count, 2);
	cr_expect_eq(stats->processes[1].parent, 1);
	cr_expect_eq(stats->processes[1].totals.live_size, 200);
	cr_expect_eq(stats->run.tracer_size, 8192);
	cr_expect_eq(stats->run.peak_rss, 1048576);
	cr_assert_eq(stats->thread_count, 3);
	cr_expect_str_eq(stats->threads[1].name, "worker");
	cr_expect_eq(stats->threads[1].totals.live_size, 21);
	mlw_stats_free(stats);
	scene_close(&scene);
}

Test(stats, histograms_have_no_empty_class)
{
	struct scene scene;
	struct mallow_stats *stats;
	uint64_t count = 0;

	scene_open(&scene);
	stats = ask(scene.recorder.path);
	for (size_t i = 0; i < stats->sizes.count; i++) {
		cr_expect_gt(stats->sizes.rows[i].count, 0);
		count += stats->sizes.rows[i].count;
	}
	cr_expect_geq(count, stats->run.totals.allocations);
	mlw_stats_free(stats);
	scene_close(&scene);
}

static void record_one_block(struct recorder *recorder)
{
	uint32_t frame;

	recorder_open(recorder);
	recorder_process(recorder, 0, "[\"prog\"]");
	recorder_thread(recorder, 1, "main");
	frame = recorder_frame(recorder, recorder_module(recorder, "/usr/bin/prog"),
	                       "main", "main.c", 1);
	recorder_trace(recorder, recorder_stack(recorder, (uint32_t[]){ frame, 0 }), 1,
	               MLW_DOMAIN_MALLOC, 0);
	recorder->time_us = 10;
	recorder_alloc(recorder, 1, 5000);
}

Test(stats, a_recording_that_was_not_closed_is_read_and_incomplete)
{
	struct recorder recorder;
	struct mallow_stats *stats;

	record_one_block(&recorder);
	recorder_die(&recorder);
	stats = ask(recorder.path);
	cr_expect_not(stats->about.closed);
	cr_expect_not(stats->about.complete);
	cr_expect_eq(stats->run.totals.live_size, 5000);
	mlw_stats_free(stats);
	recorder_remove(&recorder);
}

Test(stats, lost_events_make_a_recording_incomplete)
{
	struct recorder recorder;
	struct mallow_stats *stats;

	record_one_block(&recorder);
	recorder.lost_events = 3;
	recorder_close(&recorder);
	stats = ask(recorder.path);
	cr_expect(stats->about.closed);
	cr_expect_not(stats->about.complete);
	cr_expect_eq(stats->run.lost_events, 3);
	mlw_stats_free(stats);
	recorder_remove(&recorder);
}

Test(stats, a_cut_recording_is_complete_and_has_all_totals)
{
	struct recorder recorder;
	struct mallow_stats *stats;

	record_one_block(&recorder);
	recorder_cut(&recorder, "max-size");
	recorder.time_us = 20;
	recorder_alloc(&recorder, 1, 7000);
	recorder_close(&recorder);
	stats = ask(recorder.path);
	cr_expect(stats->about.complete);
	cr_expect(stats->run.cut);
	cr_expect_eq(stats->run.cut_at_ns, 10000);
	cr_expect_eq(stats->run.totals.live_size, 12000);
	cr_expect_eq(stats->run.totals.peak_size, 12000);
	mlw_stats_free(stats);
	recorder_remove(&recorder);
}

Test(stats, other_places_than_the_end_are_refused)
{
	struct mlw_error err = { "" };
	struct mallow_stats *stats;

	cr_expect_eq(mlw_stats_new(&stats, "run.mallow@peak", &err), -1);
	cr_expect_not_null(strstr(err.text, "@peak"));
}

static void add_pools(struct recorder *recorder, uint32_t process, uint32_t domain,
                      uint64_t block_size, uint64_t used)
{
	const struct mlw_pool_row row = {
		.process = process,
		.domain = domain,
		.block_size = block_size,
		.created = 3,
		.pools = 2,
		.size = 1000,
		.peak_size = 2000,
		.blocks = 5,
		.used_size = used,
		.free_size = 600,
		.largest_free = 100 * process,
	};
	struct mlw_error err;

	cr_assert_eq(mlw_writer_pools(recorder->writer, &row, &err), 0, "%s", err.text);
}

/* What a file claims may be more than there is. */
Test(stats, pools_of_all_processes_are_added_up_by_domain_and_size)
{
	struct recorder recorder;
	struct mallow_stats *stats;
	const struct mallow_pools *pools;

	recorder_open(&recorder);
	recorder_process(&recorder, 0, "[\"one\"]");
	recorder_process(&recorder, 1, "[\"two\"]");
	add_pools(&recorder, 1, 17, 64, 300);
	add_pools(&recorder, 1, 17, 32, 500);
	add_pools(&recorder, 2, 17, 64, 400);
	recorder_close(&recorder);
	stats = ask(recorder.path);
	cr_assert_eq(stats->domain_count, 2, "malloc is always there");
	cr_expect_str_eq(stats->domains[0].name, "malloc");
	cr_expect_str_eq(stats->domains[1].name, "17");
	cr_assert_eq(stats->domains[1].pool_count, 2);
	pools = stats->domains[1].pools;
	cr_expect_eq(pools[0].block_size, 32);
	cr_expect_eq(pools[0].wasted_size, 0);
	cr_expect_eq(pools[1].block_size, 64);
	cr_expect_eq(pools[1].created, 6);
	cr_expect_eq(pools[1].pools, 4);
	cr_expect_eq(pools[1].size, 2000);
	cr_expect_eq(pools[1].used_size, 700);
	cr_expect_eq(pools[1].wasted_size, 100);
	cr_expect_eq(pools[1].free_size, 1200);
	cr_expect_eq(pools[1].largest_free, 200);
	cr_expect_eq(pools[1].blocks, 10);
	mlw_stats_free(stats);
	recorder_remove(&recorder);
}

static const uint32_t mapping_domains[2] = { MLW_DOMAIN_MMAP, MLW_DOMAIN_BRK };

/* In each of both domains three are allocated; one of them is freed at once, one later, and
 * one reallocated. */
static void record_mappings(struct recorder *recorder)
{
	recorder_open(recorder);
	recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"), "main");
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t trace = recorder_trace(recorder, 0, 1, mapping_domains[i], 0);
		uint64_t size = i ? 1000 : 100,
		         kept = recorder_alloc(recorder, trace, size);
		uint64_t freed = recorder_alloc(recorder, trace, size);

		recorder_free(recorder, 1, recorder_alloc(recorder, trace, size));
		recorder_free(recorder, 1, freed);
		recorder_realloc(recorder, kept, trace, 2 * size);
	}
	recorder_close(recorder);
}

Test(stats, mappings_of_both_domains_are_added_up)
{
	struct recorder recorder;
	struct mallow_stats *stats;
	const struct mallow_totals *mapped;

	record_mappings(&recorder);
	stats = ask(recorder.path);
	mapped = &stats->run.mapped;
	cr_expect_eq(mapped->allocations, 8);
	cr_expect_eq(mapped->frees, 6);
	cr_expect_eq(mapped->reallocations, 2);
	cr_expect_eq(mapped->allocated_size, 500 + 5000);
	cr_expect_eq(mapped->live_size, 200 + 2000);
	cr_expect_eq(mapped->live_count, 2);
	cr_expect_eq(mapped->temporary_count, 2);
	cr_expect_eq(mapped->peak_size, 0, "is that of no moment");
	cr_expect_eq(mapped->peak_at_ns, 0);
	mlw_stats_free(stats);
	recorder_remove(&recorder);
}
