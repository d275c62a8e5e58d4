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

struct mlw_traceback {
	const struct mlw_frame *const *frames; /* most recent call first */
	size_t count;
	bool truncated; /* outermost frames are missing */
};

/*
 * Orders by file, line, function, module, offset; unknown before known. 0 only if all are
 * the same. The same for whole tracebacks, frame by frame: what breaks ties.
 */
int mlw_frame_compare(const struct mlw_frame *a, const struct mlw_frame *b);
int mlw_traceback_compare(const struct mlw_traceback *a, const struct mlw_traceback *b);

/* The part after the last slash. */
const char *mlw_basename(const char *path);

#endif /* MLW_FRAME_H */
