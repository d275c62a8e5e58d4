/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

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

static struct mlw_row rows[] = {
	{ .kind = MLW_LEAK_UNCLASSIFIED,
	  .sums = { .size = 300, .count = 3 },
	  .traceback = { own, 1, true } },
	{ .kind = MLW_LEAK_RUNTIME,
	  .sums = { .size = 4096, .count = 1 },
	  .traceback = { kept, 2, false } },
};

static struct mlw_statistics sample(enum mlw_by by)
{
	return (struct mlw_statistics){
		.by = by,
		.leaks = true,
		.kinds = { [MLW_LEAK_UNCLASSIFIED] = { .size = 400, .count = 4 },
		           [MLW_LEAK_RUNTIME] = { .size = 4096, .count = 1 } },
		.file = "run.mallow",
		.at = "end",
		.domain = "malloc",
		.total = { .size = 4496, .count = 5 },
		.group_count = 3,
		.rows = rows,
		.count = 2,
		.complete = true,
		.closed = true,
	};
}

static void expect_text(const struct mlw_statistics *leaks, const char *name)
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
	struct mlw_statistics leaks = sample(MLW_BY_TRACE);

	expect_text(&leaks, "render/leaks.txt");
}

Test(leaks, text_by_line_has_one_line_a_row)
{
	struct mlw_statistics leaks = sample(MLW_BY_LINE);

	expect_text(&leaks, "render/leaks_line.txt");
}

Test(leaks, text_says_when_only_the_library_kept_something)
{
	struct mlw_statistics leaks = sample(MLW_BY_LINE);

	leaks.kinds[MLW_LEAK_UNCLASSIFIED] = (struct mlw_sums){ 0 };
	leaks.total = leaks.kinds[MLW_LEAK_RUNTIME];
	leaks.rows = &rows[1];
	leaks.count = leaks.group_count = 1;
	expect_text(&leaks, "render/leaks_runtime.txt");
}

Test(leaks, json_has_every_kind_in_its_summary)
{
	struct mlw_statistics leaks = sample(MLW_BY_TRACE);
	struct captured captured;

	captured_open(&captured);
	mlw_render_leaks_json(&leaks, captured.out);
	captured_matches(&captured, "render/leaks.json");
	captured_close(&captured);
}

Test(leaks, csv_begins_with_the_kind)
{
	struct mlw_statistics leaks = sample(MLW_BY_TRACE);
	struct captured captured;

	captured_open(&captured);
	mlw_render_leaks_csv(&leaks, captured.out);
	captured_matches(&captured, "render/leaks.csv");
	captured_close(&captured);
}
