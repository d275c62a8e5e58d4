/* SPDX-License-Identifier: MIT */

/* The table events: what SQLite is told about it, and how a query is planned. */

#include "views/events.h"

#include <stdlib.h>
#include <string.h>

/* Letters of a plan for as many values as one query will ever need. */
#define VALUES 32

/*
 * What a step costs, in rows that SQLite handles itself: decoding a change is cheap
 * compared with that, looking into a chunk that has it all less so.
 */
#define COST_OF_CHANGE 0.25
#define COST_OF_CHUNK  1000.0

static int connect(sqlite3 *sqlite, void *module, int argc, const char *const *argv,
                   sqlite3_vtab **made, char **message)
{
	struct mlw_events_table *table;
	int code = sqlite3_declare_vtab(
	        sqlite, "CREATE TABLE x(number INTEGER, at_ns INTEGER, op TEXT,"
	                "process INTEGER, thread INTEGER, trace INTEGER, domain TEXT,"
	                "scope TEXT, size INTEGER, block INTEGER, realloc INTEGER,"
	                "lifetime_ns INTEGER, address INTEGER,"
	                "blocks INTEGER, bytes INTEGER)");

	(void)argc;
	(void)argv;
	(void)message;
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(sqlite, SQLITE_VTAB_INNOCUOUS);
	table = calloc(1, sizeof(*table));
	if (!table)
		return SQLITE_NOMEM;
	table->views = ((struct mlw_views_module *)module)->views;
	*made = &table->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* The letter of a column of which constraints are used; 0: of this one they are not. */
static char letter_of(int column)
{
	switch (column) {
	case MLW_EVENT_NUMBER:
		return 'n';
	case MLW_EVENT_AT_NS:
		return 't';
	case MLW_EVENT_OP:
		return 'o';
	case MLW_EVENT_PROCESS:
		return 'p';
	case MLW_EVENT_THREAD:
		return 'h';
	case MLW_EVENT_TRACE:
		return 'r';
	case MLW_EVENT_BLOCK:
		return 'b';
	default:
		return 0;
	}
}

static bool has_order(char letter)
{
	return letter == 'n' || letter == 't' || letter == 'b';
}

static char comparison_of(char letter, unsigned char op)
{
	if (op == SQLITE_INDEX_CONSTRAINT_EQ)
		return '=';
	if (!has_order(letter))
		return 0;
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_LT:
		return '<';
	case SQLITE_INDEX_CONSTRAINT_LE:
		return 'l';
	case SQLITE_INDEX_CONSTRAINT_GT:
		return '>';
	case SQLITE_INDEX_CONSTRAINT_GE:
		return 'g';
	default:
		return 0;
	}
}

struct plan {
	struct mlw_views *views;
	sqlite3_index_info *info;
	char letters[2 * VALUES + 1];
	int values;
	double share; /* of the rows that are left, as far as one can know */
	struct mlw_event_filter bounds; /* of values that are known by now */
	bool has_unknown_bound; /* of time or number */
};

/* What a value that is known by now leaves of the chunks. */
static void take_bound(struct plan *plan, int index, char letter, char how)
{
	char text[] = { letter, how, '\0' };
	struct mlw_event_filter one;
	struct mlw_error ignored;
	sqlite3_value *value;

	if (sqlite3_vtab_rhs_value(plan->info, index, &value) != SQLITE_OK ||
	    mlw_event_filter_init(&one, plan->views, text, &value, &ignored)) {
		plan->has_unknown_bound |= letter != 'b';
		return;
	}
	if (one.number_min > plan->bounds.number_min)
		plan->bounds.number_min = one.number_min;
	if (one.number_max < plan->bounds.number_max)
		plan->bounds.number_max = one.number_max;
	if (one.us_min > plan->bounds.us_min)
		plan->bounds.us_min = one.us_min;
	if (one.us_max < plan->bounds.us_max)
		plan->bounds.us_max = one.us_max;
	if (one.block_min > plan->bounds.block_min)
		plan->bounds.block_min = one.block_min;
	mlw_event_filter_release(&one);
}

static void take_share(struct plan *plan, char letter)
{
	const struct mlw_recording *recording = plan->views->recording;

	if (letter == 'h' && recording->thread_count)
		plan->share /= (double)recording->thread_count;
	else if (letter == 'p' && recording->process_count)
		plan->share /= (double)recording->process_count;
	else if (letter == 'r' && recording->trace_count)
		plan->share /= (double)recording->trace_count;
	else if (letter == 'o')
		plan->share /= 2;
}

/* Lists are taken as a whole, since a scan for each of their values would be a scan too
 * many. Only what is an exact text comparison needs no second look of SQLite's. */
static void take_constraint(struct plan *plan, int index)
{
	sqlite3_index_info *info = plan->info;
	const struct sqlite3_index_constraint *constraint = &info->aConstraint[index];
	struct sqlite3_index_constraint_usage *usage = &info->aConstraintUsage[index];
	char letter = letter_of(constraint->iColumn);
	char how = letter ? comparison_of(letter, constraint->op) : 0;
	bool is_list = how == '=' && sqlite3_vtab_in(info, index, -1);

	if (!constraint->usable || !how || plan->values == VALUES)
		return;
	if (letter == 'o' &&
	    sqlite3_stricmp(sqlite3_vtab_collation(info, index), "BINARY"))
		return;
	if (is_list && has_order(letter))
		return; /* of these, SQLite may ask for one after the other */
	if (is_list) {
		sqlite3_vtab_in(info, index, 1);
		how = 'i';
	}
	plan->letters[2 * plan->values] = letter;
	plan->letters[2 * plan->values + 1] = how;
	usage->argvIndex = ++plan->values;
	usage->omit = letter == 'o' && how == '=';
	if (has_order(letter))
		take_bound(plan, index, letter, how);
	take_share(plan, letter);
}

/* Rows come in the order of numbers, and times never go back. */
static bool is_in_order(const sqlite3_index_info *info)
{
	for (int i = 0; i < info->nOrderBy; i++) {
		int column = info->aOrderBy[i].iColumn;

		if (info->aOrderBy[i].desc || (column != MLW_EVENT_NUMBER &&
		                               column != MLW_EVENT_AT_NS && column != -1))
			return false;
	}
	return true;
}

static int estimate(struct plan *plan, struct mlw_error *err)
{
	const struct mlw_chunk_head *chunks;
	size_t first, end, count;
	double changes = 0;

	if (mlw_reader_chunks(plan->views->recording->reader, &chunks, &count, err) ||
	    mlw_event_filter_chunks(&plan->bounds, plan->views, &first, &end, err))
		return -1;
	if (end > first)
		changes = (double)(chunks[end - 1].first + chunks[end - 1].count -
		                   chunks[first].first);
	if (plan->has_unknown_bound)
		changes /= 2;
	plan->info->estimatedRows = 1 + (sqlite3_int64)(changes * plan->share);
	plan->info->estimatedCost = COST_OF_CHUNK + changes * COST_OF_CHANGE +
	                            (double)plan->info->estimatedRows;
	return 0;
}

static int best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	struct plan plan = {
		.views = ((struct mlw_events_table *)table)->views,
		.info = info,
		.share = 1,
	};
	struct mlw_error err;

	if (mlw_event_filter_init(&plan.bounds, plan.views, NULL, NULL, &err))
		return mlw_views_fail(table, &err);
	for (int i = 0; i < info->nConstraint; i++)
		take_constraint(&plan, i);
	if (estimate(&plan, &err))
		return mlw_views_fail(table, &err);
	info->orderByConsumed = is_in_order(info);
	info->idxStr = sqlite3_mprintf("%s", plan.letters);
	info->needToFreeIdxStr = 1;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

const sqlite3_module mlw_events_module = {
	.iVersion = 1,
	.xCreate = connect,
	.xConnect = connect,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xDestroy = disconnect,
	.xOpen = mlw_events_open,
	.xClose = mlw_events_close,
	.xFilter = mlw_events_filter,
	.xNext = mlw_events_next,
	.xEof = mlw_events_is_at_end,
	.xColumn = mlw_events_column,
	.xRowid = mlw_events_rowid,
};
