/* SPDX-License-Identifier: MIT */
#include "collect/context.h"

#include <stdlib.h>

#include "base/array.h"

void mlw_contexts_release(struct mlw_contexts *contexts)
{
	free(contexts->rows);
	mlw_map64_release(&contexts->numbers);
	*contexts = (struct mlw_contexts){ 0 };
}

static uint32_t add(struct mlw_contexts *contexts, uint32_t thread, uint32_t scope,
                    uint64_t key, struct mlw_error *err)
{
	uint32_t number = (uint32_t)contexts->count + 1;

	if (number >= MLW_CONTEXTS_MAX) {
		mlw_fail(err, "more than %u threads and their scopes", MLW_CONTEXTS_MAX);
		return 0;
	}
	if (mlw_grow(&contexts->rows, &contexts->capacity, number,
	             sizeof(*contexts->rows), err) ||
	    mlw_map64_add(&contexts->numbers, key, number, err))
		return 0;
	contexts->rows[contexts->count++] = (struct mlw_context){ thread, scope };
	return number;
}

uint32_t mlw_contexts_find(struct mlw_contexts *contexts, uint32_t thread, uint32_t scope,
                           struct mlw_error *err)
{
	uint64_t key = (uint64_t)thread << 32 | scope;
	uint32_t number = mlw_map64_find(&contexts->numbers, key);

	return number ? number : add(contexts, thread, scope, key, err);
}
