/* SPDX-License-Identifier: MIT */
#include "store/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "store/replace.h"
#include "store/schema.sql.h"
#include "store/sql.h"

/* Blobs of some kilobytes are the bulk of a file, a row of each table all of a short one.
 */
#define PRAGMA_NEW                   \
	"PRAGMA page_size = 4096;"   \
	"PRAGMA journal_mode = OFF;" \
	"PRAGMA synchronous = OFF;"

/* Each table has a page at least, and what is written at one go is mostly small. */
#define PRAGMA_MEMORY "PRAGMA page_size = 1024;"

#define PRAGMA_RECORDING                 \
	"PRAGMA synchronous = OFF;"      \
	"PRAGMA journal_mode = WAL;"     \
	"PRAGMA wal_autocheckpoint = 0;" \
	"PRAGMA temp_store = MEMORY;"

static int sql(sqlite3 *db, const char *path, const char *text, struct mlw_error *err)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		return mlw_sql_fail(db, path, err);
	return 0;
}

/* `path` is what the user calls it. */
static int open_named(sqlite3 **db, const char *name, const char *path,
                      struct mlw_error *err)
{
	int code = sqlite3_open_v2(name, db,
	                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
	                                   SQLITE_OPEN_PRIVATECACHE,
	                           NULL);

	if (code == SQLITE_OK)
		return 0;
	if (*db)
		mlw_sql_fail(*db, path, err);
	else
		mlw_fail(err, "%s: out of memory", path);
	sqlite3_close(*db);
	*db = NULL;
	return -1;
}

/* With "./" before it, no name has a meaning of its own to SQLite (":memory:"). */
static int open_database(sqlite3 **db, const char *path, struct mlw_error *err)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;
	int result;

	mlw_strbuf_printf(&name, "%s%s", *path == '/' ? "" : "./", path);
	if (mlw_strbuf_failed(&name))
		result = mlw_fail(err, "%s: out of memory", path);
	else
		result = open_named(db, name.text, path, err);
	mlw_strbuf_release(&name);
	return result;
}

static int fill_new(sqlite3 *db, const char *path, const char *pragmas,
                    struct mlw_error *err)
{
	if (sql(db, path, pragmas, err) || sql(db, path, "BEGIN;", err) ||
	    sql(db, path, mlw_schema_sql, err) || sql(db, path, "COMMIT;", err))
		return -1;
	return 0;
}

/* Makes a database of the empty file `path`; `name` is what the user calls it. */
static int make_tables(const char *path, const char *name, struct mlw_error *err)
{
	sqlite3 *db = NULL;
	int result;

	if (open_database(&db, path, err))
		return -1;
	result = fill_new(db, name, PRAGMA_NEW, err);
	sqlite3_close(db);
	return result;
}

static int open_recording(sqlite3 **db, const char *path, struct mlw_error *err)
{
	if (open_database(db, path, err))
		return -1;
	if (!sql(*db, path, PRAGMA_RECORDING, err))
		return 0;
	sqlite3_close(*db);
	*db = NULL;
	return -1;
}

static int create_new(sqlite3 **db, const char *path, struct mlw_error *err)
{
	if (!make_tables(path, path, err) && !open_recording(db, path, err))
		return 0;
	unlink(path);
	mlw_store_remove_beside(path, "-wal");
	mlw_store_remove_beside(path, "-shm");
	return -1;
}

/* The new file is whole before it takes the place of the old one. */
static int put_in_place(const char *path, struct mlw_error *err)
{
	char *fresh = mlw_store_file_beside(path, err);
	int result = -1;

	if (!fresh)
		return -1;
	if (make_tables(fresh, path, err))
		goto out;
	if (rename(fresh, path) != 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		goto out;
	}
	mlw_store_remove_beside(path, "-wal");
	mlw_store_remove_beside(path, "-shm");
	result = 0;
out:
	if (result)
		unlink(fresh);
	free(fresh);
	return result;
}

static int replace_old(sqlite3 **db, const char *path, struct mlw_error *err)
{
	char *target = realpath(path, NULL);
	int result = -1;

	if (!target)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (!mlw_store_check_replaceable(target, err) && !put_in_place(target, err))
		result = open_recording(db, target, err);
	free(target);
	return result;
}

int mlw_store_create(sqlite3 **db, const char *path, bool replace, struct mlw_error *err)
{
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	struct stat status;

	*db = NULL;
	if (file >= 0) {
		close(file);
		return create_new(db, path, err);
	}
	if (errno != EEXIST)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return mlw_fail(err, "%s: is a directory", path);
	if (!replace)
		return mlw_fail(err, "%s: exists already", path);
	return replace_old(db, path, err);
}

int mlw_store_create_memory(sqlite3 **db, const char *path, struct mlw_error *err)
{
	*db = NULL;
	if (open_named(db, ":memory:", path, err))
		return -1;
	if (!fill_new(*db, path, PRAGMA_MEMORY, err))
		return 0;
	sqlite3_close(*db);
	*db = NULL;
	return -1;
}
