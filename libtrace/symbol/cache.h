/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_CACHE_H
#define MLW_SYMBOL_CACHE_H

/*
 * What addresses of a distribution's libraries were resolved to before. Inflating and
 * reading libc's debug file costs more than recording a short program does.
 *
 *	cache = mlw_symbol_cache_open(id);	 NULL: there is none for this object
 *	if (!mlw_symbol_cache_find(cache, offset, &symbols, &count))
 *		... resolve, then mlw_symbol_cache_add(cache, offset, symbols, count);
 *	mlw_symbol_cache_close(cache);
 *
 * Only objects with a separate debug file of their build-id have one: a program that is
 * being worked on has another build-id each time. A file is named after the build-id and
 * the size and time of the debug file, so that it is not used for another one, and is
 * replaced as a whole. It lies in $XDG_CACHE_HOME/mallow or ~/.cache/mallow; with
 * MALLOW_SYMBOL_CACHE=0 in the environment there is none. Whatever goes wrong with it,
 * the symbolizer is asked instead.
 *
 * The file: a line "mallow-symbols VERSION CHECKSUM" (of Mallow: what resolves may
 * change), then for each offset a line "OFFSET COUNT" (hexadecimal, decimal) and COUNT
 * lines "LINE INLINED\tFUNCTION\tFILE", an unknown name left empty. CHECKSUM is
 * mlw_symbol_cache_sum of all that follows.
 */

#include <stdbool.h>

#include "symbol/debugfile.h"
#include "symbol/symbolizer.h"

struct mlw_symbol_cache;

struct mlw_symbol_cache *mlw_symbol_cache_open(struct mlw_build_id id);

/* Symbols and names belong to the cache. False: not known, or `cache` is NULL. */
bool mlw_symbol_cache_find(const struct mlw_symbol_cache *cache, uint64_t offset,
                           const struct mlw_symbol **symbols, size_t *count);
void mlw_symbol_cache_add(struct mlw_symbol_cache *cache, uint64_t offset,
                          const struct mlw_symbol *symbols, size_t count);

/* Writes what was added. NULL is fine. */
void mlw_symbol_cache_close(struct mlw_symbol_cache *cache);

uint64_t mlw_symbol_cache_sum(const char *text, size_t size);

#endif /* MLW_SYMBOL_CACHE_H */
