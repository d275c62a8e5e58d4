/* SPDX-License-Identifier: MIT */
#include "symbol/names.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <demangle.h>

#include "base/hash.h"

/* A mangled name can demangle to exponentially more text, and takes stack meanwhile. */
#define LONGEST_MANGLED 16384

static struct mlw_name *slot_of(struct mlw_name *slots, size_t capacity, const char *raw)
{
	size_t i = mlw_hash64((uintptr_t)raw) & (capacity - 1);

	while (slots[i].raw && slots[i].raw != raw)
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

static int double_slots(struct mlw_names *names, struct mlw_error *err)
{
	size_t capacity = names->capacity ? 2 * names->capacity : 64;
	struct mlw_name *slots = calloc(capacity, sizeof(*slots));

	if (!slots)
		return mlw_fail(err, "out of memory (%zu names)", capacity);
	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i].raw)
			*slot_of(slots, capacity, names->slots[i].raw) = names->slots[i];
	free(names->slots);
	names->slots = slots;
	names->capacity = capacity;
	return 0;
}

/* The slot of `raw`, with room made for it: raw NULL in it when it is new. */
static struct mlw_name *find(struct mlw_names *names, const char *raw,
                             struct mlw_error *err)
{
	if (2 * (names->count + 1) > names->capacity && double_slots(names, err))
		return NULL;
	return slot_of(names->slots, names->capacity, raw);
}

static const char *keep(struct mlw_names *names, struct mlw_name *slot, const char *raw,
                        const char *made)
{
	*slot = (struct mlw_name){ raw, made };
	names->count++;
	return made;
}

void mlw_names_release(struct mlw_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i].made != names->slots[i].raw)
			free((void *)(uintptr_t)names->slots[i].made);
	free(names->slots);
	*names = (struct mlw_names){ 0 };
}

static char *demangle(const char *raw)
{
	if (strlen(raw) > LONGEST_MANGLED)
		return NULL;
	return cplus_demangle(raw, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO);
}

/* memcpy@@GLIBC_2.14 is memcpy; its mangled forms have no version inside. */
static char *without_version(const char *raw)
{
	const char *at = strchr(raw, '@');

	return at && at != raw ? strndup(raw, (size_t)(at - raw)) : strdup(raw);
}

const char *mlw_names_demangle(struct mlw_names *names, const char *raw,
                               struct mlw_error *err)
{
	struct mlw_name *slot = find(names, raw, err);
	char *bare, *made;

	if (!slot)
		return NULL;
	if (slot->raw)
		return slot->made;
	bare = without_version(raw);
	if (!bare) {
		mlw_fail(err, "out of memory (a name)");
		return NULL;
	}
	made = demangle(bare);
	if (!made)
		return keep(names, slot, raw, bare);
	free(bare);
	return keep(names, slot, raw, made);
}

const char *mlw_names_path(struct mlw_names *names, const char *raw,
                           const char *directory, struct mlw_error *err)
{
	struct mlw_name *slot = find(names, raw, err);
	char *made;

	if (!slot)
		return NULL;
	if (slot->raw)
		return slot->made;
	if (raw[0] == '/' || !directory)
		return keep(names, slot, raw, raw);
	if (asprintf(&made, "%s/%s", directory, raw) < 0) {
		mlw_fail(err, "out of memory (a path)");
		return NULL;
	}
	return keep(names, slot, raw, made);
}
