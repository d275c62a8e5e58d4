/* SPDX-License-Identifier: MIT */
#ifndef MLW_CREATE_H
#define MLW_CREATE_H

/* A new .mallow file, ready for rows. */

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * Creates `path` with the tables of schema.sql and opens it in WAL mode, not syncing. On
 * failure nothing that was there before has changed, and nothing new is left behind. An
 * existing file is replaced only if `replace`, if it is empty or a mallow file, and if
 * nobody has it open.
 */
int mlw_store_create(sqlite3 **db, const char *path, bool replace, struct mlw_error *err);

/* The same tables in memory; `path` is what sentences call it. */
int mlw_store_create_memory(sqlite3 **db, const char *path, struct mlw_error *err);

#endif /* MLW_CREATE_H */
