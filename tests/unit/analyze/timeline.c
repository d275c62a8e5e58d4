/* SPDX-License-Identifier: MIT */
#include "analyze/timeline.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/holdings.h"
#include "scene.h"

static struct scene scene;
static struct mlw_error err;

static struct mallow_timeline *ask(const struct mlw_filter_rules *rules)
{
	struct mlw_query query = { .place = scene.recorder.path };
	struct mallow_timeline *timeline;

	if (rules)
		query.filter = *rules;
	cr_assert_eq(mlw_timeline_new(&timeline, &query, &err), 0, "%s", err.text);
	return timeline;
}

static const struct mallow_point *at(const struct mallow_timeline *timeline, uint64_t us)
{
	const struct mallow_point *found = NULL;

	for (size_t i = 0; i < timeline->count; i++) {
		if (timeline->points[i].at_ns <= us * 1000)
			found = &timeline->points[i];
	}
	cr_assert_not_null(found);
	return found;
}

Test(timeline, shows_what_was_live_when)
{
	struct mallow_timeline *timeline;

	scene_open(&scene);
	timeline = ask(NULL);
	cr_expect_eq(timeline->duration_ns, 1000000);
	cr_expect_eq(at(timeline, 50)->size, 0);
	cr_expect_eq(at(timeline, 150)->size, SCENE_PEAK_SIZE - 50);
	cr_expect_eq(at(timeline, 250)->size, SCENE_PEAK_SIZE - 1000);
	cr_expect_eq(at(timeline, 1000)->size, SCENE_TOTAL_SIZE);
	cr_expect_eq(at(timeline, 1000)->count, SCENE_TOTAL_COUNT);
	cr_expect_eq(at(timeline, 1000)->allocations, 11);
	cr_expect_eq(timeline->peak.size, SCENE_PEAK_SIZE);
	cr_expect_eq(timeline->peak.at_ns, 200000);
	cr_expect_eq(timeline->allocations, 11);
	for (size_t i = 1; i < timeline->count; i++)
		cr_assert_geq(timeline->points[i].at_ns, timeline->points[i - 1].at_ns);
	mlw_timeline_free(timeline);
	scene_close(&scene);
}

Test(timeline, of_selected_traces)
{
	static const char *const parse[] = { "parse" };
	static const char *const child[] = { "child" };
	struct mlw_filter_rules rules = { .includes = parse, .include_count = 1 };
	struct mallow_timeline *timeline;

	scene_open(&scene);
	timeline = ask(&rules);
	cr_expect(timeline->selected);
	cr_expect_eq(timeline->peak.size, 1150);
	cr_expect_eq(at(timeline, 250)->size, 150);
	cr_expect_eq(at(timeline, 1000)->size, 350);
	mlw_timeline_free(timeline);
	rules.processes = child;
	rules.process_count = 1;
	timeline = ask(&rules);
	cr_expect_eq(timeline->peak.size, 200);
	cr_expect_eq(at(timeline, 250)->size, 0);
	mlw_timeline_free(timeline);
	rules = (struct mlw_filter_rules){ .domain = "mmap" };
	timeline = ask(&rules);
	cr_expect_eq(at(timeline, 1000)->size, 4096);
	cr_expect_eq(timeline->allocations, 1);
	mlw_timeline_free(timeline);
	scene_close(&scene);
}

/* Random blocks, against the heap model at each point. */
Test(timeline, equals_the_model_at_every_point)
{
	struct recorder *recorder = &scene.recorder;
	uint64_t blocks[64] = { 0 };
	struct mallow_timeline *timeline;
	struct mlw_reader *reader;

	srand(1);
	recorder_open(recorder);
	recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"), "main");
	recorder_trace(recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	for (int i = 0; i < 3000; i++) {
		uint64_t *block = &blocks[rand() % 64];

		recorder->time_us += (uint64_t)(rand() % 3);
		if (*block)
			recorder_free(recorder, 1, *block);
		*block = *block ? 0 : recorder_alloc(recorder, 1, (uint64_t)rand() % 99);
	}
	recorder_close(recorder);
	timeline = ask(NULL);
	cr_assert_eq(mlw_reader_open(&reader, recorder->path, &err), 0);
	cr_assert_gt(timeline->count, 100);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct mallow_point *point = &timeline->points[i];
		struct mlw_heap *heap;
		uint64_t number;

		cr_assert_eq(
		        mlw_reader_number_at(reader, point->at_ns / 1000, &number, &err),
		        0);
		cr_assert_eq(mlw_reader_heap(reader, number, &heap, &err), 0);
		cr_assert_eq(point->size, mlw_heap_totals(heap)->live_size);
		cr_assert_eq(point->count, mlw_heap_totals(heap)->live_count);
		cr_assert_eq(point->allocations, mlw_heap_totals(heap)->allocations);
		if (i + 1 == timeline->count) {
			cr_expect_eq(timeline->peak.size,
			             mlw_heap_totals(heap)->peak_size);
			cr_expect_eq(timeline->peak.at_ns,
			             mlw_heap_totals(heap)->peak_at_us * 1000);
		}
		mlw_heap_free(heap);
	}
	mlw_reader_close(reader);
	mlw_timeline_free(timeline);
	recorder_remove(recorder);
}

Test(timeline, is_of_what_was_kept)
{
	static const char *const parse[] = { "parse" };
	struct mlw_query query = { 0 };
	struct mallow_timeline *timeline;

	recorder_open_sites(&scene.recorder);
	recorder_thread(&scene.recorder, recorder_process(&scene.recorder, 0, "[\"p\"]"),
	                "main");
	recorder_close(&scene.recorder);
	timeline = ask(NULL);
	cr_expect_eq(timeline->count, 0);
	mlw_timeline_free(timeline);
	query.place = scene.recorder.path;
	query.filter = (struct mlw_filter_rules){ .includes = parse, .include_count = 1 };
	cr_expect_eq(mlw_timeline_new(&timeline, &query, &err), -1);
	query = (struct mlw_query){ .place = scene.recorder.path, .groups = true };
	cr_expect_eq(mlw_timeline_new(&timeline, &query, &err), -1);
	cr_expect_not_null(strstr(err.text, "a group has no timeline"));
	recorder_remove(&scene.recorder);
}

/* The selected live bytes are replayed, the others are of the file: both know a clear. */
Test(timeline, what_was_forgotten_is_not_live)
{
	struct mlw_query query = { .filter.domain = "malloc" };
	struct mallow_timeline *timeline;
	struct recorder recorder;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "main");
	recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	recorder_alloc(&recorder, 1, 100);
	recorder.time_us = 100;
	recorder_clear(&recorder, 1);
	recorder.time_us = 200;
	recorder_alloc(&recorder, 1, 30);
	recorder.time_us = 300;
	recorder_close(&recorder);
	query.place = recorder.path;
	cr_assert_eq(mlw_timeline_new(&timeline, &query, &err), 0, "%s", err.text);
	cr_expect_eq(at(timeline, 150)->size, 0);
	cr_expect_eq(at(timeline, 300)->size, 30);
	cr_expect_eq(at(timeline, 300)->count, 1);
	cr_expect_eq(timeline->peak.size, 100);
	mlw_timeline_free(timeline);
	recorder_remove(&recorder);
}
