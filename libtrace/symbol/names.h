/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_NAMES_H
#define MLW_SYMBOL_NAMES_H

/*
 * Names as people write them, each made once and kept.
 *
 * Keys are the addresses of the raw strings, not their bytes: the raw strings live in the
 * mapped string tables of one object, at the same place as long as the object is open, so
 * an address says which string it is. One struct mlw_names therefore belongs to one
 * object.
 */

#include <stddef.h>

#include "base/error.h"

struct mlw_name {
	const char *raw; /* borrowed: of the object's string tables */
	const char *made; /* raw itself, or ours to free */
};

struct mlw_names {
	struct mlw_name *slots; /* open addressing; raw NULL is free */
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

#endif /* MLW_SYMBOL_NAMES_H */
