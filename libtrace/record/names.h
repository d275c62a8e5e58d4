/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_NAMES_H
#define MLW_RECORD_NAMES_H

/*
 * Names that the program has given to something: its domains, its scopes. A table of them
 * is static, so that it survives a fork, and only ever grows. Nothing is locked: a
 * handler or a thread that comes while a name is being written takes another place, and
 * names that stand in two places are one to the collector.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/segment.h"

struct mlw_name {
	_Atomic uint32_t state; /* enum in names.c; 0: free */
	char text[MLW_NAME_SIZE];
};

/* 1 to 63 bytes without control characters? */
bool mlw_name_is_good(const char *text);

/* The place of `text` in a table of `count`, which is looked for from `first` on and
 * taken when it is new; -1: the table is full. */
int mlw_name_find(struct mlw_name *table, uint32_t count, uint32_t first,
                  const char *text);

/* Is there a name, written to its end? */
bool mlw_name_is_ready(const struct mlw_name *name);

/* Puts it where the collector finds it, once. */
void mlw_name_publish(const struct mlw_name *name, struct mlw_shared_name *shared);

#endif /* MLW_RECORD_NAMES_H */
