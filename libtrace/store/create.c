/* SPDX-License-Identifier: MIT */
#include "store/create.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "store/schema.sql.h"
#include "store/sql.h"

/* Blobs of some kilobytes are the bulk of a file, a row of each table all of a short one.
 */
#define PRAGMA_NEW                   \
	"PRAGMA page_size = 4096;"   \
	"PRAGMA journal_mode = OFF;" \
	"PRAGMA synchronous = OFF;"

#define PRAGMA_RECORDING                 \
	"PRAGMA synchronous = OFF;"      \
	"PRAGMA journal_mode = WAL;"     \
	"PRAGMA wal_autocheckpoint = 0;" \
	"PRAGMA temp_store = MEMORY;"

/* Where SQLite's locks are (sqlite3 os.h): the pending byte, the reserved byte, and the
 * range in which every connection in WAL mode holds a shared lock for as long as it
 * lives. */
#define SQLITE_LOCKS      0x40000000
#define SQLITE_LOCKS_SIZE 512

/* The header of an SQLite file (https://sqlite.org/fileformat.html). */
#define HEADER_SIZE           100
#define HEADER_APPLICATION_ID 68

static int sql(sqlite3 *db, const char *path, const char *text, struct mlw_error *err)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		return mlw_sql_fail(db, path, err);
	return 0;
}

/* With "./" before it, no name has a meaning of its own to SQLite (":memory:"). */
static int open_database(sqlite3 **db, const char *path, struct mlw_error *err)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;
	int code = SQLITE_NOMEM;

	mlw_strbuf_printf(&name, "%s%s", *path == '/' ? "" : "./", path);
	if (!mlw_strbuf_failed(&name))
		code = sqlite3_open_v2(name.text, db,
		                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		                               SQLITE_OPEN_PRIVATECACHE,
		                       NULL);
	mlw_strbuf_release(&name);
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

/* Makes a database of the empty file `path`; `name` is what the user calls it. */
static int make_tables(const char *path, const char *name, struct mlw_error *err)
{
	sqlite3 *db = NULL;
	int result = -1;

	if (open_database(&db, path, err))
		return -1;
	if (sql(db, name, PRAGMA_NEW "BEGIN;", err) ||
	    sql(db, name, mlw_schema_sql, err) || sql(db, name, "COMMIT;", err))
		goto out;
	result = 0;
out:
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

static void remove_beside(const char *path, const char *ending)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;

	mlw_strbuf_printf(&name, "%s%s", path, ending);
	if (!mlw_strbuf_failed(&name))
		unlink(name.text);
	mlw_strbuf_release(&name);
}

static int create_new(sqlite3 **db, const char *path, struct mlw_error *err)
{
	if (!make_tables(path, path, err) && !open_recording(db, path, err))
		return 0;
	unlink(path);
	remove_beside(path, "-wal");
	remove_beside(path, "-shm");
	return -1;
}

/* Is what `file` holds ours to replace? */
static int check_content(int file, const char *path, struct mlw_error *err)
{
	unsigned char header[HEADER_SIZE];
	ssize_t size = pread(file, header, sizeof(header), 0);
	uint32_t id;

	if (size < 0)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (size == 0)
		return 0;
	memcpy(&id, header + HEADER_APPLICATION_ID, sizeof(id));
	if (size < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0 ||
	    be32toh(id) != MLW_APPLICATION_ID)
		return mlw_fail(err, "%s: exists and is not a mallow recording", path);
	return 0;
}

static int check_unused(int file, const char *path, struct mlw_error *err)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = SQLITE_LOCKS,
		.l_len = SQLITE_LOCKS_SIZE,
	};

	if (fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return mlw_fail(err, "%s: is in use, by a recording or a reader", path);
	return 0;
}

static int check_replaceable(const char *path, struct mlw_error *err)
{
	int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int result = -1;

	if (file < 0 || fstat(file, &status) != 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(status.st_mode)) {
		mlw_fail(err, "%s: is not a regular file", path);
		goto out;
	}
	if (!check_content(file, path, err) && !check_unused(file, path, err))
		result = 0;
out:
	if (file >= 0)
		close(file);
	return result;
}

/* The name of a new empty file beside `path`; the caller frees it. */
static char *file_beside(const char *path, struct mlw_error *err)
{
	struct mlw_strbuf name = MLW_STRBUF_INIT;
	mode_t mask = umask(0);
	int file = -1;

	umask(mask);
	mlw_strbuf_printf(&name, "%s.XXXXXX", path);
	if (mlw_strbuf_failed(&name)) {
		mlw_fail(err, "%s: out of memory", path);
		goto out;
	}
	file = mkostemp(name.text, O_CLOEXEC);
	if (file < 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		goto out;
	}
	fchmod(file, 0666 & ~mask);
	close(file);
	return mlw_strbuf_detach(&name);
out:
	mlw_strbuf_release(&name);
	return NULL;
}

/* The new file is whole before it takes the place of the old one. */
static int put_in_place(const char *path, struct mlw_error *err)
{
	char *fresh = file_beside(path, err);
	int result = -1;

	if (!fresh)
		return -1;
	if (make_tables(fresh, path, err))
		goto out;
	if (rename(fresh, path) != 0) {
		mlw_fail(err, "%s: %s", path, strerror(errno));
		goto out;
	}
	remove_beside(path, "-wal");
	remove_beside(path, "-shm");
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
	if (!check_replaceable(target, err) && !put_in_place(target, err))
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
