/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mallow/snapshot.h>

#include "scene.h"

static struct scene scene;

static void open_scene(void)
{
	scene_open(&scene);
}

static void close_scene(void)
{
	scene_close(&scene);
}

TestSuite(mallow_ranking, .init = open_scene, .fini = close_scene);

static struct mallow_ranking *ask(struct mallow_query query)
{
	struct mallow_ranking *ranking;
	struct mallow_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mallow_ranking_new(&ranking, &query, &err), 0, "%s", err.text);
	return ranking;
}

/* The sentence is `text` with the place before it. */
static void expect_failure(const struct mallow_query *query, const char *text)
{
	struct mallow_ranking *ranking;
	struct mallow_error err = { "" };
	char expected[512];

	cr_assert_eq(mallow_ranking_new(&ranking, query, &err), -1);
	cr_expect_null(ranking);
	snprintf(expected, sizeof(expected), "%s: %s", query->place, text);
	cr_expect_str_eq(err.text, expected, "%s", err.text);
	cr_expect_eq(mallow_ranking_new(&ranking, query, NULL), -1);
}

static void expect_frame(const struct mallow_ranking *ranking, size_t index,
                         const char *function, uint64_t size)
{
	const struct mallow_row *row = mallow_ranking_row(ranking, index);
	struct mallow_frame frame;

	cr_assert_not_null(row);
	frame = mallow_traceback_frame(row->traceback, 0);
	cr_expect_str_eq(frame.function ? frame.function : "(null)", function);
	cr_expect_eq(row->sums.size, size, "row %zu", index);
}

Test(mallow_ranking, a_zeroed_query_is_top_without_options)
{
	struct mallow_ranking *ranking = ask((struct mallow_query){ 0 });
	const struct mallow_about *about = mallow_ranking_about(ranking);

	cr_expect_str_eq(about->file, scene.recorder.path);
	cr_expect_str_eq(about->at, "end");
	cr_expect_str_eq(about->domain, "malloc");
	cr_expect_eq(about->by, MALLOW_BY_LINE);
	cr_expect_eq(about->sort, MALLOW_SORT_SIZE);
	cr_expect(about->closed && about->complete && !about->live_only &&
	          !about->cumulative && !about->leaks);
	cr_expect_eq(mallow_ranking_total(ranking)->size, SCENE_TOTAL_SIZE);
	cr_expect_eq(mallow_ranking_total(ranking)->count, SCENE_TOTAL_COUNT);
	cr_assert_eq(mallow_ranking_count(ranking), 6);
	expect_frame(ranking, 0, "parse", 350);
	expect_frame(ranking, 1, "recurse", 30);
	expect_frame(ranking, 2, "(null)", 14);
	cr_expect_null(mallow_ranking_row(ranking, 6));
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, all_of_the_query_is_asked)
{
	const char *includes[] = { "parse", "recurse" }, *excludes[] = { "recurse" };
	const char *threads[] = { "1" }, *processes[] = { "child" };
	struct mallow_query query = { .at = "peak",
		                      .by = MALLOW_BY_FUNCTION,
		                      .sort = MALLOW_SORT_ALLOCATED };
	struct mallow_ranking *ranking;

	query.selection.includes = includes;
	query.selection.include_count = 2;
	query.selection.excludes = excludes;
	query.selection.exclude_count = 1;
	ranking = ask(query);
	cr_expect_str_eq(mallow_ranking_about(ranking)->at, "peak");
	cr_expect_eq(mallow_ranking_about(ranking)->sort, MALLOW_SORT_ALLOCATED);
	cr_assert_eq(mallow_ranking_count(ranking), 1);
	expect_frame(ranking, 0, "parse", 1150);
	mallow_ranking_free(ranking);
	query.at = NULL;
	query.selection.threads = threads;
	query.selection.thread_count = 1;
	ranking = ask(query);
	expect_frame(ranking, 0, "parse", 150);
	mallow_ranking_free(ranking);
	query.selection.thread_count = 0;
	query.selection.processes = processes;
	query.selection.process_count = 1;
	ranking = ask(query);
	expect_frame(ranking, 0, "parse", 200);
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, small_groups_and_those_behind_the_limit_are_counted)
{
	struct mallow_query query = { .min_size = 14, .limit = 2 };
	struct mallow_ranking *ranking = ask(query);

	cr_expect_eq(mallow_ranking_count(ranking), 2);
	cr_expect_eq(mallow_ranking_group_count(ranking), 6);
	mallow_ranking_free(ranking);
	query.limit = 0;
	ranking = ask(query);
	cr_expect_eq(mallow_ranking_count(ranking), 3);
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, other_frames_and_other_domains)
{
	struct mallow_query query = { .by = MALLOW_BY_FUNCTION, .cumulative = true };
	struct mallow_ranking *ranking = ask(query);

	expect_frame(ranking, 0, "main", SCENE_TOTAL_SIZE - 1);
	cr_expect(mallow_ranking_about(ranking)->cumulative);
	mallow_ranking_free(ranking);
	query.cumulative = false;
	query.selection.domain = "mmap";
	ranking = ask(query);
	cr_expect_eq(mallow_ranking_total(ranking)->size, 4096);
	cr_expect_str_eq(mallow_ranking_about(ranking)->domain, "mmap");
	mallow_ranking_free(ranking);
	query.selection =
	        (struct mallow_selection){ .includes = (const char *[]){ "main" },
		                           .include_count = 1,
		                           .all_frames = true };
	ranking = ask(query);
	cr_expect_eq(mallow_ranking_total(ranking)->size, SCENE_TOTAL_SIZE - 1);
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, whole_stacks_numbers_and_names)
{
	struct mallow_ranking *ranking =
	        ask((struct mallow_query){ .by = MALLOW_BY_TRACEBACK });
	const struct mallow_row *row = mallow_ranking_row(ranking, 1);

	cr_assert_eq(mallow_traceback_count(row->traceback), 4);
	cr_expect_eq(mallow_traceback_total_frames(row->traceback), 4);
	cr_expect_str_eq(mallow_traceback_frame(row->traceback, 3).function, "main");
	mallow_ranking_free(ranking);
	ranking = ask((struct mallow_query){ .by = MALLOW_BY_PROCESS });
	row = mallow_ranking_row(ranking, 0);
	cr_expect_eq(mallow_traceback_count(row->traceback), 0);
	cr_expect_eq(row->id, 1);
	cr_expect_str_eq(row->name, "prog two words");
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, blocks_of_one_class_of_sizes)
{
	struct mallow_ranking *ranking =
	        ask((struct mallow_query){ .by = MALLOW_BY_SIZE });
	const struct mallow_row *row = mallow_ranking_row(ranking, 0);

	cr_expect_eq(row->size_min, 128);
	cr_expect_eq(row->size_max, 255);
	cr_expect_eq(row->sums.size, 200);
	cr_expect_eq(row->sums.count, 1);
	mallow_ranking_free(ranking);
}

Test(mallow_ranking, leaks_by_kind)
{
	struct mallow_ranking *ranking = ask((struct mallow_query){ .leaks = true });
	const struct mallow_sums *sums;

	cr_expect(mallow_ranking_about(ranking)->leaks);
	sums = mallow_ranking_kind(ranking, MALLOW_LEAK_UNCLASSIFIED);
	cr_expect_eq(sums->size, SCENE_TOTAL_SIZE);
	cr_expect_eq(mallow_ranking_kind(ranking, MALLOW_LEAK_RUNTIME)->count, 0);
	cr_expect_eq(mallow_ranking_kind(ranking, (enum mallow_leak_kind)99)->count, 0);
	cr_expect_eq(mallow_ranking_row(ranking, 0)->kind, MALLOW_LEAK_UNCLASSIFIED);
	cr_expect_eq(mallow_ranking_count(ranking), 5, "what is not live is no leak");
	mallow_ranking_free(ranking);
	cr_expect_str_eq(mallow_leak_kind_name(MALLOW_LEAK_RUNTIME), "runtime");
	cr_expect_null(mallow_leak_kind_name((enum mallow_leak_kind)MALLOW_LEAK_KINDS));
}

Test(mallow_ranking, what_cannot_be_answered_is_said_with_the_place)
{
	const char *maps[] = { "a" };
	struct mallow_query query = { .place = scene.recorder.path };

	query.at = "2s";
	expect_failure(&query, "'@2s' is after the end of the recording");
	query.at = NULL;
	query.selection.domain = "nope";
	expect_failure(&query, "has no domain named 'nope'");
	query.selection.domain = NULL;
	query.by = (enum mallow_key)77;
	expect_failure(&query, "there is no key 77 to group by");
	query.by = MALLOW_BY_LINE;
	query.sort = (enum mallow_sort)77;
	expect_failure(&query, "there is no key 77 to sort by");
	query.sort = MALLOW_SORT_SIZE;
	query.names.path_maps = maps;
	query.names.path_map_count = 1;
	expect_failure(&query, "'a' is no OLD=NEW");
	query = (struct mallow_query){ .place = "/nowhere/at.mallow@peak" };
	cr_expect_eq(mallow_ranking_new(&(struct mallow_ranking *){ NULL }, &query, NULL),
	             -1);
}

Test(mallow_ranking, a_query_needs_a_place)
{
	struct mallow_query query = { 0 };
	struct mallow_ranking *ranking;
	struct mallow_error err;

	cr_assert_eq(mallow_ranking_new(&ranking, &query, &err), -1);
	cr_expect_str_eq(err.text, "there is no place");
	mallow_ranking_free(NULL);
}

/* A name that leaves no room for the reason stands aside. */
Test(mallow_ranking, the_reason_is_never_cut_off)
{
	char place[300];
	struct mallow_query query = { .place = place };
	struct mallow_ranking *ranking;
	struct mallow_error err;

	memset(place, 'x', sizeof(place));
	memcpy(place + 200, "@200%", 6);
	cr_assert_eq(mallow_ranking_new(&ranking, &query, &err), -1);
	cr_expect_eq(strncmp(err.text, "xxx", 3), 0, "%s", err.text);
	cr_expect_not_null(strstr(err.text, "is more than the whole run"), "%s",
	                   err.text);
	memset(place, 'x', sizeof(place));
	memcpy(place + 240, "@200%", 6);
	cr_assert_eq(mallow_ranking_new(&ranking, &query, &err), -1);
	cr_expect_str_eq(err.text, "'@200%' is more than the whole run");
}

static void count_calls(void *context, uint64_t done, uint64_t total)
{
	cr_expect_leq(done, total);
	++*(unsigned *)context;
}

Test(mallow_ranking, what_takes_long_says_how_far_it_is)
{
	struct mallow_query query = { .by = MALLOW_BY_SIZE };
	unsigned calls = 0;

	query.names.progress = count_calls;
	query.names.progress_context = &calls;
	mallow_ranking_free(ask(query));
	cr_expect_gt(calls, 0);
}

Test(mallow_ranking, words_of_keys)
{
	cr_expect_str_eq(mallow_key_name(MALLOW_BY_TRACEBACK), "trace");
	cr_expect_null(mallow_key_name((enum mallow_key)10));
	cr_expect_eq(mallow_key_parse("size"), MALLOW_BY_SIZE);
	cr_expect_eq(mallow_key_parse("sizes"), -1);
	cr_expect_str_eq(mallow_sort_name(MALLOW_SORT_TEMPORARY), "temporary");
	cr_expect_null(mallow_sort_name((enum mallow_sort)6));
	cr_expect_eq(mallow_sort_parse("peak"), MALLOW_SORT_PEAK);
	cr_expect_eq(mallow_sort_parse(""), -1);
}

Test(mallow_sums, are_added_taken_away_and_told_apart)
{
	struct mallow_sums sums = { 1, 2, 3, 4, 5, 6, 7 };
	const struct mallow_sums more = { 10, 20, 30, 40, 50, 60, 70 };
	const uint64_t values[] = {
		11, 22, 55, 33, 44, 77
	}; /* in the order of the enum */

	mallow_sums_add(&sums, &more);
	cr_expect_eq(sums.peak_count, 66);
	for (int sort = 0; sort < 6; sort++)
		cr_expect_eq(mallow_sums_value(&sums, (enum mallow_sort)sort),
		             values[sort]);
	mallow_sums_subtract(&sums, &more);
	cr_expect_arr_eq(&sums, &((struct mallow_sums){ 1, 2, 3, 4, 5, 6, 7 }),
	                 sizeof(sums));
}

static uint64_t error_of(uint64_t size, uint64_t count, const struct mallow_about *about)
{
	const struct mallow_sums sums = { .size = size, .count = count };

	return mallow_sums_error(&sums, about);
}

Test(mallow_sums, of_a_sample_have_an_error)
{
	struct mallow_about about = { .domain = "malloc", .sample_bytes = 4096 };
	const struct mallow_sums others = { .allocated_size = 1 << 20,
		                            .allocations = 1 << 20,
		                            .peak_size = 1 << 26,
		                            .peak_count = 1 };

	cr_expect_eq(error_of(0, 0, &about), 0);
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 65527, "of small blocks");
	about.domain = NULL;
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 65527, "of malloc's domain");
	cr_expect_eq(error_of(1 << 26, 1, &about), 4095, "of a large one");
	cr_expect_eq(error_of(UINT64_MAX, UINT64_MAX, &about), UINT64_C(274844350463));
	about.sort = MALLOW_SORT_COUNT;
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 65527);
	cr_expect_eq(mallow_sums_error(&others, &about), 0);
	about.sort = MALLOW_SORT_ALLOCATIONS;
	cr_expect_eq(mallow_sums_error(&others, &about), 65527);
	about.sort = MALLOW_SORT_PEAK;
	cr_expect_eq(mallow_sums_error(&others, &about), 4095);
}

Test(mallow_sums, are_exact_where_nothing_was_left_out)
{
	struct mallow_about about = { .domain = "malloc", .by = MALLOW_BY_DOMAIN };
	struct mallow_row row = { .sums = { .size = 1 << 20, .count = 1 << 20 },
		                  .name = "malloc" };

	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 0);
	about.sample_bytes = 1;
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 0);
	about.sample_bytes = 4096;
	cr_expect_eq(mallow_row_error(&row, &about), 65527);
	row.name = "mmap";
	cr_expect_eq(mallow_row_error(&row, &about), 0);
	about.domain = "mmap";
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 0);
	about.domain = "all";
	cr_expect_eq(error_of(1 << 20, 1 << 20, &about), 65527);
}

Test(mallow_is_being_recorded, not_what_is_closed_or_not_there)
{
	struct scene closed;

	scene_open(&closed);
	cr_expect_not(mallow_is_being_recorded(closed.recorder.path));
	scene_close(&closed);
	cr_expect_not(mallow_is_being_recorded("/nowhere/at.mallow"));
}

Test(mallow_source, lines_of_files_below_a_folder)
{
	char folder[] = "/tmp/mallow-source-XXXXXX", path[64];
	struct mallow_source *source;
	FILE *file;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.c", folder);
	file = fopen(path, "w");
	fputs("first\n\tsecond(1);\n", file);
	fclose(file);
	cr_assert_eq(mallow_source_open(&source, folder, NULL), 0);
	cr_expect_str_eq(mallow_source_line(source, "a.c", 2), "second(1);");
	cr_expect_null(mallow_source_line(source, "a.c", 3));
	cr_expect_null(mallow_source_line(source, "b.c", 1));
	mallow_source_close(source);
	mallow_source_close(NULL);
	unlink(path);
	rmdir(folder);
}
