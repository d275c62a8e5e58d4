/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHUNK_CURSOR_H
#define MLW_CHUNK_CURSOR_H

/*
 * Stored changes, pulled one after the other from a chunk of the caller's choice: for who
 * knows from the heads which chunks cannot have what is looked for.
 *
 *	mlw_reader_chunks(reader, &heads, &count, err);
 *	mlw_chunk_cursor_open(&cursor, reader, index, err);
 *	while ((got = mlw_chunk_cursor_next(&cursor, err)) > 0)
 *		... cursor.change, cursor.number
 *	mlw_chunk_cursor_release(&cursor);
 *
 * It ends with its chunk; opening the next one keeps the buffers. mlw_reader_changes is
 * the simpler way to read all.
 */

#include "store/checkpoint.h"
#include "store/chunk.h"
#include "store/reader.h"

struct mlw_chunk_cursor {
	struct mlw_reader *reader; /* borrowed */
	struct mlw_chunk_decoder decoder;
	struct mlw_change change;
	uint64_t number; /* of the change in the run, from 0 */
};

/* The chunks in order: numbers follow one another, times never go back. Borrowed. */
int mlw_reader_chunks(struct mlw_reader *reader, const struct mlw_chunk_head **chunks,
                      size_t *count, struct mlw_error *err);

/*
 * The checkpoints in order. A change before `number` names no thread and no trace beyond
 * the first `threads` and `traces`. Borrowed.
 */
int mlw_reader_checkpoints(struct mlw_reader *reader,
                           const struct mlw_checkpoint_head **checkpoints, size_t *count,
                           struct mlw_error *err);

/* Begins chunk `index`, from 0. The cursor is zeroed or was open before. */
int mlw_chunk_cursor_open(struct mlw_chunk_cursor *cursor, struct mlw_reader *reader,
                          size_t index, struct mlw_error *err);
/* 1 and a change, 0 after the chunk's last one, -1 on failure. */
int mlw_chunk_cursor_next(struct mlw_chunk_cursor *cursor, struct mlw_error *err);
void mlw_chunk_cursor_release(struct mlw_chunk_cursor *cursor);

#endif /* MLW_CHUNK_CURSOR_H */
