/* SPDX-License-Identifier: MIT */

/*
 * The table live_blocks. A recording that is closed has its blocks in parts; in one that
 * is not, they are what its events allocated and did not free.
 */

#include <stdlib.h>

#include "analyze/weights.h"
#include "views/state.h"

/* While the events are replayed. What ended processes held stays. */
struct survivors {
	const struct mlw_recording *recording;
	struct mlw_blocks *blocks; /* by ordinal instead of address */
	struct mlw_blocks *addresses; /* the same: their addresses, as sizes */
	struct mlw_live_row *rows; /* in the end */
	size_t count;
};

static int add(struct mlw_blocks *blocks, const struct mlw_block *block,
               struct mlw_error *err)
{
	struct mlw_block replaced;

	return mlw_blocks_add(blocks, block, &replaced, err) < 0 ? -1 : 0;
}

static int add_new(struct survivors *survivors, const struct mlw_change *change,
                   struct mlw_error *err)
{
	struct mlw_block block = {
		.address = change->ordinal,
		.size = change->size,
		.ordinal = change->ordinal,
		.time_us = change->time_us,
		.trace = change->trace,
	};

	if (add(survivors->blocks, &block, err))
		return -1;
	block.size = change->address;
	return survivors->recording->run->keeps_addresses
	               ? add(survivors->addresses, &block, err)
	               : 0;
}

static int end_old(struct survivors *survivors, const struct mlw_change *change,
                   struct mlw_error *err)
{
	uint64_t ordinal = change->old.ordinal;
	struct mlw_block block;

	if (!mlw_blocks_take(survivors->blocks, ordinal, 0, &block))
		return mlw_fail(err, "the file is damaged (a free of nothing)");
	if (change->op == MLW_OP_SHRINK) {
		block.size = change->size;
		return add(survivors->blocks, &block, err);
	}
	mlw_blocks_take(survivors->addresses, ordinal, 0, &block);
	return 0;
}

/* Blocks of one process, while they are gathered. */
struct gathering {
	const struct survivors *survivors;
	uint32_t process;
	uint64_t *ordinals;
	size_t count;
};

static int gather(const struct mlw_block *block, void *context)
{
	struct gathering *gathering = context;
	const struct mlw_recording *recording = gathering->survivors->recording;
	uint32_t thread = recording->traces[block->trace - 1].thread;

	if (recording->threads[thread - 1].process == gathering->process)
		gathering->ordinals[gathering->count++] = block->ordinal;
	return 0;
}

static int clear_process(struct survivors *survivors, uint32_t thread,
                         struct mlw_error *err)
{
	size_t count = mlw_blocks_count(survivors->blocks);
	struct gathering gathering = {
		.survivors = survivors,
		.process = survivors->recording->threads[thread - 1].process,
		.ordinals = calloc(count + 1, sizeof(uint64_t)),
	};
	struct mlw_block block;

	if (!gathering.ordinals)
		return mlw_fail(err, "out of memory for %zu blocks", count);
	mlw_blocks_each(survivors->blocks, gather, &gathering);
	for (size_t i = 0; i < gathering.count; i++) {
		mlw_blocks_take(survivors->blocks, gathering.ordinals[i], 0, &block);
		mlw_blocks_take(survivors->addresses, gathering.ordinals[i], 0, &block);
	}
	free(gathering.ordinals);
	return 0;
}

static int apply(const struct mlw_change *change, uint64_t number, void *context,
                 struct mlw_error *err)
{
	struct survivors *survivors = context;
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	(void)number;
	if (change->op == MLW_OP_CLEAR)
		return clear_process(survivors, change->thread, err);
	if (change->old_kind == MLW_OLD_BLOCK && end_old(survivors, change, err))
		return -1;
	return is_new ? add_new(survivors, change, err) : 0;
}

static int take_row(const struct mlw_block *block, void *context)
{
	struct survivors *survivors = context;
	const struct mlw_recording *recording = survivors->recording;
	struct mlw_live_row *row = &survivors->rows[survivors->count++];
	uint32_t thread = recording->traces[block->trace - 1].thread;
	struct mlw_block address = { 0 };

	mlw_blocks_find(survivors->addresses, block->ordinal, &address);
	row->process = recording->threads[thread - 1].process;
	row->block = *block;
	row->block.address = address.size;
	return 0;
}

static int compare_rows(const void *left, const void *right)
{
	uint64_t a = ((const struct mlw_live_row *)left)->block.ordinal;
	uint64_t b = ((const struct mlw_live_row *)right)->block.ordinal;

	return (a > b) - (a < b);
}

static int collect(struct survivors *survivors, struct mlw_view_cursor *cursor,
                   struct mlw_error *err)
{
	size_t count = mlw_blocks_count(survivors->blocks);

	survivors->rows = calloc(count + 1, sizeof(*survivors->rows));
	if (!survivors->rows)
		return mlw_fail(err, "out of memory for %zu blocks", count);
	mlw_blocks_each(survivors->blocks, take_row, survivors);
	qsort(survivors->rows, survivors->count, sizeof(*survivors->rows), compare_rows);
	cursor->rows = survivors->rows;
	cursor->row_count = survivors->count;
	return 0;
}

static int replay(struct mlw_view_cursor *cursor, struct mlw_error *err)
{
	struct survivors survivors = { .recording = cursor->views->recording };
	struct mlw_reader *reader = survivors.recording->reader;
	int result = -1;

	survivors.blocks = mlw_blocks_new(NULL, 0, err);
	survivors.addresses = mlw_blocks_new(NULL, 0, err);
	if (survivors.blocks && survivors.addresses &&
	    !mlw_reader_changes(reader, 0, apply, &survivors, err))
		result = collect(&survivors, cursor, err);
	mlw_blocks_free(survivors.addresses);
	mlw_blocks_free(survivors.blocks);
	return result;
}

static bool is_stored(const struct mlw_views *views)
{
	return views->recording->run->closed;
}

static int count(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	const struct mlw_run_row *run = views->recording->run;

	if (run->saved)
		return mlw_fail(err, "%s: the live blocks are not known, because %s",
		                mlw_reader_path(views->recording->reader),
		                mlw_recording_lacks_events(views->recording));
	if (is_stored(views))
		return mlw_reader_live_segments(views->recording->reader, groups, err);
	*groups = 1;
	if (!run->keeps_events || run->cut_changes)
		return mlw_fail(err,
		                "%s: the live blocks are not known before the "
		                "recording is closed (%s)",
		                mlw_reader_path(views->recording->reader),
		                run->keeps_events ? "--max-size" : "--record sites");
	return 0;
}

static int load(struct mlw_view_cursor *cursor, struct mlw_error *err)
{
	struct mlw_live_row *rows;

	if (!is_stored(cursor->views))
		return replay(cursor, err);
	if (mlw_reader_live_segment(cursor->views->recording->reader, cursor->group,
	                            &rows, &cursor->row_count, err))
		return -1;
	cursor->rows = rows;
	return 0;
}

enum {
	LIVE_BLOCK,
	LIVE_PROCESS,
	LIVE_THREAD,
	LIVE_TRACE,
	LIVE_DOMAIN,
	LIVE_SIZE,
	LIVE_AT_NS,
	LIVE_ADDRESS,
	LIVE_BLOCKS,
	LIVE_BYTES,
};

static struct mlw_weight weigh(const struct mlw_recording *recording,
                               const struct mlw_block *block)
{
	const struct mlw_change change = { .trace = block->trace,
		                           .size = block->size,
		                           .ordinal = block->ordinal };

	return mlw_weigh_new(recording, &change);
}

static int column(struct mlw_view_cursor *cursor, sqlite3_context *context, int number,
                  struct mlw_error *err)
{
	const struct mlw_live_row *row =
	        (struct mlw_live_row *)cursor->rows + cursor->row;
	struct mlw_recording *recording = cursor->views->recording;
	const struct mlw_trace_row *trace = &recording->traces[row->block.trace - 1];
	const char *domain;

	switch (number) {
	case LIVE_BLOCK:
		mlw_give_int(context, row->block.ordinal);
		return 0;
	case LIVE_PROCESS:
		mlw_give_int(context, row->process);
		return 0;
	case LIVE_THREAD:
		mlw_give_int(context, trace->thread);
		return 0;
	case LIVE_TRACE:
		mlw_give_int(context, row->block.trace);
		return 0;
	case LIVE_DOMAIN:
		domain = mlw_recording_domain(recording, trace->domain, err);
		mlw_give_text(context, domain);
		return domain ? 0 : -1;
	case LIVE_SIZE:
		mlw_give_int(context, row->block.size);
		return 0;
	case LIVE_AT_NS:
		mlw_give_us(context, row->block.time_us);
		return 0;
	case LIVE_BLOCKS:
		mlw_give_int(context, weigh(recording, &row->block).count);
		return 0;
	case LIVE_BYTES:
		mlw_give_int(context, weigh(recording, &row->block).size);
		return 0;
	default:
		mlw_give_known(context, row->block.address);
		return 0;
	}
}

const struct mlw_view mlw_view_live_blocks = {
	.name = "live_blocks",
	.columns = "block INTEGER, process INTEGER, thread INTEGER, trace INTEGER,"
	           "domain TEXT, size INTEGER, at_ns INTEGER, address INTEGER,"
	           "blocks INTEGER, bytes INTEGER",
	.key = -1,
	.count = count,
	.load = load,
	.column = column,
};
