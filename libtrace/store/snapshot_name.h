/* SPDX-License-Identifier: MIT */
#ifndef MLW_SNAPSHOT_NAME_H
#define MLW_SNAPSHOT_NAME_H

#include "base/error.h"

#define MLW_SNAPSHOT_NAME_MAX 127u /* bytes */

/*
 * Can a snapshot be given this name, so that FILE@NAME means it and nothing else? Not the
 * names of other places (start, end, peak, 25%, 1.5s), nothing with a '@' or a '#' in it,
 * which divide a place, and no control characters. -1 and a sentence if not.
 */
int mlw_snapshot_name_check(const char *name, struct mlw_error *err);

#endif /* MLW_SNAPSHOT_NAME_H */
