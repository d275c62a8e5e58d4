/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "build.h"

static struct mallow_snapshot *snapshot;

static void open_one(void)
{
	snapshot = build_old();
}

static void close_one(void)
{
	mallow_snapshot_free(snapshot);
}

TestSuite(snapshot_filter, .init = open_one, .fini = close_one);

static struct mallow_filter filter_of(bool inclusive, const char *file)
{
	struct mallow_filter filter = MALLOW_FILTER_INIT;

	filter.inclusive = inclusive;
	filter.file = file;
	return filter;
}

static void expect(const struct mallow_filter *filters, size_t count, const char *lines)
{
	struct mallow_snapshot *filtered;
	struct mallow_error err;

	cr_assert_eq(mallow_snapshot_filter(snapshot, filters, count, &filtered, &err),
	             0);
	build_expect(build_statistics(filtered, MALLOW_BY_LINE, false), lines);
	mallow_snapshot_free(filtered);
}

#define A2      "a:2: size=30 B, count=3, average=10 B\n"
#define A5      "a:5: size=2 B, count=1, average=2 B\n"
#define B1      "b:1: size=66 B, count=1, average=66 B\n"
#define UNKNOWN "unknown:0: size=7 B, count=1, average=7 B\n"

Test(snapshot_filter, none_is_a_copy)
{
	struct mallow_snapshot *copy;

	expect(NULL, 0, B1 A2 UNKNOWN A5);
	cr_assert_eq(mallow_snapshot_filter(snapshot, NULL, 0, &copy, NULL), 0);
	build_add(snapshot, 1, 0, 1, "z:1");
	cr_expect_eq(mallow_snapshot_trace_count(copy), 6);
	cr_expect_eq(mallow_snapshot_trace_count(snapshot), 7);
	mallow_snapshot_free(copy);
}

Test(snapshot_filter, a_count_without_filters_is_refused)
{
	struct mallow_snapshot *filtered;
	struct mallow_error err;

	cr_expect_eq(mallow_snapshot_filter(snapshot, NULL, 1, &filtered, &err), -1);
	cr_expect_null(filtered);
	cr_expect_str_eq(err.text, "the filters are NULL");
}

Test(snapshot_filter, includes_are_ored_and_excludes_drop)
{
	struct mallow_filter filters[] = { filter_of(false, "b"), filter_of(true, "a"),
		                           filter_of(true, "b") };

	expect(&filters[0], 1, A2 UNKNOWN A5);
	expect(&filters[1], 1, A2 A5);
	expect(&filters[1], 2, B1 A2 A5);
	expect(filters, 3, A2 A5);
}

Test(snapshot_filter, the_most_recent_frame_counts_unless_all_do)
{
	struct mallow_filter filter = filter_of(true, "b");

	expect(&filter, 1, B1);
	filter.all_frames = true;
	expect(&filter, 1, B1 A2 A5);
	filter.inclusive = false;
	expect(&filter, 1, UNKNOWN);
}

Test(snapshot_filter, a_line_of_zero_is_a_line)
{
	struct mallow_filter filter = filter_of(true, NULL);

	filter.line = 0;
	expect(&filter, 1, UNKNOWN);
	filter.line = 5;
	expect(&filter, 1, A5);
	filter.file = "b";
	expect(&filter, 1, "");
	filter.line = MALLOW_ANY;
	expect(&filter, 1, B1);
}

Test(snapshot_filter, patterns_are_globs_that_mind_case)
{
	struct mallow_filter filter = filter_of(true, "unk*");

	expect(&filter, 1, UNKNOWN);
	filter.file = "[ab]";
	expect(&filter, 1, B1 A2 A5);
	filter.file = "?";
	expect(&filter, 1, B1 A2 A5);
	filter.file = "A";
	expect(&filter, 1, "");
	build_add(snapshot, 1, 0, 1, "/src/deep/.x.c:3");
	filter.file = "/src*.c";
	expect(&filter, 1, "/src/deep/.x.c:3: size=1 B, count=1, average=1 B\n");
	build_add(snapshot, 1, 0, 1, ".hidden:3");
	filter.file = "*hidden";
	expect(&filter, 1, ".hidden:3: size=1 B, count=1, average=1 B\n");
}

Test(snapshot_filter, a_backslash_is_a_character)
{
	struct mallow_filter filter = filter_of(true, "x\\y");

	build_add(snapshot, 1, 0, 1, "x\\y:3");
	expect(&filter, 1, "x\\y:3: size=1 B, count=1, average=1 B\n");
}

Test(snapshot_filter, a_domain_alone)
{
	struct mallow_filter filter = filter_of(true, NULL);

	filter.domain = 0;
	expect(&filter, 1, A2);
	filter.inclusive = false;
	expect(&filter, 1, B1 UNKNOWN A5);
}

Test(snapshot_filter, an_exclusion_by_file_and_domain_drops_only_where_both_match)
{
	struct mallow_filter filter = filter_of(false, "a");

	filter.domain = 1;
	expect(&filter, 1, B1 A2 UNKNOWN);
	filter.domain = 2;
	expect(&filter, 1, B1 A2 UNKNOWN A5);
	filter.inclusive = true;
	filter.domain = 1;
	expect(&filter, 1, A5);
}

Test(snapshot_filter, by_function_and_module)
{
	struct mallow_filter filter = filter_of(true, NULL);
	struct mallow_frame frame = { .function = "parse", .module = "/lib/libx.so" };
	struct mallow_new_trace trace = { .frames = &frame, .frame_count = 1, .size = 4 };
	const char *parse = "parse: size=4 B, count=1, average=4 B\n";

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	filter.function = "par*";
	expect(&filter, 1, parse);
	filter.module = "*"
	                "/liby.so";
	expect(&filter, 1, "");
	filter.function = NULL;
	filter.module = "*"
	                "/libx.so";
	expect(&filter, 1, parse);
	filter.inclusive = false;
	filter.module = "<unknown>";
	expect(&filter, 1, parse);
}

Test(snapshot_filter, inclusions_of_both_kinds_are_ored)
{
	struct mallow_filter filters[] = { filter_of(true, "b"), filter_of(true, NULL),
		                           filter_of(false, NULL) };

	filters[1].domain = 3;
	expect(filters, 2, B1 UNKNOWN);
	filters[2].domain = 2;
	expect(filters, 3, UNKNOWN);
}

Test(snapshot_filter, one_exclusion_of_several_is_enough)
{
	struct mallow_filter filters[] = { filter_of(false, "nothing"),
		                           filter_of(false, "b"), filter_of(true, "*") };

	expect(filters, 3, A2 UNKNOWN A5);
}

Test(snapshot_filter, a_file_and_a_line_must_match_in_one_frame)
{
	struct mallow_filter filter = filter_of(true, "a");

	filter.all_frames = true;
	filter.line = 4;
	expect(&filter, 1, "");
	filter.file = "b";
	expect(&filter, 1, A2 A5);
}

Test(snapshot_filter, a_trace_without_a_stack_is_one_unknown_frame)
{
	struct mallow_filter filter = filter_of(true, "<unk*");
	const char *lines = "<unknown>: size=1 B, count=1, average=1 B\n";

	build_add(snapshot, 1, 0, 1, "");
	expect(&filter, 1, lines);
	filter.line = 0;
	filter.function = "<unknown>";
	filter.all_frames = true;
	expect(&filter, 1, lines);
	filter.line = 1;
	expect(&filter, 1, "");
}

Test(snapshot_filter, the_filtered_one_is_as_it_was_then)
{
	struct mallow_filter filter = filter_of(true, "b");
	struct mallow_snapshot *filtered;

	cr_assert_eq(mallow_snapshot_filter(snapshot, &filter, 1, &filtered, NULL), 0);
	cr_expect_eq(mallow_snapshot_trace_count(snapshot), 6);
	build_add(snapshot, 1, 0, 1, "b:9");
	build_expect(build_statistics(filtered, MALLOW_BY_LINE, false), B1);
	mallow_snapshot_free(filtered);
}

static void add_in(const char *module, const char *function, const char *caller)
{
	const struct mallow_frame frames[] = { { .module = module, .function = function },
		                               { .module = "/bin/p",
		                                 .function = caller } };
	struct mallow_new_trace trace = { .frames = frames,
		                          .frame_count = 2,
		                          .size = 100 };

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
}

#define STRDUP "strdup: size=100 B, count=1, average=100 B\n"

Test(snapshot_filter, what_the_c_library_keeps_for_itself)
{
	struct mallow_filter filter = filter_of(true, NULL);

	add_in("/lib/libc.so.6", "__GI_setenv", "main");
	add_in("/lib/libc.so.6", "strdup", "setenv");
	add_in("/lib64/ld-linux-x86-64.so.2", NULL, "main");
	filter.runtime = 1;
	expect(&filter, 1,
	       "__GI_setenv: size=100 B, count=1, average=100 B\n"
	       "/lib64/ld-linux-x86-64.so.2: size=100 B, count=1, average=100 B\n");
	filter.runtime = 0;
	expect(&filter, 1, STRDUP B1 A2 UNKNOWN A5);
	filter.runtime = 1;
	filter.inclusive = false;
	expect(&filter, 1, STRDUP B1 A2 UNKNOWN A5);
	filter.inclusive = true;
	filter.function = "*setenv";
	expect(&filter, 1, "__GI_setenv: size=100 B, count=1, average=100 B\n");
}

Test(snapshot_filter, a_stack_through_a_callback_is_the_programs)
{
	const struct mallow_frame frames[] = {
		{ .module = "/bin/p", .function = "compare" },
		{ .module = "/lib/libc.so.6", .function = "setenv" },
		{ .module = "/bin/p", .function = "main" },
	};
	const struct mallow_frame inside[] = {
		{ .module = "/lib/libc.so.6", .function = "strdup" },
		{ .module = "/lib/libc.so.6", .function = "setlocale" },
	};
	struct mallow_new_trace trace = { .frames = frames, .frame_count = 3 };

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	cr_expect_not(mallow_traceback_is_runtime(
	        mallow_snapshot_trace(snapshot, 6)->traceback));
	trace.frames++;
	trace.frame_count--;
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	cr_expect(mallow_traceback_is_runtime(
	        mallow_snapshot_trace(snapshot, 7)->traceback));
	/* Within the C library what is outer decides. */
	trace.frames = inside;
	trace.frame_count = 2;
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	cr_expect(mallow_traceback_is_runtime(
	        mallow_snapshot_trace(snapshot, 8)->traceback));
	trace.frame_count = 0;
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	cr_expect_not(mallow_traceback_is_runtime(
	        mallow_snapshot_trace(snapshot, 9)->traceback));
}
