/* SPDX-License-Identifier: MIT */
#ifndef MLW_LIBRARY_H
#define MLW_LIBRARY_H

/*
 * Where libmallow.so is, the library that is preloaded into a traced program: what
 * MALLOW_LIBRARY names, or else lib/libmallow.so (or a folder of it for this kind of
 * machine, as Debian has them) beside the bin/ folder that this very mallow runs from. So
 * an installation works from any prefix, and a build from its own tree.
 */

#include "base/error.h"

/* The absolute path; the caller frees it. NULL and a sentence if it is nowhere. */
char *mlw_library_find(struct mlw_error *err);

#endif /* MLW_LIBRARY_H */
