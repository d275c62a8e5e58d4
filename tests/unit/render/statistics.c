/* SPDX-License-Identifier: MIT */
#include "render/render.h"

#include <criterion/criterion.h>

#include "captured.h"

static const struct mlw_style plain = { .colour = false, .width = 100 };

static const struct mlw_frame parse_value = {
	.function = "parse_value",
	.file = "src/parser.c",
	.module = "/usr/bin/prog",
	.offset = 0x1234,
	.line = 214,
	.inlined = true,
};
static const struct mlw_frame parse = {
	.function = "parse",
	.file = "src/parser.c",
	.module = "/usr/bin/prog",
	.offset = 0x1234,
	.line = 99,
};
static const struct mlw_frame stripped = {
	.module = "/usr/lib/libx.so.1",
	.offset = 0x3f20,
};

static const struct mlw_frame *const deep[] = { &parse_value, &parse, &stripped };
static const struct mlw_frame *const shallow[] = { &stripped };

static struct mlw_row rows[2];

static struct mlw_statistics sample(enum mlw_by by, enum mlw_sort sort)
{
	bool whole = by == MLW_BY_TRACE;

	rows[0] = (struct mlw_row){
		.sums = { 655360, 1034, 700000, 2000, 655360, 1034, 12 },
		.traceback = { deep, whole ? 3 : 1, whole },
		.name = "",
	};
	rows[1] = (struct mlw_row){
		.sums = { 20480, 2, 20480, 2, 0, 0, 0 },
		.traceback = { shallow, 1, false },
		.name = "",
	};
	return (struct mlw_statistics){
		.by = by,
		.sort = sort,
		.file = "run.mallow",
		.at = "end",
		.domain = "malloc",
		.total = { 675850, 1039, 800000, 3000, 700000, 1040, 20 },
		.group_count = 3,
		.rows = rows,
		.count = 2,
		.complete = true,
		.closed = true,
	};
}

static void expect_text(const struct mlw_statistics *statistics, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_statistics_text(statistics, &plain, captured.out, &err),
	             0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(statistics, text_by_line)
{
	struct mlw_statistics statistics = sample(MLW_BY_LINE, MLW_SORT_SIZE);

	expect_text(&statistics, "render/line.txt");
}

Test(statistics, text_by_trace_has_whole_stacks_and_says_where_they_were_cut)
{
	struct mlw_statistics statistics = sample(MLW_BY_TRACE, MLW_SORT_SIZE);

	expect_text(&statistics, "render/trace.txt");
}

Test(statistics, text_shows_what_it_is_sorted_by)
{
	struct mlw_statistics statistics = sample(MLW_BY_LINE, MLW_SORT_TEMPORARY);

	expect_text(&statistics, "render/temporary.txt");
}

Test(statistics, cumulative_rows_leave_no_rest_that_could_be_added_up)
{
	struct mlw_statistics statistics = sample(MLW_BY_FUNCTION, MLW_SORT_SIZE);

	statistics.cumulative = true;
	expect_text(&statistics, "render/cumulative.txt");
}

Test(statistics, text_by_size)
{
	struct mlw_statistics statistics = sample(MLW_BY_SIZE, MLW_SORT_SIZE);

	rows[0].traceback.count = rows[1].traceback.count = 0;
	rows[0].size_min = 512;
	rows[0].size_max = 1023;
	rows[1].size_min = 8192;
	rows[1].size_max = 16383;
	expect_text(&statistics, "render/size.txt");
}

static void expect_json(const struct mlw_statistics *statistics, const char *name)
{
	struct captured captured;

	captured_open(&captured);
	mlw_render_statistics_json(statistics, captured.out);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(statistics, json_by_line)
{
	struct mlw_statistics statistics = sample(MLW_BY_LINE, MLW_SORT_SIZE);

	expect_json(&statistics, "render/line.json");
}

Test(statistics, json_by_trace)
{
	struct mlw_statistics statistics = sample(MLW_BY_TRACE, MLW_SORT_COUNT);

	expect_json(&statistics, "render/trace.json");
}

Test(statistics, json_by_thread_has_the_key_under_its_own_name)
{
	struct mlw_statistics statistics = sample(MLW_BY_THREAD, MLW_SORT_SIZE);

	rows[0].traceback.count = rows[1].traceback.count = 0;
	rows[0].id = 3;
	rows[0].name = "wor\"ker";
	rows[1].id = 1;
	expect_json(&statistics, "render/thread.json");
}

Test(statistics, csv_by_trace_keeps_a_stack_in_one_field)
{
	struct mlw_statistics statistics = sample(MLW_BY_TRACE, MLW_SORT_SIZE);
	struct captured captured;

	captured_open(&captured);
	mlw_render_statistics_csv(&statistics, captured.out);
	captured_matches(&captured, "render/trace.csv");
	captured_close(&captured);
}
