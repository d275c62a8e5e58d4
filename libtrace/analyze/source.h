/* SPDX-License-Identifier: MIT */
#ifndef MLW_SOURCE_H
#define MLW_SOURCE_H

/*
 * Lines of source files, where these are on this machine: a recording names them, and
 * does not hold them.
 *
 *	mlw_source_open(&source, "/home/me/project", err);
 *	text = mlw_source_line(source, "src/parser.c", 214);
 *	mlw_source_close(source);
 */

#include <stdint.h>

#include "base/error.h"

struct mallow_source;

/* `root`: where relative names are looked for before the current folder, borrowed; NULL:
 * there alone. */
int mlw_source_open(struct mallow_source **source, const char *root,
                    struct mlw_error *err);
void mlw_source_close(struct mallow_source *source); /* NULL is fine */

/*
 * The line, without the blanks around it; a tab inside is a blank. NULL if there is no
 * such file or line, or nothing on it. Belongs to the source until it is closed.
 */
const char *mlw_source_line(struct mallow_source *source, const char *file,
                            uint32_t line);

#endif /* MLW_SOURCE_H */
