/* SPDX-License-Identifier: MIT */
#include "views/inquiry.h"
#include "base/progress.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "scene.h"

static struct scene scene;
static struct mlw_inquiry *inquiry;
static struct mlw_strbuf said;

static int begin(void *context, const char *const *names, size_t count, bool is_last,
                 struct mlw_error *err)
{
	(void)context;
	(void)err;
	mlw_strbuf_puts(&said, is_last ? "last:" : "first:");
	for (size_t i = 0; i < count; i++)
		mlw_strbuf_printf(&said, " %s", names[i]);
	mlw_strbuf_putc(&said, '\n');
	return 0;
}

static int row(void *context, const struct mlw_value *values, size_t count,
               struct mlw_error *err)
{
	(void)context;
	(void)err;
	for (size_t i = 0; i < count; i++) {
		const struct mlw_value *value = &values[i];

		mlw_strbuf_puts(&said, i ? "|" : "");
		if (value->kind == MLW_VALUE_NULL)
			mlw_strbuf_puts(&said, "null");
		else if (value->kind == MLW_VALUE_INTEGER)
			mlw_strbuf_printf(&said, "%lld", (long long)value->integer);
		else if (value->kind == MLW_VALUE_REAL)
			mlw_strbuf_printf(&said, "%g", value->real);
		else
			mlw_strbuf_printf(&said, "%zu bytes", value->size);
	}
	mlw_strbuf_putc(&said, '\n');
	return 0;
}

static int end(void *context, struct mlw_error *err)
{
	(void)context;
	(void)err;
	mlw_strbuf_puts(&said, "end\n");
	return 0;
}

static const struct mlw_sink sink = { .begin = begin, .row = row, .end = end };

static struct {
	uint64_t unknown, known, ended; /* reports */
	uint64_t done, total; /* of the last known one */
} told;

static void hear(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	if (total == MLW_PROGRESS_UNKNOWN) {
		told.unknown++;
	} else if (done >= total) {
		told.ended++;
	} else {
		told.known++;
		told.done = done;
		told.total = total;
	}
}

static void open_inquiry(void)
{
	static const struct mallow_run_options options = { .progress = hear };
	struct mlw_error err = { "" };

	mlw_strbuf_init(&said);
	scene_open(&scene);
	cr_assert_eq(mlw_inquiry_open(&inquiry, scene.recorder.path, &options, &err), 0,
	             "%s", err.text);
}

static void close_inquiry(void)
{
	mlw_inquiry_close(inquiry);
	mlw_strbuf_release(&said);
	scene_close(&scene);
}

TestSuite(inquiry, .init = open_inquiry, .fini = close_inquiry);

static void expect(const char *text, const char *answer)
{
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_inquiry_run(inquiry, text, &sink, &err), 0, "%s: %s", text,
	             err.text);
	cr_assert_str_eq(said.text, answer);
	mlw_strbuf_clear(&said);
}

static void expect_refusal(const char *text, const char *reason)
{
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_inquiry_run(inquiry, text, &sink, &err), -1, "%s", text);
	cr_assert_str_eq(err.text, reason);
	mlw_strbuf_clear(&said);
}

Test(inquiry, values_keep_their_kind)
{
	expect("SELECT 1 AS a, NULL AS b, 1.5 AS c, 'text' AS d, x'0102' AS e",
	       "last: a b c d e\n1|null|1.5|4 bytes|2 bytes\nend\n");
}

Test(inquiry, statements_are_run_in_order)
{
	expect("SELECT 1 AS a; ; SELECT 2 AS b -- not the last word\n; /* but this is */",
	       "first: a\n1\nend\nlast: b\n2\nend\n");
	expect("  -- nothing\n;;", "");
}

Test(inquiry, a_failure_before_the_first_row_answers_nothing)
{
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_inquiry_run(inquiry, "SELECT abs(-9223372036854775807 - 1)",
	                             &sink, &err),
	             -1);
	cr_expect_str_eq(err.text, "integer overflow");
	cr_expect_str_eq(said.text, "");
	expect("SELECT 1 AS a WHERE 0", "last: a\nend\n");
}

#define COUNT(n)                                                                    \
	"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT " #n \
	") SELECT i FROM c)"

Test(inquiry, tells_how_far_it_has_come)
{
	told.ended = 0;
	expect("SELECT count(*) AS n FROM " COUNT(100000), "last: n\n100000\nend\n");
	cr_expect_gt(told.unknown, 1);
	cr_expect_eq(told.known, 0);
	cr_expect_eq(told.ended, 1);
	expect("SELECT count(*) AS n FROM events CROSS JOIN " COUNT(50000),
	       "last: n\n750000\nend\n");
	cr_expect_gt(told.known, 10);
	cr_expect_eq(told.total, 15);
	cr_expect_gt(told.done, 10);
	cr_expect_eq(told.ended, 2);
}

/* A scan that is left early is done, and the next one is planned on top of it. */
Test(inquiry, tells_of_all_scans_together)
{
	expect("SELECT number FROM events LIMIT 1", "last: number\n1\nend\n");
	expect("SELECT count(*) AS n FROM events CROSS JOIN " COUNT(50000),
	       "last: n\n750000\nend\n");
	cr_expect_eq(told.total, 30);
	cr_expect_gt(told.done, 25);
}

Test(inquiry, scratch_tables_are_welcome)
{
	expect("CREATE TEMP TABLE big AS SELECT * FROM events WHERE size > 100;"
	       "CREATE TEMP VIEW v AS SELECT count(*) AS n FROM big;"
	       "INSERT INTO big (size) VALUES (1); SELECT n FROM v",
	       "last: n\n9\nend\n");
}

Test(inquiry, what_would_write_is_refused)
{
	static const char create[] =
	        "a recording is only read: CREATE (CREATE TEMP is not) is refused";
	static const char attach[] =
	        "a recording is only read: ATTACH (or VACUUM) is refused";

	expect_refusal("ATTACH '/tmp/x' AS x", attach);
	expect_refusal("VACUUM INTO '/tmp/x'", attach);
	expect_refusal("CREATE TABLE t (x)", create);
	expect_refusal("CREATE VIEW v AS SELECT 1", create);
	expect_refusal("CREATE VIRTUAL TABLE v USING mallow_events", create);
	expect_refusal("DETACH temp", "a recording is only read: DETACH is refused");
	expect_refusal("DROP TABLE events",
	               "a recording is only read: DROP of its tables is refused");
	expect_refusal("PRAGMA user_version = 5",
	               "a recording is only read: PRAGMA user_version is refused");
	expect_refusal("UPDATE events SET size = 0", "table events may not be modified");
}

Test(inquiry, columns_can_be_listed)
{
	expect("SELECT name, type FROM pragma_table_info('modules')",
	       "last: name type\n2 bytes|7 bytes\n4 bytes|4 bytes\n8 bytes|4 "
	       "bytes\nend\n");
}

Test(inquiry, mistakes_are_one_line)
{
	expect_refusal("SELEC 1", "near \"SELEC\": syntax error");
	expect_refusal("SELECT colour FROM events", "no such column: colour");
	expect_refusal("SELECT \"a\nb\"\n FROM nowhere", "no such table: nowhere");
	expect_refusal("SELECT 'a", "unrecognized token: \"'a\"");
	expect_refusal("SELECT abs(-9223372036854775807 - 1)", "integer overflow");
}

Test(inquiry, a_refusal_is_not_of_the_statement_before)
{
	expect_refusal("SELECT abs(-9223372036854775807 - 1); ATTACH 'x' AS y",
	               "integer overflow");
}

Test(inquiry, is_of_the_whole_run)
{
	static const struct mallow_run_options options = { 0 };
	struct mlw_inquiry *other;
	struct mlw_error err = { "" };
	char place[128];

	cr_expect_str_eq(mlw_inquiry_file(inquiry), scene.recorder.path);
	snprintf(place, sizeof(place), "%s@end", scene.recorder.path);
	cr_assert_eq(mlw_inquiry_open(&other, place, &options, &err), 0, "%s", err.text);
	cr_expect_str_eq(mlw_inquiry_file(other), scene.recorder.path);
	mlw_inquiry_close(other);
	snprintf(place, sizeof(place), "%s@peak", scene.recorder.path);
	cr_expect_eq(mlw_inquiry_open(&other, place, &options, &err), -1);
	cr_expect_null(other);
	cr_expect_not_null(
	        strstr(err.text, "SQL is asked of a whole run, not of '@peak'"), "%s",
	        err.text);
}
