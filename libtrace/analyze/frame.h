/* SPDX-License-Identifier: MIT */
#ifndef MLW_FRAME_H
#define MLW_FRAME_H

/*
 * One source-level frame as every answer shows it. A machine frame has several where
 * functions were inlined, the innermost first.
 *
 * Strings are NULL when unknown; they are interned by the recording that they came from,
 * so that within one recording equal texts are equal pointers, and live as long as it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mallow/snapshot.h>

#include "base/path.h"

struct mlw_frame {
	const char *function;
	const char *file;
	const char *module; /* path; NULL: the call was in no known module */
	uint64_t offset; /* link-time address of the call; without module: run-time */
	uint32_t line; /* 0 unknown */
	uint32_t id; /* of this recording, from 0, dense */
	bool inlined; /* into the next frame */
	bool wrapper; /* an allocation wrapper: never a site */
};

struct mallow_traceback {
	const struct mlw_frame *const *frames; /* most recent call first */
	size_t count;
	uint32_t total_frames; /* of the whole stack, as mallow/snapshot.h has it */
	uint32_t id; /* of a snapshot's origin, from 0, dense */
	bool truncated; /* outermost frames are missing */
};

/*
 * Orders by file, line, function, module, offset; unknown before known. 0 only if all are
 * the same. The same for whole tracebacks, frame by frame: what breaks ties.
 */
int mlw_frame_compare(const struct mlw_frame *a, const struct mlw_frame *b);
int mlw_frame_compare_shown(const struct mallow_frame *a, const struct mallow_frame *b);
int mlw_traceback_compare(const struct mallow_traceback *a,
                          const struct mallow_traceback *b);

/* As it is shown to who reads with mallow/snapshot.h. */
static inline struct mallow_frame mlw_frame_show(const struct mlw_frame *frame)
{
	return (struct mallow_frame){ .function = frame->function,
		                      .file = frame->file,
		                      .module = frame->module,
		                      .offset = frame->offset,
		                      .line = frame->line,
		                      .inlined = frame->inlined };
}

#endif /* MLW_FRAME_H */
