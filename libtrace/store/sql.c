/* SPDX-License-Identifier: MIT */
#include "store/sql.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

/* Kinds of values, in the checksum of a row. */
#define KIND_NULL    1u
#define KIND_INTEGER 2u
#define KIND_TEXT    3u
#define KIND_BLOB    4u
#define KIND_OTHER   5u

const struct mlw_table_info mlw_tables[MLW_TABLES] = {
	[MLW_TABLE_RUN] = { "run",
	                    "id, command, working_directory, version, options, "
	                    "started_at_ns, duration_ns, time_resolution_ns, "
	                    "peak_uncertainty, lost_events, damaged_events, "
	                    "stacks_verified, stack_mismatches, collector_cpu_ns, "
	                    "collector_peak_rss, collector_events, depth, ended, "
	                    "exit_code, signal, closed, keeps_addresses, "
	                    "keeps_events, cut_changes, saved, sample_bytes",
	                    "", 26 },
	[MLW_TABLE_PROCESS] = { "process",
	                        "id, parent, pid, command, started_us, ended_us, ended, "
	                        "exit_code, signal, recorded, reason, lost_events, "
	                        "tracer_size, peak_rss",
	                        "", 14 },
	[MLW_TABLE_THREAD] = { "thread", "id, process, tid, name, started_us, ended_us",
	                       "", 6 },
	[MLW_TABLE_MODULE] = { "module", "id, path, build_id", "", 3 },
	[MLW_TABLE_STRING] = { "string", "id, text", "", 2 },
	[MLW_TABLE_LOCATION] = { "location", "id, frame, function, file, line, inlined",
	                         "", 6 },
	[MLW_TABLE_SNAPSHOT] = { "snapshot", "id, name, at_us, size, count, checkpoint",
	                         "", 6 },
	[MLW_TABLE_TIMELINE] = { "timeline", "id, at_us, size, count, rss, allocations",
	                         "", 6 },
	[MLW_TABLE_SEGMENT] = { "segment", "id, kind, first, count", "data", 5 },
	[MLW_TABLE_CHECKPOINT] = { "checkpoint",
	                           "id, number, at_us, ordinal, traces, threads, "
	                           "processes, domains",
	                           "data", 9 },
	[MLW_TABLE_CHUNK] = { "chunk",
	                      "id, first, count, ordinal, start_us, end_us, threads, "
	                      "traces",
	                      "op, thread, time, trace, size, age, old_trace, old_size, "
	                      "old_time, address",
	                      18 },
	[MLW_TABLE_NAME] = { "name", "id, kind, number, text", "", 4 },
	[MLW_TABLE_METADATA] = { "metadata", "id, key, value", "", 3 },
	[MLW_TABLE_POOL] = { "pool",
	                     "id, process, domain, block_size, created, pools, size, "
	                     "peak_size, blocks, used_size, free_size, largest_free",
	                     "", 12 },
};

/* SQLite quotes from the file what it does not understand: keep it on one line. */
static void copy_message(sqlite3 *db, char *message, size_t size)
{
	size_t length;

	snprintf(message, size, "%s", sqlite3_errmsg(db));
	length = strcspn(message, "\n");
	message[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)message[i] < ' ' || (unsigned char)message[i] > '~')
			message[i] = '?';
}

int mlw_sql_fail(sqlite3 *db, const char *path, struct mlw_error *err)
{
	int code = sqlite3_extended_errcode(db), system = sqlite3_system_errno(db);
	char message[160];

	copy_message(db, message, sizeof(message));
	if ((code & 255) == SQLITE_FULL ||
	    ((code & 255) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT)))
		return mlw_fail(err, "%s: no space is left on the device", path);
	if ((code & 255) == SQLITE_CORRUPT || (code & 255) == SQLITE_NOTADB ||
	    (code & 255) == SQLITE_ERROR || code == SQLITE_IOERR_SHORT_READ)
		return mlw_fail(err, "%s: the file is damaged (%s)", path, message);
	if ((code & 255) == SQLITE_IOERR && system)
		return mlw_fail(err, "%s: %s", path, strerror(system));
	return mlw_fail(err, "%s: %s", path, message);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *text)
{
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
	return statement;
}

sqlite3_stmt *mlw_sql_insert(sqlite3 *db, enum mlw_table table)
{
	const struct mlw_table_info *info = &mlw_tables[table];
	char text[768];
	int length = snprintf(text, sizeof(text),
	                      "INSERT OR REPLACE INTO %s (%s%s%s) VALUES (", info->name,
	                      info->columns, *info->data ? ", " : "", info->data);

	for (int i = 0; i < info->column_count; i++)
		length += snprintf(text + length, sizeof(text) - (size_t)length, "?%s",
		                   i + 1 < info->column_count ? ", " : ")");
	return prepare(db, text);
}

sqlite3_stmt *mlw_sql_select(sqlite3 *db, enum mlw_table table)
{
	char text[768];

	snprintf(text, sizeof(text), "SELECT %s FROM %s ORDER BY id",
	         mlw_tables[table].columns, mlw_tables[table].name);
	return prepare(db, text);
}

sqlite3_stmt *mlw_sql_select_data(sqlite3 *db, enum mlw_table table)
{
	char text[768];

	snprintf(text, sizeof(text), "SELECT %s FROM %s WHERE id = ?1",
	         mlw_tables[table].data, mlw_tables[table].name);
	return prepare(db, text);
}

static void add(uint64_t *sum, unsigned kind, const void *bytes, size_t size)
{
	*sum = XXH3_64bits_withSeed(bytes, size, *sum + kind);
}

static void add_integer(uint64_t *sum, uint64_t value)
{
	value = htole64(value);
	add(sum, KIND_INTEGER, &value, sizeof(value));
}

struct mlw_row_writer mlw_row_writer(sqlite3_stmt *statement, enum mlw_table table)
{
	return (struct mlw_row_writer){ .statement = statement, .sum = table };
}

void mlw_row_int(struct mlw_row_writer *row, uint64_t value)
{
	add_integer(&row->sum, value);
	sqlite3_bind_int64(row->statement, ++row->column, (int64_t)value);
}

void mlw_row_text(struct mlw_row_writer *row, const char *text)
{
	add(&row->sum, text ? KIND_TEXT : KIND_NULL, text, text ? strlen(text) : 0);
	sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_STATIC);
}

void mlw_row_blob(struct mlw_row_writer *row, const void *bytes, size_t size)
{
	if (!bytes)
		size = 0;
	add(&row->sum, size ? KIND_BLOB : KIND_NULL, bytes, size);
	mlw_row_data(row, size ? bytes : NULL, size);
}

void mlw_row_data(struct mlw_row_writer *row, const void *bytes, size_t size)
{
	sqlite3_bind_blob64(row->statement, ++row->column, bytes, size, SQLITE_STATIC);
}

static void add_column(uint64_t *sum, sqlite3_stmt *statement, int column)
{
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_NULL:
		add(sum, KIND_NULL, NULL, 0);
		break;
	case SQLITE_INTEGER:
		add_integer(sum, (uint64_t)sqlite3_column_int64(statement, column));
		break;
	case SQLITE_TEXT:
		add(sum, KIND_TEXT, sqlite3_column_text(statement, column),
		    (size_t)sqlite3_column_bytes(statement, column));
		break;
	case SQLITE_BLOB:
		add(sum, KIND_BLOB, sqlite3_column_blob(statement, column),
		    (size_t)sqlite3_column_bytes(statement, column));
		break;
	default:
		add(sum, KIND_OTHER, NULL, 0);
	}
}

uint64_t mlw_row_sum(sqlite3_stmt *statement, enum mlw_table table)
{
	uint64_t sum = table;

	for (int i = 0; i < sqlite3_column_count(statement); i++)
		add_column(&sum, statement, i);
	return sum;
}
