/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

static struct mallow_snapshot *old, *now;

static void open_both(void)
{
	old = build_old();
	now = build_new();
}

static void close_both(void)
{
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
}

TestSuite(snapshot_statistics, .init = open_both, .fini = close_both);

Test(snapshot_statistics, by_line_in_the_order_of_size_count_and_place)
{
	build_expect(build_statistics(old, MALLOW_BY_LINE, false),
	             "b:1: size=66 B, count=1, average=66 B\n"
	             "a:2: size=30 B, count=3, average=10 B\n"
	             "unknown:0: size=7 B, count=1, average=7 B\n"
	             "a:5: size=2 B, count=1, average=2 B\n");
	build_expect(build_statistics(now, MALLOW_BY_LINE, false),
	             "a:5: size=5002 B, count=2, average=2501 B\n"
	             "c:578: size=400 B, count=1, average=400 B\n"
	             "a:2: size=30 B, count=3, average=10 B\n");
}

Test(snapshot_statistics, by_file)
{
	build_expect(build_statistics(old, MALLOW_BY_FILE, false),
	             "b: size=66 B, count=1, average=66 B\n"
	             "a: size=32 B, count=4, average=8 B\n"
	             "unknown: size=7 B, count=1, average=7 B\n");
	build_expect(build_statistics(now, MALLOW_BY_FILE, false),
	             "a: size=5032 B, count=5, average=1006 B\n"
	             "c: size=400 B, count=1, average=400 B\n");
}

Test(snapshot_statistics, by_traceback_ignores_the_domain)
{
	build_expect(build_statistics(now, MALLOW_BY_TRACEBACK, false),
	             "a:5: size=5002 B, count=2, average=2501 B\n"
	             "c:578: size=400 B, count=1, average=400 B\n"
	             "a:2: size=30 B, count=3, average=10 B\n");
	build_add(now, 1, 9, 1, "a:5 b:4");
	build_add(now, 1, 9, 1, "a:5");
	build_expect(build_statistics(now, MALLOW_BY_TRACEBACK, false),
	             "a:5: size=5003 B, count=3, average=1668 B\n"
	             "c:578: size=400 B, count=1, average=400 B\n"
	             "a:2: size=30 B, count=3, average=10 B\n"
	             "a:5: size=1 B, count=1, average=1 B\n");
}

Test(snapshot_statistics, by_traceback_shows_the_whole_stack)
{
	const struct mallow_statistic *first;
	struct mallow_statistics *statistics;

	cr_assert_eq(mallow_snapshot_statistics(now, MALLOW_BY_TRACEBACK, false,
	                                        &statistics, NULL),
	             0);
	first = mallow_statistics_get(statistics, 0);
	cr_assert_eq(mallow_traceback_count(first->traceback), 2);
	cr_expect_str_eq(mallow_traceback_frame(first->traceback, 0).file, "a");
	cr_expect_eq(mallow_traceback_frame(first->traceback, 0).line, 5);
	cr_expect_str_eq(mallow_traceback_frame(first->traceback, 1).file, "b");
	cr_expect_null(mallow_traceback_frame(first->traceback, 2).file);
	mallow_statistics_free(statistics);
}

Test(snapshot_statistics, cumulative_by_file)
{
	build_expect(build_statistics(old, MALLOW_BY_FILE, true),
	             "b: size=98 B, count=5, average=20 B\n"
	             "a: size=32 B, count=4, average=8 B\n"
	             "unknown: size=7 B, count=1, average=7 B\n");
}

Test(snapshot_statistics, cumulative_by_line)
{
	build_expect(build_statistics(now, MALLOW_BY_LINE, true),
	             "b:4: size=5032 B, count=5, average=1006 B\n"
	             "a:5: size=5002 B, count=2, average=2501 B\n"
	             "c:578: size=400 B, count=1, average=400 B\n"
	             "a:2: size=30 B, count=3, average=10 B\n");
}

Test(snapshot_statistics, recursion_counts_once_a_trace)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 1, 0, 10, "a:1:f a:1:f a:2:f b:9:g a:1:f");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, true),
	             "b:9: size=10 B, count=1, average=10 B\n"
	             "a:2: size=10 B, count=1, average=10 B\n"
	             "a:1: size=10 B, count=1, average=10 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_FUNCTION, true),
	             "g: size=10 B, count=1, average=10 B\n"
	             "f: size=10 B, count=1, average=10 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_FILE, true),
	             "b: size=10 B, count=1, average=10 B\n"
	             "a: size=10 B, count=1, average=10 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, what_has_no_frames_cannot_be_cumulative)
{
	static const enum mallow_key keys[] = { MALLOW_BY_TRACEBACK, MALLOW_BY_THREAD,
		                                MALLOW_BY_PROCESS, MALLOW_BY_DOMAIN,
		                                MALLOW_BY_SCOPE };
	struct mallow_statistics *statistics;
	struct mallow_differences *differences;
	struct mallow_error err;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		cr_expect_eq(
		        mallow_snapshot_statistics(old, keys[i], true, &statistics, &err),
		        -1);
		cr_expect_null(statistics);
		cr_expect_eq(mallow_snapshot_compare_to(now, old, keys[i], true,
		                                        &differences, NULL),
		             -1);
		cr_expect_null(differences);
	}
	mallow_snapshot_statistics(old, MALLOW_BY_TRACEBACK, true, &statistics, &err);
	cr_expect_str_eq(err.text, "only line, file, function and module count "
	                           "cumulatively, not traceback");
}

Test(snapshot_statistics, an_unknown_key_is_refused)
{
	struct mallow_statistics *statistics;
	struct mallow_error err;

	cr_expect_eq(mallow_snapshot_statistics(old, (enum mallow_key)77, false,
	                                        &statistics, &err),
	             -1);
	cr_expect_str_eq(err.text, "there is no key 77 to group by");
}

Test(snapshot_statistics, ties_are_in_descending_order_of_the_place)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 1, 0, 10, "b.c:7");
	build_add(snapshot, 1, 0, 10, "a.c:7");
	build_add(snapshot, 1, 0, 10, "c.c:7");
	build_add(snapshot, 1, 0, 10, "c.c:10");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "c.c:10: size=10 B, count=1, average=10 B\n"
	             "c.c:7: size=10 B, count=1, average=10 B\n"
	             "b.c:7: size=10 B, count=1, average=10 B\n"
	             "a.c:7: size=10 B, count=1, average=10 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, of_one_size_the_more_blocks_go_first)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 1, 0, 10, "z:1");
	build_add(snapshot, 2, 0, 5, "a:1");
	build_add(snapshot, 1, 0, 11, "b:1");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "b:1: size=11 B, count=1, average=11 B\n"
	             "a:1: size=10 B, count=2, average=5 B\n"
	             "z:1: size=10 B, count=1, average=10 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, of_tracebacks_the_second_frame_breaks_a_tie)
{
	static const uint32_t lines[] = { 3, 2, 0 };
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_statistics *statistics;

	build_add(snapshot, 1, 0, 1, "a:1 b:2");
	build_add(snapshot, 1, 0, 1, "a:1 b:3");
	build_add(snapshot, 1, 0, 1, "a:1");
	cr_assert_eq(mallow_snapshot_statistics(snapshot, MALLOW_BY_TRACEBACK, false,
	                                        &statistics, NULL),
	             0);
	cr_assert_eq(mallow_statistics_count(statistics), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct mallow_statistic *row = mallow_statistics_get(statistics, i);

		cr_expect_eq(mallow_traceback_frame(row->traceback, 1).line, lines[i]);
	}
	mallow_statistics_free(statistics);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, a_function_is_one_group_in_each_file_and_module)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_frame frame = { .function = "init", .module = "/lib/a.so" };
	struct mallow_new_trace trace = { .frames = &frame, .frame_count = 1, .size = 8 };

	build_add(snapshot, 1, 0, 4, "a.c:1:parse");
	build_add(snapshot, 1, 0, 3, "a.c:2:parse");
	build_add(snapshot, 1, 0, 2, "b.c:1:parse");
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	frame.module = "/lib/b.so";
	trace.size = 16;
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	build_expect(build_statistics(snapshot, MALLOW_BY_FUNCTION, false),
	             "init: size=16 B, count=1, average=16 B\n"
	             "init: size=8 B, count=1, average=8 B\n"
	             "parse: size=7 B, count=2, average=4 B\n"
	             "parse: size=2 B, count=1, average=2 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_MODULE, false),
	             "/lib/b.so: size=16 B, count=1, average=16 B\n"
	             "<unknown>: size=9 B, count=3, average=3 B\n"
	             "/lib/a.so: size=8 B, count=1, average=8 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, two_files_with_unknown_lines_are_two)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 1, 0, 1, "x:0");
	build_add(snapshot, 1, 0, 2, "y:0");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "y:0: size=2 B, count=1, average=2 B\n"
	             "x:0: size=1 B, count=1, average=1 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, by_domain_thread_process_and_scope)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_new_trace trace = {
		.size = 10, .domain = 1, .thread = 2, .process = 1, .scope = "load"
	};

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	trace = (struct mallow_new_trace){
		.size = 7, .count = 2, .domain = 20, .thread = 1, .process = 1
	};
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	build_expect(build_statistics(snapshot, MALLOW_BY_DOMAIN, false),
	             "mmap: size=10 B, count=1, average=10 B\n"
	             "domain 20: size=7 B, count=2, average=4 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_THREAD, false),
	             "thread 2: size=10 B, count=1, average=10 B\n"
	             "thread 1: size=7 B, count=2, average=4 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_PROCESS, false),
	             "process 1: size=17 B, count=3, average=6 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_SCOPE, false),
	             "load: size=10 B, count=1, average=10 B\n"
	             "(no scope): size=7 B, count=2, average=4 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "<unknown>: size=17 B, count=3, average=6 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, unknown_names_fall_back_to_the_module)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_frame frame = { .module = "/usr/lib/libx.so", .offset = 0x1f };
	struct mallow_new_trace trace = { .frames = &frame, .frame_count = 1, .size = 3 };

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "libx.so+0x1f: size=3 B, count=1, average=3 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_FUNCTION, false),
	             "libx.so+0x1f: size=3 B, count=1, average=3 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_FILE, false),
	             "/usr/lib/libx.so: size=3 B, count=1, average=3 B\n");
	build_expect(build_statistics(snapshot, MALLOW_BY_MODULE, false),
	             "/usr/lib/libx.so: size=3 B, count=1, average=3 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, an_empty_block_counts)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false), "");
	build_add(snapshot, 2, 0, 0, "a:1");
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "a:1: size=0 B, count=2, average=0 B\n");
	mallow_snapshot_free(snapshot);
}

Test(snapshot_statistics, outlive_their_snapshot)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_statistics *statistics;
	char *text;

	build_add(snapshot, 1, 0, 10, "a:2 b:4");
	cr_assert_eq(mallow_snapshot_statistics(snapshot, MALLOW_BY_TRACEBACK, false,
	                                        &statistics, NULL),
	             0);
	mallow_snapshot_free(snapshot);
	text = mallow_traceback_format(mallow_statistics_get(statistics, 0)->traceback, 0,
	                               true, NULL);
	build_expect(text, "  File \"a\", line 2\n  File \"b\", line 4");
	mallow_statistics_free(statistics);
}

Test(snapshot_statistics, sizes_of_blocks_are_not_known)
{
	struct mallow_snapshot *snapshot = build_old();
	struct mallow_statistics *statistics;
	struct mallow_error err;

	cr_assert_eq(mallow_snapshot_statistics(snapshot, MALLOW_BY_SIZE, false,
	                                        &statistics, &err),
	             -1);
	cr_expect_null(statistics);
	cr_expect_str_eq(err.text, "a snapshot does not know the sizes of single blocks: "
	                           "ask the run");
	mallow_snapshot_free(snapshot);
}
