/* SPDX-License-Identifier: MIT */
#ifndef MLW_ARRAY_H
#define MLW_ARRAY_H

/*
 * Growable arrays without a type of their own: a pointer, a length and a
 * capacity that the caller keeps.
 *
 *	if (mlw_grow(&rows, &capacity, count + 1, sizeof(*rows), err))
 *		return -1;
 *	rows[count++] = row;
 */

#include <stddef.h>

#include "base/error.h"

/*
 * Makes room for at least `need` elements of `element` bytes in the array
 * `*array` (a pointer to a pointer, passed as void *), at least doubling it.
 * New elements are not initialised. Fails without memory, and then leaves the
 * array as it was.
 */
int mlw_grow(void *array, size_t *capacity, size_t need, size_t element,
             struct mlw_error *err);

/* The same for an array that will not grow beyond `need`: no room is left over. */
int mlw_reserve(void *array, size_t *capacity, size_t need, size_t element,
                struct mlw_error *err);

#endif /* MLW_ARRAY_H */
