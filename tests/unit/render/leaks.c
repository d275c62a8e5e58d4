/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "analyze/ranking.h"
#include "captured.h"
#include "render/render.h"

static const struct mlw_style plain = { .colour = false, .width = 80 };

static const struct mlw_frame parse = {
	.function = "parse",
	.file = "src/parser.c",
	.module = "/usr/bin/prog",
	.offset = 0x1234,
	.line = 99,
};
static const struct mlw_frame buffer = {
	.function = "_IO_file_doallocate",
	.module = "/lib/libc.so.6",
	.offset = 0x3f20,
};
static const struct mlw_frame *const own[] = { &parse };
static const struct mlw_frame *const kept[] = { &buffer, &parse };

static struct mallow_row rows[] = {
	{ .kind = MALLOW_LEAK_UNCLASSIFIED,
	  .sums = { .size = 300, .count = 3 },
	  .traceback = &(const struct mallow_traceback){ .frames = own,
	                                                 .count = 1,
	                                                 .truncated = true } },
	{ .kind = MALLOW_LEAK_RUNTIME,
	  .sums = { .size = 4096, .count = 1 },
	  .traceback = &(const struct mallow_traceback){ .frames = kept,
	                                                 .count = 2,
	                                                 .truncated = false } },
};

static struct mallow_ranking sample(enum mallow_key by)
{
	return (struct mallow_ranking){
		.about = { .by = by,
		           .leaks = true,
		           .file = "run.mallow",
		           .at = "end",
		           .domain = "malloc",
		           .complete = true,
		           .closed = true },
		.kinds = { [MALLOW_LEAK_UNCLASSIFIED] = { .size = 400, .count = 4 },
		           [MALLOW_LEAK_RUNTIME] = { .size = 4096, .count = 1 } },
		.total = { .size = 4496, .count = 5 },
		.group_count = 3,
		.rows = rows,
		.count = 2,
	};
}

static void expect_text(const struct mallow_ranking *leaks, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_leaks_text(leaks, &plain, captured.out, &err), 0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(leaks, text_by_trace_tells_the_kinds)
{
	struct mallow_ranking leaks = sample(MALLOW_BY_TRACEBACK);

	expect_text(&leaks, "render/leaks.txt");
}

Test(leaks, text_by_line_has_one_line_a_row)
{
	struct mallow_ranking leaks = sample(MALLOW_BY_LINE);

	expect_text(&leaks, "render/leaks_line.txt");
}

Test(leaks, text_says_when_only_the_library_kept_something)
{
	struct mallow_ranking leaks = sample(MALLOW_BY_LINE);

	leaks.kinds[MALLOW_LEAK_UNCLASSIFIED] = (struct mallow_sums){ 0 };
	leaks.total = leaks.kinds[MALLOW_LEAK_RUNTIME];
	leaks.rows = &rows[1];
	leaks.count = leaks.group_count = 1;
	expect_text(&leaks, "render/leaks_runtime.txt");
}

Test(leaks, json_has_every_kind_in_its_summary)
{
	struct mallow_ranking leaks = sample(MALLOW_BY_TRACEBACK);
	struct captured captured;

	captured_open(&captured);
	mlw_render_leaks_json(&leaks, captured.out);
	captured_matches(&captured, "render/leaks.json");
	captured_close(&captured);
}

Test(leaks, csv_begins_with_the_kind)
{
	struct mallow_ranking leaks = sample(MALLOW_BY_TRACEBACK);
	struct captured captured;

	captured_open(&captured);
	mlw_render_leaks_csv(&leaks, captured.out);
	captured_matches(&captured, "render/leaks.csv");
	captured_close(&captured);
}
