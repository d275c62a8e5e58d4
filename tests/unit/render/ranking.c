/* SPDX-License-Identifier: MIT */
#include "render/render.h"

#include <criterion/criterion.h>

#include "analyze/ranking.h"
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

static struct mallow_traceback tracebacks[2];
static struct mallow_row rows[2];

static struct mallow_ranking sample(enum mallow_key by, enum mallow_sort sort)
{
	bool whole = by == MALLOW_BY_TRACEBACK;

	tracebacks[0] = (struct mallow_traceback){ .frames = deep,
		                                   .count = whole ? 3 : 1,
		                                   .truncated = whole };
	tracebacks[1] = (struct mallow_traceback){ .frames = shallow, .count = 1 };
	rows[0] = (struct mallow_row){
		.sums = { 655360, 1034, 700000, 2000, 655360, 1034, 12 },
		.traceback = &tracebacks[0],
		.name = "",
	};
	rows[1] = (struct mallow_row){
		.sums = { 20480, 2, 20480, 2, 0, 0, 0 },
		.traceback = &tracebacks[1],
		.name = "",
	};
	return (struct mallow_ranking){
		.about = { .by = by,
		           .sort = sort,
		           .file = "run.mallow",
		           .at = "end",
		           .domain = "malloc",
		           .complete = true,
		           .closed = true },
		.total = { 675850, 1039, 800000, 3000, 700000, 1040, 20 },
		.group_count = 3,
		.rows = rows,
		.count = 2,
	};
}

static void expect_text(const struct mallow_ranking *ranking, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_ranking_text(ranking, &plain, captured.out, &err), 0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(ranking, text_by_line)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);

	expect_text(&ranking, "render/line.txt");
}

Test(ranking, text_by_trace_has_whole_stacks_and_says_where_they_were_cut)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_TRACEBACK, MALLOW_SORT_SIZE);

	expect_text(&ranking, "render/trace.txt");
}

Test(ranking, text_shows_what_it_is_sorted_by)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_LINE, MALLOW_SORT_TEMPORARY);

	expect_text(&ranking, "render/temporary.txt");
}

Test(ranking, cumulative_rows_leave_no_rest_that_could_be_added_up)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_FUNCTION, MALLOW_SORT_SIZE);

	ranking.about.cumulative = true;
	expect_text(&ranking, "render/cumulative.txt");
}

Test(ranking, text_by_size)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_SIZE, MALLOW_SORT_SIZE);

	tracebacks[0].count = tracebacks[1].count = 0;
	rows[0].size_min = 512;
	rows[0].size_max = 1023;
	rows[1].size_min = 8192;
	rows[1].size_max = 16383;
	expect_text(&ranking, "render/size.txt");
}

static void expect_json(const struct mallow_ranking *ranking, const char *name)
{
	struct captured captured;

	captured_open(&captured);
	mlw_render_ranking_json(ranking, captured.out);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(ranking, text_of_a_sample_has_errors)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);

	ranking.about.sample_bytes = 4096;
	expect_text(&ranking, "render/sampled.txt");
}

/* What is not malloc's is exact. */
Test(ranking, text_of_a_sample_by_domain)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_DOMAIN, MALLOW_SORT_SIZE);

	ranking.about.sample_bytes = 4096;
	ranking.about.domain = "all";
	tracebacks[0].count = tracebacks[1].count = 0;
	rows[0].name = "malloc";
	rows[1].name = "mmap";
	expect_text(&ranking, "render/sampled_domains.txt");
}

Test(ranking, data_of_a_sample_has_errors_and_no_temporary_blocks)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);
	struct captured captured;

	ranking.about.sample_bytes = 4096;
	expect_json(&ranking, "render/sampled.json");
	captured_open(&captured);
	mlw_render_ranking_csv(&ranking, captured.out);
	captured_matches(&captured, "render/sampled.csv");
	captured_close(&captured);
}

Test(ranking, json_by_line)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_LINE, MALLOW_SORT_SIZE);

	expect_json(&ranking, "render/line.json");
}

Test(ranking, json_by_trace)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_TRACEBACK, MALLOW_SORT_COUNT);

	expect_json(&ranking, "render/trace.json");
}

Test(ranking, json_by_thread_has_the_key_under_its_own_name)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_THREAD, MALLOW_SORT_SIZE);

	tracebacks[0].count = tracebacks[1].count = 0;
	rows[0].id = 3;
	rows[0].name = "wor\"ker";
	rows[1].id = 1;
	expect_json(&ranking, "render/thread.json");
}

Test(ranking, csv_by_trace_keeps_a_stack_in_one_field)
{
	struct mallow_ranking ranking = sample(MALLOW_BY_TRACEBACK, MALLOW_SORT_SIZE);
	struct captured captured;

	captured_open(&captured);
	mlw_render_ranking_csv(&ranking, captured.out);
	captured_matches(&captured, "render/trace.csv");
	captured_close(&captured);
}
