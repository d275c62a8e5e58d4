/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOLS_H
#define MLW_SYMBOLS_H

/* Names for all frames that the file has: functions, files, lines, inlined calls. */

#include "collect/run.h"

/*
 * Resolves the frames that were written since the last call (`done`: how many had been
 * resolved, updated), module by module, and writes their locations. `pulse` (may be NULL)
 * is called between modules, so that whoever waits for us sees that we live. Fails only
 * without memory; a file that cannot be written is the run's own trouble.
 */
int mlw_symbols_resolve(struct mlw_run *run, uint32_t *done, void (*pulse)(void *context),
                        void *context, struct mlw_error *err);

#endif /* MLW_SYMBOLS_H */
