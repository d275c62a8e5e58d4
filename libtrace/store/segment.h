/* SPDX-License-Identifier: MIT */
#ifndef MLW_SEGMENT_H
#define MLW_SEGMENT_H

/*
 * Frames, nodes, traces and live blocks, many in one row of the table `segment`: column
 * by column, varints of differences. docs/format.md has the encoding of each. That of
 * nodes is in store/nodes.h.
 */

#include "store/bytes.h"
#include "store/model.h"

enum mlw_segment {
	MLW_SEGMENT_FRAMES = 1,
	MLW_SEGMENT_NODES = 2,
	MLW_SEGMENT_TRACES = 3,
	MLW_SEGMENT_LIVE = 4,
};

#define MLW_SEGMENT_ROWS 65536u /* at most, in one segment */

/* Most bytes that a segment may have. */
size_t mlw_segment_limit(enum mlw_segment kind, size_t count);

void mlw_frames_encode(const struct mlw_frame_row *rows, size_t count,
                       struct mlw_bytes *bytes);
void mlw_traces_encode(const struct mlw_trace_row *rows, size_t count,
                       struct mlw_bytes *bytes);
void mlw_live_encode(const struct mlw_live_row *rows, size_t count,
                     struct mlw_bytes *bytes);

/* These return false if there are more or fewer bytes than rows, or a value that does not
 * fit its type. That ids exist is the caller's to check. */
bool mlw_frames_decode(const struct mlw_unpacked *unpacked, struct mlw_frame_row *rows,
                       size_t count);
bool mlw_traces_decode(const struct mlw_unpacked *unpacked, struct mlw_trace_row *rows,
                       size_t count);
bool mlw_live_decode(const struct mlw_unpacked *unpacked, struct mlw_live_row *rows,
                     size_t count);

#endif /* MLW_SEGMENT_H */
