/* SPDX-License-Identifier: MIT */
#ifndef MLW_VIEWS_EVENTS_H
#define MLW_VIEWS_EVENTS_H

/*
 * The table events: what events.c plans and events_cursor.c reads. A change of the file
 * is one row, a reallocation of a block two: the free of the old one and the allocation
 * of the new one.
 *
 * The plan is a text, two letters for each value that SQLite will hand over: which column
 * (enum mlw_event_letter), and how it is compared: = < l (<=) > g (>=), or i, a list of
 * which it must be one.
 */

#include "store/chunk_cursor.h"
#include "views/state.h"

enum mlw_event_column {
	MLW_EVENT_NUMBER,
	MLW_EVENT_AT_NS,
	MLW_EVENT_OP,
	MLW_EVENT_PROCESS,
	MLW_EVENT_THREAD,
	MLW_EVENT_TRACE,
	MLW_EVENT_DOMAIN,
	MLW_EVENT_SCOPE,
	MLW_EVENT_SIZE,
	MLW_EVENT_BLOCK,
	MLW_EVENT_REALLOC,
	MLW_EVENT_LIFETIME_NS,
	MLW_EVENT_ADDRESS,
	MLW_EVENT_BLOCKS,
	MLW_EVENT_BYTES,
};

/* What column `op` can be, in the order of mlw_event_op_names. */
enum mlw_event_op {
	MLW_EVENT_ALLOC,
	MLW_EVENT_FREE,
	MLW_EVENT_MAP,
	MLW_EVENT_UNMAP,
	MLW_EVENT_TRACK,
	MLW_EVENT_UNTRACK,
	MLW_EVENT_SHRINK,
	MLW_EVENT_INHERITED_FREE,
	MLW_EVENT_FOREIGN_FREE,
	MLW_EVENT_EXIT,
	MLW_EVENT_CLEAR,
	MLW_EVENT_OPS,
};

extern const char *const mlw_event_op_names[MLW_EVENT_OPS];

struct mlw_events_table {
	sqlite3_vtab base;
	struct mlw_views *views; /* borrowed */
};

/* What may pass. Bounds are of changes, so that a whole chunk can be left out by them. */
struct mlw_event_filter {
	uint64_t number_min, number_max; /* from 0, both included */
	uint64_t us_min, us_max;
	uint64_t block_min; /* no older block is meant */
	uint32_t ops; /* bit of enum mlw_event_op */
	uint8_t *threads; /* by id: 1 passes; NULL: all pass */
	uint8_t *traces;
	bool nothing;
};

struct mlw_events_cursor {
	sqlite3_vtab_cursor base;
	struct mlw_views *views; /* borrowed */
	struct mlw_event_filter filter;
	struct mlw_chunk_cursor changes;
	const struct mlw_chunk_head *heads; /* of all chunks; borrowed */
	size_t chunk, chunk_end; /* chunks to come */
	uint64_t left; /* changes that were planned and are not done */
	bool in_chunk;
	bool is_old; /* the row is about the old block of the change */
	bool at_end;
};

/* Reads the values of a plan. The caller releases the filter in any case. */
int mlw_event_filter_init(struct mlw_event_filter *filter, struct mlw_views *views,
                          const char *plan, sqlite3_value **values,
                          struct mlw_error *err);
void mlw_event_filter_release(struct mlw_event_filter *filter);

/* First and one past the last chunk that can have changes within the bounds. */
int mlw_event_filter_chunks(const struct mlw_event_filter *filter,
                            struct mlw_views *views, size_t *first, size_t *end,
                            struct mlw_error *err);

/* May the chunk have a change of the threads and traces that are looked for? */
bool mlw_event_filter_may_be_in(const struct mlw_event_filter *filter,
                                const struct mlw_recording *recording,
                                const struct mlw_chunk_head *head);

int mlw_events_open(sqlite3_vtab *table, sqlite3_vtab_cursor **made);
int mlw_events_close(sqlite3_vtab_cursor *base);
int mlw_events_filter(sqlite3_vtab_cursor *base, int number, const char *plan, int argc,
                      sqlite3_value **argv);
int mlw_events_next(sqlite3_vtab_cursor *base);
int mlw_events_is_at_end(sqlite3_vtab_cursor *base);
int mlw_events_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column);
int mlw_events_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id);

#endif /* MLW_VIEWS_EVENTS_H */
