/* SPDX-License-Identifier: MIT */
#ifndef MLW_REASON_H
#define MLW_REASON_H

#include <mallow/snapshot.h>

#include "base/error.h"

/* Hands on why the library could not answer. Returns -1. */
static inline int mlw_reason(struct mlw_error *err, const struct mallow_error *reason)
{
	return mlw_fail(err, "%s", reason->text);
}

#endif /* MLW_REASON_H */
