/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the columns of a chunk: they are decoded, or refused, and what the model
 * accepts of the changes leaves it whole.
 *
 * The input: a byte of flags, the number of changes, the ordinal and the time before it;
 * then, for each column, its length in a byte, and the column.
 */
#include "store/chunk.h"
#include "fuzz.h"
#include "heap/heap.h"

#define THREADS 3u
#define TRACES  6u

static struct mlw_heap *make_heap(void)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	for (uint32_t i = 0; i < THREADS; i++)
		must(!mlw_heap_add_thread(heap, 1 + i / 2, &err), err.text);
	for (uint32_t i = 0; i < TRACES; i++)
		must(!mlw_heap_add_trace(heap, 1 + i % THREADS, i / 3, &err), err.text);
	return heap;
}

static void fill_columns(struct mlw_chunk_decoder *decoder, struct input *input)
{
	for (unsigned i = 0; i < MLW_COLUMNS; i++) {
		struct mlw_unpacked *column = &decoder->columns[i];

		column->size = take(input, 1);
		if (column->size > input->size)
			column->size = input->size;
		column->capacity = column->size + MLW_BLOB_SLACK;
		column->bytes = calloc(1, column->capacity);
		memcpy(column->bytes, input->bytes, column->size);
		input->bytes += column->size;
		input->size -= column->size;
	}
}

/* As the reader does: ids first, then the model. */
static void apply(struct mlw_heap *heap, const struct mlw_change *change)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;
	bool is_old = change->old_kind == MLW_OLD_BLOCK;

	if (!change->thread || change->thread > THREADS ||
	    (is_new && (!change->trace || change->trace > TRACES)) ||
	    (is_old && (!change->old.trace || change->old.trace > TRACES)))
		return;
	if (mlw_heap_accepts(heap, change))
		mlw_heap_apply(heap, change);
}

static void decode(struct mlw_chunk_decoder *decoder, const struct mlw_chunk_head *head,
                   struct mlw_heap *heap)
{
	struct mlw_change change;
	struct mlw_error err;

	if (mlw_chunk_start(decoder, head, &err))
		return;
	for (uint64_t i = 0; i < head->count; i++) {
		if (mlw_chunk_get(decoder, &change, &err))
			return;
		apply(heap, &change);
	}
	mlw_chunk_finish(decoder, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	/* What it keeps from one chunk to the next is too big to be made each time. */
	static struct mlw_chunk_decoder decoder;
	struct mlw_chunk_head head = { 0 };
	struct mlw_heap *heap = make_heap();
	struct mlw_error err;

	head.keeps_addresses = take(&input, 1) & 1;
	head.count = take(&input, 1);
	head.ordinal = take(&input, 2);
	head.start_us = head.end_us = take(&input, 2);
	fill_columns(&decoder, &input);
	decode(&decoder, &head, heap);
	must(mlw_heap_check(heap, &err), err.text);
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		mlw_unpacked_release(&decoder.columns[i]);
	mlw_heap_free(heap);
	return 0;
}
