/* SPDX-License-Identifier: MIT */
#include "analyze/numbering.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

#define FIRST_SLOTS 1024u

static unsigned parts_of(const struct mlw_numbering *numbering)
{
	return numbering->parts ? numbering->parts : 3;
}

/* Where the parts of key `number` are. */
static uint64_t *key_of(const struct mlw_numbering *numbering, size_t number)
{
	return numbering->keys + (number - 1) * parts_of(numbering);
}

static uint32_t *find_slot(const struct mlw_numbering *numbering, uint32_t *slots,
                           size_t capacity, const uint64_t *parts)
{
	size_t size = parts_of(numbering) * sizeof(*parts);
	uint64_t hash = 0;
	size_t i;

	for (unsigned part = 0; part < parts_of(numbering); part++)
		hash = mlw_hash64(hash ^ parts[part]);
	i = hash & (capacity - 1);
	while (slots[i] && memcmp(key_of(numbering, slots[i]), parts, size) != 0)
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static int grow_slots(struct mlw_numbering *numbering, struct mlw_error *err)
{
	size_t capacity =
	        numbering->slot_capacity ? numbering->slot_capacity * 2 : FIRST_SLOTS;
	uint32_t *slots = calloc(capacity, sizeof(*slots));

	if (!slots)
		return mlw_fail(err, "out of memory");
	for (size_t i = 1; i <= numbering->count; i++)
		*find_slot(numbering, slots, capacity, key_of(numbering, i)) =
		        (uint32_t)i;
	free(numbering->slots);
	numbering->slots = slots;
	numbering->slot_capacity = capacity;
	return 0;
}

uint32_t mlw_numbering_find(const struct mlw_numbering *numbering,
                            const struct mlw_key *key)
{
	if (!numbering->slot_capacity)
		return 0;
	return *find_slot(numbering, numbering->slots, numbering->slot_capacity,
	                  key->part);
}

uint32_t mlw_numbering_add(struct mlw_numbering *numbering, const struct mlw_key *key,
                           struct mlw_error *err)
{
	uint32_t *slot, number;

	if (numbering->count * 2 >= numbering->slot_capacity &&
	    grow_slots(numbering, err))
		return 0;
	slot = find_slot(numbering, numbering->slots, numbering->slot_capacity,
	                 key->part);
	number = *slot;
	if (number)
		return number;
	if (mlw_grow(&numbering->keys, &numbering->capacity, numbering->count + 1,
	             parts_of(numbering) * sizeof(*numbering->keys), err))
		return 0;
	number = (uint32_t)++numbering->count;
	memcpy(key_of(numbering, number), key->part,
	       parts_of(numbering) * sizeof(*numbering->keys));
	*slot = number;
	return number;
}

void mlw_numbering_release(struct mlw_numbering *numbering)
{
	free(numbering->keys);
	free(numbering->slots);
	*numbering = (struct mlw_numbering){ 0 };
}
