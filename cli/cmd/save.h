/* SPDX-License-Identifier: MIT */
#ifndef MLW_SAVE_H
#define MLW_SAVE_H

/* `mallow snapshot FILE@WHEN -o OUT`: a moment as a file of its own. */

#include "cmd/selection.h"

/* Saves what the selection names, and says so on stdout. */
int mlw_save_snapshot(const struct mlw_selection *selection, struct mlw_error *err);

#endif /* MLW_SAVE_H */
