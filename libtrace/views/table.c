/* SPDX-License-Identifier: MIT */

/* The virtual table module of every table but events. */

#include <stdlib.h>

#include "views/state.h"

/* What xBestIndex tells xFilter. */
#define PLAN_ALL 0
#define PLAN_KEY 1

struct table {
	sqlite3_vtab base;
	const struct mlw_views_module *module; /* borrowed */
};

static const struct mlw_view *view_of(const sqlite3_vtab *table)
{
	return ((const struct table *)table)->module->view;
}

static int connect(sqlite3 *sqlite, void *module, int argc, const char *const *argv,
                   sqlite3_vtab **made, char **message)
{
	const struct mlw_views_module *mine = module;
	struct table *table;
	char *declaration = sqlite3_mprintf("CREATE TABLE x(%s)", mine->view->columns);
	int code = declaration ? sqlite3_declare_vtab(sqlite, declaration) : SQLITE_NOMEM;

	(void)argc;
	(void)argv;
	(void)message;
	sqlite3_free(declaration);
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(sqlite, SQLITE_VTAB_INNOCUOUS);
	table = calloc(1, sizeof(*table));
	if (!table)
		return SQLITE_NOMEM;
	table->module = mine;
	*made = &table->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

/* The constraint `key = ?`, or -1. */
static int find_key(const sqlite3_index_info *info, int key)
{
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];

		if (constraint->usable && key >= 0 && constraint->iColumn == key &&
		    constraint->op == SQLITE_INDEX_CONSTRAINT_EQ)
			return i;
	}
	return -1;
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	struct mlw_views *views = ((struct table *)table)->module->views;
	const struct mlw_view *view = view_of(table);
	/* Stacks are about this deep, parts of live blocks about this big. */
	double rows_of_group = view->load ? 16 : 1;
	struct mlw_error err;
	size_t groups;
	int key = find_key(info, view->key);

	if (key >= 0) {
		info->idxNum = PLAN_KEY;
		info->aConstraintUsage[key].argvIndex = 1;
		info->estimatedCost = 1 + rows_of_group;
		info->estimatedRows = (sqlite3_int64)rows_of_group;
		if (!view->load)
			info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
		return SQLITE_OK;
	}
	if (view->count(views, &groups, &err))
		return mlw_views_fail(table, &err);
	info->idxNum = PLAN_ALL;
	info->estimatedCost = 1 + rows_of_group * (double)groups;
	info->estimatedRows = 1 + (sqlite3_int64)(rows_of_group * (double)groups);
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **made)
{
	struct mlw_view_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	cursor->views = ((struct table *)table)->module->views;
	*made = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct mlw_view_cursor *cursor = (struct mlw_view_cursor *)base;

	free(cursor->rows);
	free(cursor);
	return SQLITE_OK;
}

/* Stands on the first row from the beginning of `group` on. */
static int settle(struct mlw_view_cursor *cursor)
{
	const struct mlw_view *view = view_of(cursor->base.pVtab);
	struct mlw_error err;

	for (; cursor->group < cursor->group_end; cursor->group++) {
		cursor->row = 0;
		cursor->row_count = 1;
		if (view->load) {
			free(cursor->rows);
			cursor->rows = NULL;
			cursor->row_count = 0;
			if (view->load(cursor, &err))
				return mlw_views_fail(cursor->base.pVtab, &err);
		}
		if (cursor->row_count)
			break;
	}
	return SQLITE_OK;
}

/* Only the group of this key, if there is one. SQLite compares again. */
static void narrow(struct mlw_view_cursor *cursor, sqlite3_value *value)
{
	sqlite3_int64 key = sqlite3_value_numeric_type(value) == SQLITE_NULL
	                            ? 0
	                            : sqlite3_value_int64(value);

	if (key >= 1 && (sqlite3_uint64)key <= cursor->group_end) {
		cursor->group = (size_t)key - 1;
		cursor->group_end = (size_t)key;
	} else {
		cursor->group_end = 0;
	}
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                  sqlite3_value **argv)
{
	struct mlw_view_cursor *cursor = (struct mlw_view_cursor *)base;
	struct mlw_error err;

	(void)text;
	(void)argc;
	cursor->group = 0;
	if (view_of(base->pVtab)->count(cursor->views, &cursor->group_end, &err))
		return mlw_views_fail(base->pVtab, &err);
	if (number == PLAN_KEY)
		narrow(cursor, argv[0]);
	return settle(cursor);
}

static int next(sqlite3_vtab_cursor *base)
{
	struct mlw_view_cursor *cursor = (struct mlw_view_cursor *)base;

	if (++cursor->row < cursor->row_count)
		return SQLITE_OK;
	cursor->group++;
	return settle(cursor);
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
	const struct mlw_view_cursor *cursor = (const struct mlw_view_cursor *)base;

	return cursor->group >= cursor->group_end;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	struct mlw_view_cursor *cursor = (struct mlw_view_cursor *)base;
	struct mlw_error err;

	if (!view_of(base->pVtab)->column(cursor, context, number, &err))
		return SQLITE_OK;
	sqlite3_result_error(context, err.text, -1);
	return SQLITE_ERROR;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
	const struct mlw_view_cursor *cursor = (const struct mlw_view_cursor *)base;

	*id = (sqlite3_int64)(cursor->group << 20 | cursor->row);
	if (!view_of(base->pVtab)->load)
		*id = (sqlite3_int64)cursor->group + 1;
	return SQLITE_OK;
}

const sqlite3_module mlw_view_module = {
	.iVersion = 1,
	.xCreate = connect,
	.xConnect = connect,
	.xBestIndex = plan,
	.xDisconnect = disconnect,
	.xDestroy = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next,
	.xEof = is_at_end,
	.xColumn = column,
	.xRowid = rowid,
};
