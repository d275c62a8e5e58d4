/* SPDX-License-Identifier: MIT */
#include "render/difference.h"

#include <stddef.h>

struct member {
	const char *name, *diff_name;
	size_t offset;
};

#define MEMBER(name)                                                     \
	{                                                                \
#name, #name "_diff", offsetof(struct mallow_sums, name) \
	}

static const struct member live[] = { MEMBER(size), MEMBER(count) };
static const struct member peak[] = { MEMBER(peak_size), MEMBER(peak_count) };
static const struct member allocated[] = { MEMBER(allocated_size), MEMBER(allocations),
	                                   MEMBER(temporary_count) };

static uint64_t value_of(const struct mallow_sums *sums, const struct member *member)
{
	return *(const uint64_t *)((const char *)sums + member->offset);
}

static size_t fill(struct mlw_changed *changed, const struct member *members,
                   size_t count, const struct mallow_sums *from,
                   const struct mallow_sums *to)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = value_of(to, &members[i]);

		changed[i] = (struct mlw_changed){
			.name = members[i].name,
			.diff_name = members[i].diff_name,
			.value = value,
			.diff = (int64_t)(value - value_of(from, &members[i])),
		};
	}
	return count;
}

size_t mlw_changed_fill(struct mlw_changed *changed, enum mallow_sort sort,
                        const struct mallow_sums *from, const struct mallow_sums *to)
{
	size_t count = fill(changed, live, 2, from, to);

	switch (sort) {
	case MALLOW_SORT_SIZE:
	case MALLOW_SORT_COUNT:
		return count;
	case MALLOW_SORT_PEAK:
		return count + fill(changed + count, peak, 2, from, to);
	case MALLOW_SORT_ALLOCATED:
	case MALLOW_SORT_ALLOCATIONS:
	case MALLOW_SORT_TEMPORARY:
		return count + fill(changed + count, allocated, 3, from, to);
	}
	return count;
}

bool mlw_changes_sampled(const struct mallow_changes *changes)
{
	return mallow_changes_about(changes, MALLOW_OLD)->sample_bytes ||
	       mallow_changes_about(changes, MALLOW_NEW)->sample_bytes;
}
