/* SPDX-License-Identifier: MIT */
#ifndef MLW_PUBLISH_H
#define MLW_PUBLISH_H

/* A file that appears whole or not at all, however the writer or the machine dies. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Makes `path` hold these bytes: they are written to a file beside it and synced, then
 * that takes the name. An existing file is an error and stays as it is, unless `replace`,
 * and then only if it is empty or a mallow file that is closed: who reads it goes on
 * reading what it was. On failure nothing has changed and nothing new is left behind.
 */
int mlw_store_publish(const char *path, const void *bytes, size_t size, bool replace,
                      struct mlw_error *err);

#endif /* MLW_PUBLISH_H */
