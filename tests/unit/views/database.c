/* SPDX-License-Identifier: MIT */
#include "database.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

void database_open(struct database *database, const char *path)
{
	static const struct mallow_run_options options;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_views_new(&database->views, path, &options, &err), 0, "%s",
	             err.text);
	cr_assert_eq(sqlite3_open(":memory:", &database->sqlite), SQLITE_OK);
	cr_assert_eq(mlw_views_attach(database->views, database->sqlite, &err), 0, "%s",
	             err.text);
}

void database_close(struct database *database)
{
	cr_assert_eq(sqlite3_close(database->sqlite), SQLITE_OK);
	mlw_views_release(database->views);
}

sqlite3_stmt *database_prepare(struct database *database, const char *text)
{
	sqlite3_stmt *statement = NULL;

	cr_assert_eq(sqlite3_prepare_v2(database->sqlite, text, -1, &statement, NULL),
	             SQLITE_OK, "%s: %s", text, sqlite3_errmsg(database->sqlite));
	return statement;
}

int64_t database_number(struct database *database, const char *text)
{
	sqlite3_stmt *statement = database_prepare(database, text);
	int64_t value;

	cr_assert_eq(sqlite3_step(statement), SQLITE_ROW, "%s: %s", text,
	             sqlite3_errmsg(database->sqlite));
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

char *database_rows(struct database *database, const char *text)
{
	sqlite3_stmt *statement = database_prepare(database, text);
	struct mlw_strbuf rows = MLW_STRBUF_INIT;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const char *value =
			        (const char *)sqlite3_column_text(statement, i);

			mlw_strbuf_printf(&rows, "%s%s", i ? "|" : "",
			                  value ? value : "NULL");
		}
		mlw_strbuf_putc(&rows, '\n');
	}
	cr_assert_eq(code, SQLITE_DONE, "%s: %s", text, sqlite3_errmsg(database->sqlite));
	sqlite3_finalize(statement);
	return mlw_strbuf_detach(&rows);
}

void database_expect(struct database *database, const char *text, const char *rows)
{
	char *found = database_rows(database, text);

	cr_assert_str_eq(found, rows, "%s\nfound:\n%sexpected:\n%s", text, found, rows);
	free(found);
}

void database_expect_failure(struct database *database, const char *text,
                             const char *message)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database->sqlite, text, -1, &statement, NULL) == SQLITE_OK)
		cr_assert_eq(sqlite3_step(statement), SQLITE_ERROR, "%s", text);
	cr_assert_str_eq(sqlite3_errmsg(database->sqlite), message);
	sqlite3_finalize(statement);
}
