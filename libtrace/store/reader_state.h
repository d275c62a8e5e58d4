/* SPDX-License-Identifier: MIT */
#ifndef MLW_READER_STATE_H
#define MLW_READER_STATE_H

/* What the files of the reader share: tables.c reads rows, segments.c what is many in a
 * row, replay.c changes and checkpoints. */

#include "store/checkpoint.h"
#include "store/chunk.h"
#include "store/database.h"
#include "store/reader.h"

struct mlw_rows {
	void *rows;
	size_t count, capacity;
	bool loaded;
};

struct mlw_segment_head {
	uint64_t id;
	uint32_t kind;
	uint32_t count;
};

struct mlw_reader {
	struct mlw_database database;
	struct mlw_run_row run;
	bool run_loaded;
	struct mlw_rows processes, threads, modules, names, metadata, pools, strings,
	        locations, snapshots, timeline;
	struct mlw_rows snapshot_checkpoints; /* uint64_t: the ids, beside snapshots */
	struct mlw_rows segments; /* struct mlw_segment_head */
	struct mlw_rows frames, traces;
	struct mlw_nodes nodes;
	bool nodes_loaded;
	struct mlw_rows first_location; /* uint32_t by frame id: index + 1, 0 none */
	struct mlw_rows checkpoints; /* struct mlw_checkpoint_head */
	struct mlw_rows chunks; /* struct mlw_chunk_head */
	const struct mlw_progress *progress; /* borrowed, or NULL */
	uint64_t until; /* changes that the pass wants, 0: all that there are */
	void **owned; /* texts and blobs that rows point to */
	size_t owned_count, owned_capacity;
};

/* Hands a copy of a text or blob over to the reader; true if that worked. */
bool mlw_reader_own(struct mlw_reader *reader, void *pointer, struct mlw_cursor *cursor);

/* Room for one more row at the end; NULL without memory. It is not counted yet. */
void *mlw_rows_next(struct mlw_rows *rows, size_t size, struct mlw_error *err);

int mlw_reader_segments(struct mlw_reader *reader, struct mlw_error *err);
int mlw_reader_strings(struct mlw_reader *reader, struct mlw_error *err);

/* Unpacks one segment. */
int mlw_reader_segment(struct mlw_reader *reader, const struct mlw_segment_head *head,
                       struct mlw_unpacked *unpacked, struct mlw_error *err);

/* Loads what changes name, so that mlw_reader_knows can tell. */
int mlw_reader_load_ids(struct mlw_reader *reader, struct mlw_error *err);

/* Unpacks chunk `index` (from 0) and starts the decoder on it. */
int mlw_reader_open_chunk(struct mlw_reader *reader, size_t index,
                          struct mlw_chunk_decoder *decoder, struct mlw_error *err);

/* Do all ids in the change exist? */
bool mlw_reader_knows(const struct mlw_reader *reader, const struct mlw_change *change);

/* "the file is damaged (what)". Returns -1. */
int mlw_reader_damaged(const struct mlw_reader *reader, const char *what,
                       struct mlw_error *err);

#endif /* MLW_READER_STATE_H */
