/* SPDX-License-Identifier: MIT */
#include "analyze/cuts.h"

#include <stdlib.h>

#include "analyze/holdings.h"
#include "base/array.h"

static struct mlw_key key_of(const struct mlw_change *change)
{
	return (struct mlw_key){ { change->old.ordinal, 0, 0 } };
}

uint32_t mlw_cuts_class(const struct mlw_cuts *cuts, const struct mlw_change *change)
{
	struct mlw_key key = key_of(change);
	uint32_t number = mlw_numbering_find(&cuts->blocks, &key);

	return number ? cuts->classes[number - 1] : mlw_size_class(change->old.size);
}

int mlw_cuts_note(struct mlw_cuts *cuts, const struct mlw_change *change,
                  struct mlw_error *err)
{
	struct mlw_key key = key_of(change);
	size_t known = cuts->blocks.count;
	uint32_t number;

	if (mlw_grow(&cuts->classes, &cuts->capacity, known + 1, sizeof(*cuts->classes),
	             err))
		return -1;
	number = mlw_numbering_add(&cuts->blocks, &key, err);
	if (!number)
		return -1;
	if (number > known)
		cuts->classes[number - 1] = mlw_size_class(change->old.size);
	return 0;
}

void mlw_cuts_release(struct mlw_cuts *cuts)
{
	mlw_numbering_release(&cuts->blocks);
	free(cuts->classes);
	*cuts = (struct mlw_cuts){ 0 };
}
