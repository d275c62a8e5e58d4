/* SPDX-License-Identifier: MIT */
#ifndef MLW_PAIRING_ORDER_H
#define MLW_PAIRING_ORDER_H

/*
 * Which processes and threads of one run are which of another: of those with equal names
 * the first is the first, the second the second.
 *
 * The tables are by id and belong to the caller: equal numbers on both sides are the
 * same. `texts` is a set of strings for both sides.
 */

#include "analyze/recording.h"

/* By all words of the command; then, of those that are left, by the program's name. */
int mlw_pair_processes(const struct mlw_recording *old_recording,
                       const struct mlw_recording *new_recording,
                       struct mlw_intern *texts, uint32_t **old_numbers,
                       uint32_t **new_numbers, struct mlw_error *err);

/* By process and name. */
int mlw_pair_threads(const struct mlw_recording *old_recording,
                     const struct mlw_recording *new_recording, struct mlw_intern *texts,
                     const uint32_t *old_processes, const uint32_t *new_processes,
                     uint32_t **old_numbers, uint32_t **new_numbers,
                     struct mlw_error *err);

#endif /* MLW_PAIRING_ORDER_H */
