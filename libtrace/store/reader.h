/* SPDX-License-Identifier: MIT */
#ifndef MLW_READER_H
#define MLW_READER_H

/*
 * Reading a .mallow file, finished or not. Nothing in it is trusted: a foreign, truncated
 * or damaged file gives one sentence, never a crash or a silently wrong total (every blob
 * carries a checksum, every id is checked when it is read).
 *
 *	mlw_reader_open(&reader, path, err);
 *	mlw_reader_traces(reader, &traces, &count, err);
 *	mlw_reader_heap(reader, UINT64_MAX, &heap, err);
 *
 * Arrays are read when first asked for and belong to the reader; index 0 holds id 1.
 */

#include "base/progress.h"
#include "store/model.h"
#include "store/nodes.h"

struct mlw_reader;

int mlw_reader_open(struct mlw_reader **reader, const char *path, struct mlw_error *err);
void mlw_reader_close(struct mlw_reader *reader); /* NULL is fine */
const char *mlw_reader_path(const struct mlw_reader *reader);

int mlw_reader_run(struct mlw_reader *reader, const struct mlw_run_row **run,
                   struct mlw_error *err);
int mlw_reader_processes(struct mlw_reader *reader, const struct mlw_process_row **rows,
                         size_t *count, struct mlw_error *err);
int mlw_reader_threads(struct mlw_reader *reader, const struct mlw_thread_row **rows,
                       size_t *count, struct mlw_error *err);
int mlw_reader_modules(struct mlw_reader *reader, const struct mlw_module_row **rows,
                       size_t *count, struct mlw_error *err);
int mlw_reader_names(struct mlw_reader *reader, const struct mlw_name_row **rows,
                     size_t *count, struct mlw_error *err);
int mlw_reader_metadata(struct mlw_reader *reader, const struct mlw_metadata_row **rows,
                        size_t *count, struct mlw_error *err);
int mlw_reader_pools(struct mlw_reader *reader, const struct mlw_pool_row **rows,
                     size_t *count, struct mlw_error *err);
int mlw_reader_frames(struct mlw_reader *reader, const struct mlw_frame_row **rows,
                      size_t *count, struct mlw_error *err);
int mlw_reader_nodes(struct mlw_reader *reader, const struct mlw_nodes **nodes,
                     struct mlw_error *err);
int mlw_reader_traces(struct mlw_reader *reader, const struct mlw_trace_row **rows,
                      size_t *count, struct mlw_error *err);
int mlw_reader_snapshots(struct mlw_reader *reader, const struct mlw_snapshot_row **rows,
                         size_t *count, struct mlw_error *err);
int mlw_reader_timeline(struct mlw_reader *reader, const struct mlw_timeline_row **rows,
                        size_t *count, struct mlw_error *err);

/* The locations of one frame: *count of them from *rows on; none: not symbolized. */
int mlw_reader_locations(struct mlw_reader *reader, uint32_t frame,
                         const struct mlw_location_row **rows, size_t *count,
                         struct mlw_error *err);

/* Calls `visit` with every stored change from event number `first` (0: the first one),
 * decoded, until it returns non-zero: 1 stops with 0, -1 fails. */
int mlw_reader_changes(struct mlw_reader *reader, uint64_t first,
                       int (*visit)(const struct mlw_change *change, uint64_t number,
                                    void *context, struct mlw_error *err),
                       void *context, struct mlw_error *err);
uint64_t mlw_reader_change_count(struct mlw_reader *reader);
/* Who is told how far mlw_reader_changes has come, and all that uses it; borrowed, NULL:
 * nobody. */
void mlw_reader_watch(struct mlw_reader *reader, const struct mlw_progress *progress);
/* The time of the last stored change. What happened later is not in the file, nor, where
 * changes were cut off (run.cut_changes), all that happened in that microsecond. */
int mlw_reader_changes_end(struct mlw_reader *reader, uint64_t *time_us,
                           struct mlw_error *err);

/*
 * The heap after the first `number` changes (all of them: UINT64_MAX), rebuilt from the
 * nearest checkpoint by the same model that the collector ran. It knows the traces that
 * there were by then, and perhaps some of those after. The caller frees it.
 */
int mlw_reader_heap(struct mlw_reader *reader, uint64_t number, struct mlw_heap **heap,
                    struct mlw_error *err);

/* How many changes had happened at `time_us`, those of this very microsecond included. */
int mlw_reader_number_at(struct mlw_reader *reader, uint64_t time_us, uint64_t *number,
                         struct mlw_error *err);

/* How many changes had happened at the snapshot `index` of mlw_reader_snapshots. */
int mlw_reader_snapshot_number(struct mlw_reader *reader, size_t index, uint64_t *number,
                               struct mlw_error *err);

/* The heap at that snapshot. The caller frees it. */
int mlw_reader_snapshot_heap(struct mlw_reader *reader, size_t index,
                             struct mlw_heap **heap, struct mlw_error *err);

/* Calls `visit` for each block live at the end (process id beside it). */
int mlw_reader_live_blocks(struct mlw_reader *reader,
                           int (*visit)(uint32_t process, const struct mlw_block *block,
                                        void *context),
                           void *context, struct mlw_error *err);

/* The same blocks in parts, of which there are *count; the caller frees *rows of each. */
int mlw_reader_live_segments(struct mlw_reader *reader, size_t *count,
                             struct mlw_error *err);
int mlw_reader_live_segment(struct mlw_reader *reader, size_t index,
                            struct mlw_live_row **rows, size_t *count,
                            struct mlw_error *err);

#endif /* MLW_READER_H */
