/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/array.h"
#include "store/reader_state.h"
#include "store/segment.h"

static int take_segment(struct mlw_reader *reader, struct mlw_cursor *cursor,
                        uint64_t *totals, struct mlw_error *err)
{
	struct mlw_segment_head *row =
	        mlw_rows_next(&reader->segments, sizeof(*row), err);
	uint64_t first = mlw_cursor_int(cursor, 2);

	if (!row)
		return -1;
	row->id = cursor->id;
	row->kind = mlw_cursor_id(cursor, 1);
	row->count = mlw_cursor_id(cursor, 3);
	if (row->kind < MLW_SEGMENT_FRAMES || row->kind > MLW_SEGMENT_LIVE ||
	    row->count == 0 || row->count > MLW_SEGMENT_ROWS ||
	    first != totals[row->kind] + (row->kind != MLW_SEGMENT_LIVE))
		return mlw_reader_damaged(reader, "a segment in the wrong place", err);
	totals[row->kind] += row->count;
	reader->segments.count++;
	return totals[row->kind] <= UINT32_MAX || row->kind == MLW_SEGMENT_LIVE
	               ? 0
	               : mlw_reader_damaged(reader, "too many ids", err);
}

int mlw_reader_segments(struct mlw_reader *reader, struct mlw_error *err)
{
	uint64_t totals[MLW_SEGMENT_LIVE + 1] = { 0 };
	struct mlw_cursor cursor;
	int more;

	if (reader->segments.loaded)
		return 0;
	reader->segments.count = 0;
	if (mlw_cursor_open(&cursor, &reader->database, MLW_TABLE_SEGMENT, err))
		return -1;
	while ((more = mlw_cursor_next(&cursor, err)) > 0)
		if (take_segment(reader, &cursor, totals, err)) {
			more = -1;
			break;
		}
	mlw_cursor_close(&cursor);
	reader->segments.loaded = more == 0;
	return more;
}

int mlw_reader_segment(struct mlw_reader *reader, const struct mlw_segment_head *head,
                       struct mlw_unpacked *unpacked, struct mlw_error *err)
{
	size_t limit = mlw_segment_limit(head->kind, head->count);
	struct mlw_data what = {
		.table = MLW_TABLE_SEGMENT,
		.id = head->id,
		.count = head->count,
		.columns = 1,
		.limits = &limit,
	};

	return mlw_database_unpack(&reader->database, &what, unpacked, err);
}

/* Is each row from `from` on fine? */
static bool check_frames(const struct mlw_reader *reader, size_t from)
{
	const struct mlw_frame_row *rows = reader->frames.rows;

	for (size_t i = from; i < reader->frames.count; i++)
		if (rows[i].module > reader->modules.count)
			return false;
	return true;
}

static bool check_traces(const struct mlw_reader *reader, size_t from)
{
	const struct mlw_trace_row *rows = reader->traces.rows;

	for (size_t i = from; i < reader->traces.count; i++)
		if (rows[i].node > reader->nodes.count || rows[i].thread == 0 ||
		    rows[i].thread > reader->threads.count ||
		    rows[i].domain >= MLW_DOMAIN_LIMIT)
			return false;
	return true;
}

/* Decodes a segment to the end of its array. */
static bool decode(struct mlw_reader *reader, const struct mlw_segment_head *head,
                   const struct mlw_unpacked *unpacked, struct mlw_rows *rows)
{
	size_t from = rows->count;

	rows->count += head->count;
	switch (head->kind) {
	case MLW_SEGMENT_FRAMES:
		return mlw_frames_decode(unpacked,
		                         (struct mlw_frame_row *)rows->rows + from,
		                         head->count) &&
		       check_frames(reader, from);
	case MLW_SEGMENT_TRACES:
		return mlw_traces_decode(unpacked,
		                         (struct mlw_trace_row *)rows->rows + from,
		                         head->count) &&
		       check_traces(reader, from);
	default:
		return false;
	}
}

static int load_segment(struct mlw_reader *reader, const struct mlw_segment_head *head,
                        struct mlw_rows *rows, size_t size, struct mlw_unpacked *unpacked,
                        struct mlw_error *err)
{
	if (mlw_reader_segment(reader, head, unpacked, err) ||
	    mlw_grow(&rows->rows, &rows->capacity, rows->count + head->count, size, err))
		return -1;
	if (!decode(reader, head, unpacked, rows))
		return mlw_reader_damaged(reader, "a segment contradicts itself", err);
	return 0;
}

static size_t count_rows(const struct mlw_reader *reader, enum mlw_segment kind)
{
	const struct mlw_segment_head *heads = reader->segments.rows;
	size_t count = 0;

	for (size_t i = 0; i < reader->segments.count; i++)
		count += heads[i].kind == kind ? heads[i].count : 0;
	return count;
}

static int load(struct mlw_reader *reader, enum mlw_segment kind, struct mlw_rows *rows,
                size_t size, struct mlw_error *err)
{
	const struct mlw_segment_head *heads;
	struct mlw_unpacked unpacked = { 0 };
	int result = 0;

	if (rows->loaded)
		return 0;
	if (mlw_reader_segments(reader, err))
		return -1;
	heads = reader->segments.rows;
	rows->count = 0;
	if (mlw_reserve(&rows->rows, &rows->capacity, count_rows(reader, kind), size,
	                err))
		return -1;
	for (size_t i = 0; i < reader->segments.count && !result; i++)
		if (heads[i].kind == kind)
			result = load_segment(reader, &heads[i], rows, size, &unpacked,
			                      err);
	mlw_unpacked_release(&unpacked);
	rows->loaded = !result;
	return result;
}

int mlw_reader_frames(struct mlw_reader *reader, const struct mlw_frame_row **rows,
                      size_t *count, struct mlw_error *err)
{
	const struct mlw_module_row *modules;

	if (mlw_reader_modules(reader, &modules, count, err) ||
	    load(reader, MLW_SEGMENT_FRAMES, &reader->frames, sizeof(**rows), err))
		return -1;
	*rows = reader->frames.rows;
	*count = reader->frames.count;
	return 0;
}

static int load_nodes(struct mlw_reader *reader, const struct mlw_segment_head *head,
                      struct mlw_unpacked *unpacked, struct mlw_error *err)
{
	bool sound;

	if (mlw_reader_segment(reader, head, unpacked, err) ||
	    mlw_nodes_decode(unpacked, &reader->nodes, head->count,
	                     (uint32_t)reader->frames.count, &sound, err))
		return -1;
	return sound ? 0
	             : mlw_reader_damaged(reader, "a segment contradicts itself", err);
}

int mlw_reader_nodes(struct mlw_reader *reader, const struct mlw_nodes **nodes,
                     struct mlw_error *err)
{
	const struct mlw_segment_head *heads;
	const struct mlw_frame_row *frames;
	struct mlw_unpacked unpacked = { 0 };
	int result = 0;
	size_t count;

	*nodes = &reader->nodes;
	if (reader->nodes_loaded)
		return 0;
	if (mlw_reader_frames(reader, &frames, &count, err))
		return -1;
	heads = reader->segments.rows;
	mlw_nodes_release(&reader->nodes);
	for (size_t i = 0; i < reader->segments.count && !result; i++)
		if (heads[i].kind == MLW_SEGMENT_NODES)
			result = load_nodes(reader, &heads[i], &unpacked, err);
	mlw_unpacked_release(&unpacked);
	reader->nodes_loaded = !result;
	return result;
}

int mlw_reader_traces(struct mlw_reader *reader, const struct mlw_trace_row **rows,
                      size_t *count, struct mlw_error *err)
{
	const struct mlw_nodes *nodes;
	const struct mlw_thread_row *threads;

	if (mlw_reader_nodes(reader, &nodes, err) ||
	    mlw_reader_threads(reader, &threads, count, err) ||
	    load(reader, MLW_SEGMENT_TRACES, &reader->traces, sizeof(**rows), err))
		return -1;
	*rows = reader->traces.rows;
	*count = reader->traces.count;
	return 0;
}

/* The live blocks of one segment, decoded and checked. */
static int decode_live(const struct mlw_reader *reader,
                       const struct mlw_unpacked *unpacked, struct mlw_live_row *rows,
                       size_t count, struct mlw_error *err)
{
	if (!mlw_live_decode(unpacked, rows, count))
		return mlw_reader_damaged(reader, "a segment contradicts itself", err);
	for (size_t i = 0; i < count; i++) {
		const struct mlw_live_row *row = &rows[i];

		if (row->process == 0 || row->process > reader->processes.count ||
		    row->block.trace == 0 || row->block.trace > reader->traces.count)
			return mlw_reader_damaged(reader, "a live block of nobody", err);
	}
	return 0;
}

int mlw_reader_live_segments(struct mlw_reader *reader, size_t *count,
                             struct mlw_error *err)
{
	const struct mlw_segment_head *heads;
	const struct mlw_trace_row *traces;

	if (mlw_reader_traces(reader, &traces, count, err))
		return -1;
	heads = reader->segments.rows;
	*count = 0;
	for (size_t i = 0; i < reader->segments.count; i++)
		*count += heads[i].kind == MLW_SEGMENT_LIVE;
	return 0;
}

static const struct mlw_segment_head *find_live(const struct mlw_reader *reader,
                                                size_t index)
{
	const struct mlw_segment_head *heads = reader->segments.rows;

	for (size_t i = 0; i < reader->segments.count; i++)
		if (heads[i].kind == MLW_SEGMENT_LIVE && index-- == 0)
			return &heads[i];
	return NULL;
}

int mlw_reader_live_segment(struct mlw_reader *reader, size_t index,
                            struct mlw_live_row **rows, size_t *count,
                            struct mlw_error *err)
{
	const struct mlw_segment_head *head = find_live(reader, index);
	struct mlw_unpacked unpacked = { 0 };
	int result = -1;

	*rows = NULL;
	*count = 0;
	if (!head)
		return 0;
	*rows = calloc(head->count, sizeof(**rows));
	if (!*rows)
		return mlw_fail(err, "%s: out of memory", reader->database.path);
	if (!mlw_reader_segment(reader, head, &unpacked, err))
		result = decode_live(reader, &unpacked, *rows, head->count, err);
	mlw_unpacked_release(&unpacked);
	if (!result) {
		*count = head->count;
		return 0;
	}
	free(*rows);
	*rows = NULL;
	return -1;
}

int mlw_reader_live_blocks(struct mlw_reader *reader,
                           int (*visit)(uint32_t process, const struct mlw_block *block,
                                        void *context),
                           void *context, struct mlw_error *err)
{
	size_t segments;
	bool stop = false;

	if (mlw_reader_live_segments(reader, &segments, err))
		return -1;
	for (size_t i = 0; i < segments && !stop; i++) {
		struct mlw_live_row *rows;
		size_t count;

		if (mlw_reader_live_segment(reader, i, &rows, &count, err))
			return -1;
		for (size_t k = 0; k < count && !stop; k++)
			stop = visit(rows[k].process, &rows[k].block, context) != 0;
		free(rows);
	}
	return 0;
}
