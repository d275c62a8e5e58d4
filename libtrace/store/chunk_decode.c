/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "store/chunk.h"

/* Two varints a change where runs are written, one elsewhere. */
size_t mlw_chunk_limit(enum mlw_column column, uint64_t count)
{
	switch (column) {
	case MLW_COLUMN_OP:
		return count;
	case MLW_COLUMN_THREAD:
	case MLW_COLUMN_TIME:
		return count * 2 * MLW_VARINT_MAX;
	default:
		return count * MLW_VARINT_MAX;
	}
}

void mlw_chunk_decoder_release(struct mlw_chunk_decoder *decoder)
{
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		mlw_unpacked_release(&decoder->columns[i]);
	free(decoder->blocks);
	*decoder = (struct mlw_chunk_decoder){ 0 };
}

/*
 * The next value of a column. Reading may run over the end into the slack, where all
 * bytes are zero, by one value at most: whether it did is checked there (is_over) before
 * the next.
 */
static inline uint64_t get(struct mlw_chunk_decoder *decoder, enum mlw_column column)
{
	uint64_t value;

	decoder->at[column] = mlw_varint_get(decoder->at[column], &value);
	return value;
}

static inline bool is_over(const struct mlw_chunk_decoder *decoder,
                           enum mlw_column column)
{
	const struct mlw_unpacked *bytes = &decoder->columns[column];

	return decoder->at[column] > bytes->bytes + bytes->size;
}

/* The change at which the run that begins with change `from` ends. */
static uint64_t next_run(struct mlw_chunk_decoder *decoder, enum mlw_column column,
                         uint64_t from)
{
	const struct mlw_unpacked *bytes = &decoder->columns[column];
	uint64_t distance;

	if (decoder->at[column] >= bytes->bytes + bytes->size)
		return UINT64_MAX;
	distance = get(decoder, column);
	return distance > MLW_CHUNK_CHANGES ? UINT64_MAX : from + distance;
}

int mlw_chunk_start(struct mlw_chunk_decoder *decoder, const struct mlw_chunk_head *head,
                    struct mlw_error *err)
{
	if (head->count == 0 || head->count > MLW_CHUNK_CHANGES ||
	    decoder->columns[MLW_COLUMN_OP].size != head->count)
		return mlw_fail(err,
		                "a chunk has another number of changes than it says");
	if (!decoder->blocks)
		decoder->blocks = malloc(MLW_CHUNK_CHANGES * sizeof(*decoder->blocks));
	if (!decoder->blocks)
		return mlw_fail(err, "out of memory for a chunk");
	decoder->head = *head;
	decoder->number = 0;
	decoder->state = (struct mlw_chunk_state){
		.time_us = head->start_us,
		.old_time_us = head->start_us,
		.ordinal = head->ordinal,
	};
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		decoder->at[i] = decoder->columns[i].bytes;
	decoder->time_next = next_run(decoder, MLW_COLUMN_TIME, 0);
	decoder->thread_next = next_run(decoder, MLW_COLUMN_THREAD, 0);
	return 0;
}

static inline int get_time_and_thread(struct mlw_chunk_decoder *decoder)
{
	struct mlw_chunk_state *state = &decoder->state;
	uint64_t now = decoder->number;

	if (now == decoder->time_next) {
		state->time_us += get(decoder, MLW_COLUMN_TIME);
		decoder->time_next = next_run(decoder, MLW_COLUMN_TIME, now);
		if (decoder->time_next == now || is_over(decoder, MLW_COLUMN_TIME))
			return -1;
	}
	if (now == decoder->thread_next) {
		state->thread += (uint32_t)mlw_unfold(get(decoder, MLW_COLUMN_THREAD));
		decoder->thread_next = next_run(decoder, MLW_COLUMN_THREAD, now);
		if (decoder->thread_next == now || is_over(decoder, MLW_COLUMN_THREAD))
			return -1;
	}
	return 0;
}

/* An old block from before the chunk is described in three columns. */
static inline int get_earlier(struct mlw_chunk_decoder *decoder,
                              struct mlw_change *change)
{
	struct mlw_chunk_state *state = &decoder->state;
	uint64_t *size;

	state->old_trace += (uint32_t)mlw_unfold(get(decoder, MLW_COLUMN_OLD_TRACE));
	size = &state->size[state->old_trace % MLW_CHUNK_SIZES];
	*size ^= get(decoder, MLW_COLUMN_OLD_SIZE);
	state->old_time_us += (uint64_t)mlw_unfold(get(decoder, MLW_COLUMN_OLD_TIME));
	change->old.trace = state->old_trace;
	change->old.size = *size;
	change->old.time_us = state->old_time_us;
	return is_over(decoder, MLW_COLUMN_OLD_TRACE) ||
	                       is_over(decoder, MLW_COLUMN_OLD_SIZE) ||
	                       is_over(decoder, MLW_COLUMN_OLD_TIME)
	               ? -1
	               : 0;
}

static inline int get_old(struct mlw_chunk_decoder *decoder, struct mlw_change *change)
{
	struct mlw_chunk_state *state = &decoder->state;
	uint64_t age = get(decoder, MLW_COLUMN_AGE);
	const struct mlw_chunk_block *block;

	if (is_over(decoder, MLW_COLUMN_AGE) || age >= state->ordinal)
		return -1;
	change->old.ordinal = state->ordinal - age;
	if (change->old.ordinal <= decoder->head.ordinal)
		return get_earlier(decoder, change);
	block = &decoder->blocks[change->old.ordinal - decoder->head.ordinal - 1];
	change->old.size = block->size;
	change->old.time_us = block->time_us;
	change->old.trace = block->trace;
	return 0;
}

static inline int get_new(struct mlw_chunk_decoder *decoder, struct mlw_change *change)
{
	struct mlw_chunk_state *state = &decoder->state;
	uint32_t *trace = &state->trace[change->thread % MLW_CHUNK_THREADS];
	uint64_t *size;

	*trace += (uint32_t)mlw_unfold(get(decoder, MLW_COLUMN_TRACE));
	size = &state->size[*trace % MLW_CHUNK_SIZES];
	*size ^= get(decoder, MLW_COLUMN_SIZE);
	change->trace = *trace;
	change->size = *size;
	change->ordinal = ++state->ordinal;
	decoder->blocks[change->ordinal - decoder->head.ordinal - 1] =
	        (struct mlw_chunk_block){
		        .size = *size,
		        .time_us = change->time_us,
		        .trace = *trace,
	        };
	return is_over(decoder, MLW_COLUMN_TRACE) || is_over(decoder, MLW_COLUMN_SIZE)
	               ? -1
	               : 0;
}

static inline int get_shrunk(struct mlw_chunk_decoder *decoder, struct mlw_change *change)
{
	uint64_t gone = get(decoder, MLW_COLUMN_SIZE);

	if (is_over(decoder, MLW_COLUMN_SIZE) || change->old_kind != MLW_OLD_BLOCK ||
	    gone > change->old.size)
		return -1;
	change->size = change->old.size - gone;
	if (change->old.ordinal > decoder->head.ordinal)
		decoder->blocks[change->old.ordinal - decoder->head.ordinal - 1].size =
		        change->size;
	return 0;
}

static int get_address(struct mlw_chunk_decoder *decoder, struct mlw_change *change)
{
	uint64_t *last = &decoder->state.address[change->thread % MLW_CHUNK_THREADS];
	bool is_ours = change->old.ordinal > decoder->head.ordinal;
	struct mlw_chunk_block *blocks = decoder->blocks;

	if (change->op == MLW_OP_SHRINK || mlw_op_is_mark(change->op))
		return 0;
	if (change->op == MLW_OP_FREE && is_ours) {
		change->address =
		        blocks[change->old.ordinal - decoder->head.ordinal - 1].address;
		return 0;
	}
	*last += (uint64_t)mlw_unfold(get(decoder, MLW_COLUMN_ADDRESS));
	change->address = *last << 3 | *last >> 61;
	if (change->op != MLW_OP_FREE)
		blocks[change->ordinal - decoder->head.ordinal - 1].address =
		        change->address;
	return is_over(decoder, MLW_COLUMN_ADDRESS) ? -1 : 0;
}

static inline int get_parts(struct mlw_chunk_decoder *decoder, struct mlw_change *change)
{
	if (change->old_kind == MLW_OLD_BLOCK && get_old(decoder, change))
		return -1;
	if (change->op == MLW_OP_SHRINK && get_shrunk(decoder, change))
		return -1;
	if ((change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC) &&
	    get_new(decoder, change))
		return -1;
	return decoder->head.keeps_addresses ? get_address(decoder, change) : 0;
}

int mlw_chunk_get(struct mlw_chunk_decoder *decoder, struct mlw_change *change,
                  struct mlw_error *err)
{
	uint8_t op = *decoder->at[MLW_COLUMN_OP]++;

	*change = (struct mlw_change){ .op = op & 15, .old_kind = op >> 4 };
	if (change->op == 0 || change->op > MLW_OP_CLEAR ||
	    change->old_kind > MLW_OLD_FOREIGN || get_time_and_thread(decoder))
		return mlw_fail(err, "a chunk contradicts itself");
	change->time_us = decoder->state.time_us;
	change->thread = decoder->state.thread;
	if (get_parts(decoder, change))
		return mlw_fail(err, "a chunk contradicts itself");
	decoder->number++;
	return 0;
}

int mlw_chunk_finish(const struct mlw_chunk_decoder *decoder, struct mlw_error *err)
{
	for (unsigned i = 0; i < MLW_COLUMNS; i++) {
		const struct mlw_unpacked *bytes = &decoder->columns[i];

		if (decoder->at[i] != bytes->bytes + bytes->size)
			return mlw_fail(err, "a chunk has more data than changes");
	}
	if (decoder->state.time_us != decoder->head.end_us)
		return mlw_fail(err, "a chunk ends at another time than it says");
	return 0;
}
