/* SPDX-License-Identifier: MIT */
#include "store/database.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/varint.h"

/* The longest text or blob that a file may have: more than the biggest checkpoint. */
#define LENGTH_LIMIT (1 << 30)

static int check_file(const char *path, struct mlw_error *err)
{
	struct stat status;

	if (stat(path, &status) != 0 || access(path, R_OK) != 0)
		return mlw_fail(err, "%s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return mlw_fail(err, "%s: is a directory", path);
	if (!S_ISREG(status.st_mode))
		return mlw_fail(err, "%s: is not a regular file", path);
	if (status.st_size == 0)
		return mlw_fail(err, "%s: is empty, not a mallow recording", path);
	return 0;
}

/* Runs a statement of one integer; false if it fails. */
static bool ask(sqlite3 *sqlite, const char *text, int64_t *value)
{
	sqlite3_stmt *statement = NULL;
	bool done = false;

	if (sqlite3_prepare_v2(sqlite, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		*value = sqlite3_column_int64(statement, 0);
		done = true;
	}
	sqlite3_finalize(statement);
	return done;
}

static void append_escaped(struct mlw_strbuf *uri, const char *path)
{
	for (; *path; path++)
		if (*path == '%' || *path == '?' || *path == '#')
			mlw_strbuf_printf(uri, "%%%02x", (unsigned char)*path);
		else
			mlw_strbuf_putc(uri, *path);
}

static int open_sqlite(sqlite3 **sqlite, const char *path, bool immutable)
{
	struct mlw_strbuf uri = MLW_STRBUF_INIT;
	int code = SQLITE_NOMEM;

	mlw_strbuf_puts(&uri, *path == '/' ? "file://" : "file:./");
	append_escaped(&uri, path);
	mlw_strbuf_puts(&uri, immutable ? "?immutable=1" : "");
	if (!mlw_strbuf_failed(&uri))
		code = sqlite3_open_v2(uri.text, sqlite,
		                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
		                               SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_URI,
		                       NULL);
	mlw_strbuf_release(&uri);
	return code;
}

static void distrust(sqlite3 *sqlite)
{
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, LENGTH_LIMIT);
	sqlite3_exec(sqlite, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
	sqlite3_busy_timeout(sqlite, 1000);
}

static bool can_read(sqlite3 *sqlite)
{
	int64_t value;

	return ask(sqlite, "PRAGMA application_id", &value) &&
	       ask(sqlite, "SELECT count(*) FROM sqlite_schema", &value);
}

/*
 * A log that was left behind needs the index beside it, which SQLite cannot make on
 * read-only media: there the file is read as it is, without what is only in the log.
 */
static int open_any(struct mlw_database *database, struct mlw_error *err)
{
	for (int immutable = 0; immutable < 2; immutable++) {
		int code = open_sqlite(&database->sqlite, database->path, immutable);

		if (code == SQLITE_OK) {
			distrust(database->sqlite);
			if (can_read(database->sqlite))
				return 0;
			code = sqlite3_errcode(database->sqlite);
		}
		if (!database->sqlite)
			return mlw_fail(err, "%s: out of memory", database->path);
		if (immutable || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY))
			break;
		sqlite3_close(database->sqlite);
		database->sqlite = NULL;
	}
	if (sqlite3_errcode(database->sqlite) == SQLITE_NOTADB)
		return mlw_fail(err, "%s: is not a mallow recording", database->path);
	return mlw_sql_fail(database->sqlite, database->path, err);
}

static int check_tables(struct mlw_database *database, struct mlw_error *err)
{
	sqlite3 *sqlite = database->sqlite;
	sqlite3_stmt *statement = NULL;
	int found = 0;

	if (sqlite3_prepare_v2(sqlite,
	                       "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND "
	                       "type = 'table' AND sql LIKE 'CREATE TABLE %'",
	                       -1, &statement, NULL) != SQLITE_OK)
		return mlw_sql_fail(sqlite, database->path, err);
	for (int i = 0; i < MLW_TABLES; i++) {
		sqlite3_bind_text(statement, 1, mlw_tables[i].name, -1, SQLITE_STATIC);
		found += sqlite3_step(statement) == SQLITE_ROW;
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	if (found != MLW_TABLES)
		return mlw_fail(err, "%s: the file is damaged (a table is missing)",
		                database->path);
	return 0;
}

static int check_kind(struct mlw_database *database, struct mlw_error *err)
{
	sqlite3 *sqlite = database->sqlite;
	int64_t id = 0, version = 0;

	if (sqlite3_exec(sqlite, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
	    !ask(sqlite, "PRAGMA application_id", &id) ||
	    !ask(sqlite, "PRAGMA user_version", &version))
		return mlw_sql_fail(sqlite, database->path, err);
	if (id != MLW_APPLICATION_ID)
		return mlw_fail(err, "%s: is not a mallow recording", database->path);
	if (version > MLW_SCHEMA_VERSION)
		return mlw_fail(
		        err,
		        "%s: was written by a newer mallow (schema %lld, this one "
		        "knows %d)",
		        database->path, (long long)version, MLW_SCHEMA_VERSION);
	if (version != MLW_SCHEMA_VERSION)
		return mlw_fail(err, "%s: the file is damaged (schema %lld)",
		                database->path, (long long)version);
	return check_tables(database, err);
}

int mlw_database_open(struct mlw_database *database, const char *path,
                      struct mlw_error *err)
{
	*database = (struct mlw_database){ 0 };
	if (check_file(path, err))
		return -1;
	database->path = strdup(path);
	if (!database->path)
		return mlw_fail(err, "%s: out of memory", path);
	if (open_any(database, err) || check_kind(database, err)) {
		mlw_database_close(database);
		return -1;
	}
	return 0;
}

void mlw_database_close(struct mlw_database *database)
{
	for (int i = 0; i < MLW_TABLES; i++)
		sqlite3_finalize(database->data[i]);
	sqlite3_close(database->sqlite);
	free(database->path);
	*database = (struct mlw_database){ 0 };
}

int mlw_database_blame(const struct mlw_database *database, struct mlw_error *err)
{
	struct mlw_error inner = *err;

	return mlw_fail(err, "%s: the file is damaged (%s)", database->path, inner.text);
}

int mlw_cursor_open(struct mlw_cursor *cursor, struct mlw_database *database,
                    enum mlw_table table, struct mlw_error *err)
{
	*cursor = (struct mlw_cursor){ .database = database, .table = table };
	cursor->dense = table != MLW_TABLE_CHECKPOINT;
	cursor->statement = mlw_sql_select(database->sqlite, table);
	if (!cursor->statement)
		return mlw_sql_fail(database->sqlite, database->path, err);
	return 0;
}

void mlw_cursor_close(struct mlw_cursor *cursor)
{
	sqlite3_finalize(cursor->statement);
	cursor->statement = NULL;
}

/* What the writer noted about the table; nothing if it never wrote to it. */
static int read_digest(struct mlw_cursor *cursor, struct mlw_digest *digest,
                       struct mlw_error *err)
{
	struct mlw_database *database = cursor->database;
	sqlite3_stmt *statement = NULL;
	int code;

	*digest = (struct mlw_digest){ 0 };
	if (sqlite3_prepare_v2(database->sqlite,
	                       "SELECT rows, sum FROM digest WHERE id = ?1", -1,
	                       &statement, NULL) != SQLITE_OK)
		return mlw_sql_fail(database->sqlite, database->path, err);
	sqlite3_bind_int(statement, 1, (int)cursor->table);
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		digest->rows = (uint64_t)sqlite3_column_int64(statement, 0);
		digest->sum = (uint64_t)sqlite3_column_int64(statement, 1);
	} else if (code != SQLITE_DONE) {
		mlw_sql_fail(database->sqlite, database->path, err);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : -1;
}

static int damaged_table(struct mlw_cursor *cursor, struct mlw_error *err)
{
	return mlw_fail(err, "%s: the file is damaged (table %s)", cursor->database->path,
	                mlw_tables[cursor->table].name);
}

static int check_digest(struct mlw_cursor *cursor, struct mlw_error *err)
{
	struct mlw_digest digest;

	if (read_digest(cursor, &digest, err))
		return -1;
	if (digest.rows != cursor->digest.rows || digest.sum != cursor->digest.sum)
		return damaged_table(cursor, err);
	return 0;
}

int mlw_cursor_next(struct mlw_cursor *cursor, struct mlw_error *err)
{
	int code;
	uint64_t id;

	if (cursor->failed)
		return damaged_table(cursor, err);
	code = sqlite3_step(cursor->statement);
	if (code == SQLITE_DONE)
		return check_digest(cursor, err);
	if (code != SQLITE_ROW)
		return mlw_sql_fail(cursor->database->sqlite, cursor->database->path,
		                    err);
	id = (uint64_t)sqlite3_column_int64(cursor->statement, 0);
	if (id <= cursor->id || id > UINT32_MAX ||
	    (cursor->dense && id != cursor->id + 1))
		return damaged_table(cursor, err);
	cursor->id = id;
	cursor->digest.rows++;
	cursor->digest.sum += mlw_row_sum(cursor->statement, cursor->table);
	return 1;
}

uint64_t mlw_cursor_int(struct mlw_cursor *cursor, int column)
{
	if (sqlite3_column_type(cursor->statement, column) != SQLITE_INTEGER)
		cursor->failed = true;
	return (uint64_t)sqlite3_column_int64(cursor->statement, column);
}

uint32_t mlw_cursor_id(struct mlw_cursor *cursor, int column)
{
	uint64_t value = mlw_cursor_int(cursor, column);

	if (value > UINT32_MAX)
		cursor->failed = true;
	return (uint32_t)value;
}

int32_t mlw_cursor_int32(struct mlw_cursor *cursor, int column)
{
	int64_t value = (int64_t)mlw_cursor_int(cursor, column);

	if (value > INT32_MAX || value < INT32_MIN)
		cursor->failed = true;
	return (int32_t)value;
}

bool mlw_cursor_bool(struct mlw_cursor *cursor, int column)
{
	uint64_t value = mlw_cursor_int(cursor, column);

	if (value > 1)
		cursor->failed = true;
	return value;
}

char *mlw_cursor_text(struct mlw_cursor *cursor, int column)
{
	int type = sqlite3_column_type(cursor->statement, column);
	const char *text;
	char *copy;

	if (type == SQLITE_NULL)
		return NULL;
	text = (const char *)sqlite3_column_text(cursor->statement, column);
	copy = text ? strdup(text) : NULL;
	if (type != SQLITE_TEXT || !copy ||
	    strlen(copy) != (size_t)sqlite3_column_bytes(cursor->statement, column))
		cursor->failed = true;
	return copy;
}

void *mlw_cursor_blob(struct mlw_cursor *cursor, int column, size_t *size)
{
	int type = sqlite3_column_type(cursor->statement, column);
	const void *blob = sqlite3_column_blob(cursor->statement, column);
	void *copy;

	*size = (size_t)sqlite3_column_bytes(cursor->statement, column);
	if (type == SQLITE_NULL || !*size)
		return NULL;
	copy = calloc(*size + MLW_VARINT_MAX, 1);
	if (copy && blob)
		memcpy(copy, blob, *size);
	if (type != SQLITE_BLOB || !copy)
		cursor->failed = true;
	return copy;
}

static int unpack_columns(struct mlw_database *database, sqlite3_stmt *statement,
                          const struct mlw_data *what, struct mlw_unpacked *unpacked,
                          struct mlw_error *err)
{
	for (unsigned i = 0; i < what->columns; i++) {
		const void *data = sqlite3_column_blob(statement, (int)i);
		size_t size = (size_t)sqlite3_column_bytes(statement, (int)i);
		uint64_t seed = mlw_blob_seed(what->table, i, what->id, what->count);
		struct mlw_error inner;

		if (!mlw_unpack(&unpacked[i], data, data ? size : 0, seed,
		                what->limits[i], &inner))
			continue;
		return mlw_fail(err, "%s: the file is damaged (%s %" PRIu64 ": %s)",
		                database->path, mlw_tables[what->table].name, what->id,
		                inner.text);
	}
	return 0;
}

int mlw_database_unpack(struct mlw_database *database, const struct mlw_data *what,
                        struct mlw_unpacked *unpacked, struct mlw_error *err)
{
	sqlite3_stmt **statement = &database->data[what->table];
	int result = -1, code;

	if (!*statement)
		*statement = mlw_sql_select_data(database->sqlite, what->table);
	if (!*statement)
		return mlw_sql_fail(database->sqlite, database->path, err);
	sqlite3_bind_int64(*statement, 1, (int64_t)what->id);
	code = sqlite3_step(*statement);
	if (code == SQLITE_ROW)
		result = unpack_columns(database, *statement, what, unpacked, err);
	else if (code == SQLITE_DONE)
		mlw_fail(err, "%s: the file is damaged (%s %" PRIu64 " is missing)",
		         database->path, mlw_tables[what->table].name, what->id);
	else
		mlw_sql_fail(database->sqlite, database->path, err);
	sqlite3_reset(*statement);
	return result;
}
