/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECTOR_STATE_H
#define MLW_COLLECTOR_STATE_H

/* What the files of the collector share: collector.c is its life, notices.c what the
 * meeting thread tells it, rhythm.c when it looks and when it sleeps. All of it is the drain
 * thread's. */

#include "collect/folder.h"
#include "collect/heart.h"
#include "collect/household.h"
#include "collect/meet.h"
#include "collect/moments.h"
#include "collect/order.h"
#include "collect/robust.h"
#include "collect/shared.h"
#include "collect/tracebacks.h"

struct mlw_collector {
	const struct mlw_run_options *options;
	int launcher; /* -1: gone */
	char *path; /* of the file */
	char *command; /* JSON */
	int64_t started_at_ns; /* CLOCK_REALTIME */

	struct mlw_run run;
	struct mlw_run_memory memory;
	struct mlw_robust robust;
	struct mlw_heart heart;
	struct mlw_folder folder;
	struct mlw_decoder decoder;
	struct mlw_order order;
	struct mlw_household household;
	struct mlw_meeting *meeting;
	struct mlw_moments moments;
	struct mlw_tracebacks tracebacks;

	bool program_ended; /* the launcher said so */
	bool alone; /* it is gone, or there never was one: then the kernel says so */
	bool reported; /* the launcher has its summary */
	bool called_off; /* the program was not executed */
	uint64_t survivors_since_us;
	uint64_t busy_us; /* when something was last read */
	uint64_t next_commit_us;
	uint32_t symbols_done;
	uint32_t doorbell; /* as of the start of this round */
};

/* Does what the meeting thread has told since the last call. */
void mlw_collector_hear(struct mlw_collector *collector, uint64_t now_us);

/* Until the next look: it is time, or a writer rings. `ending`: the program has ended, and
 * somebody waits for its summary. `unsaved`: there is something to commit. */
void mlw_collector_sleep(struct mlw_collector *collector, bool ending, bool unsaved,
                         uint64_t now_us);

#endif /* MLW_COLLECTOR_STATE_H */
