/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_NAMES_H
#define MLW_SYMBOL_NAMES_H

/*
 * Names as people write them, each made once and kept.
 *
 * Keys are addresses in the object's mapped sections, not bytes: of the raw string in a
 * string table, or of the entry in .debug_info that a name was composed for. They stay as
 * long as the object is open. One struct mlw_names therefore belongs to one object.
 */

#include <stddef.h>

#include "base/error.h"

struct mlw_name {
	const void *key; /* borrowed: of the object's sections */
	const char *made; /* key itself, or ours to free */
};

struct mlw_names {
	struct mlw_name *slots; /* open addressing; key NULL is free */
	size_t count;
	size_t capacity; /* 0 or a power of two, at least twice count */
};

/* Zeroed is empty and ready. */
void mlw_names_release(struct mlw_names *names);

/*
 * The demangled form of a C++ (Itanium), Rust (v0 and legacy) or D name with its
 * parameters, without a symbol version; other names as they are. Valid until the release.
 * NULL only without memory.
 */
const char *mlw_names_demangle(struct mlw_names *names, const char *raw,
                               struct mlw_error *err);

/* The path `raw`, behind `directory` (may be NULL) when it is relative. As above. */
const char *mlw_names_path(struct mlw_names *names, const char *raw,
                           const char *directory, struct mlw_error *err);

/* The name that was kept for `key`, or NULL. */
const char *mlw_names_get(const struct mlw_names *names, const void *key);

/* Takes over `made` (NULL is a failed allocation) as the new name for `key`. */
const char *mlw_names_keep(struct mlw_names *names, const void *key, char *made,
                           struct mlw_error *err);

#endif /* MLW_SYMBOL_NAMES_H */
