/* SPDX-License-Identifier: MIT */

/*
 * mallow_sqlite.so: the tables of views/ for any program that speaks SQLite.
 *
 *	$ sqlite3 run.mallow
 *	sqlite> .load mallow_sqlite
 *	sqlite> SELECT sum(size) FROM events WHERE op = 'alloc';
 *
 * The recording is the file that the connection has open.
 */

#include <sqlite3.h>

#include "views/views.h"

SQLITE_EXTENSION_INIT1

static int fail(char **message, const char *text)
{
	if (message)
		*message = sqlite3_mprintf("%s", text);
	return SQLITE_ERROR;
}

static int attach(sqlite3 *sqlite, const char *path, char **message)
{
	static const struct mallow_run_options options;
	struct mlw_views *views;
	struct mlw_error err;
	int result;

	if (mlw_views_new(&views, path, &options, &err))
		return fail(message, err.text);
	result = mlw_views_attach(views, sqlite, &err);
	mlw_views_release(views);
	return result ? fail(message, err.text) : SQLITE_OK;
}

/* The name that SQLite looks for in a file called mallow_sqlite.so. */
__attribute__((visibility("default"))) int sqlite3_mallowsqlite_init(
        sqlite3 *sqlite, char **message, const struct sqlite3_api_routines *api);

int sqlite3_mallowsqlite_init(sqlite3 *sqlite, char **message,
                              const struct sqlite3_api_routines *api)
{
	const char *path;

	SQLITE_EXTENSION_INIT2(api);
	if (sqlite3_libversion_number() < 3038000)
		return fail(message, "mallow_sqlite needs SQLite 3.38 or newer");
	path = sqlite3_db_filename(sqlite, "main");
	if (!path || !*path)
		return fail(message, "mallow_sqlite: no recording is open: start sqlite3 "
		                     "with the file");
	return attach(sqlite, path, message);
}
