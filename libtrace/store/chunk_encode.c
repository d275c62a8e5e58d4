/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "store/chunk.h"

static size_t room_of(enum mlw_column column)
{
	return mlw_chunk_limit(column, MLW_CHUNK_CHANGES) + MLW_VARINT_MAX;
}

int mlw_chunk_encoder_init(struct mlw_chunk_encoder *encoder, bool keep_addresses,
                           struct mlw_error *err)
{
	size_t room = 0;

	*encoder = (struct mlw_chunk_encoder){ 0 };
	encoder->head.keeps_addresses = keep_addresses;
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		room += room_of(i);
	/* Only what is used of it becomes memory. */
	encoder->buffer = malloc(room);
	if (!encoder->buffer)
		return mlw_fail(err, "out of memory for a chunk (%zu bytes)", room);
	room = 0;
	for (unsigned i = 0; i < MLW_COLUMNS; i++) {
		encoder->start[i] = encoder->end[i] = encoder->buffer + room;
		room += room_of(i);
	}
	return 0;
}

void mlw_chunk_encoder_release(struct mlw_chunk_encoder *encoder)
{
	free(encoder->buffer);
	encoder->buffer = NULL;
}

static inline void put(struct mlw_chunk_encoder *encoder, enum mlw_column column,
                       uint64_t value)
{
	encoder->end[column] = mlw_varint_put(encoder->end[column], value);
}

/* Now and then something changes that mostly stays: how far from the last time. */
static inline void put_run(struct mlw_chunk_encoder *encoder, enum mlw_column column,
                           uint32_t *at, uint64_t value)
{
	uint32_t now = (uint32_t)encoder->head.count;

	put(encoder, column, now - *at);
	put(encoder, column, value);
	*at = now;
}

static inline void put_time_and_thread(struct mlw_chunk_encoder *encoder,
                                       const struct mlw_change *change)
{
	struct mlw_chunk_state *state = &encoder->state;

	if (change->time_us != state->time_us) {
		put_run(encoder, MLW_COLUMN_TIME, &state->time_at,
		        change->time_us - state->time_us);
		state->time_us = change->time_us;
	}
	if (change->thread != state->thread) {
		put_run(encoder, MLW_COLUMN_THREAD, &state->thread_at,
		        mlw_fold((int64_t)change->thread - (int64_t)state->thread));
		state->thread = change->thread;
		mlw_id_set_add(&encoder->threads, change->thread);
	}
}

static inline void put_old(struct mlw_chunk_encoder *encoder,
                           const struct mlw_change *change)
{
	struct mlw_chunk_state *state = &encoder->state;
	uint64_t predicted;

	put(encoder, MLW_COLUMN_AGE, state->ordinal - change->old.ordinal);
	if (change->old.ordinal > encoder->head.ordinal)
		return;
	predicted = state->size[change->old.trace % MLW_CHUNK_SIZES];
	put(encoder, MLW_COLUMN_OLD_TRACE,
	    mlw_fold((int64_t)change->old.trace - (int64_t)state->old_trace));
	put(encoder, MLW_COLUMN_OLD_SIZE, change->old.size ^ predicted);
	put(encoder, MLW_COLUMN_OLD_TIME,
	    mlw_fold((int64_t)(change->old.time_us - state->old_time_us)));
	state->size[change->old.trace % MLW_CHUNK_SIZES] = change->old.size;
	state->old_trace = change->old.trace;
	mlw_id_set_add(&encoder->traces, change->old.trace);
	state->old_time_us = change->old.time_us;
}

static inline void put_new(struct mlw_chunk_encoder *encoder,
                           const struct mlw_change *change)
{
	uint32_t *trace = &encoder->state.trace[change->thread % MLW_CHUNK_THREADS];
	uint64_t *size = &encoder->state.size[change->trace % MLW_CHUNK_SIZES];

	put(encoder, MLW_COLUMN_TRACE,
	    mlw_fold((int64_t)change->trace - (int64_t)*trace));
	put(encoder, MLW_COLUMN_SIZE, change->size ^ *size);
	*trace = change->trace;
	*size = change->size;
	mlw_id_set_add(&encoder->traces, change->trace);
	encoder->state.ordinal = change->ordinal;
}

static inline void put_address(struct mlw_chunk_encoder *encoder,
                               const struct mlw_change *change)
{
	uint64_t *last = &encoder->state.address[change->thread % MLW_CHUNK_THREADS];
	uint64_t turned = change->address >> 3 | change->address << 61;

	if (change->op == MLW_OP_SHRINK || mlw_op_is_mark(change->op))
		return;
	if (change->op == MLW_OP_FREE && change->old_kind == MLW_OLD_BLOCK &&
	    change->old.ordinal > encoder->head.ordinal)
		return;
	put(encoder, MLW_COLUMN_ADDRESS, mlw_fold((int64_t)(turned - *last)));
	*last = turned;
}

/* Of neither an ALLOC nor a FREE. */
static void put_rest(struct mlw_chunk_encoder *encoder, const struct mlw_change *change)
{
	if (change->op == MLW_OP_SHRINK)
		put(encoder, MLW_COLUMN_SIZE, change->old.size - change->size);
	else if (change->op == MLW_OP_REALLOC)
		put_new(encoder, change);
}

void mlw_chunk_add(struct mlw_chunk_encoder *encoder, const struct mlw_change *change)
{
	*encoder->end[MLW_COLUMN_OP]++ = (uint8_t)(change->op | change->old_kind << 4);
	put_time_and_thread(encoder, change);
	if (change->op == MLW_OP_ALLOC)
		put_new(encoder, change);
	else if (change->old_kind == MLW_OLD_BLOCK)
		put_old(encoder, change);
	if (__builtin_expect(change->op > MLW_OP_FREE, 0))
		put_rest(encoder, change);
	if (encoder->head.keeps_addresses)
		put_address(encoder, change);
	encoder->head.count++;
	encoder->head.end_us = change->time_us;
}

void mlw_chunk_add_pair(struct mlw_chunk_encoder *encoder, const struct mlw_change *alloc)
{
	*encoder->end[MLW_COLUMN_OP]++ = MLW_OP_ALLOC | MLW_OLD_NONE << 4;
	*encoder->end[MLW_COLUMN_OP]++ = MLW_OP_FREE | MLW_OLD_BLOCK << 4;
	put_time_and_thread(encoder, alloc);
	put_new(encoder, alloc);
	put(encoder, MLW_COLUMN_AGE, 0);
	if (encoder->head.keeps_addresses)
		put_address(encoder, alloc);
	encoder->head.count += 2;
	encoder->head.end_us = alloc->time_us;
}

size_t mlw_chunk_size(const struct mlw_chunk_encoder *encoder)
{
	size_t size = 0;

	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		size += (size_t)(encoder->end[i] - encoder->start[i]);
	return size;
}

static void begin(struct mlw_chunk_encoder *encoder)
{
	struct mlw_chunk_head *head = &encoder->head;

	head->end_us = head->start_us;
	encoder->threads = encoder->traces = (struct mlw_id_set){ 0 };
	encoder->state = (struct mlw_chunk_state){
		.time_us = head->start_us,
		.old_time_us = head->start_us,
		.ordinal = head->ordinal,
	};
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		encoder->end[i] = encoder->start[i];
}

void mlw_chunk_next(struct mlw_chunk_encoder *encoder)
{
	struct mlw_chunk_head *head = &encoder->head;

	head->first += head->count;
	head->count = 0;
	head->ordinal = encoder->state.ordinal;
	head->start_us = head->end_us;
	begin(encoder);
}
