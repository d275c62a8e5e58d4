/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOLIZER_H
#define MLW_SYMBOLIZER_H

/*
 * Module and link-time address to function, file, line and inlined frames, by libdw with
 * range tables of our own (libdw's own scope search takes 8 s for 5,000 addresses of an
 * LTO python3.11 and loses its inlined frames).
 *
 *	mlw_symbolizer_new(&options, &symbolizer, err);
 *	mlw_symbolizer_open(symbolizer, &source, &object, err);
 *	mlw_symbol_object_resolve(object, offsets, count, visit, context, err);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_symbolizer;
struct mlw_symbol_object;

/* debuginfod: ask servers named by DEBUGINFOD_URLS (off by default, it may wait). */
struct mlw_symbolizer_options {
	bool debuginfod;
};

int mlw_symbolizer_new(const struct mlw_symbolizer_options *options,
                       struct mlw_symbolizer **symbolizer, struct mlw_error *err);
void mlw_symbolizer_free(struct mlw_symbolizer *symbolizer);

/*
 * Where to read an object from. fd: an open descriptor of the file as it was when it was
 * loaded, or -1 to open `path`. build_id (size 0: unknown) must match the file's own, or
 * the file is not used and only its debug file, found by build-id, may be.
 */
struct mlw_symbol_source {
	const char *path;
	int fd; /* borrowed */
	const uint8_t *build_id;
	size_t build_id_size;
};

/* Fails only without memory; an unreadable object resolves every offset to nothing, and
 * mlw_symbol_object_reason says why (NULL when it was readable). */
int mlw_symbolizer_open(struct mlw_symbolizer *symbolizer,
                        const struct mlw_symbol_source *source,
                        struct mlw_symbol_object **object, struct mlw_error *err);
const char *mlw_symbol_object_reason(const struct mlw_symbol_object *object);
void mlw_symbol_object_free(struct mlw_symbol_object *object);

/* function: demangled (C++, Rust); file: as the compiler had it, made absolute with its
 * compilation directory; both valid until the object is freed, NULL unknown. */
struct mlw_symbol {
	const char *function;
	const char *file;
	uint32_t line; /* 0 unknown */
	bool inlined; /* inlined into the symbol that follows */
};

/*
 * Resolves `count` offsets (link-time addresses of calls; the call instruction's own
 * address range, not the return address), in ascending order for speed: any order is
 * allowed. Calls `visit` once for each with its symbols, innermost first (count 0: not
 * known). A non-zero return of `visit` ends the loop and is returned.
 */
int mlw_symbol_object_resolve(struct mlw_symbol_object *object, const uint64_t *offsets,
                              size_t count,
                              int (*visit)(size_t index, const struct mlw_symbol *symbols,
                                           size_t symbol_count, void *context),
                              void *context, struct mlw_error *err);

#endif /* MLW_SYMBOLIZER_H */
