/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/changes.h"
#include "captured.h"
#include "render/render.h"

static const struct mlw_style plain = { .colour = false, .width = 100 };

static const struct mlw_frame parse = {
	.function = "parse",
	.file = "src/parser.c",
	.module = "/usr/bin/prog",
	.offset = 0x1234,
	.line = 139,
};
static const struct mlw_frame old_parse = {
	.function = "parse",
	.file = "src/parser.c",
	.module = "/usr/bin/prog",
	.offset = 0x1000,
	.line = 99,
};
static const struct mlw_frame stripped = {
	.module = "/usr/lib/libx.so.1",
	.offset = 0x3f20,
};

static const struct mlw_frame *const stack[] = { &parse, &stripped };
static const struct mlw_frame *const old_stack[] = { &old_parse, &stripped };
static const struct mlw_frame *const other[] = { &stripped };

static struct mallow_traceback now, before;
static const struct mallow_traceback nameless = { .frames = other, .count = 1 };
static struct mallow_change rows[3];

static struct mallow_changes sample(enum mallow_key by, enum mallow_sort sort)
{
	size_t depth = by == MALLOW_BY_TRACEBACK ? 2 : 1;

	now = (struct mallow_traceback){ .frames = stack, .count = depth };
	before = (struct mallow_traceback){ .frames = old_stack, .count = depth };
	rows[0] = (struct mallow_change){
		.row = { .sums = { 5002, 2, 9000, 9, 5002, 2, 3 }, .traceback = &now },
		.old_sums = { 2, 1, 1000, 1, 2, 1, 0 },
		.match = MALLOW_MATCH_MOVED,
		.old_traceback = &before,
	};
	rows[1] = (struct mallow_change){
		.row = { .traceback = &nameless },
		.old_sums = { 300, 3, 300, 3, 300, 3, 0 },
		.match = MALLOW_MATCH_GONE,
	};
	rows[2] = (struct mallow_change){
		.row = { .sums = { 77, 1, 77, 1, 77, 1, 0 }, .traceback = &nameless },
		.match = MALLOW_MATCH_NEW,
	};
	return (struct mallow_changes){
		.about = { { .file = "old.mallow",
		             .at = "end",
		             .by = by,
		             .sort = sort,
		             .complete = true,
		             .closed = true },
		           { .file = "new.mallow",
		             .at = "peak",
		             .by = by,
		             .sort = sort,
		             .complete = true,
		             .closed = true } },
		.totals = { { 12302, 1004, 20000, 2000, 12302, 1004, 7 },
		            { 17179, 1005, 28000, 2010, 17179, 1005, 10 } },
		.rows = rows,
		.count = 3,
		.group_count = 9,
		.unchanged_count = 4,
		.moved_count = 2,
	};
}

static void expect_text(const struct mallow_changes *difference, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_difference_text(difference, &plain, captured.out, &err),
	             0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(difference, text_by_line)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);

	expect_text(&difference, "render/difference.txt");
}

Test(difference, text_by_trace)
{
	struct mallow_changes difference = sample(MALLOW_BY_TRACEBACK, MALLOW_SORT_SIZE);

	expect_text(&difference, "render/difference_trace.txt");
}

Test(difference, text_by_temporary)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_TEMPORARY);

	expect_text(&difference, "render/difference_temporary.txt");
}

Test(difference, a_single_row_is_written_as_tracemalloc_writes_it)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);
	struct captured captured;
	struct mlw_error err;

	difference.count = 1;
	captured_open(&captured);
	cr_assert_eq(mlw_render_difference_text(&difference, &plain, captured.out, &err),
	             0);
	cr_expect(strstr(captured_text(&captured),
	                 "size=5002 B (+5000 B), count=2 (+1), average=2501 B"));
	captured_close(&captured);
}

Test(difference, no_change_is_said)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);

	difference.count = 0;
	difference.group_count = difference.unchanged_count;
	expect_text(&difference, "render/difference_none.txt");
}

Test(difference, json)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);
	struct captured captured;

	captured_open(&captured);
	mlw_render_difference_json(&difference, captured.out);
	captured_matches(&captured, "render/difference.json");
	captured_close(&captured);
}

Test(difference, json_has_what_it_is_sorted_by)
{
	struct mallow_changes difference =
	        sample(MALLOW_BY_TRACEBACK, MALLOW_SORT_ALLOCATED);
	struct captured captured;

	captured_open(&captured);
	mlw_render_difference_json(&difference, captured.out);
	captured_matches(&captured, "render/difference_allocated.json");
	captured_close(&captured);
}

Test(difference, csv)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_PEAK);
	struct captured captured;

	captured_open(&captured);
	mlw_render_difference_csv(&difference, captured.out);
	captured_matches(&captured, "render/difference.csv");
	captured_close(&captured);
}

Test(difference, of_samples_has_errors)
{
	struct mallow_changes difference = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);
	struct captured captured;

	difference.about[MALLOW_NEW].sample_bytes = 4096;
	expect_text(&difference, "render/difference_sampled.txt");
	captured_open(&captured);
	mlw_render_difference_json(&difference, captured.out);
	captured_matches(&captured, "render/difference_sampled.json");
	captured_close(&captured);
	difference.about[MALLOW_NEW].sample_bytes = 0;
	difference.about[MALLOW_OLD].sample_bytes = 4096;
	captured_open(&captured);
	mlw_render_difference_csv(&difference, captured.out);
	captured_matches(&captured, "render/difference_sampled.csv");
	captured_close(&captured);
}
