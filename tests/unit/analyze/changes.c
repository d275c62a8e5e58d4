/* SPDX-License-Identifier: MIT */
#include "analyze/changes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

#define DEPTH 4

/* A stack, innermost frame first, and how many bytes it allocates; they are freed at
 * once if that is negative. */
struct call {
	const char *function, *file;
	uint32_t line;
};

struct site {
	int64_t size;
	struct call calls[DEPTH];
};

struct build {
	const char *module, *id;
	struct site sites[8];
};

static uint32_t make_stack(struct recorder *recorder, uint32_t module,
                           const struct call *calls)
{
	uint32_t frames[DEPTH + 1] = { 0 };
	size_t count = 0, depth = 0;

	while (depth < DEPTH && (calls[depth].function || calls[depth].line))
		depth++;
	while (depth-- > 0)
		frames[count++] = recorder_frame(recorder, module, calls[depth].function,
		                                 calls[depth].file, calls[depth].line);
	return recorder_stack(recorder, frames);
}

static void make_run(struct recorder *recorder, const struct build *build)
{
	uint32_t module, process, thread;

	recorder_open(recorder);
	process = recorder_process(recorder, 0, "[\"prog\"]");
	thread = recorder_thread(recorder, process, "main");
	module = recorder_built_module(recorder, build->module, build->id);
	recorder->time_us = 100;
	for (const struct site *site = build->sites; site->size; site++) {
		uint32_t node = make_stack(recorder, module, site->calls);
		uint32_t trace = recorder_trace(recorder, node, thread, 0, 0);
		uint64_t block =
		        recorder_alloc(recorder, trace, (uint64_t)llabs(site->size));

		if (site->size < 0)
			recorder_free(recorder, thread, block);
	}
	recorder_close(recorder);
}

static struct mallow_changes *ask(struct mlw_query query, const char *new_place,
                                  bool changed_only)
{
	struct mallow_changes *changes;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_changes_new(&changes, &query, new_place, changed_only, &err), 0,
	             "%s", err.text);
	return changes;
}

/* "function:line +diff match" of every row. */
static void describe(const struct mallow_changes *changes, char *text, size_t size)
{
	static const char *const matches[] = { "exact", "moved", "new", "gone" };
	size_t length = 0;

	*text = '\0';
	for (size_t i = 0; i < changes->count; i++) {
		const struct mallow_change *row = &changes->rows[i];
		const struct mlw_frame *frame = row->row.traceback->frames[0];
		int64_t diff = (int64_t)(row->row.sums.size - row->old_sums.size);

		length += (size_t)snprintf(
		        text + length, size - length, "%s%s:%u %+lld %s", i ? ", " : "",
		        frame->function ? frame->function : "?", frame->line,
		        (long long)diff, matches[row->match]);
		if (row->match == MALLOW_MATCH_MOVED)
			length += (size_t)snprintf(text + length, size - length, " %u",
			                           row->old_traceback->frames[0]->line);
	}
}

static void expect_between(struct mlw_query query, const struct build *old_build,
                           const struct build *new_build, const char *expected)
{
	struct recorder old_run, new_run;
	struct mallow_changes *changes;
	char text[1024];

	make_run(&old_run, old_build);
	make_run(&new_run, new_build);
	query.place = old_run.path;
	changes = ask(query, new_run.path, false);
	describe(changes, text, sizeof(text));
	cr_expect_str_eq(text, expected);
	mlw_changes_free(changes);
	recorder_remove(&old_run);
	recorder_remove(&new_run);
}

static const struct mlw_query by_line = { .by = MALLOW_BY_LINE };
static const struct mlw_query by_trace = { .by = MALLOW_BY_TRACEBACK };

Test(changes, equal_function_file_and_line_are_one_site)
{
	struct build old_build = { "/bin/p", "a", { { 10, { { "f", "/s.c", 5 } } } } };
	struct build new_build = { "/bin/p", "b", { { 30, { { "f", "/s.c", 5 } } } } };

	expect_between(by_line, &old_build, &new_build, "f:5 +20 exact");
}

Test(changes, what_only_one_run_has_is_new_or_gone)
{
	struct build old_build = { "/bin/p", "a", { { 10, { { "f", "/s.c", 5 } } } } };
	struct build new_build = { "/bin/p", "b", { { 30, { { "g", "/s.c", 5 } } } } };

	expect_between(by_line, &old_build, &new_build, "g:5 +30 new, f:5 -10 gone");
}

Test(changes, only_lines_moved)
{
	struct build old_build = { "/bin/p",
		                   "a",
		                   { { 10, { { "f", "/s.c", 5 } } },
		                     { 20, { { "f", "/s.c", 7 } } } } };
	struct build new_build = { "/bin/p",
		                   "b",
		                   { { 10, { { "f", "/s.c", 45 } } },
		                     { 8, { { "f", "/s.c", 46 } } },
		                     { 20, { { "f", "/s.c", 47 } } } } };

	expect_between(by_line, &old_build, &new_build,
	               "f:46 +8 new, f:47 +0 moved 7, f:45 +0 moved 5");
}

Test(changes, nothing_moves_within_one_build)
{
	struct build old_build = { "/bin/p", "a", { { 10, { { "f", "/s.c", 5 } } } } };
	struct build new_build = { "/bin/p", "a", { { 10, { { "f", "/s.c", 6 } } } } };

	expect_between(by_line, &old_build, &new_build, "f:6 +10 new, f:5 -10 gone");
}

Test(changes, a_site_that_holds_nothing_says_where_its_line_is)
{
	struct build old_build = { "/bin/p",
		                   "a",
		                   { { 10, { { "f", "/s.c", 5 } } },
		                     { -10, { { "f", "/s.c", 7 } } } } };
	struct build new_build = { "/bin/p",
		                   "b",
		                   { { -10, { { "f", "/s.c", 45 } } },
		                     { 10, { { "f", "/s.c", 47 } } } } };

	expect_between(by_line, &old_build, &new_build,
	               "f:47 +10 moved 7, f:45 -10 moved 5");
}

Test(changes, a_build_in_another_folder_is_the_same_program)
{
	struct build old_build = { "/v1/p",
		                   "a",
		                   { { 10, { { "f", "/v1/s.c", 5 } } },
		                     { 20, { { "g", NULL, 0 } } } } };
	struct build new_build = { "/v2/p",
		                   "b",
		                   { { 10, { { "f", "/v2/s.c", 5 } } },
		                     { 20, { { "g", NULL, 0 } } } } };

	expect_between(by_line, &old_build, &new_build, "g:0 +0 exact, f:5 +0 exact");
	expect_between((struct mlw_query){ .by = MALLOW_BY_FUNCTION }, &old_build,
	               &new_build, "g:0 +0 exact, f:0 +0 exact");
	expect_between((struct mlw_query){ .by = MALLOW_BY_FILE }, &old_build, &new_build,
	               "?:0 +0 exact, ?:0 +0 exact");
	expect_between((struct mlw_query){ .by = MALLOW_BY_MODULE }, &old_build,
	               &new_build, "?:0 +0 exact");
}

Test(changes, an_address_is_one_of_the_same_build_only)
{
	struct build old_build = { "/bin/p", "a", { { 10, { { NULL, NULL, 1 } } } } };
	struct build again = old_build, other = old_build, unknown = old_build;

	other.id = "b";
	unknown.id = NULL;
	expect_between(by_line, &old_build, &again, "?:0 +0 exact");
	expect_between(by_line, &old_build, &other, "?:0 +10 new, ?:0 -10 gone");
	expect_between(by_line, &unknown, &unknown, "?:0 +10 new, ?:0 -10 gone");
}

Test(changes, stacks_are_the_same_by_all_of_their_frames)
{
	struct build old_build = { "/bin/p",
		                   "a",
		                   { { 10, { { "f", "/s.c", 5 }, { "g", "/s.c", 20 } } },
		                     { 20,
		                       { { "f", "/s.c", 5 }, { "h", "/s.c", 30 } } } } };
	struct build new_build = { "/bin/p",
		                   "b",
		                   { { 11, { { "f", "/s.c", 5 }, { "g", "/s.c", 60 } } },
		                     { 22, { { "f", "/s.c", 5 }, { "h", "/s.c", 30 } } },
		                     { 33,
		                       { { "f", "/s.c", 5 }, { "i", "/s.c", 70 } } } } };

	expect_between(by_trace, &old_build, &new_build,
	               "f:5 +33 new, f:5 +2 exact, f:5 +1 moved 5");
}

/* Two calls on one line are two stacks of one run, but the same to the other. */
Test(changes, stacks_of_equal_text_are_one)
{
	struct build old_build = { "/bin/p",
		                   "a",
		                   { { 10, { { "f", "/s.c", 5 } } },
		                     { 20, { { "f", "/s.c", 5 } } } } };
	struct build new_build = { "/bin/p", "b", { { 50, { { "f", "/s.c", 5 } } } } };

	expect_between(by_trace, &old_build, &new_build, "f:5 +20 exact");
}

Test(changes, inlining_does_not_tell_stacks_apart)
{
	struct recorder runs[2];
	struct mlw_query query = by_trace;
	struct mallow_changes *changes;
	char text[256];

	for (int i = 0; i < 2; i++) {
		uint32_t frames[3] = { 0 }, module, thread, trace;

		recorder_open(&runs[i]);
		thread = recorder_thread(&runs[i],
		                         recorder_process(&runs[i], 0, "[\"p\"]"), "p");
		module = recorder_built_module(&runs[i], "/bin/p", i ? "b" : "a");
		if (i) {
			frames[0] = recorder_frame(&runs[i], module, "g", "/s.c", 20);
			frames[1] = recorder_frame(&runs[i], module, "f", "/s.c", 10);
		} else {
			frames[0] = recorder_inlined_frame(&runs[i], module, "f", "g",
			                                   "/s.c");
		}
		trace = recorder_trace(&runs[i], recorder_stack(&runs[i], frames), thread,
		                       0, 0);
		recorder_alloc(&runs[i], trace, 10);
		recorder_close(&runs[i]);
	}
	query.place = runs[0].path;
	changes = ask(query, runs[1].path, false);
	describe(changes, text, sizeof(text));
	cr_expect_str_eq(text, "f:10 +0 exact");
	mlw_changes_free(changes);
	recorder_remove(&runs[0]);
	recorder_remove(&runs[1]);
}

/* At 100 us: a 10 B, b 20 B, c 30 B, d 30 B. At 200 us: a gone, b 20 B more, d 5 B more;
 * e came and went. */
static void make_two_places(struct recorder *recorder)
{
	uint32_t traces[5], thread, module;
	uint64_t block;

	recorder_open(recorder);
	thread = recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"), "p");
	module = recorder_module(recorder, "/bin/p");
	for (int i = 0; i < 5; i++) {
		const char name[] = { (char)('a' + i), 0 };
		uint32_t frames[] = {
			recorder_frame(recorder, module, name, "s.c", (uint32_t)i + 1), 0
		};

		traces[i] = recorder_trace(recorder, recorder_stack(recorder, frames),
		                           thread, 0, 0);
	}
	recorder->time_us = 100;
	block = recorder_alloc(recorder, traces[0], 10);
	recorder_alloc(recorder, traces[1], 20);
	recorder_alloc(recorder, traces[2], 30);
	recorder_alloc(recorder, traces[3], 30);
	recorder->time_us = 200;
	recorder_free(recorder, thread, block);
	recorder_alloc(recorder, traces[1], 20);
	recorder_alloc(recorder, traces[3], 5);
	recorder_free(recorder, thread, recorder_alloc(recorder, traces[4], 100));
	recorder_close(recorder);
}

/* What changed from 100 us on to 200 us. */
static void expect_later(struct mlw_query query, bool changed_only, const char *expected)
{
	struct recorder recorder;
	struct mallow_changes *changes;
	char old_place[128], new_place[128], text[512];

	make_two_places(&recorder);
	snprintf(old_place, sizeof(old_place), "%s@100us", recorder.path);
	snprintf(new_place, sizeof(new_place), "%s@200us", recorder.path);
	query.place = old_place;
	changes = ask(query, new_place, changed_only);
	describe(changes, text, sizeof(text));
	cr_expect_str_eq(text, expected);
	cr_expect(changes->one_run);
	mlw_changes_free(changes);
	recorder_remove(&recorder);
}

Test(changes, rows_are_in_the_order_of_tracemalloc)
{
	expect_later(by_line, false,
	             "b:2 +20 exact, a:1 -10 exact, d:4 +5 exact, "
	             "c:3 +0 exact");
}

Test(changes, what_did_not_change_can_be_left_out)
{
	expect_later(by_line, true, "b:2 +20 exact, a:1 -10 exact, d:4 +5 exact");
}

Test(changes, small_changes_can_be_left_out)
{
	struct mlw_query query = { .by = MALLOW_BY_LINE, .min_size = 10 };

	expect_later(query, false, "b:2 +20 exact, a:1 -10 exact");
}

Test(changes, the_limit_is_of_rows)
{
	struct mlw_query query = { .by = MALLOW_BY_LINE, .limit = 1 };

	expect_later(query, false, "b:2 +20 exact");
}

/* e: its 100 bytes were allocated in between; a: nothing was. */
Test(changes, allocations_count_up_to_the_place)
{
	struct mlw_query query = { .by = MALLOW_BY_LINE, .sort = MALLOW_SORT_ALLOCATED };

	expect_later(query, true, "e:5 +0 exact, b:2 +20 exact, d:4 +5 exact");
}

Test(changes, ties_are_broken_by_the_traceback)
{
	struct build old_build = { "/bin/p", "a", { { 1, { { "x", "/x.c", 1 } } } } };
	struct build new_build = { "/bin/p",
		                   "a",
		                   { { 1, { { "x", "/x.c", 1 } } },
		                     { 5, { { "f", "/s.c", 10 } } },
		                     { 5, { { "f", "/s.c", 9 } } },
		                     { 5, { { "g", "/t.c", 1 } } } } };

	expect_between(by_line, &old_build, &new_build,
	               "g:1 +5 new, f:10 +5 new, f:9 +5 new, x:1 +0 exact");
}

/* Threads "w", "io", "w" with 1, 2 and 3 bytes; `extra` comes before them. */
static void make_threads(struct recorder *recorder, const char *extra, uint64_t more)
{
	const char *names[] = { extra, "w", "io", "w" };
	uint32_t process, node;

	recorder_open(recorder);
	process = recorder_process(recorder, 0, "[\"p\"]");
	node = recorder_stack(
	        recorder,
	        (uint32_t[]){ recorder_frame(recorder,
	                                     recorder_module(recorder, "/bin/p"), "f",
	                                     "f.c", 1),
	                      0 });
	for (unsigned i = extra ? 0 : 1; i < 4; i++) {
		uint32_t thread = recorder_thread(recorder, process, names[i]);
		uint32_t trace = recorder_trace(recorder, node, thread, 0, 0);

		recorder_alloc(recorder, trace, (i ? i : 50) + (i == 3 ? more : 0));
	}
	recorder_close(recorder);
}

Test(changes, threads_of_one_name_are_the_same_in_order)
{
	struct mlw_query query = { .by = MALLOW_BY_THREAD };
	struct recorder old_run, new_run;
	struct mallow_changes *changes;

	make_threads(&old_run, NULL, 0);
	make_threads(&new_run, "log", 7);
	query.place = old_run.path;
	changes = ask(query, new_run.path, false);
	cr_assert_eq(changes->count, 4);
	cr_expect_str_eq(changes->rows[0].row.name, "log");
	cr_expect_eq(changes->rows[0].match, MALLOW_MATCH_NEW);
	cr_expect_str_eq(changes->rows[1].row.name, "w");
	cr_expect_eq(changes->rows[1].row.sums.size, 10);
	cr_expect_eq(changes->rows[1].old_sums.size, 3);
	cr_expect_eq(changes->unchanged_count, 2);
	mlw_changes_free(changes);
	recorder_remove(&old_run);
	recorder_remove(&new_run);
}

Test(changes, a_thread_of_one_run_alone_can_be_asked_for)
{
	const char *const wanted[] = { "log" };
	struct mlw_query query = { .filter = { .threads = wanted, .thread_count = 1 } };
	struct recorder old_run, new_run;
	struct mallow_changes *changes;
	struct mlw_error err = { "" };

	make_threads(&old_run, NULL, 0);
	make_threads(&new_run, "log", 7);
	query.place = old_run.path;
	changes = ask(query, new_run.path, false);
	cr_expect_eq(changes->totals[MALLOW_NEW].size, 50);
	cr_expect_eq(changes->totals[MALLOW_OLD].size, 0);
	mlw_changes_free(changes);
	cr_expect_eq(mlw_changes_new(&changes, &query, old_run.path, false, &err), -1);
	cr_expect(strstr(err.text, "has no thread 'log'"), "%s", err.text);
	recorder_remove(&old_run);
	recorder_remove(&new_run);
}

Test(changes, a_failure_names_the_file)
{
	struct mlw_query query = { .place = "/nowhere/old.mallow" };
	struct recorder recorder;
	struct mallow_changes *changes;
	struct mlw_error err = { "" };

	make_two_places(&recorder);
	cr_expect_eq(mlw_changes_new(&changes, &query, recorder.path, false, &err), -1);
	cr_expect(strstr(err.text, "/nowhere/old.mallow: "), "%s", err.text);
	query.place = recorder.path;
	cr_expect_eq(
	        mlw_changes_new(&changes, &query, "/nowhere/new.mallow", false, &err),
	        -1);
	cr_expect(strstr(err.text, "/nowhere/new.mallow: "), "%s", err.text);
	recorder_remove(&recorder);
}
