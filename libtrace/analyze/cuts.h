/* SPDX-License-Identifier: MIT */
#ifndef MLW_CUTS_H
#define MLW_CUTS_H

/*
 * What size was requested of the block that a change is about, also where the block is
 * a mapping of which a part was unmapped: such a block stays in the class of its request.
 *
 *	size_class = mlw_cuts_class(&cuts, change);
 *	if (change->op == MLW_OP_SHRINK && mlw_cuts_note(&cuts, change, err))
 *		return -1;
 */

#include <stddef.h>

#include "analyze/numbering.h"
#include "heap/change.h"

/* Of mappings that are cut in pieces; a free looks here first. Zeroed is ready for use. */
struct mlw_cuts {
	struct mlw_numbering blocks; /* by ordinal */
	uint32_t *classes; /* by number - 1: as requested */
	size_t capacity;
};

void mlw_cuts_release(struct mlw_cuts *cuts);

/* The class (mlw_size_class) of the change's old block. */
uint32_t mlw_cuts_class(const struct mlw_cuts *cuts, const struct mlw_change *change);
/* To be called with every SHRINK. */
int mlw_cuts_note(struct mlw_cuts *cuts, const struct mlw_change *change,
                  struct mlw_error *err);

#endif /* MLW_CUTS_H */
