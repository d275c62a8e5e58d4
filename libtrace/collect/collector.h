/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECTOR_H
#define MLW_COLLECTOR_H

/*
 * The collector: a process of its own, with a session of its own, that turns what the
 * rings carry into a file. It outlives the launcher and the program, and ends with the
 * last process of the run.
 *
 * The file while children outlive the program: everything is committed at the program's
 * end, with symbols, so that every command answers; it stays marked as not closed until
 * the last of them has ended.
 */

#include "collect/options.h"

/*
 * What a forked child of the launcher does for the rest of its life: `launcher` is its
 * end of the note socket. Returns the exit status.
 */
int mlw_collect(const struct mlw_run_options *options, int launcher);

#endif /* MLW_COLLECTOR_H */
