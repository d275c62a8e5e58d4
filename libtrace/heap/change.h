/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHANGE_H
#define MLW_CHANGE_H

/*
 * One thing that happened to a heap, with every pointer already resolved to a block: what
 * the collector makes of ring events, what a chunk stores, what replay gives back. The
 * same sequence of changes always leads to the same heap.
 *
 * Blocks are named by ordinal: the number of the allocation in the whole run, from 1, in
 * the order of changes. Ids of threads, traces and processes are those of the file
 * (store/model.h), from 1.
 */

#include <stdbool.h>
#include <stdint.h>

enum mlw_op {
	MLW_OP_ALLOC = 1, /* a new block */
	MLW_OP_FREE = 2, /* the end of an old one */
	MLW_OP_REALLOC = 3, /* both at once; a new block even when it stays in place */
	MLW_OP_SHRINK = 4, /* part of a mapping was unmapped: old.size becomes size */
	MLW_OP_END = 5, /* the thread's process ended: what it still held was never freed,
	                   but is not live at the same time as anything that follows */
	MLW_OP_CLEAR = 6, /* the thread's process forgets all blocks that it has live:
	                     they are not live any more, and were not freed */
};

/* Does it tell of a process as a whole, and so of no block? */
static inline bool mlw_op_is_mark(uint8_t op)
{
	return op == MLW_OP_END || op == MLW_OP_CLEAR;
}

/* What the pointer of a FREE or REALLOC was. */
enum mlw_old {
	MLW_OLD_NONE = 0, /* ALLOC; realloc(NULL, n) */
	MLW_OLD_BLOCK = 1, /* a live block of this recording: old is filled */
	MLW_OLD_INHERITED = 2, /* live in the parent at the fork; old is zero */
	MLW_OLD_FOREIGN = 3, /* unknown to the recording; old is zero */
};

struct mlw_change {
	uint64_t time_us; /* since the start of the run; never goes back */
	uint32_t thread; /* that did it */
	uint8_t op; /* enum mlw_op */
	uint8_t old_kind; /* enum mlw_old */

	/* The new block (ALLOC, REALLOC); SHRINK: only size, what is left. */
	uint32_t trace;
	uint64_t ordinal;
	uint64_t size; /* requested bytes */

	/* The old block (FREE, REALLOC, SHRINK). */
	struct {
		uint64_t ordinal;
		uint64_t size;
		uint64_t time_us; /* of its allocation */
		uint32_t trace;
	} old;

	/* Run-time addresses, 0 when not kept. */
	uint64_t address; /* new block; FREE: the pointer */
};

#endif /* MLW_CHANGE_H */
