/* SPDX-License-Identifier: MIT */
#include "render/answer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "captured.h"

static struct mlw_error err;

static struct mlw_value integer(int64_t value)
{
	return (struct mlw_value){ .kind = MLW_VALUE_INTEGER, .integer = value };
}

static struct mlw_value real(double value)
{
	return (struct mlw_value){ .kind = MLW_VALUE_REAL, .real = value };
}

static struct mlw_value text(const char *value)
{
	return (struct mlw_value){ MLW_VALUE_TEXT, 0, 0, value, strlen(value) };
}

static void expect_text(struct mlw_value value, const char *expected)
{
	char *found = mlw_value_text(&value);

	cr_expect_str_eq(found, expected);
	free(found);
}

Test(answer, reals_read_back_and_look_like_reals)
{
	expect_text(real(1), "1.0");
	expect_text(real(0.1), "0.1");
	expect_text(real(1.0 / 3), "0.3333333333333333");
	expect_text(real(1e300), "1e+300");
	expect_text(real(-123456789), "-123456789.0");
	expect_text(real(INFINITY), "inf");
}

Test(answer, other_values)
{
	expect_text(integer(INT64_MIN), "-9223372036854775808");
	expect_text(text("word"), "word");
	expect_text((struct mlw_value){ MLW_VALUE_BLOB, 0, 0, "\x00\xff", 2 }, "00ff");
	expect_text((struct mlw_value){ .kind = MLW_VALUE_NULL }, "");
}

/* Two columns, `rows` rows, of which row 1500 is wider. */
static void run(const struct mlw_sink *sink, size_t rows)
{
	const char *const names[] = { "name", "count" };

	cr_assert_eq(sink->begin(sink->context, names, 2, true, &err), 0);
	for (size_t i = 0; i < rows; i++) {
		struct mlw_value values[] = {
			i == 1500 ? text("a wide one") : text("a"),
			i == 1 ? (struct mlw_value){ .kind = MLW_VALUE_NULL }
			       : integer((int64_t)i),
		};

		cr_assert_eq(sink->row(sink->context, values, 2, &err), 0);
	}
	cr_assert_eq(sink->end(sink->context, &err), 0);
}

static void expect_answer(struct captured *captured, struct mlw_answer *answer,
                          const char *expected)
{
	mlw_answer_release(answer);
	cr_expect_str_eq(captured_text(captured), expected);
	captured_close(captured);
}

Test(answer, a_table_has_numbers_at_the_right)
{
	static const struct mlw_style style = { .width = 80 };
	struct captured captured;
	struct mlw_answer answer;
	struct mlw_sink sink;

	captured_open(&captured);
	sink = mlw_answer_text(&answer, &style, captured.out);
	run(&sink, 2);
	run(&sink, 0);
	expect_answer(&captured, &answer,
	              "name  count\n"
	              "a         0\n"
	              "a         -\n"
	              "\n"
	              "name  count\n");
}

Test(answer, many_rows_are_written_as_they_come)
{
	static const struct mlw_style style = { .width = 80 };
	struct captured captured;
	struct mlw_answer answer;
	struct mlw_sink sink;
	const char *found;

	captured_open(&captured);
	sink = mlw_answer_text(&answer, &style, captured.out);
	run(&sink, 2500);
	mlw_answer_release(&answer);
	found = captured_text(&captured);
	cr_expect_not_null(strstr(found, "\na       998\na       999\n"));
	cr_expect_not_null(strstr(found, "\na wide one   1500\na            1501\n"));
	cr_expect_not_null(strstr(found, "\na            2499\n"));
	captured_close(&captured);
}

Test(answer, one_row_that_is_too_wide_stands_upright)
{
	static const struct mlw_style style = { .width = 10 };
	struct captured captured;
	struct mlw_answer answer;
	struct mlw_sink sink;

	captured_open(&captured);
	sink = mlw_answer_text(&answer, &style, captured.out);
	run(&sink, 1);
	expect_answer(&captured, &answer, "name   a\ncount  0\n");
}

Test(answer, csv_and_json)
{
	struct captured captured;
	struct mlw_answer answer;
	struct mlw_sink sink;

	captured_open(&captured);
	sink = mlw_answer_csv(&answer, captured.out);
	run(&sink, 2);
	expect_answer(&captured, &answer, "name,count\r\na,0\r\na,\r\n");
	captured_open(&captured);
	sink = mlw_answer_json(&answer, captured.out);
	run(&sink, 2);
	mlw_answer_release(&answer);
	cr_expect_not_null(
	        strstr(captured_text(&captured),
	               "  \"columns\": [\n    \"name\",\n    \"count\"\n  ],\n"
	               "  \"rows\": [\n    [\"a\", 0],\n    [\"a\", null]\n  ]\n"));
	captured_close(&captured);
}

Test(answer, json_and_csv_are_of_the_last_statement)
{
	const char *const names[] = { "a" };
	struct captured captured;
	struct mlw_answer answer;
	struct mlw_sink sink;

	captured_open(&captured);
	sink = mlw_answer_json(&answer, captured.out);
	cr_expect_eq(sink.begin(sink.context, names, 1, false, &err), -1);
	cr_expect_str_eq(err.text,
	                 "--json has room for one answer, but more statements follow");
	sink = mlw_answer_csv(&answer, captured.out);
	cr_expect_eq(sink.begin(sink.context, names, 1, false, &err), -1);
	cr_expect_str_eq(captured_text(&captured), "");
	captured_close(&captured);
}
