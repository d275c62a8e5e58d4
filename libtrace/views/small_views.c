/* SPDX-License-Identifier: MIT */

/* The tables modules, snapshots and timeline. */

#include "base/strbuf.h"
#include <string.h>

#include "views/state.h"

enum {
	MODULE_ID,
	MODULE_PATH,
	MODULE_BUILD_ID,
};

static int count_modules(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	(void)err;
	*groups = views->recording->module_count;
	return 0;
}

/* As other tools write it. */
static void give_build_id(sqlite3_context *context, const struct mlw_module_row *module)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	if (!module->build_id)
		return;
	for (size_t i = 0; i < module->build_id_size; i++)
		mlw_strbuf_printf(&text, "%02x", module->build_id[i]);
	if (mlw_strbuf_failed(&text))
		sqlite3_result_error_nomem(context);
	else
		mlw_give_text(context, text.text);
	mlw_strbuf_release(&text);
}

static int module_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                         int column, struct mlw_error *err)
{
	const struct mlw_module_row *module =
	        &cursor->views->recording->modules[cursor->group];

	(void)err;
	if (column == MODULE_ID)
		mlw_give_int(context, module->id);
	else if (column == MODULE_PATH)
		mlw_give_text(context, module->path);
	else
		give_build_id(context, module);
	return 0;
}

const struct mlw_view mlw_view_modules = {
	.name = "modules",
	.columns = "id INTEGER, path TEXT, build_id TEXT",
	.key = MODULE_ID,
	.count = count_modules,
	.column = module_column,
};

enum {
	SNAPSHOT_ID,
	SNAPSHOT_NAME,
	SNAPSHOT_AT_NS,
	SNAPSHOT_SIZE,
	SNAPSHOT_COUNT,
};

static int count_snapshots(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	const struct mlw_snapshot_row *rows;

	return mlw_reader_snapshots(views->recording->reader, &rows, groups, err);
}

static int snapshot_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                           int column, struct mlw_error *err)
{
	const struct mlw_snapshot_row *snapshot;
	size_t count;

	if (mlw_reader_snapshots(cursor->views->recording->reader, &snapshot, &count,
	                         err))
		return -1;
	snapshot += cursor->group;
	switch (column) {
	case SNAPSHOT_ID:
		mlw_give_int(context, cursor->group + 1);
		break;
	case SNAPSHOT_NAME:
		mlw_give_text(context, snapshot->name);
		break;
	case SNAPSHOT_AT_NS:
		mlw_give_us(context, snapshot->at_us);
		break;
	case SNAPSHOT_SIZE:
		mlw_give_int(context, snapshot->size);
		break;
	case SNAPSHOT_COUNT:
		mlw_give_int(context, snapshot->count);
		break;
	}
	return 0;
}

const struct mlw_view mlw_view_snapshots = {
	.name = "snapshots",
	.columns = "id INTEGER, name TEXT, at_ns INTEGER, size INTEGER, count INTEGER",
	.key = SNAPSHOT_ID,
	.count = count_snapshots,
	.column = snapshot_column,
};

enum {
	METADATA_KEY,
	METADATA_VALUE,
};

static int count_metadata(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	const struct mlw_metadata_row *rows;

	return mlw_reader_metadata(views->recording->reader, &rows, groups, err);
}

static int metadata_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                           int column, struct mlw_error *err)
{
	const struct mlw_metadata_row *row;
	size_t count;

	if (mlw_reader_metadata(cursor->views->recording->reader, &row, &count, err))
		return -1;
	row += cursor->group;
	if (column == METADATA_KEY)
		mlw_give_text(context, row->key);
	else if (memchr(row->value, 0, row->size))
		sqlite3_result_blob64(context, row->value, row->size, SQLITE_TRANSIENT);
	else
		mlw_give_text(context, row->value);
	return 0;
}

const struct mlw_view mlw_view_metadata = {
	.name = "metadata",
	.columns = "key TEXT, value",
	.key = -1,
	.count = count_metadata,
	.column = metadata_column,
};

enum {
	POINT_AT_NS,
	POINT_SIZE,
	POINT_COUNT,
	POINT_RSS,
	POINT_ALLOCATIONS,
};

static int count_points(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	const struct mlw_timeline_row *rows;

	return mlw_reader_timeline(views->recording->reader, &rows, groups, err);
}

static int point_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                        int column, struct mlw_error *err)
{
	const struct mlw_timeline_row *point;
	size_t count;

	if (mlw_reader_timeline(cursor->views->recording->reader, &point, &count, err))
		return -1;
	point += cursor->group;
	switch (column) {
	case POINT_AT_NS:
		mlw_give_us(context, point->at_us);
		break;
	case POINT_SIZE:
		mlw_give_int(context, point->size);
		break;
	case POINT_COUNT:
		mlw_give_int(context, point->count);
		break;
	case POINT_RSS:
		mlw_give_known(context, point->rss);
		break;
	case POINT_ALLOCATIONS:
		mlw_give_int(context, point->allocations);
		break;
	}
	return 0;
}

const struct mlw_view mlw_view_timeline = {
	.name = "timeline",
	.columns = "at_ns INTEGER, size INTEGER, count INTEGER, rss INTEGER,"
	           "allocations INTEGER",
	.key = -1,
	.count = count_points,
	.column = point_column,
};
