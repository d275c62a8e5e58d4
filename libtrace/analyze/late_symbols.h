/* SPDX-License-Identifier: MIT */
#ifndef MLW_LATE_SYMBOLS_H
#define MLW_LATE_SYMBOLS_H

/*
 * Names for the frames of a recording whose collector died before it could resolve them:
 * read from the modules' files now, as far as these exist here and have the build-id that
 * was recorded. A module without a build-id stays without names, since the file may be
 * another one by now.
 */

#include "store/model.h"

struct mlw_late_symbols;

/* `modules`: borrowed, index id - 1. */
int mlw_late_symbols_new(struct mlw_late_symbols **symbols,
                         const struct mlw_module_row *modules, size_t count,
                         struct mlw_error *err);
void mlw_late_symbols_free(struct mlw_late_symbols *symbols); /* NULL is fine */

/*
 * The locations of a call, innermost first; *count 0: not known. Valid until the next
 * call; the strings until mlw_late_symbols_free.
 */
int mlw_late_symbols_resolve(struct mlw_late_symbols *symbols, uint32_t module,
                             uint64_t offset, const struct mlw_location_row **rows,
                             size_t *count, struct mlw_error *err);

#endif /* MLW_LATE_SYMBOLS_H */
