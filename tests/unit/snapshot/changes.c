/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <mallow/snapshot.h>

#include "analyze/changes.h"
#include "scene.h"

static struct mallow_changes *ask(const struct mallow_query *query, const char *new_place)
{
	struct mallow_changes *changes;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_changes_new(&changes, query, new_place, &err), 0, "%s",
	             err.text);
	return changes;
}

static void expect_failure(const struct mallow_query *query, const char *new_place,
                           const char *part)
{
	struct mallow_changes *changes;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_changes_new(&changes, query, new_place, &err), -1);
	cr_expect_null(changes);
	cr_expect_not_null(strstr(err.text, part), "%s", err.text);
}

static void expect_change(const struct mallow_changes *changes, size_t index,
                          const char *function, uint64_t old_size, uint64_t new_size)
{
	const struct mallow_change *change = mallow_changes_row(changes, index);
	struct mallow_frame frame;

	cr_assert_not_null(change);
	frame = mallow_traceback_frame(change->row.traceback, 0);
	cr_expect_str_eq(frame.function ? frame.function : "(null)", function);
	cr_expect_eq(change->old_sums.size, old_size);
	cr_expect_eq(change->row.sums.size, new_size);
	cr_expect_eq(change->match, MALLOW_MATCH_EXACT);
	cr_expect_null(change->old_traceback);
}

Test(mallow_changes, of_one_run_by_another_path)
{
	struct mallow_query query = { 0 };
	struct mallow_changes *changes;
	struct scene scene, other;
	char path[128];

	scene_open(&scene);
	scene_open(&other);
	query.place = scene.recorder.path;
	snprintf(path, sizeof(path), "%s/.%s", scene.recorder.folder,
	         strrchr(scene.recorder.path, '/'));
	changes = ask(&query, path);
	cr_expect(mallow_changes_one_run(changes));
	cr_expect_str_eq(mallow_changes_about(changes, MALLOW_NEW)->file, path);
	mallow_changes_free(changes);
	changes = ask(&query, other.recorder.path);
	cr_expect_not(mallow_changes_one_run(changes), "equal, and yet two");
	mallow_changes_free(changes);
	expect_failure(&query, "/nowhere/.mallow", "/nowhere/.mallow");
	scene_close(&scene);
	scene_close(&other);
}

Test(mallow_changes, of_one_run)
{
	struct mallow_query query = { .by = MALLOW_BY_FUNCTION };
	struct mallow_changes *changes;
	struct scene scene;
	char peak[128];

	scene_open(&scene);
	snprintf(peak, sizeof(peak), "%s@peak", scene.recorder.path);
	query.place = peak;
	changes = ask(&query, scene.recorder.path);
	cr_expect(mallow_changes_one_run(changes));
	cr_expect_str_eq(mallow_changes_about(changes, MALLOW_OLD)->at, "peak");
	cr_expect_str_eq(mallow_changes_about(changes, MALLOW_NEW)->at, "end");
	cr_expect_eq(mallow_changes_about(changes, MALLOW_NEW)->by, MALLOW_BY_FUNCTION);
	cr_expect_eq(mallow_changes_total(changes, MALLOW_OLD)->size, SCENE_PEAK_SIZE);
	cr_expect_eq(mallow_changes_total(changes, MALLOW_NEW)->size, SCENE_TOTAL_SIZE);
	expect_change(changes, 0, "parse", 1150, 350);
	expect_change(changes, 1, "recurse", 30, 30);
	cr_expect_eq(mallow_changes_count(changes), 5);
	cr_expect_eq(mallow_changes_group_count(changes), 5);
	cr_expect_eq(mallow_changes_unchanged_count(changes), 4);
	cr_expect_eq(mallow_changes_moved_count(changes), 0);
	cr_expect_null(mallow_changes_row(changes, 5));
	mallow_changes_free(changes);
	query.changed_only = true;
	changes = ask(&query, scene.recorder.path);
	cr_expect_eq(mallow_changes_count(changes), 1);
	cr_expect_eq(mallow_changes_group_count(changes), 5);
	mallow_changes_free(changes);
	scene_close(&scene);
}

/* Two sites of one function, which stands `down` lines further down. */
static void make_build(struct recorder *recorder, uint32_t down, bool has_more)
{
	uint32_t thread, module, frames[3][2] = { { 0 } };

	recorder_open(recorder);
	thread = recorder_thread(recorder, recorder_process(recorder, 0, "[\"prog\"]"),
	                         "main");
	module = recorder_built_module(recorder, "/bin/prog", down ? "new" : "old");
	for (uint32_t i = 0; i < 3; i++)
		frames[i][0] = recorder_frame(recorder, module, i < 2 ? "parse" : "more",
		                              "a.c", i < 2 ? 10 + i + down : 50);
	for (uint32_t i = 0; i < (has_more ? 3u : 2u); i++)
		recorder_alloc(recorder,
		               recorder_trace(recorder,
		                              recorder_stack(recorder, frames[i]), thread,
		                              0, 0),
		               100 << i);
	recorder_close(recorder);
}

Test(mallow_changes, of_two_builds)
{
	struct recorder olds, news;
	struct mallow_query query = { 0 };
	struct mallow_changes *changes;
	const struct mallow_change *change;

	make_build(&olds, 0, false);
	make_build(&news, 7, true);
	query.place = olds.path;
	changes = ask(&query, news.path);
	cr_expect_not(mallow_changes_one_run(changes));
	cr_assert_eq(mallow_changes_count(changes), 3);
	cr_expect_eq(mallow_changes_moved_count(changes), 2);
	change = mallow_changes_row(changes, 0);
	cr_expect_eq(change->match, MALLOW_MATCH_NEW);
	cr_expect_eq(change->row.sums.size, 400);
	cr_expect_null(change->old_traceback);
	change = mallow_changes_row(changes, 1);
	cr_expect_eq(change->match, MALLOW_MATCH_MOVED);
	cr_expect_eq(mallow_traceback_frame(change->row.traceback, 0).line, 18);
	cr_expect_eq(mallow_traceback_frame(change->old_traceback, 0).line, 11);
	mallow_changes_free(changes);
	recorder_remove(&olds);
	recorder_remove(&news);
}

Test(mallow_changes, what_cannot_be_compared)
{
	struct mallow_query query = { 0 };
	struct scene scene;

	scene_open(&scene);
	expect_failure(&query, scene.recorder.path, "there is no place");
	query.place = scene.recorder.path;
	expect_failure(&query, NULL, "there is no new place");
	expect_failure(&query, "/nowhere/at.mallow", "/nowhere/at.mallow: ");
	query.at = "peak";
	expect_failure(&query, scene.recorder.path,
	               "a difference has two places, and 'peak' is a third");
	mallow_changes_free(NULL);
	scene_close(&scene);
}

Test(mallow_changes, words_of_matches)
{
	cr_expect_str_eq(mallow_match_name(MALLOW_MATCH_MOVED), "moved");
	cr_expect_null(mallow_match_name((enum mallow_match)4));
}

/* 1 byte in 2: the error is the root of the size. */
Test(mallow_changes, of_samples_have_the_errors_of_both_sides)
{
	struct mallow_changes changes = {
		.about = { { .domain = "malloc", .sample_bytes = 2 },
		           { .domain = "malloc", .sample_bytes = 2 } },
		.totals = { { .size = 144, .count = 144 }, { .size = 25, .count = 25 } },
	};
	struct mallow_change change = {
		.row = { .sums = { .size = 16, .count = 16 }, .name = "mmap" },
		.old_sums = { .size = 9, .count = 9 },
	};

	cr_expect_eq(mallow_changes_error(&changes, NULL), 13);
	cr_expect_eq(mallow_changes_error(&changes, &change), 5);
	changes.about[MALLOW_OLD].sample_bytes = 0;
	cr_expect_eq(mallow_changes_error(&changes, NULL), 5);
	cr_expect_eq(mallow_changes_error(&changes, &change), 4);
	changes.about[MALLOW_OLD].sample_bytes = 2;
	changes.about[MALLOW_NEW].sample_bytes = 0;
	cr_expect_eq(mallow_changes_error(&changes, &change), 3);
	changes.about[MALLOW_OLD].by = changes.about[MALLOW_NEW].by = MALLOW_BY_DOMAIN;
	cr_expect_eq(mallow_changes_error(&changes, &change), 0, "mappings are exact");
}
