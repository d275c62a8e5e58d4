/* SPDX-License-Identifier: MIT */
#ifndef MLW_STATS_SAVED_H
#define MLW_STATS_SAVED_H

/* The stats screen of a saved snapshot: what was live, and what was attached to it. */

#include "render/render.h"

int mlw_stats_write_saved(FILE *out, const struct mlw_style *style,
                          const struct mallow_stats *stats);

#endif /* MLW_STATS_SAVED_H */
