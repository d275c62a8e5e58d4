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
int mlw_names_map(const struct mallow_run_options *options, const char *path,
                  char **mapped, struct mlw_error *err);

/* Each OLD=NEW has a '=', and OLD is not empty. */
int mlw_names_check_maps(const struct mallow_run_options *options, struct mlw_error *err);

#endif /* MLW_NAMES_H */
