/* SPDX-License-Identifier: MIT */

/* Reading the table events: chunk after chunk, change after change, one row or two. */

#include <stdlib.h>

#include "analyze/weights.h"
#include "views/events.h"

int mlw_events_open(sqlite3_vtab *table, sqlite3_vtab_cursor **made)
{
	struct mlw_events_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	cursor->views = ((struct mlw_events_table *)table)->views;
	*made = &cursor->base;
	return SQLITE_OK;
}

static void have_done(struct mlw_events_cursor *cursor, uint64_t changes)
{
	cursor->left -= changes;
	cursor->views->changes_done += changes;
}

int mlw_events_close(sqlite3_vtab_cursor *base)
{
	struct mlw_events_cursor *cursor = (struct mlw_events_cursor *)base;

	have_done(cursor, cursor->left);
	mlw_chunk_cursor_release(&cursor->changes);
	mlw_event_filter_release(&cursor->filter);
	free(cursor);
	return SQLITE_OK;
}

/* The trace that the row is about, 0 if there is none. */
static inline uint32_t trace_of(const struct mlw_events_cursor *cursor)
{
	const struct mlw_change *change = &cursor->changes.change;

	return cursor->is_old ? change->old.trace : change->trace;
}

static uint32_t domain_of(const struct mlw_events_cursor *cursor)
{
	const struct mlw_change *change = &cursor->changes.change;
	uint32_t trace = trace_of(cursor);

	/* Of a block that is not the recording's only what took its place is known. */
	if (!trace)
		trace = change->trace;
	return trace ? cursor->views->recording->traces[trace - 1].domain
	             : MLW_DOMAIN_MALLOC;
}

static enum mlw_event_op old_op(const struct mlw_events_cursor *cursor)
{
	switch (cursor->changes.change.old_kind) {
	case MLW_OLD_INHERITED:
		return MLW_EVENT_INHERITED_FREE;
	case MLW_OLD_FOREIGN:
		return MLW_EVENT_FOREIGN_FREE;
	default:
		break;
	}
	switch (domain_of(cursor)) {
	case MLW_DOMAIN_MALLOC:
		return MLW_EVENT_FREE;
	case MLW_DOMAIN_MMAP:
	case MLW_DOMAIN_BRK:
		return MLW_EVENT_UNMAP;
	default:
		return MLW_EVENT_UNTRACK;
	}
}

static enum mlw_event_op new_op(const struct mlw_events_cursor *cursor)
{
	switch (domain_of(cursor)) {
	case MLW_DOMAIN_MALLOC:
		return MLW_EVENT_ALLOC;
	case MLW_DOMAIN_MMAP:
	case MLW_DOMAIN_BRK:
		return MLW_EVENT_MAP;
	default:
		return MLW_EVENT_TRACK;
	}
}

static enum mlw_event_op op_of(const struct mlw_events_cursor *cursor)
{
	switch (cursor->changes.change.op) {
	case MLW_OP_SHRINK:
		return MLW_EVENT_SHRINK;
	case MLW_OP_END:
		return MLW_EVENT_EXIT;
	case MLW_OP_CLEAR:
		return MLW_EVENT_CLEAR;
	default:
		return cursor->is_old ? old_op(cursor) : new_op(cursor);
	}
}

static inline bool passes(const struct mlw_events_cursor *cursor)
{
	const struct mlw_event_filter *filter = &cursor->filter;
	const struct mlw_change *change = &cursor->changes.change;

	if (filter->threads && !filter->threads[change->thread])
		return false;
	if (filter->traces && (!trace_of(cursor) || !filter->traces[trace_of(cursor)]))
		return false;
	if (filter->ops == (1u << MLW_EVENT_OPS) - 1)
		return true;
	return filter->ops >> op_of(cursor) & 1;
}

/* Begins the next chunk that may have what is looked for. 1, 0 at the end, -1. */
static int open_chunk(struct mlw_events_cursor *cursor, struct mlw_error *err)
{
	struct mlw_recording *recording = cursor->views->recording;

	while (cursor->chunk < cursor->chunk_end &&
	       !mlw_event_filter_may_be_in(&cursor->filter, recording,
	                                   &cursor->heads[cursor->chunk]))
		have_done(cursor, cursor->heads[cursor->chunk++].count);
	if (cursor->chunk >= cursor->chunk_end)
		return 0;
	if (mlw_chunk_cursor_open(&cursor->changes, recording->reader, cursor->chunk++,
	                          err))
		return -1;
	cursor->views->chunks_read++;
	cursor->in_chunk = true;
	return 1;
}

/* The next change within the bounds, at the first of its rows. 1, 0 at the end, -1. */
static int next_change(struct mlw_events_cursor *cursor, struct mlw_error *err)
{
	const struct mlw_event_filter *filter = &cursor->filter;
	const struct mlw_change *change = &cursor->changes.change;
	int got;

	for (;;) {
		if (!cursor->in_chunk) {
			got = open_chunk(cursor, err);
			if (got <= 0)
				return got;
		}
		got = mlw_chunk_cursor_next(&cursor->changes, err);
		if (got < 0)
			return -1;
		cursor->in_chunk = got;
		if (got)
			have_done(cursor, 1);
		if (!got || change->time_us < filter->us_min ||
		    cursor->changes.number < filter->number_min)
			continue;
		if (change->time_us > filter->us_max ||
		    cursor->changes.number > filter->number_max)
			return 0;
		cursor->is_old =
		        !mlw_op_is_mark(change->op) && change->old_kind != MLW_OLD_NONE;
		return 1;
	}
}

static int step(struct mlw_events_cursor *cursor, struct mlw_error *err)
{
	int got;

	do {
		if (cursor->is_old && cursor->changes.change.op == MLW_OP_REALLOC) {
			cursor->is_old = false;
			continue;
		}
		got = next_change(cursor, err);
		if (got <= 0) {
			cursor->at_end = true;
			have_done(cursor, cursor->left);
			return got;
		}
	} while (!passes(cursor));
	return 0;
}

int mlw_events_next(sqlite3_vtab_cursor *base)
{
	struct mlw_events_cursor *cursor = (struct mlw_events_cursor *)base;
	struct mlw_error err;

	return step(cursor, &err) ? mlw_views_fail(base->pVtab, &err) : SQLITE_OK;
}

/* Finds the chunks to go through. */
static int plan_chunks(struct mlw_events_cursor *cursor, struct mlw_error *err)
{
	size_t count;

	if (mlw_event_filter_chunks(&cursor->filter, cursor->views, &cursor->chunk,
	                            &cursor->chunk_end, err) ||
	    mlw_reader_chunks(cursor->views->recording->reader, &cursor->heads, &count,
	                      err))
		return -1;
	for (size_t i = cursor->chunk; i < cursor->chunk_end; i++)
		cursor->left += cursor->heads[i].count;
	cursor->views->changes_planned += cursor->left;
	return 0;
}

int mlw_events_filter(sqlite3_vtab_cursor *base, int number, const char *plan, int argc,
                      sqlite3_value **argv)
{
	struct mlw_events_cursor *cursor = (struct mlw_events_cursor *)base;
	struct mlw_error err;

	(void)number;
	(void)argc;
	mlw_event_filter_release(&cursor->filter);
	have_done(cursor, cursor->left);
	cursor->in_chunk = cursor->is_old = cursor->at_end = false;
	if (mlw_event_filter_init(&cursor->filter, cursor->views, plan, argv, &err) ||
	    plan_chunks(cursor, &err) || step(cursor, &err))
		return mlw_views_fail(base->pVtab, &err);
	return SQLITE_OK;
}

int mlw_events_is_at_end(sqlite3_vtab_cursor *base)
{
	return ((const struct mlw_events_cursor *)base)->at_end;
}

/* Columns that say something of a block. */
static void give_block(const struct mlw_events_cursor *cursor, sqlite3_context *context,
                       int column)
{
	const struct mlw_change *change = &cursor->changes.change;
	bool is_known = !cursor->is_old || change->old_kind == MLW_OLD_BLOCK;

	if (!is_known || mlw_op_is_mark(change->op))
		return;
	if (column == MLW_EVENT_BLOCK)
		mlw_give_int(context,
		             cursor->is_old ? change->old.ordinal : change->ordinal);
	else if (column == MLW_EVENT_SIZE && change->op == MLW_OP_SHRINK)
		mlw_give_int(context, change->old.size - change->size);
	else if (column == MLW_EVENT_SIZE)
		mlw_give_int(context, cursor->is_old ? change->old.size : change->size);
	else if (cursor->is_old && change->op != MLW_OP_SHRINK)
		mlw_give_us(context, change->time_us - change->old.time_us);
}

/* What it stands for: a block, or those of which it is a sample. */
static void give_weight(const struct mlw_events_cursor *cursor, sqlite3_context *context,
                        int column)
{
	const struct mlw_recording *recording = cursor->views->recording;
	const struct mlw_change *change = &cursor->changes.change;
	struct mlw_weight weight;

	if ((cursor->is_old && change->old_kind != MLW_OLD_BLOCK) ||
	    mlw_op_is_mark(change->op))
		return;
	weight = cursor->is_old ? mlw_weigh_gone(recording, change)
	                        : mlw_weigh_new(recording, change);
	mlw_give_int(context, column == MLW_EVENT_BLOCKS ? weight.count : weight.size);
}

/* The file has the address of a new block, and of a pointer that was freed. */
static void give_address(const struct mlw_events_cursor *cursor, sqlite3_context *context)
{
	const struct mlw_change *change = &cursor->changes.change;

	if (!cursor->is_old || change->op == MLW_OP_FREE)
		mlw_give_known(context, change->address);
}

static int give_domain(const struct mlw_events_cursor *cursor, sqlite3_context *context)
{
	struct mlw_error err;
	const char *name;

	if (mlw_op_is_mark(cursor->changes.change.op))
		return SQLITE_OK;
	name = mlw_recording_domain(cursor->views->recording, domain_of(cursor), &err);
	if (!name)
		return SQLITE_NOMEM;
	sqlite3_result_text(context, name, -1, SQLITE_STATIC);
	return SQLITE_OK;
}

/* That of the block, in which it was allocated. */
static int give_scope(const struct mlw_events_cursor *cursor, sqlite3_context *context)
{
	struct mlw_recording *recording = cursor->views->recording;
	uint32_t trace = trace_of(cursor);
	struct mlw_error err;

	if (!trace || cursor->changes.change.op == MLW_OP_END)
		return SQLITE_OK;
	return mlw_give_scope(context, recording, recording->traces[trace - 1].scope,
	                      &err)
	               ? SQLITE_NOMEM
	               : SQLITE_OK;
}

int mlw_events_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct mlw_events_cursor *cursor = (const struct mlw_events_cursor *)base;
	const struct mlw_change *change = &cursor->changes.change;
	const struct mlw_recording *recording = cursor->views->recording;

	switch (column) {
	case MLW_EVENT_NUMBER:
		mlw_give_int(context, cursor->changes.number + 1);
		break;
	case MLW_EVENT_AT_NS:
		mlw_give_us(context, change->time_us);
		break;
	case MLW_EVENT_OP:
		sqlite3_result_text(context, mlw_event_op_names[op_of(cursor)], -1,
		                    SQLITE_STATIC);
		break;
	case MLW_EVENT_PROCESS:
		mlw_give_int(context, recording->threads[change->thread - 1].process);
		break;
	case MLW_EVENT_THREAD:
		mlw_give_int(context, change->thread);
		break;
	case MLW_EVENT_TRACE:
		mlw_give_known(context, trace_of(cursor));
		break;
	case MLW_EVENT_DOMAIN:
		return give_domain(cursor, context);
	case MLW_EVENT_SCOPE:
		return give_scope(cursor, context);
	case MLW_EVENT_REALLOC:
		mlw_give_int(context, change->op == MLW_OP_REALLOC);
		break;
	case MLW_EVENT_ADDRESS:
		give_address(cursor, context);
		break;
	case MLW_EVENT_BLOCKS:
	case MLW_EVENT_BYTES:
		give_weight(cursor, context, column);
		break;
	default:
		give_block(cursor, context, column);
	}
	return SQLITE_OK;
}

int mlw_events_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
	const struct mlw_events_cursor *cursor = (const struct mlw_events_cursor *)base;
	bool is_second = !cursor->is_old && cursor->changes.change.op == MLW_OP_REALLOC;

	*id = (sqlite3_int64)(2 * cursor->changes.number + is_second) + 1;
	return SQLITE_OK;
}
