/* SPDX-License-Identifier: MIT */
#ifndef MLW_ANALYZE_ROW_H
#define MLW_ANALYZE_ROW_H

/* A group as answers show it: its sums and what it stands for. */

#include "analyze/groups.h"

struct mlw_row {
	struct mlw_sums sums;
	enum mlw_leak_kind kind; /* of a query for leaks */
	/*
	 * By line, function, file and module one frame, of which only what the group has
	 * in common is filled; by trace the whole stack from its site on; else none.
	 */
	struct mlw_traceback traceback;
	uint32_t id; /* by thread, process, domain, scope */
	const char *name; /* of it; may be "" */
	uint64_t size_min, size_max; /* by size: requested bytes, both included */
};

/* What a row's traceback is made of: one frame, or a whole stack. */
struct mlw_backing {
	struct mlw_frame frame;
	const struct mlw_frame *pointer;
	const struct mlw_frame **stack;
};

/* Both must be zero before; the row points into the backing, which stays in its place. */
int mlw_row_fill(struct mlw_row *row, struct mlw_backing *backing,
                 const struct mlw_group *group, enum mlw_by by,
                 struct mlw_recording *recording, struct mlw_error *err);
/* The words of a process's command with spaces between them; interned by the recording.
 */
int mlw_row_process_name(struct mlw_recording *recording, uint32_t id, const char **name,
                         struct mlw_error *err);
void mlw_backing_release(struct mlw_backing *backing);

#endif /* MLW_ANALYZE_ROW_H */
