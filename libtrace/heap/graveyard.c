/* SPDX-License-Identifier: MIT */
#include "heap/graveyard.h"

#include <stdlib.h>

#include "base/hash.h"

#define FIRST_CAPACITY 64u

void mlw_graveyard_release(struct mlw_graveyard *yard)
{
	free(yard->graves);
	*yard = (struct mlw_graveyard){ 0 };
}

static void put(struct mlw_graveyard *yard, const struct mlw_grave *grave)
{
	size_t slot = mlw_hash64(grave->address) & (yard->capacity - 1);

	while (yard->graves[slot].born)
		slot = (slot + 1) & (yard->capacity - 1);
	yard->graves[slot] = *grave;
	yard->count++;
}

/* Moves what `keep` wants (NULL: everything) to a table of `capacity` slots. */
static bool rebuild(struct mlw_graveyard *yard, size_t capacity,
                    bool (*keep)(const struct mlw_grave *grave, const void *context),
                    const void *context)
{
	struct mlw_graveyard next = { .capacity = capacity };

	next.graves = calloc(capacity, sizeof(*next.graves));
	if (!next.graves)
		return false;
	for (size_t i = 0; i < yard->capacity; i++) {
		const struct mlw_grave *grave = &yard->graves[i];

		if (grave->born && (!keep || keep(grave, context)))
			put(&next, grave);
	}
	mlw_graveyard_release(yard);
	*yard = next;
	return true;
}

bool mlw_graveyard_full(const struct mlw_graveyard *yard)
{
	return yard->count >= yard->capacity / 4 * 3;
}

bool mlw_graveyard_add(struct mlw_graveyard *yard, const struct mlw_grave *grave)
{
	size_t capacity = yard->capacity ? yard->capacity * 2 : FIRST_CAPACITY;

	if (mlw_graveyard_full(yard) && !rebuild(yard, capacity, NULL, NULL))
		return false;
	put(yard, grave);
	return true;
}

const struct mlw_grave *mlw_graveyard_find(const struct mlw_graveyard *yard,
                                           uint64_t address,
                                           const struct mlw_grave *previous)
{
	size_t slot;

	if (!yard->capacity)
		return NULL;
	slot = previous ? (size_t)(previous - yard->graves) + 1 : mlw_hash64(address);
	for (;; slot++) {
		const struct mlw_grave *grave =
		        &yard->graves[slot & (yard->capacity - 1)];

		if (!grave->born)
			return NULL;
		if (grave->address == address)
			return grave;
	}
}

void mlw_graveyard_prune(struct mlw_graveyard *yard,
                         bool (*keep)(const struct mlw_grave *grave, const void *context),
                         const void *context)
{
	if (!yard->capacity || !rebuild(yard, yard->capacity, keep, context))
		return;
	if (yard->count > yard->capacity / 2)
		rebuild(yard, yard->capacity * 2, NULL, NULL);
}
