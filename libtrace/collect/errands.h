/* SPDX-License-Identifier: MIT */
#ifndef MLW_ERRANDS_H
#define MLW_ERRANDS_H

/*
 * What threads of the recorded processes wait for (enum mlw_errand): to know what is
 * traced, exactly, and to lower it. A look wants all that was published before it was
 * asked for. What changes the counters does so at a cut (mlw_decoder_cut), so that it is
 * one moment for all threads.
 *
 *	mlw_errands_look(processes, now_us);
 *	if no cut is being read:
 *		mlw_errands_begin(processes, &order, &decoder, now_us);
 *	mlw_order_round(...);
 *	if the cut has been read:
 *		mlw_errands_do(processes, run, cut_us);
 *	mlw_errands_tell(processes);
 */

#include "collect/order.h"

/* Takes note of what is asked for. */
void mlw_errands_look(struct mlw_process *processes, uint64_t now_us);

/* Begins a cut if one is needed, and has not just been begun for something else. */
void mlw_errands_begin(struct mlw_process *processes, struct mlw_order *order,
                       struct mlw_decoder *decoder, uint64_t now_us);

/* What has waited for the cut, which was at `cut_us`. */
void mlw_errands_do(struct mlw_process *processes, struct mlw_run *run, uint64_t cut_us);

/* Publishes the counters, and wakes those whose wish has come true. */
void mlw_errands_tell(struct mlw_process *processes);

#endif /* MLW_ERRANDS_H */
