/* SPDX-License-Identifier: MIT */
#include "render/bar.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/progress.h"
#include "captured.h"

#define SECOND UINT64_C(1000000000)

static struct captured captured;
static struct mlw_bar bar;

static void setup(void)
{
	captured_open(&captured);
	bar = (struct mlw_bar){ .out = captured.out, .started_ns = 5 * SECOND };
}

static void teardown(void)
{
	captured_close(&captured);
}

TestSuite(bar, .init = setup, .fini = teardown);

Test(bar, what_is_over_within_a_second_has_none)
{
	mlw_bar_report_at(&bar, 5 * SECOND, 0, 100);
	mlw_bar_report_at(&bar, 6 * SECOND - 1, 99, 100);
	mlw_bar_report_at(&bar, 6 * SECOND - 1, 100, 100);
	cr_expect_str_eq(captured_text(&captured), "");
}

Test(bar, is_wiped_away_at_the_end)
{
	mlw_bar_report_at(&bar, 6 * SECOND, 50, 100);
	mlw_bar_report_at(&bar, 6 * SECOND + 1, 51, 100);
	mlw_bar_report_at(&bar, 6 * SECOND + 2, 100, 100);
	mlw_bar_report_at(&bar, 6 * SECOND + 3, 100, 100);
	cr_expect_str_eq(captured_text(&captured),
	                 "\r[####################                    ]  50%\r\033[K");
}

Test(bar, wanders_where_nobody_knows_the_end)
{
	for (uint64_t i = 0; i < 3; i++)
		mlw_bar_report_at(&bar, (60 + i * 28) * SECOND / 10, 0,
		                  MLW_PROGRESS_UNKNOWN);
	mlw_bar_report_at(&bar, 12 * SECOND, 1, 1);
	cr_expect_str_eq(captured_text(&captured),
	                 "\r[########                                ]     "
	                 "\r[                            ########    ]     "
	                 "\r[        ########                        ]     \r\033[K");
}

Test(bar, that_has_stopped_is_not_drawn_again)
{
	mlw_bar_report_at(&bar, 6 * SECOND, 50, 100);
	mlw_bar_stop(&bar);
	mlw_bar_stop(&bar);
	mlw_bar_report_at(&bar, 7 * SECOND, 60, 100);
	cr_expect_str_eq(captured_text(&captured),
	                 "\r[####################                    ]  50%\r\033[K");
}

Test(bar, is_drawn_ten_times_a_second)
{
	const char *text;
	size_t drawn = 0;

	for (uint64_t i = 0; i < 1000; i++)
		mlw_bar_report_at(&bar, 6 * SECOND + i * SECOND / 1000, i, 1000);
	for (text = captured_text(&captured); (text = strchr(text, '\r')); text++)
		drawn++;
	cr_expect_eq(drawn, 10);
}

Test(bar, is_for_terminals)
{
	mlw_bar_init(&bar, captured.out);
	bar.started_ns = 0;
	mlw_bar_report(&bar, 50, 100);
	cr_expect_str_eq(captured_text(&captured), "");
}
