/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHECKPOINT_H
#define MLW_CHECKPOINT_H

/*
 * The whole state of a heap model as bytes, from which a fresh model goes on as if it had
 * applied every change before. docs/format.md has the encoding.
 */

#include "heap/heap.h"
#include "store/bytes.h"

struct mlw_checkpoint_head {
	uint64_t id;
	uint64_t number; /* changes before it */
	uint64_t at_us;
	uint64_t ordinal; /* allocations before it */
	uint64_t traces, threads, processes, domains;
};

/* Fills `head` but for id and number. */
int mlw_checkpoint_encode(const struct mlw_heap *heap, struct mlw_checkpoint_head *head,
                          struct mlw_bytes *bytes, struct mlw_error *err);

/* Most bytes that a checkpoint with this head may have. */
size_t mlw_checkpoint_limit(const struct mlw_checkpoint_head *head);

/* Into a model in which at least head's threads, traces and processes are declared. What
 * it restored is checked as a whole, so that applying accepted changes to it is safe. */
int mlw_checkpoint_decode(struct mlw_heap *heap, const struct mlw_checkpoint_head *head,
                          const struct mlw_unpacked *unpacked, struct mlw_error *err);

#endif /* MLW_CHECKPOINT_H */
