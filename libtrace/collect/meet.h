/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEET_H
#define MLW_MEET_H

/*
 * The meeting thread: answers processes that say hello (wire/hello.h) at once, whatever
 * the drain thread is busy with, and sees processes and the launcher end. What it learns
 * goes to the drain thread as notices, in order.
 */

#include <pthread.h>
#include <stdbool.h>

#include "collect/folder.h"
#include "collect/options.h"
#include "collect/process.h"
#include "collect/shared.h"

enum mlw_notice_kind {
	MLW_NOTICE_MET = 1, /* `process` belongs to the drain thread now */
	MLW_NOTICE_LEFT_OUT, /* `process` was refused: it is not followed */
	MLW_NOTICE_RINGS, /* `process` has got one more slab */
	MLW_NOTICE_GONE, /* it has ended */
	MLW_NOTICE_ENDED, /* the launcher says how the program ended */
	MLW_NOTICE_SNAPSHOT, /* somebody wants one */
	MLW_NOTICE_TRACEBACK, /* `process` asks where a block of its own comes from */
	MLW_NOTICE_ALONE, /* the launcher is gone */
	MLW_NOTICE_CALLED_OFF, /* the program was not executed */
};

struct mlw_notice {
	struct mlw_notice *next;
	enum mlw_notice_kind kind;
	struct mlw_process *process; /* borrowed, but for MET */
	/* MET, LEFT_OUT: the image before it under this pid, which has executed it, or
	 * NULL. In one notice, or the drain thread could see a run in which nobody is
	 * left. */
	struct mlw_process *replaced;
	struct mlw_shared_slab slab;
	bool has_status;
	int status; /* GONE, ENDED: as waitpid gives it */
	uint64_t peak_rss; /* ENDED */
	/* SNAPSHOT: the name, and who waits for a struct mlw_snapshot_reply (-1: nobody);
	 * the descriptor is the reader's to close. */
	char name[MLW_SNAPSHOT_NAME_SIZE];
	struct mlw_traceback_request traceback; /* TRACEBACK */
	int guest; /* also of a TRACEBACK */
};

struct mlw_meeting;

/*
 * `program`: the process that the launcher is about to start; it belongs to the drain
 * thread from the beginning. `launcher`: its socket, -1: none. All are borrowed.
 */
struct mlw_meeting *mlw_meeting_start(const struct mlw_run_options *options,
                                      const struct mlw_folder *folder,
                                      const struct mlw_run_memory *memory,
                                      struct mlw_process *program, int launcher,
                                      struct mlw_error *err);

/* Ends the thread and frees everything; processes in unread notices included. */
void mlw_meeting_stop(struct mlw_meeting *meeting);

/* The notices since the last call, oldest first, or NULL. The caller frees each. */
struct mlw_notice *mlw_meeting_notices(struct mlw_meeting *meeting);

/* Rings the run page's doorbell: the drain thread looks again. */
void mlw_ring_doorbell(struct mlw_run_page *page);

#endif /* MLW_MEET_H */
