/* SPDX-License-Identifier: MIT */
#ifndef MLW_SAME_NAMES_H
#define MLW_SAME_NAMES_H

/*
 * Which paths of one build are which of another: equal ones; then, of those that are
 * left, two of the same last part that agree in more of their last parts than either does
 * with any other. `/home/a/src/x.c` is `/build/b/src/x.c` if no other `x.c` is left.
 *
 *	mlw_same_names_add(&names, MALLOW_OLD, path, err);
 *	mlw_same_names_pair(&names, err);
 *	path = mlw_same_names_of(&names, path);
 *	mlw_same_names_release(&names);
 */

#include <stdbool.h>
#include <stddef.h>

#include <mallow/snapshot.h>

#include "analyze/numbering.h"
#include "base/error.h"

struct mlw_same_names {
	struct mlw_numbering numbers; /* of interned paths */
	struct mlw_same_name {
		const char *path;
		const char *partner; /* of an old one: the new path that it is */
		bool is_of[2]; /* which sides have it */
	} * names; /* by number - 1 */
	size_t capacity;
};

void mlw_same_names_release(struct mlw_same_names *names); /* zeroed is fine */

/* `path` is interned, in the same set for both sides; borrowed. NULL is fine. */
int mlw_same_names_add(struct mlw_same_names *names, enum mallow_side side,
                       const char *path, struct mlw_error *err);
int mlw_same_names_pair(struct mlw_same_names *names, struct mlw_error *err);

/* The new path that an old one is, or the old one itself. */
const char *mlw_same_names_of(const struct mlw_same_names *names, const char *path);

#endif /* MLW_SAME_NAMES_H */
