/* SPDX-License-Identifier: MIT */
#include "recorder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct mlw_error err;

#define must(call) cr_assert((call) == 0, "%s", err.text)

static void open_with(struct recorder *recorder, bool keep_events)
{
	struct mlw_writer_options options = { .keep_events = keep_events };

	*recorder = (struct recorder){ .sites_only = !keep_events };
	snprintf(recorder->folder, sizeof(recorder->folder), "/tmp/mallow-test.XXXXXX");
	cr_assert_not_null(mkdtemp(recorder->folder));
	snprintf(recorder->path, sizeof(recorder->path), "%s/run.mallow",
	         recorder->folder);
	must(mlw_writer_create(&recorder->writer, recorder->path, &options, &err));
	recorder->heap = mlw_heap_new(&err);
	cr_assert_not_null(recorder->heap);
}

void recorder_open(struct recorder *recorder)
{
	open_with(recorder, true);
}

void recorder_open_sites(struct recorder *recorder)
{
	open_with(recorder, false);
}

static struct mlw_run_row run_row(const struct recorder *recorder)
{
	return (struct mlw_run_row){
		.command = "[\"prog\", \"two words\"]",
		.working_directory = "/",
		.version = "0.1.0",
		.options = "{}",
		.started_at_ns = 1700000000123456789,
		.duration_ns = recorder->time_us * 1000,
		.time_resolution_ns = 1000,
		.lost_events = recorder->lost_events,
		.collector_events = recorder->blocks,
		.depth = 128,
		.ended = MLW_ENDED_EXIT,
		.keeps_events = !recorder->sites_only,
		.sample_bytes = recorder->sample_bytes,
	};
}

void recorder_close(struct recorder *recorder)
{
	struct mlw_run_row run = run_row(recorder);

	must(mlw_writer_run(recorder->writer, &run, &err));
	must(mlw_writer_commit(recorder->writer, recorder->heap, &err));
	must(mlw_writer_close(recorder->writer, recorder->heap, &run, &err));
	mlw_heap_free(recorder->heap);
}

void recorder_die(struct recorder *recorder)
{
	struct mlw_run_row run = run_row(recorder);

	run.ended = MLW_ENDED_RUNNING;
	must(mlw_writer_run(recorder->writer, &run, &err));
	must(mlw_writer_commit(recorder->writer, recorder->heap, &err));
	mlw_writer_release(recorder->writer);
	mlw_heap_free(recorder->heap);
}

void recorder_remove(struct recorder *recorder)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[128];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s%s", recorder->path, ends[i]);
		unlink(path);
	}
	rmdir(recorder->folder);
}

uint32_t recorder_process(struct recorder *recorder, uint32_t parent, const char *command)
{
	struct mlw_process_row row = {
		.id = ++recorder->processes,
		.parent = parent,
		.pid = 1000 + (int32_t)recorder->processes,
		.command = command,
		.ended = MLW_ENDED_EXIT,
		.recorded = true,
		.tracer_size = 4096,
		.peak_rss = 1048576,
	};

	must(mlw_writer_process(recorder->writer, &row, &err));
	return row.id;
}

uint32_t recorder_thread(struct recorder *recorder, uint32_t process, const char *name)
{
	struct mlw_thread_row row = {
		.id = ++recorder->threads,
		.process = process,
		.tid = 2000 + (int32_t)recorder->threads,
		.name = name,
	};

	must(mlw_writer_thread(recorder->writer, &row, &err));
	must(mlw_heap_add_thread(recorder->heap, process, &err));
	return row.id;
}

uint32_t recorder_built_module(struct recorder *recorder, const char *path,
                               const char *build_id)
{
	struct mlw_module_row row = {
		.id = ++recorder->modules,
		.path = path,
		.build_id = (const uint8_t *)build_id,
		.build_id_size = build_id ? strlen(build_id) : 0,
	};

	must(mlw_writer_module(recorder->writer, &row, &err));
	return row.id;
}

uint32_t recorder_module(struct recorder *recorder, const char *path)
{
	return recorder_built_module(recorder, path, NULL);
}

static uint32_t add_frame(struct recorder *recorder, uint32_t module)
{
	struct mlw_frame_row row = { module, 0x1000 + 16 * ++recorder->frames };

	must(mlw_writer_frame(recorder->writer, &row, &err));
	return recorder->frames;
}

uint32_t recorder_frame(struct recorder *recorder, uint32_t module, const char *function,
                        const char *file, uint32_t line)
{
	struct mlw_location_row row = {
		.frame = add_frame(recorder, module),
		.function = function,
		.file = file,
		.line = line,
	};

	if (function || file)
		must(mlw_writer_location(recorder->writer, &row, &err));
	return row.frame;
}

uint32_t recorder_inlined_frame(struct recorder *recorder, uint32_t module,
                                const char *inner, const char *outer, const char *file)
{
	uint32_t frame = add_frame(recorder, module);
	struct mlw_location_row rows[] = {
		{ frame, inner, file, 10, true },
		{ frame, outer, file, 20, false },
	};

	must(mlw_writer_location(recorder->writer, &rows[0], &err));
	must(mlw_writer_location(recorder->writer, &rows[1], &err));
	return frame;
}

uint32_t recorder_stack(struct recorder *recorder, const uint32_t *frames)
{
	uint32_t parent = 0;

	for (; *frames; frames++) {
		must(mlw_writer_nodes(recorder->writer, parent, frames, 1, &err));
		parent = ++recorder->nodes;
	}
	return parent;
}

uint32_t recorder_trace(struct recorder *recorder, uint32_t node, uint32_t thread,
                        uint32_t domain, uint32_t flags)
{
	struct mlw_trace_row row = { node, thread, domain, 0, flags };

	must(mlw_writer_trace(recorder->writer, &row, &err));
	must(mlw_heap_add_trace(recorder->heap, thread, domain, &err));
	cr_assert_lt(recorder->traces + 1, RECORDER_TRACES);
	recorder->thread_of[++recorder->traces] = thread;
	return recorder->traces;
}

void recorder_snapshot(struct recorder *recorder, const char *name)
{
	const struct mlw_totals *totals = mlw_heap_totals(recorder->heap);
	struct mlw_snapshot_row row = { name, recorder->time_us, totals->live_size,
		                        totals->live_count };

	must(mlw_writer_snapshot(recorder->writer, &row, recorder->heap, &err));
}

void recorder_cut(struct recorder *recorder, const char *name)
{
	recorder_snapshot(recorder, name);
	must(mlw_writer_stop_events(recorder->writer, recorder->heap, &err));
}

static void apply(struct recorder *recorder, const struct mlw_change *change)
{
	cr_assert(mlw_heap_accepts(recorder->heap, change));
	mlw_heap_apply(recorder->heap, change);
	must(mlw_writer_change(recorder->writer, change, &err));
}

static void fill_old(struct recorder *recorder, struct mlw_change *change, uint64_t block)
{
	change->old_kind = MLW_OLD_BLOCK;
	change->old.ordinal = block;
	change->old.size = recorder->block[block].size;
	change->old.time_us = recorder->block[block].time_us;
	change->old.trace = recorder->block[block].trace;
}

static void fill_new(struct recorder *recorder, struct mlw_change *change, uint32_t trace,
                     uint64_t size)
{
	cr_assert_lt(recorder->blocks + 1, RECORDER_BLOCKS);
	change->ordinal = ++recorder->blocks;
	change->trace = trace;
	change->size = size;
	recorder->block[change->ordinal].trace = trace;
	recorder->block[change->ordinal].size = size;
	recorder->block[change->ordinal].time_us = change->time_us;
}

uint64_t recorder_alloc(struct recorder *recorder, uint32_t trace, uint64_t size)
{
	struct mlw_change change = {
		.time_us = recorder->time_us,
		.thread = recorder->thread_of[trace],
		.op = MLW_OP_ALLOC,
	};

	fill_new(recorder, &change, trace, size);
	apply(recorder, &change);
	return change.ordinal;
}

void recorder_free(struct recorder *recorder, uint32_t thread, uint64_t block)
{
	struct mlw_change change = {
		.time_us = recorder->time_us,
		.thread = thread,
		.op = MLW_OP_FREE,
	};

	fill_old(recorder, &change, block);
	apply(recorder, &change);
}

void recorder_shrink(struct recorder *recorder, uint32_t thread, uint64_t block,
                     uint64_t left)
{
	struct mlw_change change = {
		.time_us = recorder->time_us,
		.thread = thread,
		.op = MLW_OP_SHRINK,
		.size = left,
	};

	fill_old(recorder, &change, block);
	apply(recorder, &change);
	recorder->block[block].size = left;
}

static void mark(struct recorder *recorder, uint32_t thread, uint8_t op)
{
	struct mlw_change change = {
		.time_us = recorder->time_us,
		.thread = thread,
		.op = op,
	};

	apply(recorder, &change);
}

void recorder_end(struct recorder *recorder, uint32_t thread)
{
	mark(recorder, thread, MLW_OP_END);
}

void recorder_clear(struct recorder *recorder, uint32_t thread)
{
	mark(recorder, thread, MLW_OP_CLEAR);
}

uint64_t recorder_realloc(struct recorder *recorder, uint64_t block, uint32_t trace,
                          uint64_t size)
{
	struct mlw_change change = {
		.time_us = recorder->time_us,
		.thread = recorder->thread_of[trace],
		.op = MLW_OP_REALLOC,
	};

	fill_old(recorder, &change, block);
	fill_new(recorder, &change, trace, size);
	apply(recorder, &change);
	return change.ordinal;
}
