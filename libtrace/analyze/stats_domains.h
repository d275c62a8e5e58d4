/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATS_DOMAINS_H
#define MLW_STATS_DOMAINS_H

/* The domains of a run and what their pools look like: a part of analyze/stats.h. */

#include "analyze/recording.h"
#include "analyze/stats.h"
#include "heap/heap.h"

/* Fills `stats->domains`. `heap`: the model at the end. */
int mlw_stats_fill_domains(struct mallow_stats *stats, struct mlw_recording *recording,
                           const struct mlw_heap *heap, struct mlw_error *err);
void mlw_stats_release_domains(struct mallow_stats *stats);

void mlw_stats_copy_totals(struct mallow_totals *to, const struct mlw_totals *from);

#endif /* MLW_STATS_DOMAINS_H */
