/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_THREAD_H
#define MLW_COLLECT_THREAD_H

/*
 * A traced thread as its reader sees it: the mirror of the writer's cursor and memo
 * (wire/event.h), and what is under way.
 *
 *	depth <= MLW_STACK_MAX_KEEP
 *	cursor[depth - 1] is the node of the whole cursor
 */

#include <stdbool.h>
#include <stdint.h>

#include "heap/blocks.h"
#include "wire/event.h"

struct mlw_process;

/* A stack, and the trace of the malloc domain that it leads to in the context that was
 * asked about last (0: none yet). */
struct mlw_memo {
	uint32_t node;
	uint32_t trace;
	uint32_t context;
	bool truncated;
	bool valid;
};

/* A REALLOC_FREE whose other half has not come yet. */
struct mlw_pending {
	bool active;
	bool known; /* block: taken out of the table */
	uint64_t address;
	struct mlw_block block;
};

struct mlw_thread {
	struct mlw_process *process; /* borrowed */
	uint32_t id; /* in the file */
	uint32_t context; /* it is in (collect/context.h), from its first event on */
	int32_t tid;
	uint32_t generation;
	uint64_t started_us;
	uint64_t time_us; /* as of its latest TIME event */
	bool ended;

	uint64_t size_high; /* of a SIZE event */
	struct mlw_pending pending;
	/* The latest block of malloc's that it freed: address, ordinal (0: none) and trace.
	 */
	struct mlw_block freed;
	uint64_t fork_sequence; /* of the latest fork, until its child is known */

	/* Of the current pass (collect/order.h), in the malloc domain: how far this
	 * thread's own changes move the live size, and the highest point of that. */
	int64_t pass_size, pass_peak;
	bool pass_active;

	struct mlw_memo detached; /* the stack of the next allocation alone */
	struct mlw_memo last; /* of the cursor */
	uint32_t depth;
	uint32_t *cursor; /* nodes, outermost first */
	size_t cursor_capacity;
	char name[16];
	struct mlw_memo memo[MLW_MEMO_SLOTS];
};

struct mlw_thread *mlw_thread_new(struct mlw_process *process, struct mlw_error *err);
void mlw_thread_free(struct mlw_thread *thread);

/* Cursor and memo become empty, as the writer's are after LOST and GENERATION. */
void mlw_thread_reset(struct mlw_thread *thread);

#endif /* MLW_COLLECT_THREAD_H */
