/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_CONTEXT_H
#define MLW_COLLECT_CONTEXT_H

/*
 * Contexts: a thread in a scope (0: in none), as one number of 24 bits. With a stack and
 * a domain it makes a trace, and there are few of them, so that a trace's key stays one
 * word.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "collect/map64.h"

#define MLW_CONTEXTS_MAX (UINT32_C(1) << 24)

struct mlw_context {
	uint32_t thread, scope; /* ids of the run */
};

/* A zeroed one is empty. */
struct mlw_contexts {
	struct mlw_context *rows; /* by number - 1 */
	size_t count, capacity;
	struct mlw_map64 numbers;
};

void mlw_contexts_release(struct mlw_contexts *contexts);

/* The number of (thread, scope), from 1. 0: there are too many, or no memory. */
uint32_t mlw_contexts_find(struct mlw_contexts *contexts, uint32_t thread, uint32_t scope,
                           struct mlw_error *err);

#endif /* MLW_COLLECT_CONTEXT_H */
