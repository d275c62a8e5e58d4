/* SPDX-License-Identifier: MIT */
#ifndef MLW_ANALYZE_ROW_H
#define MLW_ANALYZE_ROW_H

/* A group as answers show it: struct mallow_row of mallow/query.h. */

#include "analyze/groups.h"

/* What a row's traceback is made of: one frame, or a whole stack. */
struct mlw_backing {
	struct mallow_traceback traceback;
	struct mlw_frame frame;
	const struct mlw_frame *pointer;
	const struct mlw_frame **stack;
};

/* Both must be zero before; the row points into the backing, which stays in its place. */
int mlw_row_fill(struct mallow_row *row, struct mlw_backing *backing,
                 const struct mlw_group *group, enum mallow_key by,
                 struct mlw_recording *recording, struct mlw_error *err);
/* The words of a process's command with spaces between them; interned by the recording.
 */
int mlw_row_process_name(struct mlw_recording *recording, uint32_t id, const char **name,
                         struct mlw_error *err);
void mlw_backing_release(struct mlw_backing *backing);

#endif /* MLW_ANALYZE_ROW_H */
