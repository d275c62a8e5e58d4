/* SPDX-License-Identifier: MIT */
#include "analyze/numbering.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

#define FIRST_SLOTS 1024u

static uint32_t *find_slot(const struct mlw_numbering *numbering, uint32_t *slots,
                           size_t capacity, const struct mlw_key *key)
{
	uint64_t hash = 0;
	size_t i;

	for (int part = 0; part < 3; part++)
		hash = mlw_hash64(hash ^ key->part[part]);
	i = hash & (capacity - 1);
	while (slots[i] && memcmp(&numbering->keys[slots[i] - 1], key, sizeof(*key)) != 0)
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
	for (size_t i = 0; i < numbering->count; i++)
		*find_slot(numbering, slots, capacity, &numbering->keys[i]) =
		        (uint32_t)i + 1;
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
	return *find_slot(numbering, numbering->slots, numbering->slot_capacity, key);
}

uint32_t mlw_numbering_add(struct mlw_numbering *numbering, const struct mlw_key *key,
                           struct mlw_error *err)
{
	uint32_t *slot, number;

	if (numbering->count * 2 >= numbering->slot_capacity &&
	    grow_slots(numbering, err))
		return 0;
	slot = find_slot(numbering, numbering->slots, numbering->slot_capacity, key);
	number = *slot;
	if (number)
		return number;
	if (mlw_grow(&numbering->keys, &numbering->capacity, numbering->count + 1,
	             sizeof(*numbering->keys), err))
		return 0;
	numbering->keys[numbering->count] = *key;
	number = (uint32_t)++numbering->count;
	*slot = number;
	return number;
}

void mlw_numbering_release(struct mlw_numbering *numbering)
{
	free(numbering->keys);
	free(numbering->slots);
	*numbering = (struct mlw_numbering){ 0 };
}
