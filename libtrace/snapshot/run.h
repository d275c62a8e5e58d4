/* SPDX-License-Identifier: MIT */
#ifndef MLW_SNAPSHOT_RUN_H
#define MLW_SNAPSHOT_RUN_H

/* An open recording: run.c says what it tells of the run, take.c takes snapshots of it.
 */

#include "analyze/snapshots.h"
#include "snapshot/state.h"

#define NS_PER_US UINT64_C(1000)

struct mallow_run {
	char *file;
	struct mlw_origin *origin;
	struct mallow_process *processes;
	struct mallow_thread *threads;
	struct mallow_snapshots *snapshots;
	struct mlw_heap *end; /* NULL: not asked for so far */
};

/* The traceback of a trace from its site on; those of one stack are one. It is the
 * origin's. */
const struct mallow_traceback *mlw_run_traceback(struct mlw_origin *origin,
                                                 uint32_t trace, struct mlw_error *err);
#endif /* MLW_SNAPSHOT_RUN_H */
