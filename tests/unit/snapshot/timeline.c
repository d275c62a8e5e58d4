/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <mallow/snapshot.h>

#include "scene.h"

static struct mallow_timeline *ask(const struct mallow_query *query)
{
	struct mallow_timeline *timeline;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_timeline_new(&timeline, query, &err), 0, "%s", err.text);
	return timeline;
}

static const struct mallow_point *last_point(const struct mallow_timeline *timeline)
{
	return mallow_timeline_point(timeline, mallow_timeline_count(timeline) - 1);
}

Test(mallow_timeline, of_all_blocks)
{
	struct scene scene;
	struct mallow_query query = { 0 };
	struct mallow_timeline *timeline;

	scene_open(&scene);
	query.place = scene.recorder.path;
	timeline = ask(&query);
	cr_expect_str_eq(mallow_timeline_about(timeline)->file, scene.recorder.path);
	cr_expect(mallow_timeline_about(timeline)->closed);
	cr_expect_not(mallow_timeline_selected(timeline));
	cr_expect_eq(mallow_timeline_duration_ns(timeline), 1000000);
	cr_expect_eq(mallow_timeline_peak(timeline)->at_ns, 200000);
	cr_expect_eq(mallow_timeline_peak(timeline)->size, SCENE_PEAK_SIZE);
	cr_expect_eq(mallow_timeline_allocations(timeline), 11);
	cr_expect_gt(mallow_timeline_count(timeline), 100);
	cr_expect_eq(last_point(timeline)->at_ns, 1000000);
	cr_expect_eq(last_point(timeline)->size, SCENE_TOTAL_SIZE);
	cr_expect_eq(mallow_timeline_point(timeline, 0)->size, 0);
	cr_expect_null(mallow_timeline_point(timeline, mallow_timeline_count(timeline)));
	cr_expect_null(mallow_timeline_ranking(timeline));
	cr_expect_null(mallow_timeline_series(timeline, 0));
	mallow_timeline_free(timeline);
	scene_close(&scene);
}

Test(mallow_timeline, of_groups_and_what_is_selected)
{
	const char *threads[] = { "1" };
	struct scene scene;
	struct mallow_query query = { .by = MALLOW_BY_FUNCTION, .groups = true };
	struct mallow_timeline *timeline;
	const struct mallow_series *parse;

	scene_open(&scene);
	query.place = scene.recorder.path;
	query.selection.threads = threads;
	query.selection.thread_count = 1;
	timeline = ask(&query);
	cr_expect(mallow_timeline_selected(timeline));
	cr_assert_not_null(mallow_timeline_ranking(timeline));
	cr_expect_str_eq(mallow_ranking_about(mallow_timeline_ranking(timeline))->at,
	                 "peak");
	parse = mallow_timeline_series(timeline, 0);
	cr_expect_eq(parse->highest.size, 1150);
	cr_expect_eq(parse->highest.at_ns, 200000);
	cr_expect_eq(parse->levels[0].size, 0);
	cr_expect_eq(parse->levels[mallow_timeline_count(timeline) - 1].size, 150);
	cr_expect_eq(parse->levels[mallow_timeline_count(timeline) - 1].allocations, 3);
	cr_expect_null(mallow_timeline_series(
	        timeline, mallow_ranking_count(mallow_timeline_ranking(timeline))));
	mallow_timeline_free(timeline);
	query.at = "end";
	timeline = ask(&query);
	cr_expect_str_eq(mallow_ranking_about(mallow_timeline_ranking(timeline))->at,
	                 "end");
	mallow_timeline_free(timeline);
	scene_close(&scene);
}

static void make_run(struct recorder *recorder, bool keeps_events)
{
	uint32_t thread, frames[2] = { 0 }, trace;

	if (keeps_events)
		recorder_open(recorder);
	else
		recorder_open_sites(recorder);
	thread = recorder_thread(recorder, recorder_process(recorder, 0, "[\"prog\"]"),
	                         "main");
	frames[0] = recorder_frame(recorder, recorder_module(recorder, "/bin/prog"),
	                           "main", "a.c", 1);
	trace = recorder_trace(recorder, recorder_stack(recorder, frames), thread, 0, 0);
	recorder->time_us = 100;
	recorder_alloc(recorder, trace, 10);
	recorder_snapshot(recorder, "loaded");
	recorder->time_us = 200;
	recorder_alloc(recorder, trace, 20);
	recorder_snapshot(recorder, "loaded");
	recorder_close(recorder);
}

static void expect_taken(const struct mallow_taken *taken, uint64_t nth, uint64_t at_ns,
                         uint64_t size)
{
	cr_assert_not_null(taken);
	cr_expect_str_eq(taken->name, "loaded");
	cr_expect_eq(taken->nth, nth);
	cr_expect_eq(taken->at_ns, at_ns);
	cr_expect_eq(taken->size, size);
}

Test(mallow_timeline, has_the_snapshots)
{
	struct recorder recorder;
	struct mallow_query query = { .place = recorder.path };
	struct mallow_timeline *timeline;

	make_run(&recorder, true);
	timeline = ask(&query);
	cr_assert_eq(mallow_timeline_taken_count(timeline), 2);
	expect_taken(mallow_timeline_taken(timeline, 1), 2, 200000, 30);
	cr_expect_null(mallow_timeline_taken(timeline, 2));
	mallow_timeline_free(timeline);
	recorder_remove(&recorder);
}

Test(mallow_timeline, groups_need_the_events)
{
	struct recorder recorder;
	struct mallow_query query = { .place = recorder.path, .groups = true };
	struct mallow_timeline *timeline;
	struct mallow_error err;

	make_run(&recorder, false);
	cr_assert_eq(mallow_timeline_new(&timeline, &query, &err), -1);
	cr_expect_null(timeline);
	cr_expect_eq(strncmp(err.text, recorder.path, strlen(recorder.path)), 0);
	cr_expect_not_null(strstr(err.text, "a group has no timeline"), "%s", err.text);
	mallow_timeline_free(NULL);
	recorder_remove(&recorder);
}

Test(mallow_snapshots, in_the_order_in_which_they_were_taken)
{
	struct recorder recorder;
	struct mallow_snapshots *snapshots;

	make_run(&recorder, true);
	cr_assert_eq(mallow_snapshots_new(&snapshots, recorder.path, NULL), 0);
	cr_expect_str_eq(mallow_snapshots_about(snapshots)->file, recorder.path);
	cr_expect(mallow_snapshots_about(snapshots)->complete);
	cr_assert_eq(mallow_snapshots_count(snapshots), 2);
	expect_taken(mallow_snapshots_get(snapshots, 0), 1, 100000, 10);
	expect_taken(mallow_snapshots_get(snapshots, 1), 2, 200000, 30);
	cr_expect_null(mallow_snapshots_get(snapshots, 2));
	mallow_snapshots_free(snapshots);
	mallow_snapshots_free(NULL);
	recorder_remove(&recorder);
}

Test(mallow_snapshots, are_of_the_whole_run)
{
	struct recorder recorder;
	struct mallow_snapshots *snapshots;
	struct mallow_error err;
	char place[128], expected[256];

	make_run(&recorder, true);
	snprintf(place, sizeof(place), "%s@peak", recorder.path);
	cr_assert_eq(mallow_snapshots_new(&snapshots, place, &err), -1);
	cr_expect_null(snapshots);
	snprintf(expected, sizeof(expected),
	         "%s: snapshots are those of the whole run, not of '@peak'", place);
	cr_expect_str_eq(err.text, expected);
	recorder_remove(&recorder);
}

Test(mallow_timeline, has_what_was_resident_when_somebody_looked)
{
	const struct mlw_timeline_row rows[] = { { 100, 10, 1, 4096, 1 },
		                                 { 300, 10, 1, 8192, 1 },
		                                 { 500, 10, 1, 2048, 1 } };
	struct recorder recorder;
	struct mallow_query query = { .place = recorder.path };
	struct mallow_timeline *timeline;
	struct mlw_error err;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"prog\"]"), "main");
	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(mlw_writer_timeline(recorder.writer, &rows[i], &err), 0);
	recorder.time_us = 1000;
	recorder_close(&recorder);
	timeline = ask(&query);
	cr_expect_eq(mallow_timeline_peak_rss(timeline), 8192);
	mallow_timeline_free(timeline);
	recorder_remove(&recorder);
}
