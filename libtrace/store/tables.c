/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/array.h"
#include "store/reader_state.h"

bool mlw_reader_own(struct mlw_reader *reader, void *pointer, struct mlw_cursor *cursor)
{
	struct mlw_error ignored;

	if (!pointer)
		return true;
	if (mlw_grow(&reader->owned, &reader->owned_capacity, reader->owned_count + 1,
	             sizeof(*reader->owned), &ignored)) {
		free(pointer);
		cursor->failed = true;
		return false;
	}
	reader->owned[reader->owned_count++] = pointer;
	return true;
}

static const char *text(struct mlw_reader *reader, struct mlw_cursor *cursor, int column)
{
	char *copy = mlw_cursor_text(cursor, column);

	return mlw_reader_own(reader, copy, cursor) ? copy : NULL;
}

/* Texts that are never NULL in the model. */
static const char *some_text(struct mlw_reader *reader, struct mlw_cursor *cursor,
                             int column)
{
	const char *found = text(reader, cursor, column);

	return found ? found : "";
}

/* Reads a whole table, one call of `take` a row. */
static int load(struct mlw_reader *reader, enum mlw_table table, struct mlw_rows *rows,
                int (*take)(struct mlw_reader *reader, struct mlw_cursor *cursor,
                            struct mlw_error *err),
                struct mlw_error *err)
{
	struct mlw_cursor cursor;
	int more = -1;

	if (rows->loaded)
		return 0;
	rows->count = 0;
	if (mlw_cursor_open(&cursor, &reader->database, table, err))
		return -1;
	while ((more = mlw_cursor_next(&cursor, err)) > 0)
		if (take(reader, &cursor, err)) {
			more = -1;
			break;
		}
	mlw_cursor_close(&cursor);
	rows->loaded = more == 0;
	return more;
}

static void take_run(struct mlw_reader *reader, struct mlw_cursor *cursor)
{
	reader->run = (struct mlw_run_row){
		.command = some_text(reader, cursor, 1),
		.working_directory = some_text(reader, cursor, 2),
		.version = some_text(reader, cursor, 3),
		.options = some_text(reader, cursor, 4),
		.started_at_ns = (int64_t)mlw_cursor_int(cursor, 5),
		.duration_ns = mlw_cursor_int(cursor, 6),
		.time_resolution_ns = mlw_cursor_int(cursor, 7),
		.peak_uncertainty = mlw_cursor_int(cursor, 8),
		.lost_events = mlw_cursor_int(cursor, 9),
		.damaged_events = mlw_cursor_int(cursor, 10),
		.stacks_verified = mlw_cursor_int(cursor, 11),
		.stack_mismatches = mlw_cursor_int(cursor, 12),
		.collector_cpu_ns = mlw_cursor_int(cursor, 13),
		.collector_peak_rss = mlw_cursor_int(cursor, 14),
		.collector_events = mlw_cursor_int(cursor, 15),
		.depth = mlw_cursor_id(cursor, 16),
		.ended = mlw_cursor_id(cursor, 17),
		.exit_code = mlw_cursor_int32(cursor, 18),
		.signal = mlw_cursor_int32(cursor, 19),
		.closed = mlw_cursor_bool(cursor, 20),
		.keeps_addresses = mlw_cursor_bool(cursor, 21),
		.keeps_events = mlw_cursor_bool(cursor, 22),
		.cut_changes = mlw_cursor_int(cursor, 23),
		.saved = mlw_cursor_id(cursor, 24),
		.sample_bytes = mlw_cursor_int(cursor, 25),
	};
}

int mlw_reader_run(struct mlw_reader *reader, const struct mlw_run_row **run,
                   struct mlw_error *err)
{
	struct mlw_cursor cursor;
	int more;

	*run = &reader->run;
	if (reader->run_loaded)
		return 0;
	if (mlw_cursor_open(&cursor, &reader->database, MLW_TABLE_RUN, err))
		return -1;
	more = mlw_cursor_next(&cursor, err);
	if (more == 0)
		more = mlw_fail(err,
		                "%s: there is no recording in it yet, or the -wal file "
		                "is missing "
		                "that lay beside it",
		                reader->database.path);
	if (more > 0) {
		take_run(reader, &cursor);
		if (reader->run.saved > MLW_SAVED_BUILT)
			cursor.failed = true;
		more = mlw_cursor_next(&cursor, err);
		if (more > 0)
			more = mlw_reader_damaged(reader, "more than one run", err);
	}
	mlw_cursor_close(&cursor);
	reader->run_loaded = more == 0;
	return more;
}

static int take_process(struct mlw_reader *reader, struct mlw_cursor *cursor,
                        struct mlw_error *err)
{
	struct mlw_process_row *row =
	        mlw_rows_next(&reader->processes, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_process_row){
		.id = (uint32_t)cursor->id,
		.parent = mlw_cursor_id(cursor, 1),
		.pid = mlw_cursor_int32(cursor, 2),
		.command = some_text(reader, cursor, 3),
		.started_us = mlw_cursor_int(cursor, 4),
		.ended_us = mlw_cursor_int(cursor, 5),
		.ended = mlw_cursor_id(cursor, 6),
		.exit_code = mlw_cursor_int32(cursor, 7),
		.signal = mlw_cursor_int32(cursor, 8),
		.recorded = mlw_cursor_bool(cursor, 9),
		.reason = text(reader, cursor, 10),
		.lost_events = mlw_cursor_int(cursor, 11),
		.tracer_size = mlw_cursor_int(cursor, 12),
		.peak_rss = mlw_cursor_int(cursor, 13),
	};
	if (row->parent >= row->id)
		return mlw_reader_damaged(reader, "a process before its parent", err);
	reader->processes.count++;
	return 0;
}

int mlw_reader_processes(struct mlw_reader *reader, const struct mlw_process_row **rows,
                         size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_PROCESS, &reader->processes, take_process, err))
		return -1;
	*rows = reader->processes.rows;
	*count = reader->processes.count;
	return 0;
}

static int take_thread(struct mlw_reader *reader, struct mlw_cursor *cursor,
                       struct mlw_error *err)
{
	struct mlw_thread_row *row = mlw_rows_next(&reader->threads, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_thread_row){
		.id = (uint32_t)cursor->id,
		.process = mlw_cursor_id(cursor, 1),
		.tid = mlw_cursor_int32(cursor, 2),
		.name = some_text(reader, cursor, 3),
		.started_us = mlw_cursor_int(cursor, 4),
		.ended_us = mlw_cursor_int(cursor, 5),
	};
	if (row->process == 0 || row->process > reader->processes.count)
		return mlw_reader_damaged(reader, "a thread of no process", err);
	reader->threads.count++;
	return 0;
}

int mlw_reader_threads(struct mlw_reader *reader, const struct mlw_thread_row **rows,
                       size_t *count, struct mlw_error *err)
{
	const struct mlw_process_row *processes;

	if (mlw_reader_processes(reader, &processes, count, err) ||
	    load(reader, MLW_TABLE_THREAD, &reader->threads, take_thread, err))
		return -1;
	*rows = reader->threads.rows;
	*count = reader->threads.count;
	return 0;
}

static int take_module(struct mlw_reader *reader, struct mlw_cursor *cursor,
                       struct mlw_error *err)
{
	struct mlw_module_row *row = mlw_rows_next(&reader->modules, sizeof(*row), err);
	void *build_id;

	if (!row)
		return -1;
	*row = (struct mlw_module_row){
		.id = (uint32_t)cursor->id,
		.path = some_text(reader, cursor, 1),
	};
	build_id = mlw_cursor_blob(cursor, 2, &row->build_id_size);
	if (mlw_reader_own(reader, build_id, cursor))
		row->build_id = build_id;
	reader->modules.count++;
	return 0;
}

int mlw_reader_modules(struct mlw_reader *reader, const struct mlw_module_row **rows,
                       size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_MODULE, &reader->modules, take_module, err))
		return -1;
	*rows = reader->modules.rows;
	*count = reader->modules.count;
	return 0;
}

static int take_name(struct mlw_reader *reader, struct mlw_cursor *cursor,
                     struct mlw_error *err)
{
	struct mlw_name_row *row = mlw_rows_next(&reader->names, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_name_row){
		.kind = mlw_cursor_id(cursor, 1),
		.number = mlw_cursor_id(cursor, 2),
		.text = some_text(reader, cursor, 3),
	};
	reader->names.count++;
	return 0;
}

int mlw_reader_names(struct mlw_reader *reader, const struct mlw_name_row **rows,
                     size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_NAME, &reader->names, take_name, err))
		return -1;
	*rows = reader->names.rows;
	*count = reader->names.count;
	return 0;
}

static int take_metadata(struct mlw_reader *reader, struct mlw_cursor *cursor,
                         struct mlw_error *err)
{
	struct mlw_metadata_row *row =
	        mlw_rows_next(&reader->metadata, sizeof(*row), err);
	void *value;

	if (!row)
		return -1;
	*row = (struct mlw_metadata_row){ .key = some_text(reader, cursor, 1),
		                          .value = "" };
	value = mlw_cursor_blob(cursor, 2, &row->size);
	if (value && mlw_reader_own(reader, value, cursor))
		row->value = value;
	reader->metadata.count++;
	return 0;
}

int mlw_reader_metadata(struct mlw_reader *reader, const struct mlw_metadata_row **rows,
                        size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_METADATA, &reader->metadata, take_metadata, err))
		return -1;
	*rows = reader->metadata.rows;
	*count = reader->metadata.count;
	return 0;
}

static int take_pools(struct mlw_reader *reader, struct mlw_cursor *cursor,
                      struct mlw_error *err)
{
	struct mlw_pool_row *row = mlw_rows_next(&reader->pools, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_pool_row){
		.process = mlw_cursor_id(cursor, 1),
		.domain = mlw_cursor_id(cursor, 2),
		.block_size = mlw_cursor_int(cursor, 3),
		.created = mlw_cursor_int(cursor, 4),
		.pools = mlw_cursor_int(cursor, 5),
		.size = mlw_cursor_int(cursor, 6),
		.peak_size = mlw_cursor_int(cursor, 7),
		.blocks = mlw_cursor_int(cursor, 8),
		.used_size = mlw_cursor_int(cursor, 9),
		.free_size = mlw_cursor_int(cursor, 10),
		.largest_free = mlw_cursor_int(cursor, 11),
	};
	reader->pools.count++;
	return 0;
}

int mlw_reader_pools(struct mlw_reader *reader, const struct mlw_pool_row **rows,
                     size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_POOL, &reader->pools, take_pools, err))
		return -1;
	*rows = reader->pools.rows;
	*count = reader->pools.count;
	return 0;
}

static int take_string(struct mlw_reader *reader, struct mlw_cursor *cursor,
                       struct mlw_error *err)
{
	const char **row = mlw_rows_next(&reader->strings, sizeof(*row), err);

	if (!row)
		return -1;
	*row = some_text(reader, cursor, 1);
	reader->strings.count++;
	return 0;
}

int mlw_reader_strings(struct mlw_reader *reader, struct mlw_error *err)
{
	return load(reader, MLW_TABLE_STRING, &reader->strings, take_string, err);
}

/* The text of a string id; NULL for 0, and for one that does not exist. */
static const char *string(struct mlw_reader *reader, struct mlw_cursor *cursor,
                          int column)
{
	uint32_t id = mlw_cursor_id(cursor, column);
	const char **texts = reader->strings.rows;

	if (id > reader->strings.count)
		cursor->failed = true;
	return id && id <= reader->strings.count ? texts[id - 1] : NULL;
}

static int take_location(struct mlw_reader *reader, struct mlw_cursor *cursor,
                         struct mlw_error *err)
{
	struct mlw_location_row *row =
	        mlw_rows_next(&reader->locations, sizeof(*row), err);
	uint32_t *first = reader->first_location.rows;

	if (!row)
		return -1;
	*row = (struct mlw_location_row){
		.frame = mlw_cursor_id(cursor, 1),
		.function = string(reader, cursor, 2),
		.file = string(reader, cursor, 3),
		.line = mlw_cursor_id(cursor, 4),
		.inlined = mlw_cursor_bool(cursor, 5),
	};
	if (row->frame == 0 || row->frame > reader->frames.count)
		return mlw_reader_damaged(reader, "a location of no frame", err);
	if (!first[row->frame])
		first[row->frame] = (uint32_t)reader->locations.count + 1;
	else if (row[-1].frame != row->frame)
		return mlw_reader_damaged(reader, "locations of a frame apart", err);
	reader->locations.count++;
	return 0;
}

static int load_locations(struct mlw_reader *reader, struct mlw_error *err)
{
	const struct mlw_frame_row *frames;
	size_t count;

	if (mlw_reader_frames(reader, &frames, &count, err) ||
	    mlw_reader_strings(reader, err))
		return -1;
	free(reader->first_location.rows);
	reader->first_location.rows = calloc(count + 1, sizeof(uint32_t));
	if (!reader->first_location.rows)
		return mlw_fail(err, "%s: out of memory", reader->database.path);
	return load(reader, MLW_TABLE_LOCATION, &reader->locations, take_location, err);
}

int mlw_reader_locations(struct mlw_reader *reader, uint32_t frame,
                         const struct mlw_location_row **rows, size_t *count,
                         struct mlw_error *err)
{
	const struct mlw_location_row *all;
	const uint32_t *first;
	size_t from, to;

	*rows = NULL;
	*count = 0;
	if (!reader->locations.loaded && load_locations(reader, err))
		return -1;
	first = reader->first_location.rows;
	if (frame == 0 || frame > reader->frames.count || !first[frame])
		return 0;
	all = reader->locations.rows;
	from = to = first[frame] - 1;
	while (to < reader->locations.count && all[to].frame == frame)
		to++;
	*rows = all + from;
	*count = to - from;
	return 0;
}

static int take_snapshot(struct mlw_reader *reader, struct mlw_cursor *cursor,
                         struct mlw_error *err)
{
	struct mlw_snapshot_row *row =
	        mlw_rows_next(&reader->snapshots, sizeof(*row), err);
	uint64_t *checkpoint;

	reader->snapshot_checkpoints.count = reader->snapshots.count;
	checkpoint =
	        mlw_rows_next(&reader->snapshot_checkpoints, sizeof(*checkpoint), err);
	if (!row || !checkpoint)
		return -1;
	*row = (struct mlw_snapshot_row){
		.name = some_text(reader, cursor, 1),
		.at_us = mlw_cursor_int(cursor, 2),
		.size = mlw_cursor_int(cursor, 3),
		.count = mlw_cursor_int(cursor, 4),
	};
	*checkpoint = mlw_cursor_int(cursor, 5);
	reader->snapshots.count++;
	return 0;
}

int mlw_reader_snapshots(struct mlw_reader *reader, const struct mlw_snapshot_row **rows,
                         size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_SNAPSHOT, &reader->snapshots, take_snapshot, err))
		return -1;
	*rows = reader->snapshots.rows;
	*count = reader->snapshots.count;
	return 0;
}

static int take_point(struct mlw_reader *reader, struct mlw_cursor *cursor,
                      struct mlw_error *err)
{
	struct mlw_timeline_row *row =
	        mlw_rows_next(&reader->timeline, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_timeline_row){
		.at_us = mlw_cursor_int(cursor, 1),
		.size = mlw_cursor_int(cursor, 2),
		.count = mlw_cursor_int(cursor, 3),
		.rss = mlw_cursor_int(cursor, 4),
		.allocations = mlw_cursor_int(cursor, 5),
	};
	reader->timeline.count++;
	return 0;
}

int mlw_reader_timeline(struct mlw_reader *reader, const struct mlw_timeline_row **rows,
                        size_t *count, struct mlw_error *err)
{
	if (load(reader, MLW_TABLE_TIMELINE, &reader->timeline, take_point, err))
		return -1;
	*rows = reader->timeline.rows;
	*count = reader->timeline.count;
	return 0;
}
