/* SPDX-License-Identifier: MIT */

/* The groups of a timeline: which they are, and what is live in them when. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/timeline.h"
#include "scene.h"

static struct scene scene;
static struct mlw_error err;

static struct mallow_timeline *ask(struct mlw_query query)
{
	struct mallow_timeline *timeline;

	query.place = scene.recorder.path;
	query.groups = true;
	cr_assert_eq(mlw_timeline_new(&timeline, &query, &err), 0, "%s", err.text);
	cr_assert_not_null(timeline->ranking);
	return timeline;
}

/* What is live in a row at `us`. */
static uint64_t size_at(const struct mallow_timeline *timeline, size_t row, uint64_t us)
{
	uint64_t size = 0;

	cr_assert_lt(row, timeline->ranking->count);
	for (size_t i = 0; i < timeline->count; i++) {
		if (timeline->points[i].at_ns <= us * 1000)
			size = timeline->series[row].levels[i].size;
	}
	return size;
}

static const char *function_of(const struct mallow_timeline *timeline, size_t row)
{
	return timeline->ranking->rows[row].traceback->frames[0]->function;
}

Test(timeline_groups, are_those_of_the_peak)
{
	struct mallow_timeline *timeline;

	scene_open(&scene);
	timeline = ask((struct mlw_query){ .by = MALLOW_BY_FUNCTION, .limit = 2 });
	cr_expect_eq(timeline->ranking->count, 2);
	cr_expect_str_eq(function_of(timeline, 0), "parse");
	cr_expect_eq(timeline->ranking->rows[0].sums.size, 1150);
	cr_expect_str_eq(function_of(timeline, 1), "recurse");
	cr_expect_eq(size_at(timeline, 0, 99), 0);
	cr_expect_eq(size_at(timeline, 0, 100), 1100);
	cr_expect_eq(size_at(timeline, 0, 200), 150);
	cr_expect_eq(size_at(timeline, 0, 300), 350);
	cr_expect_eq(size_at(timeline, 1, 1000), 30);
	cr_expect_eq(timeline->series[0].highest.size, 1150);
	cr_expect_eq(timeline->series[0].highest.count, 3);
	cr_expect_eq(timeline->series[0].highest.at_ns, 200000);
	mlw_timeline_free(timeline);
	scene_close(&scene);
}

Test(timeline_groups, are_those_of_the_place_and_the_order)
{
	struct mallow_timeline *timeline;

	scene_open(&scene);
	timeline = ask((struct mlw_query){
	        .by = MALLOW_BY_PROCESS, .at = "end", .sort = MALLOW_SORT_COUNT });
	cr_expect_str_eq(timeline->ranking->about.at, "end");
	cr_expect_eq(timeline->ranking->rows[1].id, 2);
	cr_expect_eq(timeline->ranking->rows[1].sums.size, 200);
	cr_expect_eq(size_at(timeline, 1, 299), 0);
	cr_expect_eq(size_at(timeline, 1, 300), 200);
	mlw_timeline_free(timeline);
	timeline = ask((struct mlw_query){ .by = MALLOW_BY_LINE, .min_size = 31 });
	cr_expect_eq(timeline->ranking->count, 1);
	cr_expect_gt(timeline->ranking->group_count, 1);
	mlw_timeline_free(timeline);
	scene_close(&scene);
}

Test(timeline_groups, of_everything_have_mappings_beside_malloc)
{
	struct mallow_timeline *timeline;

	scene_open(&scene);
	timeline = ask((struct mlw_query){ .by = MALLOW_BY_DOMAIN });
	cr_expect(timeline->selected);
	cr_expect_eq(timeline->ranking->count, 2);
	cr_expect_str_eq(timeline->ranking->rows[0].name, "mmap");
	cr_expect_eq(size_at(timeline, 0, 1000), 4096);
	cr_expect_eq(size_at(timeline, 1, 1000), SCENE_TOTAL_SIZE);
	cr_expect_eq(timeline->points[timeline->count - 1].size, SCENE_TOTAL_SIZE + 4096);
	mlw_timeline_free(timeline);
	scene_close(&scene);
}

/* Three functions that call one another, in two threads. */
static void record_random_blocks(struct recorder *recorder)
{
	uint64_t blocks[64] = { 0 };
	uint32_t frames[4] = { 0 }, module;

	srand(7);
	recorder_open(recorder);
	recorder_process(recorder, 0, "[\"p\"]");
	recorder_thread(recorder, 1, "main");
	recorder_thread(recorder, 1, "other");
	module = recorder_module(recorder, "/bin/p");
	frames[0] = recorder_frame(recorder, module, "outer", "/o.c", 1);
	frames[1] = recorder_frame(recorder, module, "middle", "/m.c", 2);
	frames[2] = recorder_frame(recorder, module, "inner", "/m.c", 3);
	for (uint32_t i = 1; i <= 3; i++) {
		uint32_t stack[4] = { 0 };
		uint32_t node;

		memcpy(stack, frames, i * sizeof(*frames));
		node = recorder_stack(recorder, stack);
		recorder_trace(recorder, node, 1, MLW_DOMAIN_MALLOC, 0);
		recorder_trace(recorder, node, 2, MLW_DOMAIN_MALLOC, 0);
	}
	for (int i = 0; i < 3000; i++) {
		uint64_t *block = &blocks[rand() % 64];
		uint32_t trace = (uint32_t)(rand() % 6 + 1);

		recorder->time_us += (uint64_t)(rand() % 3);
		if (*block && rand() % 4)
			recorder_free(recorder, 1, *block);
		*block = *block ? 0
		                : recorder_alloc(recorder, trace, (uint64_t)rand() % 99);
	}
	recorder_close(recorder);
}

static const struct mallow_row *row_like(const struct mallow_ranking *statistics,
                                         const struct mallow_row *row)
{
	for (size_t i = 0; i < statistics->count; i++) {
		const struct mallow_row *other = &statistics->rows[i];

		if (other->id == row->id && other->size_min == row->size_min &&
		    !mlw_traceback_compare(other->traceback, row->traceback))
			return other;
	}
	return NULL;
}

/* Each row's level at a point is what statistics say at that time. */
static void expect_levels(const struct mallow_timeline *timeline, struct mlw_query query,
                          size_t point)
{
	struct mallow_ranking *statistics;
	char when[32];

	snprintf(when, sizeof(when), "%lluns",
	         (unsigned long long)timeline->points[point].at_ns);
	query.place = scene.recorder.path;
	query.at = when;
	cr_assert_eq(mlw_ranking_new(&statistics, &query, &err), 0, "%s", err.text);
	for (size_t i = 0; i < timeline->ranking->count; i++) {
		const struct mallow_level *level = &timeline->series[i].levels[point];
		const struct mallow_row *row =
		        row_like(statistics, &timeline->ranking->rows[i]);

		cr_assert_eq(level->size, row ? row->sums.size : 0);
		cr_assert_eq(level->count, row ? row->sums.count : 0);
		if (point + 1 == timeline->count)
			cr_assert_eq(level->allocations, row->sums.allocations);
	}
	mlw_ranking_free(statistics);
}

Test(timeline_groups, have_at_every_point_what_statistics_say_of_it)
{
	static const struct mlw_query queries[] = {
		{ .by = MALLOW_BY_FUNCTION },
		{ .by = MALLOW_BY_FUNCTION, .cumulative = true },
		{ .by = MALLOW_BY_FILE, .cumulative = true },
		{ .by = MALLOW_BY_TRACEBACK },
		{ .by = MALLOW_BY_THREAD },
		{ .by = MALLOW_BY_SIZE },
	};

	record_random_blocks(&scene.recorder);
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		struct mallow_timeline *timeline = ask(queries[i]);

		cr_assert_gt(timeline->ranking->count, 1);
		for (size_t point = i; point < timeline->count; point += 19)
			expect_levels(timeline, queries[i], point);
		expect_levels(timeline, queries[i], timeline->count - 1);
		mlw_timeline_free(timeline);
	}
	recorder_remove(&scene.recorder);
}

/* What a process leaves is not live beside what comes later. */
Test(timeline_groups, lose_what_an_ended_process_held)
{
	struct recorder *recorder = &scene.recorder;
	struct mallow_timeline *timeline;

	recorder_open(recorder);
	recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"), "main");
	recorder_thread(recorder, recorder_process(recorder, 1, "[\"q\"]"), "main");
	recorder_trace(recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	recorder_trace(recorder, 0, 2, MLW_DOMAIN_MALLOC, 0);
	recorder_alloc(recorder, 1, 10);
	recorder_alloc(recorder, 2, 1000);
	recorder->time_us = 200;
	recorder_end(recorder, 2);
	recorder->time_us = 400;
	recorder_alloc(recorder, 1, 30);
	recorder->time_us = 1000;
	recorder_close(recorder);
	timeline = ask((struct mlw_query){ .by = MALLOW_BY_FUNCTION });
	cr_expect_eq(timeline->ranking->count, 1);
	cr_expect_eq(size_at(timeline, 0, 399), 1010);
	cr_expect_eq(size_at(timeline, 0, 400), 40);
	cr_expect_eq(timeline->series[0].highest.size, 1010);
	mlw_timeline_free(timeline);
	recorder_remove(recorder);
}

/* A mapping of 8000 bytes belongs there, however much of it is left. */
Test(timeline_groups, by_size_keep_a_mapping_that_was_cut)
{
	struct recorder *recorder = &scene.recorder;
	struct mallow_timeline *timeline;
	uint64_t block;

	recorder_open(recorder);
	recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"), "main");
	recorder_trace(recorder, 0, 1, MLW_DOMAIN_MMAP, 0);
	block = recorder_alloc(recorder, 1, 8000);
	recorder->time_us = 300;
	recorder_shrink(recorder, 1, block, 100);
	recorder->time_us = 600;
	recorder_free(recorder, 1, block);
	recorder_free(recorder, 1, recorder_alloc(recorder, 1, 8000));
	recorder->time_us = 1000;
	recorder_close(recorder);
	timeline = ask((struct mlw_query){ .by = MALLOW_BY_SIZE,
	                                   .filter = { .domain = "mmap" } });
	cr_expect_eq(timeline->ranking->count, 1);
	cr_expect_eq(timeline->ranking->rows[0].size_min, 4096);
	cr_expect_eq(timeline->series[0].highest.at_ns, 0);
	cr_expect_eq(size_at(timeline, 0, 299), 8000);
	cr_expect_eq(size_at(timeline, 0, 599), 100);
	cr_expect_eq(size_at(timeline, 0, 1000), 0);
	cr_expect_eq(timeline->points[timeline->count - 1].count, 0);
	mlw_timeline_free(timeline);
	recorder_remove(recorder);
}
