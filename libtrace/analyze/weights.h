/* SPDX-License-Identifier: MIT */
#ifndef MLW_WEIGHTS_H
#define MLW_WEIGHTS_H

/* What a change adds and takes away. Of a sampled recording a block is more than one
 * (heap/weight.h). Its traces must be known (mlw_reader_knows). */

#include "analyze/recording.h"
#include "heap/change.h"
#include "heap/weight.h"

/* The new block of an ALLOC or REALLOC. */
struct mlw_weight mlw_weigh_new(const struct mlw_recording *recording,
                                const struct mlw_change *change);

/* The old block of a change that has one; of a mapping that shrinks, what is gone. */
struct mlw_weight mlw_weigh_gone(const struct mlw_recording *recording,
                                 const struct mlw_change *change);

#endif /* MLW_WEIGHTS_H */
