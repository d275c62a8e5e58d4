/* SPDX-License-Identifier: MIT */
#include "analyze/weights.h"

static uint64_t sample_of(const struct mlw_recording *recording, uint32_t trace)
{
	bool is_malloc = recording->traces[trace - 1].domain == MLW_DOMAIN_MALLOC;

	return is_malloc ? recording->run->sample_bytes : 0;
}

struct mlw_weight mlw_weigh_new(const struct mlw_recording *recording,
                                const struct mlw_change *change)
{
	return mlw_weigh(sample_of(recording, change->trace), change->size,
	                 change->ordinal);
}

struct mlw_weight mlw_weigh_gone(const struct mlw_recording *recording,
                                 const struct mlw_change *change)
{
	if (change->op == MLW_OP_SHRINK)
		return (struct mlw_weight){ 0, change->old.size - change->size };
	return mlw_weigh(sample_of(recording, change->old.trace), change->old.size,
	                 change->old.ordinal);
}
