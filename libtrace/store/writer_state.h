/* SPDX-License-Identifier: MIT */
#ifndef MLW_WRITER_STATE_H
#define MLW_WRITER_STATE_H

/* What the files of the writer share: writer.c is its life, writer_rows.c writes plain
 * rows, writer_blobs.c segments, chunks and checkpoints. */

#include <sqlite3.h>
#include <time.h>

#include "store/checkpoint.h"
#include "store/chunk.h"
#include "store/nodes.h"
#include "store/segment.h"
#include "store/sql.h"
#include "store/strings.h"
#include "store/writer.h"

struct mlw_row_sums { /* of the rows of a table that may be replaced, by id - 1 */
	uint64_t *sums;
	size_t count, capacity;
};

/* Rows that wait for the next segment of their kind. */
struct mlw_pending {
	void *rows;
	size_t count, capacity;
	uint64_t written; /* rows in earlier segments */
};

struct mlw_auto_checkpoint { /* the latest that no snapshot needs */
	uint64_t id, sum;
};

struct mlw_writer {
	sqlite3 *db;
	char *path;
	struct mlw_writer_options options;
	struct mlw_error failure;
	bool failed;
	bool in_transaction;
	bool log_moved; /* at least once */
	int alive; /* store/alive.h; -1 before the first commit */
	struct timespec created;
	sqlite3_stmt *insert[MLW_TABLES];
	struct mlw_digest digests[MLW_TABLES];
	bool touched[MLW_TABLES]; /* since the last commit */
	uint64_t rows[MLW_TABLES]; /* the latest id */
	struct mlw_row_sums replaceable[MLW_TABLES];
	struct mlw_pending frames, nodes, traces, live; /* nodes: only their frames */
	struct mlw_node_run *runs; /* of these nodes */
	size_t run_count, run_capacity;
	struct mlw_strings strings;
	struct mlw_chunk_encoder chunk;
	struct mlw_packer *packer;
	struct mlw_bytes scratch;
	uint64_t chunk_changes; /* most of a chunk */
	uint64_t changes; /* all, kept or not */
	bool keeps_changes; /* as was asked for, until they are stopped or it has failed */
	bool events_stopped;
	uint64_t cut_changes; /* since then */
	uint64_t checkpoint_number; /* changes before the latest checkpoint */
	uint64_t checkpoint_id; /* 0: none yet */
	/* Without events, the next one replaces it. */
	struct mlw_auto_checkpoint replaced;
	uint64_t checkpoint_size; /* bytes of the latest */
	uint64_t chunk_size; /* bytes of chunks since */
	uint64_t uncommitted; /* bytes of blobs */
};

/* Keeps the sentence in `err` as the writer's, or puts the writer's first one into it.
 * Returns -1. */
int mlw_writer_fail(struct mlw_writer *writer, struct mlw_error *err);
int mlw_writer_sql_fail(struct mlw_writer *writer, struct mlw_error *err);

/* Begins a transaction unless there is one: every function that writes does so first. */
int mlw_writer_begin(struct mlw_writer *writer, struct mlw_error *err);

/* Begins and ends a row of `table`. Between them its values are bound. */
int mlw_writer_begin_row(struct mlw_writer *writer, enum mlw_table table,
                         struct mlw_row_writer *row, struct mlw_error *err);
int mlw_writer_end_row(struct mlw_writer *writer, enum mlw_table table,
                       const struct mlw_row_writer *row, struct mlw_error *err);
int mlw_writer_step(struct mlw_writer *writer, sqlite3_stmt *statement,
                    struct mlw_error *err);

/* Writes all that waits in segments, and the running chunk. */
int mlw_writer_flush(struct mlw_writer *writer, struct mlw_error *err);

/* Makes sure that there is a checkpoint of this very moment. */
int mlw_writer_need_checkpoint(struct mlw_writer *writer, const struct mlw_heap *heap,
                               struct mlw_error *err);
/* Is it time for one? */
bool mlw_writer_is_due(const struct mlw_writer *writer, const struct mlw_heap *heap);

#endif /* MLW_WRITER_STATE_H */
