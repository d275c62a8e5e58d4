/* SPDX-License-Identifier: MIT */
#ifndef MLW_LABEL_H
#define MLW_LABEL_H

/* What a group is called in a line of text. */

#include "base/strbuf.h"
#include "snapshot/tally.h"

/* `a.c:5`; without a file the function, without one `module+0x10`, `<unknown>` at last.
 * NULL: no stack. */
void mlw_label_place(struct mlw_strbuf *text, const struct mlw_frame *frame);

/* Of a row of a tally by `key`; `recording` knows the names of threads, or is NULL. */
void mlw_label_row(struct mlw_strbuf *text, enum mallow_key key,
                   const struct mlw_tally_row *row, struct mlw_recording *recording);

#endif /* MLW_LABEL_H */
