/* SPDX-License-Identifier: MIT */
#ifndef MLW_REPLACE_H
#define MLW_REPLACE_H

/* What a new file needs that may take the place of an old one. Sentences name the file as
 * `path` does. */

#include "base/error.h"

/* Fails unless `path` is an empty file or a mallow file, and nobody has it open. */
int mlw_store_check_replaceable(const char *path, struct mlw_error *err);

/* Makes an empty file in the same folder. Its name, which the caller frees, or NULL. */
char *mlw_store_file_beside(const char *path, struct mlw_error *err);

/* Removes the file that has this name with `ending` behind it, if there is one. */
void mlw_store_remove_beside(const char *path, const char *ending);

#endif /* MLW_REPLACE_H */
