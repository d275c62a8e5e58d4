/* SPDX-License-Identifier: MIT */
#include "render/histogram.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analyze/stats.h"
#include "captured.h"

/* Every class from 0 to `last`, `count` blocks in each. */
static struct mlw_classes all_classes(unsigned last, uint64_t count)
{
	struct mlw_classes classes = { 0 };

	for (unsigned i = 0; i <= last; i++)
		classes.rows[classes.count++] = (struct mallow_class){
			i ? UINT64_C(1) << (i - 1) : 0,
			i == 64  ? UINT64_MAX
			: i != 0 ? (UINT64_C(1) << i) - 1
			         : 0,
			count,
			count,
		};
	return classes;
}

Test(histogram, classes_that_fit_stay)
{
	struct mlw_classes classes = all_classes(8, 5);
	struct mlw_bars bars;

	mlw_bars_init(&bars, classes.rows, classes.count);
	cr_assert_eq(bars.count, 9);
	cr_expect_eq(bars.rows[8].min, 128);
	cr_expect_eq(bars.rows[8].max, 255);
}

Test(histogram, neighbours_join_and_nothing_is_lost)
{
	struct mlw_classes classes = all_classes(64, 5);
	struct mlw_bars bars;
	uint64_t total = 0;

	mlw_bars_init(&bars, classes.rows, classes.count);
	cr_assert_leq(bars.count, MLW_HISTOGRAM_ROWS);
	for (size_t i = 0; i < bars.count; i++) {
		cr_expect(!i || bars.rows[i].min == bars.rows[i - 1].max + 1);
		total += bars.rows[i].count;
	}
	cr_expect_eq(total, 65 * 5);
	cr_expect_eq(bars.rows[bars.count - 1].max, UINT64_MAX);
}

Test(histogram, the_largest_row_has_the_whole_bar_and_the_least_one_mark)
{
	struct mlw_classes classes = { { { 1, 1, 1000, 0 }, { 2, 3, 1, 0 } }, 2 };
	struct captured captured;
	struct mlw_bars bars;

	mlw_bars_init(&bars, classes.rows, classes.count);
	captured_open(&captured);
	mlw_bars_row(&bars, 0, 32, mlw_size_text, captured.out);
	fputc('\n', captured.out);
	mlw_bars_row(&bars, 1, 32, mlw_size_text, captured.out);
	cr_expect_str_eq(captured_text(&captured), "up to 1 B            1000  #####\n"
	                                           "up to 3 B               1  #");
	captured_close(&captured);
}

Test(histogram, a_row_beyond_the_last_is_empty)
{
	struct captured captured;
	struct mlw_bars bars = { 0 };

	captured_open(&captured);
	cr_expect_eq(mlw_bars_row(&bars, 0, 32, mlw_size_text, captured.out), 0);
	cr_expect_str_eq(captured_text(&captured), "");
	captured_close(&captured);
}
