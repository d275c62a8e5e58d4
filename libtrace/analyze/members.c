/* SPDX-License-Identifier: MIT */
#include "analyze/members.h"

#include <stdlib.h>

#include "base/array.h"

int mlw_members_init(struct mlw_members *members, const struct mlw_recording *recording,
                     enum mallow_key by, struct mlw_error *err)
{
	*members = (struct mlw_members){
		.by_size = by == MALLOW_BY_SIZE,
		.trace_count = (uint32_t)recording->trace_count,
	};
	members->starts = calloc(recording->trace_count + 2, sizeof(*members->starts));
	return members->starts ? 0 : mlw_fail(err, "out of memory");
}

void mlw_members_release(struct mlw_members *members)
{
	free(members->starts);
	free(members->rows);
	*members = (struct mlw_members){ 0 };
}

/* Where the rows of every trace up to this one begin. */
static void begin(struct mlw_members *members, uint32_t trace)
{
	while (members->last < trace)
		members->starts[++members->last] = (uint32_t)members->row_count;
}

int mlw_members_add(struct mlw_members *members, uint32_t trace, uint32_t row,
                    struct mlw_error *err)
{
	begin(members, trace);
	for (size_t i = members->starts[trace]; i < members->row_count; i++) {
		if (members->rows[i] == row)
			return 0;
	}
	if (members->row_count == UINT32_MAX)
		return mlw_fail(err, "too many rows");
	if (mlw_grow(&members->rows, &members->row_capacity, members->row_count + 1,
	             sizeof(*members->rows), err))
		return -1;
	members->rows[members->row_count++] = row;
	return 0;
}

void mlw_members_add_class(struct mlw_members *members, uint32_t size_class, uint32_t row)
{
	members->classes[size_class] = row;
	members->has_class[size_class] = true;
}

void mlw_members_end(struct mlw_members *members)
{
	begin(members, members->trace_count + 1);
}

const uint32_t *mlw_members_of(const struct mlw_members *members, uint32_t trace,
                               uint32_t size_class, size_t *count)
{
	if (members->by_size) {
		*count = members->has_class[size_class];
		return &members->classes[size_class];
	}
	*count = members->starts[trace + 1] - members->starts[trace];
	return members->rows + members->starts[trace];
}
