/* SPDX-License-Identifier: MIT */
#ifndef MLW_MOMENTS_H
#define MLW_MOMENTS_H

/*
 * What the file keeps of single moments: the points of the timeline, and snapshots.
 *
 * A snapshot is taken at a cut (mlw_decoder_cut): what happened by then is read to the
 * end, what came later waits until the snapshot is in the file.
 *
 *	mlw_moments_want(&moments, "loaded", guest);
 *	mlw_moments_begin(&moments, &order, &decoder, now_us);	before a round
 *	mlw_order_round(...);
 *	if (mlw_moments_take(&moments, &order, run, now_us))
 *		... commit, since somebody waits for it
 *	mlw_moments_answer(&moments, run, path);
 */

#include <stdbool.h>
#include <stdint.h>

#include "collect/household.h"
#include "collect/order.h"

struct mlw_moments {
	struct mlw_want *wanted; /* oldest first; owned */
	uint64_t next_snapshot_us; /* of --snapshot-every, 0: not begun */

	uint64_t next_point_us; /* while events flow */
	uint64_t next_look_us; /* at the memory of processes that do not allocate */
	uint64_t point_us; /* of the latest point */
	uint64_t point_events; /* run.events then */
	uint64_t point_rss;
	uint64_t last_size, last_count; /* live before the last process was finished */
	bool has_point;
	bool unsaved; /* points that no commit has seen */
};

void mlw_moments_release(struct mlw_moments *moments); /* answers who still waits */

/* `guest`: who gets the answer, closed then; -1: nobody. */
void mlw_moments_want(struct mlw_moments *moments, const char *name, int guest);

/* Wants those of --snapshot-every and of the program's signals, where they are due. */
void mlw_moments_look(struct mlw_moments *moments, struct mlw_run *run, uint64_t now_us);

void mlw_moments_begin(struct mlw_moments *moments, struct mlw_order *order,
                       struct mlw_decoder *decoder, uint64_t now_us);
/* Takes what is wanted, and ends the cut (whoever began it), when all that belongs to it
 * has been read. True: somebody waits until it is in the file. */
bool mlw_moments_take(struct mlw_moments *moments, struct mlw_order *order,
                      struct mlw_run *run, uint64_t now_us);
/* All that is wanted, now: the last event has been read. */
bool mlw_moments_take_last(struct mlw_moments *moments, struct mlw_run *run,
                           uint64_t now_us);
/* Tells those whose snapshots were taken, after the commit. `path`: of the file. */
void mlw_moments_answer(struct mlw_moments *moments, const struct mlw_run *run,
                        const char *path);

/*
 * Adds a point to the timeline if it is time: while events flow every 10 ms (in long runs
 * less often), and without events where the resident memory has changed. The first point
 * is the program's first word.
 */
void mlw_moments_point(struct mlw_moments *moments, struct mlw_household *household,
                       uint64_t now_us);
/* To be called before processes are finished: what they leave is live to the end. */
void mlw_moments_note(struct mlw_moments *moments, const struct mlw_household *household);
/* The end of the run. */
void mlw_moments_last_point(struct mlw_moments *moments, struct mlw_household *household,
                            uint64_t now_us);

/* `sleep_us`, or less: when something is due without the program's help. */
uint64_t mlw_moments_sleep(const struct mlw_moments *moments, uint64_t sleep_us,
                           uint64_t now_us);

#endif /* MLW_MOMENTS_H */
