/* SPDX-License-Identifier: MIT */
#include "analyze/intern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define FIRST_CAPACITY 1024u

/* FNV-1a, then mixed, since only low bits become the index. */
static uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return mlw_hash64(hash);
}

static char **find_slot(char **slots, size_t capacity, const char *text)
{
	size_t i = hash_text(text) & (capacity - 1);

	while (slots[i] && strcmp(slots[i], text))
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static int grow(struct mlw_intern *set, struct mlw_error *err)
{
	size_t capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY;
	char **slots = calloc(capacity, sizeof(*slots));

	if (!slots)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < set->capacity; i++) {
		if (set->slots[i])
			*find_slot(slots, capacity, set->slots[i]) = set->slots[i];
	}
	free(set->slots);
	set->slots = slots;
	set->capacity = capacity;
	return 0;
}

const char *mlw_intern(struct mlw_intern *set, const char *text, struct mlw_error *err)
{
	char **slot;

	if (!text)
		return NULL;
	if (set->count * 2 >= set->capacity && grow(set, err))
		return NULL;
	slot = find_slot(set->slots, set->capacity, text);
	if (!*slot) {
		*slot = strdup(text);
		if (!*slot) {
			mlw_fail(err, "out of memory");
			return NULL;
		}
		set->count++;
	}
	return *slot;
}

void mlw_intern_release(struct mlw_intern *set)
{
	for (size_t i = 0; i < set->capacity; i++)
		free(set->slots[i]);
	free(set->slots);
	*set = (struct mlw_intern){ 0 };
}
