/* SPDX-License-Identifier: MIT */
#ifndef MLW_SNAPSHOT_QUERY_H
#define MLW_SNAPSHOT_QUERY_H

/* Queries of mallow/query.h on their way to those who answer, and what fails there on its
 * way back. */

#include "analyze/query.h"
#include "base/error.h"

/* Fails if it names no place, or holds what no enum has. */
int mlw_query_of(struct mlw_query *query, const struct mallow_query *asked,
                 struct mlw_error *err);

/* Hands the sentence on, with the place before it unless it begins with that or its file;
 * without memory for both it stays as it is. Returns -1. */
int mlw_query_fail(struct mallow_error *err, const char *place,
                   const struct mlw_error *inner);

#endif /* MLW_SNAPSHOT_QUERY_H */
