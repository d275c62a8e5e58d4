/* SPDX-License-Identifier: MIT */
#ifndef MLW_INTERN_H
#define MLW_INTERN_H

/*
 * A set of strings in which equal texts are one pointer, so that grouping compares
 * pointers. Strings live until the release.
 */

#include <stddef.h>

#include "base/error.h"

struct mlw_intern {
	char **slots; /* open addressing, capacity a power of two; NULL: free */
	size_t capacity;
	size_t count; /* at most half of capacity */
};

/* Zeroed is ready for use. */
void mlw_intern_release(struct mlw_intern *set);

/* The one pointer for `text` (NULL for NULL); NULL and `err` without memory. */
const char *mlw_intern(struct mlw_intern *set, const char *text, struct mlw_error *err);

#endif /* MLW_INTERN_H */
