/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "analyze/snapshots.h"
#include "analyze/timeline.h"
#include "captured.h"
#include "render/chart.h"
#include "render/render.h"

static const struct mlw_style wide = { .chart_width = 80, .utf8 = true };
static const struct mlw_style narrow = { .chart_width = 40, .utf8 = false };

static struct mallow_point points[101];
static const struct mallow_taken taken[] = {
	{ "loaded", 1, 250000000, 25600, 25 },
	{ "every", 1, 500000000, 51200, 50 },
	{ "every", 2, 995000000, 102400, 100 },
};

static const struct mallow_snapshots snapshots = { .rows = taken, .count = 3 };
static const struct mallow_snapshots no_snapshots = { 0 };

/* A second in which 100 blocks of 1 KiB come one by one, and a spike of 200 KiB. */
static struct mallow_timeline sample(void)
{
	for (uint64_t i = 0; i <= 100; i++)
		points[i] = (struct mallow_point){ i * 10000000, i * 1024, i,
			                           i < 50 ? 1048576 : 4194304, i };
	points[100].rss = 0;
	return (struct mallow_timeline){
		.about = { .file = "r.mallow", .complete = true, .closed = true },
		.duration_ns = 1000000000,
		.points = points,
		.count = 101,
		.peak = { 754000000, 204800, 76 },
		.allocations = 100,
		.peak_rss = 4194304,
		.snapshots = &snapshots,
	};
}

static struct mallow_level levels[2][101];
static const struct mallow_series series[] = {
	{ .levels = levels[0], .highest = { 1000000000, 65536, 64 } },
	{ .levels = levels[1], .highest = { 254000000, 40960, 10 } },
};
static const struct mlw_frame load = { .function = "load_everything_there_is",
	                               .file = "src/load.c",
	                               .line = 7 };
static const struct mlw_frame stripped = { .module = "/usr/lib/libx.so.1",
	                                   .offset = 0x3f20 };
static const struct mlw_frame *const frames[] = { &load, &stripped };
static struct mallow_row rows[] = {
	{ .sums = { 65536, 64, 70000, 90, 65536, 64, 3 },
	  .traceback =
	          &(const struct mallow_traceback){ .frames = &frames[0], .count = 1 } },
	{ .sums = { 0, 0, 40960, 10, 40960, 10, 0 },
	  .traceback =
	          &(const struct mallow_traceback){ .frames = &frames[1], .count = 1 } },
};

/* The first group grows all the time, the second one is there for a moment. */
static struct mallow_ranking sample_groups(enum mallow_sort sort)
{
	for (uint64_t i = 0; i <= 100; i++) {
		bool is_there = i >= 25 && i < 30;

		levels[0][i] = (struct mallow_level){ i * 655, i / 2, i };
		levels[1][i] = (struct mallow_level){ is_there ? 30000 : 0,
			                              is_there ? 9 : 0, i < 25 ? 0 : 10 };
	}
	return (struct mallow_ranking){
		.about = { .by = MALLOW_BY_LINE, .sort = sort, .at = "peak" },
		.group_count = 5,
		.rows = rows,
		.count = 2,
	};
}

static void expect_text(const struct mallow_timeline *timeline,
                        const struct mlw_style *style, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_timeline_text(timeline, style, captured.out, &err), 0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(timeline, is_drawn_as_wide_as_the_terminal)
{
	struct mallow_timeline timeline = sample();

	expect_text(&timeline, &wide, "render/timeline.txt");
}

Test(timeline, is_drawn_in_plain_characters_too)
{
	struct mallow_timeline timeline = sample();

	timeline.selected = true;
	expect_text(&timeline, &narrow, "render/timeline_plain.txt");
}

Test(timeline, of_nothing_is_a_line)
{
	struct mallow_timeline timeline = { .about = { .file = "r.mallow" },
		                            .snapshots = &no_snapshots };

	expect_text(&timeline, &wide, "render/timeline_empty.txt");
}

/* No resident memory was ever looked at, and nothing was allocated. */
Test(timeline, leaves_out_what_is_not_known)
{
	struct mallow_timeline timeline = sample();

	timeline.peak_rss = timeline.allocations = 0;
	timeline.snapshots = &no_snapshots;
	timeline.peak.size = 0;
	for (size_t i = 0; i <= 100; i++)
		points[i] = (struct mallow_point){ .at_ns = i * 10000000 };
	expect_text(&timeline, &wide, "render/timeline_unknown.txt");
}

Test(timeline, for_programs)
{
	struct mallow_timeline timeline = sample();
	struct captured captured;

	timeline.count = 3;
	captured_open(&captured);
	mlw_render_timeline_json(&timeline, captured.out);
	captured_matches(&captured, "render/timeline.json");
	captured_close(&captured);
	captured_open(&captured);
	mlw_render_timeline_csv(&timeline, captured.out);
	captured_matches(&captured, "render/timeline.csv");
	captured_close(&captured);
}

Test(timeline, draws_groups_below_the_whole)
{
	struct mallow_timeline timeline = sample();
	struct mallow_ranking statistics = sample_groups(MALLOW_SORT_SIZE);

	timeline.ranking = &statistics;
	timeline.series = series;
	expect_text(&timeline, &wide, "render/timeline_groups.txt");
}

/* Where there is no room the description goes; what groups are sorted by is in it. */
Test(timeline, draws_groups_in_any_width_and_order)
{
	static const struct mlw_style wider = { .chart_width = 120, .utf8 = false };
	struct mallow_timeline timeline = sample();
	struct mallow_ranking statistics = sample_groups(MALLOW_SORT_TEMPORARY);

	timeline.ranking = &statistics;
	timeline.series = series;
	statistics.group_count = 2;
	expect_text(&timeline, &narrow, "render/timeline_groups_narrow.txt");
	expect_text(&timeline, &wider, "render/timeline_groups_sorted.txt");
}

/* As much of a stack as there is room for. */
Test(timeline, draws_stacks)
{
	struct mallow_timeline timeline = sample();
	struct mallow_ranking statistics = sample_groups(MALLOW_SORT_SIZE);
	const struct mallow_traceback *kept = rows[0].traceback;

	rows[0].traceback =
	        &(const struct mallow_traceback){ .frames = frames, .count = 2 };
	statistics.about.by = MALLOW_BY_TRACEBACK;
	timeline.ranking = &statistics;
	timeline.series = series;
	expect_text(&timeline, &wide, "render/timeline_stacks.txt");
	expect_text(&timeline, &narrow, "render/timeline_stacks_narrow.txt");
	rows[0].traceback = kept;
}

Test(timeline, of_groups_for_programs)
{
	struct mallow_timeline timeline = sample();
	struct mallow_ranking statistics = sample_groups(MALLOW_SORT_PEAK);
	struct captured captured;

	timeline.ranking = &statistics;
	timeline.series = series;
	timeline.count = 3;
	captured_open(&captured);
	mlw_render_timeline_json(&timeline, captured.out);
	captured_matches(&captured, "render/timeline_groups.json");
	captured_close(&captured);
	captured_open(&captured);
	mlw_render_timeline_csv(&timeline, captured.out);
	captured_matches(&captured, "render/timeline_groups.csv");
	captured_close(&captured);
}

static void expect_row(const struct mlw_chart *chart, unsigned row, const char *expected)
{
	struct captured captured;

	captured_open(&captured);
	mlw_chart_row(chart, row, captured.out);
	cr_expect_str_eq(captured_text(&captured), expected);
	captured_close(&captured);
}

Test(chart, what_is_more_than_nothing_is_seen)
{
	static const double values[] = { 0, 1e-9, 50, 100, 1000, -1, 0 };
	struct mlw_chart chart = { values, 7, 2, 100, false };

	expect_row(&chart, 0, "   ##");
	expect_row(&chart, 1, " .###");
}

Test(chart, lines_are_filled_by_eighths)
{
	static const double values[] = { 1, 4, 8, 9, 16 };
	struct mlw_chart chart = { values, 5, 2, 16, true };

	expect_row(&chart, 0, "   \xe2\x96\x81\xe2\x96\x88");
	expect_row(&chart, 1,
	           "\xe2\x96\x81\xe2\x96\x84\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88");
}
