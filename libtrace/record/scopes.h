/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_SCOPES_H
#define MLW_RECORD_SCOPES_H

/*
 * The scopes that a thread is in. All stacks of scopes that the program is ever in are
 * one tree, and a thread's own is a node of it: a number in the thread's own storage,
 * which is scarce. The tree is static, so that a forked child goes on in the scopes of
 * the thread that forked, and a thread that is not recorded (yet) still keeps count. A
 * node is one word, which is set once: nothing is locked.
 *
 * Nothing is sent when a scope begins or ends. What the thread is in now is told with its
 * next event, if it is not what was told last (mlw_thread_refresh): whoever calls
 * mlw_scope_begin and mlw_scope_end sees to it that this is looked at.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/segment.h"

#define MLW_SCOPE_NODES 16384u /* room for half as many stacks of scopes, and more */

/* Zeroed is a thread in no scope. Each step of a thread is one store, so that a handler
 * that comes in between leaves it as it was. */
struct mlw_scopes {
	uint32_t node; /* 0: none */
	uint32_t beyond; /* scopes on top of it, for which there was no node */
};

/* A scope begins in any case; without a name or a node of its own it goes by the name of
 * the one around it. 0; -EINVAL: no name; -ENOSPC: too many. */
int mlw_scope_begin(struct mlw_scopes *scopes, const char *name);

/* The innermost ends; -EINVAL: there is none. */
int mlw_scope_end(struct mlw_scopes *scopes);

/* The number of the innermost scope's name, 0: none. */
uint32_t mlw_scope_current(const struct mlw_scopes *scopes);

/* Puts the name of scope `number` (0: nothing to do) where the collector finds it. */
void mlw_scope_publish(uint32_t number, struct mlw_segment *segment);

#endif /* MLW_RECORD_SCOPES_H */
