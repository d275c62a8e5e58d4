/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_DATABASE_H
#define MLW_TEST_DATABASE_H

/* A connection with the views of a recording, and short ways to ask it. Every failure
 * fails the test. */

#include <sqlite3.h>

#include "views/views.h"

struct database {
	sqlite3 *sqlite;
	struct mlw_views *views;
};

void database_open(struct database *database, const char *path);
void database_close(struct database *database);

sqlite3_stmt *database_prepare(struct database *database, const char *text);
/* The first value of the first row. */
int64_t database_number(struct database *database, const char *text);
/* All rows, values with '|' and rows with '\n' between them; freed by the caller. */
char *database_rows(struct database *database, const char *text);
/* The same, compared. */
void database_expect(struct database *database, const char *text, const char *rows);
/* The statement must fail with exactly this. */
void database_expect_failure(struct database *database, const char *text,
                             const char *message);

#endif /* MLW_TEST_DATABASE_H */
