/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHUNK_H
#define MLW_CHUNK_H

/*
 * Changes as columns of varints: the encoder appends one change after the other, the
 * decoder gives them back in the same order. A chunk is complete in itself: what it frees
 * and did not allocate, it describes. docs/format.md has the encoding of each column.
 *
 * Encoding is the collector's hot path: a few comparisons and about four unconditional
 * stores a change.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/varint.h"
#include "heap/change.h"
#include "store/blob.h"
#include "store/id_list.h"

#define MLW_CHUNK_CHANGES 65536u

enum mlw_column {
	MLW_COLUMN_OP,
	MLW_COLUMN_THREAD,
	MLW_COLUMN_TIME,
	MLW_COLUMN_TRACE,
	MLW_COLUMN_SIZE,
	MLW_COLUMN_AGE,
	MLW_COLUMN_OLD_TRACE,
	MLW_COLUMN_OLD_SIZE,
	MLW_COLUMN_OLD_TIME,
	MLW_COLUMN_ADDRESS,
	MLW_COLUMNS,
};

struct mlw_chunk_head {
	uint64_t first; /* changes before it */
	uint64_t count;
	uint64_t ordinal; /* allocations before it */
	uint64_t start_us; /* of the change before it */
	uint64_t end_us; /* of its last change */
	bool keeps_addresses;
	/* Of the reader: lists (id_list.h) of the threads that did something, and of the
	 * traces of blocks; borrowed. */
	const uint8_t *threads, *traces;
	size_t threads_size, traces_size;
};

/* What encoder and decoder predict the next values from; zero at the start of a chunk. */
#define MLW_CHUNK_SIZES   4096u /* last size of the traces with id % this */
#define MLW_CHUNK_THREADS 64u /* the same of threads */

struct mlw_chunk_state {
	uint64_t time_us;
	uint64_t ordinal; /* the latest */
	uint64_t old_time_us;
	uint32_t time_at, thread_at; /* the change at which it last changed */
	uint32_t thread;
	uint32_t old_trace;
	uint32_t trace[MLW_CHUNK_THREADS];
	uint64_t address[MLW_CHUNK_THREADS];
	uint64_t size[MLW_CHUNK_SIZES];
};

struct mlw_chunk_encoder {
	struct mlw_chunk_head head; /* first, ordinal, start_us and keeps_addresses hold
	                               from the start on */
	struct mlw_chunk_state state;
	struct mlw_id_set threads, traces; /* that occur in the chunk */
	uint8_t *start[MLW_COLUMNS]; /* in `buffer`, with room for a whole chunk */
	uint8_t *end[MLW_COLUMNS];
	uint8_t *buffer;
};

int mlw_chunk_encoder_init(struct mlw_chunk_encoder *encoder, bool keep_addresses,
                           struct mlw_error *err);
void mlw_chunk_encoder_release(struct mlw_chunk_encoder *encoder);

/* Appends one change. The ordinal of a new block must be the one after the latest, and
 * the chunk must not be full. */
void mlw_chunk_add(struct mlw_chunk_encoder *encoder, const struct mlw_change *change);

/* An ALLOC and the FREE of its block right after it, at the same time: what two calls of
 * mlw_chunk_add would append. There must be room for both. */
void mlw_chunk_add_pair(struct mlw_chunk_encoder *encoder,
                        const struct mlw_change *alloc);

/* Instead of mlw_chunk_add, for a recording that keeps no changes. */
static inline void mlw_chunk_skip(struct mlw_chunk_encoder *encoder,
                                  const struct mlw_change *change)
{
	if (change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC)
		encoder->state.ordinal = change->ordinal;
	encoder->state.time_us = change->time_us;
}

/* Bytes so far, not compressed. */
size_t mlw_chunk_size(const struct mlw_chunk_encoder *encoder);

/* Empties the encoder for the chunk that follows this one. */
void mlw_chunk_next(struct mlw_chunk_encoder *encoder);

/*
 * The decoder: fill `columns` by mlw_unpack, then start it, then ask for one change after
 * the other.
 */
struct mlw_chunk_block {
	uint64_t size;
	uint64_t time_us;
	uint64_t address;
	uint32_t trace;
};

struct mlw_chunk_decoder {
	struct mlw_chunk_head head;
	struct mlw_chunk_state state;
	struct mlw_unpacked columns[MLW_COLUMNS];
	const uint8_t *at[MLW_COLUMNS];
	uint64_t number; /* of the next change in the chunk, from 0 */
	uint64_t time_next, thread_next; /* the change at which it will change */
	struct mlw_chunk_block *blocks; /* allocated in the chunk, in order */
};

void mlw_chunk_decoder_release(struct mlw_chunk_decoder *decoder);

/* Most bytes that the column may have. */
size_t mlw_chunk_limit(enum mlw_column column, uint64_t count);

int mlw_chunk_start(struct mlw_chunk_decoder *decoder, const struct mlw_chunk_head *head,
                    struct mlw_error *err);

/*
 * Decodes the next of head.count changes. Fails when the columns contradict each other;
 * the ids in the change are the caller's to check.
 */
int mlw_chunk_get(struct mlw_chunk_decoder *decoder, struct mlw_change *change,
                  struct mlw_error *err);

/* After the last change: have all columns been used up, and does the end agree? */
int mlw_chunk_finish(const struct mlw_chunk_decoder *decoder, struct mlw_error *err);

#endif /* MLW_CHUNK_H */
