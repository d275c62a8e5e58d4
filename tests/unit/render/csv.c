/* SPDX-License-Identifier: MIT */
#include "render/csv.h"

#include <criterion/criterion.h>

#include "captured.h"

Test(csv, only_what_needs_quotes_has_them)
{
	struct captured captured;
	struct mlw_csv csv;

	captured_open(&captured);
	mlw_csv_init(&csv, captured.out);
	mlw_csv_text(&csv, "plain");
	mlw_csv_text(&csv, "a,b");
	mlw_csv_text(&csv, "say \"hi\"");
	mlw_csv_text(&csv, "two\nlines");
	mlw_csv_text(&csv, NULL);
	mlw_csv_uint(&csv, 7);
	mlw_csv_end_line(&csv);
	mlw_csv_uint(&csv, 8);
	mlw_csv_end_line(&csv);
	cr_expect_str_eq(captured_text(&captured),
	                 "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,7\r\n8\r\n");
	captured_close(&captured);
}
