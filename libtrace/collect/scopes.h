/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_SCOPES_H
#define MLW_COLLECT_SCOPES_H

/*
 * The scopes that threads are in. A process numbers its scopes as it names them; in the
 * run a scope is its name, so that those of two processes with one name are one.
 */

#include <stdbool.h>

#include "collect/run.h"
#include "collect/thread.h"

/*
 * What `thread` allocates from here on is in scope `number` of its process, 0: in none.
 * False: the process has named no such scope. Of more than MLW_RUN_SCOPES names the
 * further ones are none.
 */
bool mlw_scopes_enter(struct mlw_run *run, struct mlw_thread *thread, uint64_t number);

#endif /* MLW_COLLECT_SCOPES_H */
