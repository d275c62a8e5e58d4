/* SPDX-License-Identifier: MIT */
#ifndef MLW_WRITER_H
#define MLW_WRITER_H

/*
 * Writing a .mallow file: the collector's only way to SQLite. WAL while recording, one
 * single file at the close. Everything written between two commits becomes visible at
 * once; after the death of the collector the file holds all up to its last commit.
 *
 *	mlw_writer_create(&writer, path, &options, err);
 *	... rows of new processes, threads, modules, frames, nodes, traces
 *	mlw_writer_change(writer, &change, err)	 for each change, in order
 *	mlw_writer_commit(writer, heap, err)	 once a second or a megabyte
 *	mlw_writer_stop_events(writer, heap, err) when the file has got too big
 *	mlw_writer_close(writer, heap, &run, err)
 *
 * Ids: add_* functions that take arrays continue the count of the same kind.
 * After a failure (full disk) every further call fails with the same sentence and writes
 * nothing; mlw_writer_release is always safe.
 */

#include "store/model.h"

struct mlw_writer;

struct mlw_writer_options {
	bool replace; /* an existing file is replaced (only if it is a mallow file or
	                 empty); else its existence is an error and it stays as it is */
	bool keep_addresses;
	bool keep_events;
	uint64_t max_size; /* bytes; 0: any */
};

int mlw_writer_create(struct mlw_writer **writer, const char *path,
                      const struct mlw_writer_options *options, struct mlw_error *err);

/*
 * The same for a file that is written at one go: all is kept in memory, and the file is
 * there whole at mlw_writer_publish or not at all. Fails there, as mlw_store_publish
 * does, if it must not be written.
 */
int mlw_writer_create_unpublished(struct mlw_writer **writer, const char *path,
                                  const struct mlw_writer_options *options,
                                  struct mlw_error *err);

int mlw_writer_run(struct mlw_writer *writer, const struct mlw_run_row *run,
                   struct mlw_error *err); /* insert or replace */
int mlw_writer_process(struct mlw_writer *writer, const struct mlw_process_row *process,
                       struct mlw_error *err); /* insert or replace, by id */
int mlw_writer_thread(struct mlw_writer *writer, const struct mlw_thread_row *thread,
                      struct mlw_error *err);
int mlw_writer_module(struct mlw_writer *writer, const struct mlw_module_row *module,
                      struct mlw_error *err);
int mlw_writer_name(struct mlw_writer *writer, const struct mlw_name_row *name,
                    struct mlw_error *err);
int mlw_writer_metadata(struct mlw_writer *writer,
                        const struct mlw_metadata_row *metadata, struct mlw_error *err);
int mlw_writer_pools(struct mlw_writer *writer, const struct mlw_pool_row *pool,
                     struct mlw_error *err);
/* These three are buffered and written compactly, many a row. */
int mlw_writer_frame(struct mlw_writer *writer, const struct mlw_frame_row *frame,
                     struct mlw_error *err);
/* `count` nodes, each the caller of the next; that of the first is `parent` (0: none). */
int mlw_writer_nodes(struct mlw_writer *writer, uint32_t parent, const uint32_t *frames,
                     size_t count, struct mlw_error *err);
int mlw_writer_trace(struct mlw_writer *writer, const struct mlw_trace_row *trace,
                     struct mlw_error *err);
int mlw_writer_location(struct mlw_writer *writer, const struct mlw_location_row *row,
                        struct mlw_error *err); /* all locations of a frame in one go */

/* 1: done, and the file is full (below). */
int mlw_writer_change(struct mlw_writer *writer, const struct mlw_change *change,
                      struct mlw_error *err);

/* An ALLOC and the FREE of its block right after it, at the same time. False: they have
 * to be written one by one, by mlw_writer_change. */
bool mlw_writer_takes_pair(const struct mlw_writer *writer,
                           const struct mlw_change *alloc);
void mlw_writer_pair(struct mlw_writer *writer, const struct mlw_change *alloc);

/*
 * From now on changes are counted and not kept; all else goes on. The file knows this
 * very moment, the snapshots taken from now on, and the end. Without events nothing
 * changes.
 */
int mlw_writer_stop_events(struct mlw_writer *writer, const struct mlw_heap *heap,
                           struct mlw_error *err);

int mlw_writer_timeline(struct mlw_writer *writer, const struct mlw_timeline_row *point,
                        struct mlw_error *err);

/* A named moment: the state of `heap` as a checkpoint of its own. */
int mlw_writer_snapshot(struct mlw_writer *writer, const struct mlw_snapshot_row *row,
                        const struct mlw_heap *heap, struct mlw_error *err);

/* The blocks live at the end, with addresses; called once for each, before close. */
int mlw_writer_live_block(struct mlw_writer *writer, uint32_t process,
                          const struct mlw_block *block, struct mlw_error *err);

/* Ends the running chunk and the transaction; now and then writes a checkpoint. */
int mlw_writer_commit(struct mlw_writer *writer, const struct mlw_heap *heap,
                      struct mlw_error *err);
/* Bytes waiting for a commit. */
size_t mlw_writer_pending(const struct mlw_writer *writer);
/* Is there no room for further events? An eighth of max_size, at most 16 MiB, is kept
 * free for the end of the run. What counts is the file once its log has been moved into
 * it; the log beside it holds up to 16 MiB. Never after mlw_writer_stop_events. */
bool mlw_writer_is_full(const struct mlw_writer *writer);

/* Writes the last checkpoint and `run` (closed becomes true, unless it is a saved snapshot,
 * which says what was of its run), leaves WAL mode: one single file. Frees the writer, also
 * on failure. */
int mlw_writer_close(struct mlw_writer *writer, const struct mlw_heap *heap,
                     const struct mlw_run_row *run, struct mlw_error *err);
/* Instead of it, for one of mlw_writer_create_unpublished. `heap` may hold more than
 * changes tell: what it allocated counts as so many changes. */
int mlw_writer_publish(struct mlw_writer *writer, const struct mlw_heap *heap,
                       const struct mlw_run_row *run, struct mlw_error *err);
/* Gives up without closing: the file stays marked as not closed. NULL is fine. */
void mlw_writer_release(struct mlw_writer *writer);

#endif /* MLW_WRITER_H */
