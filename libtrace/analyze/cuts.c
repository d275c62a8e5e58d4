/* SPDX-License-Identifier: MIT */
#include "analyze/cuts.h"

#include <stdlib.h>

#include "analyze/holdings.h"
#include "base/array.h"

static const struct mlw_cut *find(const struct mlw_cuts *cuts, uint64_t ordinal)
{
	for (size_t i = 0; i < cuts->count; i++) {
		if (cuts->rows[i].ordinal == ordinal)
			return &cuts->rows[i];
	}
	return NULL;
}

uint32_t mlw_cuts_class(const struct mlw_cuts *cuts, const struct mlw_change *change)
{
	const struct mlw_cut *cut = find(cuts, change->old.ordinal);

	return cut ? cut->size_class : mlw_size_class(change->old.size);
}

int mlw_cuts_note(struct mlw_cuts *cuts, const struct mlw_change *change,
                  struct mlw_error *err)
{
	if (find(cuts, change->old.ordinal))
		return 0;
	if (mlw_grow(&cuts->rows, &cuts->capacity, cuts->count + 1, sizeof(*cuts->rows),
	             err))
		return -1;
	cuts->rows[cuts->count++] = (struct mlw_cut){
		change->old.ordinal,
		mlw_size_class(change->old.size),
	};
	return 0;
}

void mlw_cuts_release(struct mlw_cuts *cuts)
{
	free(cuts->rows);
	*cuts = (struct mlw_cuts){ 0 };
}
