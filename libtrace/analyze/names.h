/* SPDX-License-Identifier: MIT */
#ifndef MLW_NAMES_H
#define MLW_NAMES_H

/* How the paths of source files are shown (--path-map, --source-root). */

#include "analyze/recording.h"

/*
 * The name to show for the source file `path`: the first OLD=NEW whose OLD is the
 * beginning of it, up to a '/' or to its end, is applied, then a beginning that is
 * source_root goes. The caller frees `*mapped`.
 */
int mlw_names_map(const struct mlw_recording_options *options, const char *path,
                  char **mapped, struct mlw_error *err);

/* OLD=NEW has a '=' and OLD is not empty. */
int mlw_names_check_map(const char *map, struct mlw_error *err);

#endif /* MLW_NAMES_H */
