/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"

static void expect_size(int64_t size, bool sign, const char *expected)
{
	char text[MALLOW_SIZE_TEXT];

	cr_expect_str_eq(mallow_format_size(size, sign, text), expected, "%s", text);
}

Test(snapshot_text, sizes_as_tracemalloc_prints_them)
{
	expect_size(0, false, "0 B");
	expect_size(99, false, "99 B");
	expect_size(10239, false, "10239 B");
	expect_size(10240, false, "10.0 KiB");
	expect_size(102399, false, "100.0 KiB");
	expect_size(102400, false, "100 KiB");
	expect_size(1 << 20, false, "1024 KiB");
	expect_size(10 << 20, false, "10.0 MiB");
	expect_size(100 << 20, false, "100 MiB");
	expect_size(INT64_C(1) << 40, false, "1024 GiB");
	expect_size(INT64_C(10) << 40, false, "10.0 TiB");
	expect_size(INT64_C(1) << 60, false, "1048576 TiB");
	expect_size(5000, true, "+5000 B");
	expect_size(0, true, "+0 B");
	expect_size(-66, true, "-66 B");
	expect_size(-66, false, "-66 B");
	expect_size(-10240, true, "-10.0 KiB");
	expect_size(INT64_MIN, true, "-8388608 TiB");
}

Test(snapshot_text, an_average_is_rounded_only_once)
{
	struct mallow_statistic row = { .label = "a", .size = 20479, .count = 2 };

	build_expect(mallow_statistic_text(&row),
	             "a: size=20.0 KiB, count=2, average=10240 B");
	row.size = 21;
	build_expect(mallow_statistic_text(&row), "a: size=21 B, count=2, average=10 B");
	row.size = 23;
	build_expect(mallow_statistic_text(&row), "a: size=23 B, count=2, average=12 B");
	row.count = 0;
	build_expect(mallow_statistic_text(&row), "a: size=23 B, count=0");
}

static struct mallow_snapshot *snapshot;
static char folder[] = "/tmp/mallow-text-XXXXXX";

static void open_source(void)
{
	char path[64];
	FILE *file;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a.c", folder);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs("one\n\ttwo(2);  \n\nfour\n", file);
	fclose(file);
	snapshot = build_snapshot();
	build_add(snapshot, 1, 0, 10, "a.c:2:inner a.c:4:outer gone.c:9");
}

static void close_source(void)
{
	char path[64];

	mallow_snapshot_free(snapshot);
	snprintf(path, sizeof(path), "%s/a.c", folder);
	unlink(path);
	rmdir(folder);
}

TestSuite(snapshot_traceback, .init = open_source, .fini = close_source);

static char *format(int limit, bool most_recent_first)
{
	return mallow_traceback_format(mallow_snapshot_trace(snapshot, 0)->traceback,
	                               limit, most_recent_first, folder);
}

#define INNER "  File \"a.c\", line 2, in inner\n    two(2);"
#define OUTER "  File \"a.c\", line 4, in outer\n    four"
#define GONE  "  File \"gone.c\", line 9"

Test(snapshot_traceback, most_recent_last_and_first)
{
	build_expect(format(0, false), GONE "\n" OUTER "\n" INNER);
	build_expect(format(0, true), INNER "\n" OUTER "\n" GONE);
}

Test(snapshot_traceback, a_positive_limit_keeps_the_most_recent)
{
	build_expect(format(1, false), INNER);
	build_expect(format(2, false), OUTER "\n" INNER);
	build_expect(format(2, true), INNER "\n" OUTER);
	build_expect(format(99, true), INNER "\n" OUTER "\n" GONE);
}

Test(snapshot_traceback, a_negative_limit_keeps_the_oldest)
{
	build_expect(format(-1, false), GONE);
	build_expect(format(-2, false), GONE "\n" OUTER);
	build_expect(format(-2, true), OUTER "\n" GONE);
	build_expect(format(-99, false), GONE "\n" OUTER "\n" INNER);
	build_expect(format(INT32_MIN, true), INNER "\n" OUTER "\n" GONE);
}

static char *format_one(const char *file, uint32_t line, const char *root)
{
	struct mallow_snapshot *one = build_snapshot();
	const struct mallow_frame frame = { .file = file, .line = line };
	struct mallow_new_trace trace = { .frames = &frame, .frame_count = 1 };
	char *text;

	cr_assert_eq(mallow_snapshot_add(one, &trace, NULL), 0);
	text = mallow_traceback_format(mallow_snapshot_trace(one, 0)->traceback, 0, false,
	                               root);
	mallow_snapshot_free(one);
	return text;
}

Test(snapshot_traceback, a_source_line_is_found_or_left_out)
{
	char path[64], expected[128];

	build_expect(format_one("a.c", 4, folder), "  File \"a.c\", line 4\n    four");
	build_expect(format_one("a.c", 3, folder), "  File \"a.c\", line 3");
	build_expect(format_one("a.c", 99, folder), "  File \"a.c\", line 99");
	build_expect(format_one("a.c", 0, folder), "  File \"a.c\", line 0");
	build_expect(format_one("a.c", 4, NULL), "  File \"a.c\", line 4");
	cr_assert_eq(chdir(folder), 0);
	build_expect(format_one("a.c", 1, NULL), "  File \"a.c\", line 1\n    one");
	build_expect(format_one("a.c", 1, "/nowhere"), "  File \"a.c\", line 1\n    one");
	cr_assert_eq(chdir("/"), 0);
	snprintf(path, sizeof(path), "%s/a.c", folder);
	snprintf(expected, sizeof(expected), "  File \"%s\", line 1\n    one", path);
	build_expect(format_one(path, 1, "/nowhere"), expected);
}

Test(snapshot_traceback, a_frame_without_a_file_is_named_by_its_module)
{
	struct mallow_snapshot *one = build_snapshot();
	const struct mallow_frame frames[] = {
		{ .module = "/lib/libx.so", .offset = 0x1f, .function = "inner" },
		{ .module = "/lib/libx.so", .offset = 0x2f },
		{ .function = "outer" },
	};
	struct mallow_new_trace trace = { .frames = frames, .frame_count = 3 };

	cr_assert_eq(mallow_snapshot_add(one, &trace, NULL), 0);
	build_expect(mallow_traceback_format(mallow_snapshot_trace(one, 0)->traceback, 0,
	                                     true, NULL),
	             "  File \"/lib/libx.so\", offset 0x1f, in inner\n"
	             "  File \"/lib/libx.so\", offset 0x2f\n"
	             "  File \"<unknown>\", line 0, in outer");
	mallow_snapshot_free(one);
}

Test(snapshot_traceback, the_stack_of_two_frames_of_tracemallocs_tests)
{
	struct mallow_snapshot *two = build_snapshot();
	const struct mallow_traceback *traceback;

	build_add(two, 1, 0, 1, "b.py:2 a.py:1");
	traceback = mallow_snapshot_trace(two, 0)->traceback;
	build_expect(mallow_traceback_format(traceback, 0, false, folder),
	             "  File \"a.py\", line 1\n  File \"b.py\", line 2");
	build_expect(mallow_traceback_format(traceback, 1, false, folder),
	             "  File \"b.py\", line 2");
	build_expect(mallow_traceback_format(traceback, -1, false, folder),
	             "  File \"a.py\", line 1");
	mallow_snapshot_free(two);
}

Test(snapshot_traceback, an_empty_one_is_an_empty_text)
{
	struct mallow_snapshot *none = build_snapshot();

	build_add(none, 1, 0, 1, "");
	build_expect(mallow_traceback_format(mallow_snapshot_trace(none, 0)->traceback, 0,
	                                     true, NULL),
	             "");
	mallow_snapshot_free(none);
}

Test(snapshot_traceback, total_frames_tell_a_cut_stack)
{
	struct mallow_snapshot *cut = build_snapshot();
	struct mallow_frame frame = { .file = "a.c", .line = 1 };
	struct mallow_new_trace trace = { .frames = &frame, .frame_count = 1, .size = 1 };
	const struct mallow_traceback *traceback;

	cr_assert_eq(mallow_snapshot_add(cut, &trace, NULL), 0);
	trace.total_frames = 9;
	cr_assert_eq(mallow_snapshot_add(cut, &trace, NULL), 0);
	traceback = mallow_snapshot_trace(cut, 0)->traceback;
	cr_expect_eq(mallow_traceback_total_frames(traceback), 1);
	cr_expect_not(mallow_traceback_truncated(traceback));
	traceback = mallow_snapshot_trace(cut, 1)->traceback;
	cr_expect_eq(mallow_traceback_total_frames(traceback), 9);
	cr_expect(mallow_traceback_truncated(traceback));
	/* The frames alone are the key. */
	build_expect(build_statistics(cut, MALLOW_BY_TRACEBACK, false),
	             "a.c:1: size=2 B, count=2, average=1 B\n");
	mallow_snapshot_free(cut);
}
