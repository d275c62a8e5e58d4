/* SPDX-License-Identifier: MIT */
#ifndef MLW_VIEWS_H
#define MLW_VIEWS_H

/*
 * A recording as tables of SQLite: runs, processes, threads, modules, frames, traces,
 * sites, snapshots, timeline, live_blocks and events. docs/sql.md describes their columns
 * for users.
 *
 *	mlw_views_new(&views, "run.mallow", &options, err);
 *	mlw_views_attach(views, sqlite, err);
 *	sqlite3_exec(sqlite, "SELECT sum(size) FROM events WHERE op = 'alloc'", ...);
 *	sqlite3_close(sqlite);
 *	mlw_views_release(views);
 *
 * All are virtual tables over the reader: what they give has passed its checksums and is
 * one state of the recording, that of mlw_views_new, however long the recording goes on.
 * Nothing can be written through them. They stand in the temporary schema of the
 * connection, where `timeline` comes before the file's own table of that name.
 *
 * Plain views in the file itself (of what is not packed) would serve clients without this
 * code, but cost each recording 0.1 ms, and nobody would check what they give.
 */

#include <sqlite3.h>
#include <stdbool.h>

#include "analyze/query.h"
#include "base/error.h"

struct mlw_views;

/* `options` are borrowed for as long as the views live. */
int mlw_views_new(struct mlw_views **views, const char *path,
                  const struct mallow_run_options *options, struct mlw_error *err);
/* A connection that the views were attached to keeps them until it is closed. */
void mlw_views_release(struct mlw_views *views); /* NULL is fine */

int mlw_views_attach(struct mlw_views *views, sqlite3 *sqlite, struct mlw_error *err);

bool mlw_views_closed(
        const struct mlw_views *views); /* the recording, by its collector */
bool mlw_views_complete(const struct mlw_views *views); /* and nothing was lost */
bool mlw_views_cut(const struct mlw_views *views); /* events end before the run does */
uint64_t mlw_views_sample(const struct mlw_views *views); /* bytes, 0: not sampled */

/* Chunks of events that were read so far: what push-down saves. */
uint64_t mlw_views_chunks_read(const struct mlw_views *views);

/* Changes that all scans of events so far have to look at, and how many of these they
 * have done with. */
void mlw_views_progress(const struct mlw_views *views, uint64_t *done, uint64_t *total);

#endif /* MLW_VIEWS_H */
