/* SPDX-License-Identifier: MIT */
#ifndef MLW_VIEWS_STATE_H
#define MLW_VIEWS_STATE_H

/*
 * What the files of this folder share. table.c is the module of all tables but events,
 * which only differ in a descriptor; events.c plans, events_cursor.c reads.
 *
 * A table is a number of *groups* of rows: most have one row in each; `frames` has a
 * group for each trace, `live_blocks` one for each stored part.
 */

#include "analyze/recording.h"
#include "views/views.h"

/* What a module gets as its pAux. */
struct mlw_views_module {
	struct mlw_views *views;
	const struct mlw_view *view; /* NULL: events */
};

#define MLW_VIEWS 12u /* without events */

struct mlw_views {
	struct mlw_recording *recording;
	struct mlw_heap *heap; /* at the end; NULL: not needed so far */
	const struct mlw_frame **sites; /* by trace id - 1; NULL: not found so far */
	struct mlw_views_module modules[MLW_VIEWS + 1];
	uint64_t chunks_read;
	uint64_t changes_planned, changes_done; /* by all scans of events */
	unsigned users; /* the caller, and every module of a connection */
};

struct mlw_view_cursor {
	sqlite3_vtab_cursor base;
	struct mlw_views *views; /* borrowed */
	size_t group, group_end; /* from 0 */
	size_t row, row_count; /* of the group */
	void *rows; /* of the group: load's, freed with free() */
};

/* The description of a table. Functions return -1 and a sentence when they fail. */
struct mlw_view {
	const char *name;
	const char *columns; /* as in CREATE TABLE */
	int key; /* the column that is group + 1, or -1 */
	int (*count)(struct mlw_views *views, size_t *groups, struct mlw_error *err);
	/* Fills rows and row_count; NULL: one row a group. */
	int (*load)(struct mlw_view_cursor *cursor, struct mlw_error *err);
	int (*column)(struct mlw_view_cursor *cursor, sqlite3_context *context,
	              int column, struct mlw_error *err);
};

extern const struct mlw_view mlw_view_runs, mlw_view_processes, mlw_view_threads,
        mlw_view_modules, mlw_view_frames, mlw_view_traces, mlw_view_sites,
        mlw_view_snapshots, mlw_view_timeline, mlw_view_live_blocks, mlw_view_metadata,
        mlw_view_pools;

extern const sqlite3_module mlw_view_module, mlw_events_module;

/* The heap at the end, rebuilt when first asked for. */
int mlw_views_heap(struct mlw_views *views, const struct mlw_heap **heap,
                   struct mlw_error *err);

/* The site of a trace; all unknown if it has no frames. */
int mlw_views_site(struct mlw_views *views, uint32_t trace, const struct mlw_frame **site,
                   struct mlw_error *err);

/* Values. Times are given in microseconds and shown in nanoseconds. */
void mlw_give_int(sqlite3_context *context, uint64_t value);
void mlw_give_known(sqlite3_context *context, uint64_t value); /* 0 is NULL */
void mlw_give_us(sqlite3_context *context, uint64_t us);
void mlw_give_text(sqlite3_context *context, const char *text); /* copied; NULL is NULL */
/* The name of a scope; 0 is NULL. -1 only without memory. */
int mlw_give_scope(sqlite3_context *context, struct mlw_recording *recording,
                   uint32_t scope, struct mlw_error *err);
void mlw_give_ended(sqlite3_context *context, uint32_t ended); /* its name */

/* The columns MLW_TOTALS of a table, `column` counted from the first of them. */
#define MLW_TOTALS                                                        \
	"allocations INTEGER, frees INTEGER, reallocations INTEGER,"      \
	"allocated_size INTEGER, live_size INTEGER, live_count INTEGER,"  \
	"peak_size INTEGER, peak_at_ns INTEGER, temporary_count INTEGER," \
	"inherited_frees INTEGER, foreign_frees INTEGER"

void mlw_give_totals(sqlite3_context *context, const struct mlw_totals *totals,
                     int column); /* NULL: NULL */
/* Is it one that the run knows? Not all are of a saved snapshot, or of a sample. */
bool mlw_give_is_known(const struct mlw_run_row *run, int column);

/* Ends a callback of a virtual table: the sentence goes to the user. */
int mlw_views_fail(sqlite3_vtab *table, const struct mlw_error *err);

#endif /* MLW_VIEWS_STATE_H */
