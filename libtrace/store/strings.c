/* SPDX-License-Identifier: MIT */
#include "store/strings.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define FIRST_CAPACITY 256u

void mlw_strings_release(struct mlw_strings *strings)
{
	free(strings->slots);
	*strings = (struct mlw_strings){ 0 };
}

/* The slot of the text, or the empty one where it belongs. */
static struct mlw_string_slot *find(const struct mlw_strings *strings, uint64_t low,
                                    uint64_t high)
{
	size_t at = low & (strings->capacity - 1);

	while (strings->slots[at].id &&
	       (strings->slots[at].low != low || strings->slots[at].high != high))
		at = (at + 1) & (strings->capacity - 1);
	return &strings->slots[at];
}

static int grow(struct mlw_strings *strings, struct mlw_error *err)
{
	struct mlw_strings next = {
		.capacity = strings->capacity ? strings->capacity * 2 : FIRST_CAPACITY,
		.count = strings->count,
	};

	next.slots = calloc(next.capacity, sizeof(*next.slots));
	if (!next.slots)
		return mlw_fail(err, "out of memory for %u names", strings->count);
	for (size_t i = 0; i < strings->capacity; i++) {
		const struct mlw_string_slot *slot = &strings->slots[i];

		if (slot->id)
			*find(&next, slot->low, slot->high) = *slot;
	}
	free(strings->slots);
	*strings = next;
	return 0;
}

uint32_t mlw_strings_id(struct mlw_strings *strings, const char *text, bool *is_new,
                        struct mlw_error *err)
{
	XXH128_hash_t hash = XXH3_128bits(text, strlen(text));
	struct mlw_string_slot *slot;

	if (strings->count >= strings->capacity / 2 && grow(strings, err))
		return 0;
	slot = find(strings, hash.low64, hash.high64);
	*is_new = slot->id == 0;
	if (*is_new)
		*slot = (struct mlw_string_slot){ hash.low64, hash.high64,
			                          ++strings->count };
	return slot->id;
}
