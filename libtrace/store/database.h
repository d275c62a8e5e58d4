/* SPDX-License-Identifier: MIT */
#ifndef MLW_DATABASE_H
#define MLW_DATABASE_H

/* A .mallow file opened for reading, and its tables row by row, with their digests. */

#include <sqlite3.h>
#include <stdbool.h>

#include "store/blob.h"
#include "store/sql.h"

struct mlw_database {
	sqlite3 *sqlite;
	char *path;
	sqlite3_stmt *data[MLW_TABLES]; /* SELECT data ... WHERE id = ?1 */
};

/*
 * Opens the file, checks that it is a mallow file that this program knows, and begins a
 * transaction: what is read is one state, however long the recording goes on.
 */
int mlw_database_open(struct mlw_database *database, const char *path,
                      struct mlw_error *err);
void mlw_database_close(struct mlw_database *database);

/*
 * Reading one table from its first row to its last:
 *
 *	mlw_cursor_open(&cursor, database, MLW_TABLE_THREAD, err);
 *	while ((more = mlw_cursor_next(&cursor, err)) > 0)
 *		thread.tid = mlw_cursor_int32(&cursor, 2);
 *	mlw_cursor_close(&cursor);
 *
 * Ids must count from 1 without gaps where `dense`. After the last row the digest is
 * compared: next fails if what was read is not what was written.
 */
struct mlw_cursor {
	struct mlw_database *database; /* borrowed */
	sqlite3_stmt *statement;
	enum mlw_table table;
	struct mlw_digest digest;
	uint64_t id; /* of this row */
	bool dense;
	bool failed; /* a value did not fit its type: next will say so */
};

int mlw_cursor_open(struct mlw_cursor *cursor, struct mlw_database *database,
                    enum mlw_table table, struct mlw_error *err);
void mlw_cursor_close(struct mlw_cursor *cursor);
int mlw_cursor_next(struct mlw_cursor *cursor, struct mlw_error *err); /* 1, 0, -1 */

uint64_t mlw_cursor_int(struct mlw_cursor *cursor, int column);
uint32_t mlw_cursor_id(struct mlw_cursor *cursor, int column); /* or anything unsigned */
int32_t mlw_cursor_int32(struct mlw_cursor *cursor, int column);
bool mlw_cursor_bool(struct mlw_cursor *cursor, int column);
/* A copy with a NUL behind it, or with MLW_VARINT_MAX of them behind a blob, which the
 * caller frees; NULL for NULL. */
char *mlw_cursor_text(struct mlw_cursor *cursor, int column);
void *mlw_cursor_blob(struct mlw_cursor *cursor, int column, size_t *size);

/* Unpacks all data columns of row `id`, which holds `count` things. */
struct mlw_data {
	enum mlw_table table;
	uint64_t id;
	uint64_t count;
	unsigned columns;
	const size_t *limits; /* most bytes of each */
};

int mlw_database_unpack(struct mlw_database *database, const struct mlw_data *what,
                        struct mlw_unpacked *unpacked, struct mlw_error *err);

/* Puts the file's name before the sentence in `err`. Returns -1. */
int mlw_database_blame(const struct mlw_database *database, struct mlw_error *err);

#endif /* MLW_DATABASE_H */
