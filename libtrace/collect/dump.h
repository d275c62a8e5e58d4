/* SPDX-License-Identifier: MIT */
#ifndef MLW_DUMP_H
#define MLW_DUMP_H

/* A stack as text, for a program that asks where a block comes from. */

#include "base/strbuf.h"
#include "collect/run.h"

/*
 * Adds the lines of the stack of `node`, most recent call first,
 *
 *	  File "/home/me/a.c", line 12, in parse
 *	  File "/usr/bin/prog", offset 0x1234
 *
 * and an empty line. Reads the symbols of what it names, which may take long. Fails only
 * without memory.
 */
int mlw_dump_stack(const struct mlw_run *run, uint32_t node, bool truncated,
                   struct mlw_strbuf *text, struct mlw_error *err);

#endif /* MLW_DUMP_H */
