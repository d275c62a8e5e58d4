/* SPDX-License-Identifier: MIT */
#ifndef MLW_SQL_H
#define MLW_SQL_H

/*
 * What the writer and the reader know about the tables (schema.sql), and how they talk to
 * SQLite. Of every row that is written the checksum is added to its table's digest, over
 * all columns but data; the reader does the same and compares, so that a row that is
 * damaged, missing or too many is noticed, whatever SQLite thinks of it.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MLW_APPLICATION_ID 0x4d414c57
#define MLW_SCHEMA_VERSION 1

enum mlw_table {
	MLW_TABLE_RUN,
	MLW_TABLE_PROCESS,
	MLW_TABLE_THREAD,
	MLW_TABLE_MODULE,
	MLW_TABLE_STRING,
	MLW_TABLE_LOCATION,
	MLW_TABLE_SNAPSHOT,
	MLW_TABLE_TIMELINE,
	MLW_TABLE_SEGMENT,
	MLW_TABLE_CHECKPOINT,
	MLW_TABLE_CHUNK,
	MLW_TABLE_NAME,
	MLW_TABLE_METADATA,
	MLW_TABLE_POOL,
	MLW_TABLES,
};

struct mlw_table_info {
	const char *name;
	const char *columns; /* id first; these have digests */
	const char *data; /* columns of blobs with their own checksums, or "" */
	int column_count; /* of both */
};

extern const struct mlw_table_info mlw_tables[MLW_TABLES];

struct mlw_digest {
	uint64_t rows;
	uint64_t sum;
};

/* One sentence for what `db` just said about `path`. Returns -1. */
int mlw_sql_fail(sqlite3 *db, const char *path, struct mlw_error *err);

/* Prepares "INSERT OR REPLACE INTO table ...", one parameter a column. */
sqlite3_stmt *mlw_sql_insert(sqlite3 *db, enum mlw_table table);

/* Prepares "SELECT columns FROM table ORDER BY id". */
sqlite3_stmt *mlw_sql_select(sqlite3 *db, enum mlw_table table);

/* Prepares "SELECT data FROM table WHERE id = ?1". */
sqlite3_stmt *mlw_sql_select_data(sqlite3 *db, enum mlw_table table);

/*
 * A row that is being written: its values in the order of the columns. Texts and blobs
 * must stay where they are until the statement was stepped.
 */
struct mlw_row_writer {
	sqlite3_stmt *statement; /* borrowed */
	int column;
	uint64_t sum;
};

struct mlw_row_writer mlw_row_writer(sqlite3_stmt *statement, enum mlw_table table);
void mlw_row_int(struct mlw_row_writer *row, uint64_t value);
void mlw_row_text(struct mlw_row_writer *row, const char *text); /* NULL is fine */
void mlw_row_blob(struct mlw_row_writer *row, const void *bytes,
                  size_t size); /* NULL too */
void mlw_row_data(struct mlw_row_writer *row, const void *bytes,
                  size_t size); /* no digest */

/* The same sum of the row on which a statement of mlw_sql_select stands. */
uint64_t mlw_row_sum(sqlite3_stmt *statement, enum mlw_table table);

#endif /* MLW_SQL_H */
