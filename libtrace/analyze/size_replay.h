/* SPDX-License-Identifier: MIT */
#ifndef MLW_SIZE_REPLAY_H
#define MLW_SIZE_REPLAY_H

/*
 * Replays a run with every trace divided by the class of the requested size: the heap
 * model of the collector, fed with the stored changes, in which a (trace, class) pair
 * stands for a trace. So peak and temporary blocks come out as the model defines them.
 *
 * A block whose mapping shrinks stays in the class that was requested.
 */

#include "analyze/holdings.h"

struct mlw_size_replay;

int mlw_size_replay_new(struct mlw_size_replay **replay, struct mlw_recording *recording,
                        struct mlw_error *err);
void mlw_size_replay_free(struct mlw_size_replay *replay); /* NULL is fine */

/* To the end of the run, or up to the moment. Fails if the recording keeps no events, or
 * if they contradict each other. */
int mlw_size_replay_run(struct mlw_size_replay *replay, const struct mlw_moment *moment,
                        bool up_to, struct mlw_error *err);

size_t mlw_size_replay_count(const struct mlw_size_replay *replay);
void mlw_size_replay_row(const struct mlw_size_replay *replay, size_t index,
                         struct mlw_holding *holding);

#endif /* MLW_SIZE_REPLAY_H */
