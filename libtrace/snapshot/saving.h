/* SPDX-License-Identifier: MIT */
#ifndef MLW_SAVING_H
#define MLW_SAVING_H

/*
 * A snapshot on its way into a file. save.c goes through it and counts what it holds,
 * saving.c gives ids to what the file has rows for: in the order in which traces first
 * need them, so that the same snapshot makes the same file.
 */

#include "snapshot/state.h"
#include "store/writer.h"

struct mlw_saving {
	/* These are borrowed. */
	const struct mallow_snapshot *snapshot;
	const struct mlw_recording *recording; /* NULL: built */
	struct mlw_writer *writer;
	struct mlw_heap *heap; /* as if it had allocated what is live, and no more */
	struct mlw_numbering modules; /* by path */
	struct mlw_numbering names, frames; /* frames in two steps: saving.c */
	struct mlw_numbering nodes; /* by parent and frame */
	struct mlw_numbering processes; /* by what it was called */
	struct mlw_numbering threads; /* by that and what its process was called */
	struct mlw_numbering scopes; /* by name */
	uint32_t *node_of; /* index id of a traceback: the node + 1; 0 not asked yet */
	uint32_t *path; /* room for the frames of one stack */
	size_t path_capacity;
};

void mlw_saving_release(struct mlw_saving *saving);

/* Are the threads and processes those of a recording? Otherwise what a trace says of them
 * are only numbers. */
bool mlw_saving_of_run(const struct mlw_saving *saving);

/* The rows of processes and threads. */
int mlw_saving_threads(struct mlw_saving *saving, struct mlw_error *err);

/* The id of the process of a trace. */
uint32_t mlw_saving_process(const struct mlw_saving *saving,
                            const struct mallow_trace *trace);

/* The row of a trace, all that it needs written before. */
int mlw_saving_trace(struct mlw_saving *saving, const struct mallow_trace *trace,
                     struct mlw_trace_row *row, struct mlw_error *err);

#endif /* MLW_SAVING_H */
