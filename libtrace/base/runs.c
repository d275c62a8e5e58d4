/* SPDX-License-Identifier: MIT */
#include "base/runs.h"

#include <stdlib.h>

#include "base/array.h"

void mlw_runs_release(struct mlw_runs *runs)
{
	free(runs->blocks);
	*runs = (struct mlw_runs){ 0 };
}

int mlw_runs_extend(struct mlw_runs *runs, uint32_t id, struct mlw_error *err)
{
	size_t need = id / MLW_RUNS_BLOCK + 1;

	if (mlw_grow(&runs->blocks, &runs->block_capacity, need, sizeof(*runs->blocks),
	             err))
		return -1;
	while (runs->block_count < need)
		runs->blocks[runs->block_count++] =
		        (struct mlw_runs_block){ .before = runs->count };
	return 0;
}
