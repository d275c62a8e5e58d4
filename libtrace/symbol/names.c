/* SPDX-License-Identifier: MIT */
#include "symbol/names.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <demangle.h>

#include "base/hash.h"

/* A mangled name can demangle to exponentially more text, and takes stack meanwhile. */
#define LONGEST_MANGLED 16384
#define LONGEST_NAME    65536

static struct mlw_name *slot_of(struct mlw_name *slots, size_t capacity, const void *key)
{
	size_t i = mlw_hash64((uintptr_t)key) & (capacity - 1);

	while (slots[i].key && slots[i].key != key)
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
		if (names->slots[i].key)
			*slot_of(slots, capacity, names->slots[i].key) = names->slots[i];
	free(names->slots);
	names->slots = slots;
	names->capacity = capacity;
	return 0;
}

/* `made` is a new name for `key`, or `key` itself. */
static const char *insert(struct mlw_names *names, const void *key, const char *made,
                          struct mlw_error *err)
{
	if (2 * (names->count + 1) > names->capacity && double_slots(names, err))
		return NULL;
	*slot_of(names->slots, names->capacity, key) = (struct mlw_name){ key, made };
	names->count++;
	return made;
}

const char *mlw_names_get(const struct mlw_names *names, const void *key)
{
	return names->capacity ? slot_of(names->slots, names->capacity, key)->made : NULL;
}

const char *mlw_names_keep(struct mlw_names *names, const void *key, char *made,
                           struct mlw_error *err)
{
	const char *kept = NULL;

	if (!made)
		mlw_fail(err, "out of memory (a name)");
	else
		kept = insert(names, key, made, err);
	if (!kept)
		free(made);
	return kept;
}

void mlw_names_release(struct mlw_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i].made != names->slots[i].key)
			free((void *)(uintptr_t)names->slots[i].made);
	free(names->slots);
	*names = (struct mlw_names){ 0 };
}

struct text {
	jmp_buf too_long;
	size_t length;
	char bytes[LONGEST_NAME + 1];
};

/* libiberty has nothing on the heap while it hands out text, and no other way to stop it.
 */
static void take_text(const char *part, size_t length, void *context)
{
	struct text *text = context;

	if (length > LONGEST_NAME - text->length)
		longjmp(text->too_long, 1);
	memcpy(text->bytes + text->length, part, length);
	text->length += length;
}

static char *demangle_cpp(const char *raw)
{
	struct text *text = malloc(sizeof(*text));
	char *made = NULL;

	if (!text)
		return NULL;
	text->length = 0;
	if (!setjmp(text->too_long) &&
	    cplus_demangle_v3_callback(raw, DMGL_PARAMS | DMGL_ANSI, take_text, text))
		made = strndup(text->bytes, text->length);
	free(text);
	return made;
}

static char *demangle(const char *raw)
{
	const int options = DMGL_PARAMS | DMGL_ANSI;
	char *made;

	if (strlen(raw) > LONGEST_MANGLED)
		return NULL;
	made = rust_demangle(raw, options);
	return made ? made : demangle_cpp(raw);
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
	const char *known = mlw_names_get(names, raw);
	char *bare, *made;

	if (known)
		return known;
	bare = without_version(raw);
	made = bare ? demangle(bare) : NULL;
	if (!made)
		return mlw_names_keep(names, raw, bare, err);
	free(bare);
	return mlw_names_keep(names, raw, made, err);
}

const char *mlw_names_path(struct mlw_names *names, const char *raw,
                           const char *directory, struct mlw_error *err)
{
	const char *known = mlw_names_get(names, raw);
	char *made;

	if (known)
		return known;
	if (raw[0] == '/' || !directory)
		return insert(names, raw, raw, err);
	if (asprintf(&made, "%s/%s", directory, raw) < 0)
		made = NULL;
	return mlw_names_keep(names, raw, made, err);
}
