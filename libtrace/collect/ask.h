/* SPDX-License-Identifier: MIT */
#ifndef MLW_ASK_H
#define MLW_ASK_H

/*
 * Asking a collector for something from outside its run.
 *
 * Its socket is in a folder of mode 0700 (collect/folder.h), whose name is in the
 * environment of the processes that it records. Since a program may write over its
 * environment, and the launcher does not have it, the places where such folders lie are
 * searched as well. Only folders are looked at that nobody but their owner can write to,
 * and only a collector of that owner is spoken to.
 */

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct mlw_taken_snapshot {
	char file[256]; /* as the collector names it */
	uint64_t at_us, size, count; /* as in the file */
};

/*
 * Takes a snapshot of the run that records process `pid` (or whose launcher it is), and
 * waits until it is in the file. Fails with a
 * sentence when the name is none (store/snapshot_name.h), when there is no such process,
 * it is not recorded or somebody else's, or its collector does not answer in 30 s.
 */
int mlw_ask_snapshot(pid_t pid, const char *name, struct mlw_taken_snapshot *taken,
                     struct mlw_error *err);

#endif /* MLW_ASK_H */
