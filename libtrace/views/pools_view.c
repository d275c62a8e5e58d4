/* SPDX-License-Identifier: MIT */

/* The table pools. */

#include "views/state.h"

enum {
	POOL_PROCESS,
	POOL_DOMAIN,
	POOL_BLOCK_SIZE,
};

static int count(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	const struct mlw_pool_row *rows;

	return mlw_reader_pools(views->recording->reader, &rows, groups, err);
}

static int give_domain(struct mlw_recording *recording, sqlite3_context *context,
                       uint32_t id, struct mlw_error *err)
{
	const char *name = mlw_recording_domain(recording, id, err);

	mlw_give_text(context, name);
	return name ? 0 : -1;
}

static int column(struct mlw_view_cursor *cursor, sqlite3_context *context, int number,
                  struct mlw_error *err)
{
	struct mlw_recording *recording = cursor->views->recording;
	const struct mlw_pool_row *row;
	size_t rows;

	if (mlw_reader_pools(recording->reader, &row, &rows, err))
		return -1;
	row += cursor->group;
	if (number == POOL_PROCESS)
		mlw_give_int(context, row->process);
	else if (number == POOL_DOMAIN)
		return give_domain(recording, context, row->domain, err);
	else if (number == POOL_BLOCK_SIZE)
		mlw_give_known(context, row->block_size);
	else
		mlw_give_int(context,
		             (const uint64_t[]){
		                     row->created, row->pools, row->size, row->peak_size,
		                     row->blocks, row->used_size, row->free_size,
		                     row->largest_free }[number - POOL_BLOCK_SIZE - 1]);
	return 0;
}

const struct mlw_view mlw_view_pools = {
	.name = "pools",
	.columns = "process INTEGER, domain TEXT, block_size INTEGER, created INTEGER,"
	           "pools INTEGER, size INTEGER, peak_size INTEGER, blocks INTEGER,"
	           "used_size INTEGER, free_size INTEGER, largest_free INTEGER",
	.key = -1,
	.count = count,
	.column = column,
};
