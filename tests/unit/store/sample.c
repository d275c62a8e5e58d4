/* SPDX-License-Identifier: MIT */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

uint32_t sample_process_of(uint32_t thread)
{
	return 1 + thread % SAMPLE_PROCESSES;
}

uint32_t sample_thread_of(uint32_t trace)
{
	return 1 + trace % SAMPLE_THREADS;
}

uint32_t sample_domain_of(uint32_t trace)
{
	return trace % 7 == 3 ? MLW_DOMAIN_MMAP : MLW_DOMAIN_MALLOC;
}

struct mlw_heap *sample_heap(void)
{
	struct mlw_error err;
	struct mlw_heap *heap = mlw_heap_new(&err);

	cr_assert_not_null(heap);
	for (uint32_t i = 1; i <= SAMPLE_THREADS; i++)
		cr_assert_eq(mlw_heap_add_thread(heap, sample_process_of(i), &err), 0);
	for (uint32_t i = 1; i <= SAMPLE_TRACES; i++)
		cr_assert_eq(mlw_heap_add_trace(heap, sample_thread_of(i),
		                                sample_domain_of(i), &err),
		             0);
	return heap;
}

void sample_init(struct sample *sample, uint64_t seed, uint64_t changes)
{
	*sample = (struct sample){ .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	sample->heap = sample_heap();
	sample->capacity = changes + 1;
	sample->blocks = calloc(sample->capacity, sizeof(*sample->blocks));
	sample->live = calloc(sample->capacity, sizeof(*sample->live));
	sample->last_address = UINT64_C(0x555555560000);
}

void sample_release(struct sample *sample)
{
	mlw_heap_free(sample->heap);
	free(sample->blocks);
	free(sample->live);
}

uint64_t sample_random(struct sample *sample, uint64_t limit)
{
	sample->state ^= sample->state << 13;
	sample->state ^= sample->state >> 7;
	sample->state ^= sample->state << 17;
	return sample->state % limit;
}

static void fill_new(struct sample *sample, struct mlw_change *change)
{
	struct sample_block *block = &sample->blocks[++sample->ordinal];

	cr_assert_lt(sample->ordinal, sample->capacity);
	do
		change->trace = 1 + (uint32_t)sample_random(sample, SAMPLE_TRACES);
	while (sample_thread_of(change->trace) != change->thread);
	change->ordinal = sample->ordinal;
	change->size = sample_random(sample, 4) ? 16 * (change->trace % 5)
	                                        : sample_random(sample, 100000);
	sample->last_address += 16 * sample_random(sample, 2000) - 15000;
	change->address = sample->last_address + (sample_random(sample, 50) == 0);
	*block = (struct sample_block){ change->size, change->time_us, change->address,
		                        change->trace };
	sample->live[sample->live_count++] = sample->ordinal;
}

static void fill_old(struct sample *sample, struct mlw_change *change)
{
	/* Mostly young blocks, as in life. */
	size_t from = sample_random(sample, 3) && sample->live_count > 20
	                      ? sample->live_count - 20
	                      : 0;
	size_t at = from + sample_random(sample, sample->live_count - from);
	uint64_t ordinal = sample->live[at];
	struct sample_block *block = &sample->blocks[ordinal];

	change->old_kind = MLW_OLD_BLOCK;
	change->old.ordinal = ordinal;
	change->old.size = block->size;
	change->old.time_us = block->time_us;
	change->old.trace = block->trace;
	change->address = change->op == MLW_OP_SHRINK ? 0 : block->address;
	if (change->op == MLW_OP_SHRINK) {
		change->size = sample_random(sample, block->size + 1);
		block->size = change->size;
		return;
	}
	sample->live[at] = sample->live[--sample->live_count];
}

static void fill_unknown(struct sample *sample, struct mlw_change *change)
{
	change->old_kind = sample_random(sample, 2) ? MLW_OLD_INHERITED : MLW_OLD_FOREIGN;
	change->address = 8 * sample_random(sample, UINT64_C(1) << 44);
}

static bool has_ended(const struct sample *sample, uint32_t thread)
{
	return sample->ended && sample_process_of(thread) == SAMPLE_ENDING;
}

static void forget(struct sample *sample, uint32_t process)
{
	size_t kept = 0;

	for (size_t i = 0; i < sample->live_count; i++) {
		uint32_t trace = sample->blocks[sample->live[i]].trace;

		if (sample_process_of(sample_thread_of(trace)) != process)
			sample->live[kept++] = sample->live[i];
	}
	sample->live_count = kept;
}

static struct mlw_change mark(struct sample *sample, uint8_t op, uint32_t process)
{
	struct mlw_change change = { .op = op, .time_us = sample->time_us };

	do
		change.thread++;
	while (sample_process_of(change.thread) != process);
	forget(sample, process);
	mlw_heap_apply(sample->heap, &change);
	return change;
}

static struct mlw_change end_process(struct sample *sample)
{
	sample->ended = true;
	return mark(sample, MLW_OP_END, SAMPLE_ENDING);
}

static struct mlw_change clear_process(struct sample *sample)
{
	sample->cleared = true;
	return mark(sample, MLW_OP_CLEAR, SAMPLE_CLEARING);
}

static uint32_t pick_thread(struct sample *sample)
{
	uint32_t thread;

	do
		thread = 1 + (uint32_t)sample_random(sample, SAMPLE_THREADS);
	while (has_ended(sample, thread));
	return thread;
}

struct mlw_change sample_next(struct sample *sample)
{
	static const uint8_t ops[] = {
		MLW_OP_ALLOC,   MLW_OP_ALLOC,   MLW_OP_ALLOC,  MLW_OP_ALLOC,
		MLW_OP_ALLOC,   MLW_OP_FREE,    MLW_OP_FREE,   MLW_OP_FREE,
		MLW_OP_FREE,    MLW_OP_FREE,    MLW_OP_FREE,   MLW_OP_FREE,
		MLW_OP_REALLOC, MLW_OP_REALLOC, MLW_OP_SHRINK, MLW_OP_ALLOC,
	};
	struct mlw_change change = { .op = ops[sample_random(sample, 16)] };

	if (!sample->ended && sample->ordinal == SAMPLE_END_AT)
		return end_process(sample);
	if (!sample->cleared && sample->ordinal == SAMPLE_CLEAR_AT)
		return clear_process(sample);
	if (!sample->live_count)
		change.op = MLW_OP_ALLOC;
	if (sample_random(sample, 10) == 0)
		sample->time_us += sample_random(sample, 1000);
	change.time_us = sample->time_us;
	change.thread = pick_thread(sample);
	if (change.op == MLW_OP_SHRINK ||
	    (change.op != MLW_OP_ALLOC && sample_random(sample, 20)))
		fill_old(sample, &change);
	else if (change.op == MLW_OP_FREE ||
	         (change.op == MLW_OP_REALLOC && sample_random(sample, 2)))
		fill_unknown(sample, &change);
	if (change.op == MLW_OP_ALLOC || change.op == MLW_OP_REALLOC)
		fill_new(sample, &change);
	cr_assert(mlw_heap_accepts(sample->heap, &change));
	mlw_heap_apply(sample->heap, &change);
	return change;
}

char *sample_path(void)
{
	char folder[] = "/tmp/mallow-test-XXXXXX";
	char *path;

	cr_assert_not_null(mkdtemp(folder));
	cr_assert_geq(asprintf(&path, "%s/r.mallow", folder), 0);
	return path;
}

void sample_remove(char *path)
{
	static const char *const endings[] = { "",      "-wal",      "-shm",
		                               ".copy", ".copy-wal", ".copy-shm" };
	char name[256];

	for (unsigned i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		unlink(name);
	}
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
}

struct mlw_writer *sample_create(const char *path, bool keep_events, bool keep_addresses)
{
	struct mlw_writer_options options = {
		.keep_events = keep_events,
		.keep_addresses = keep_addresses,
	};
	struct mlw_writer *writer;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_writer_create(&writer, path, &options, &err), 0, "%s", err.text);
	return writer;
}

static const struct mlw_run_row sample_run = {
	.command = "[\"jq\",\".\"]",
	.working_directory = "/home/me",
	.version = "0.1.0",
	.options = "{\"depth\":128}",
	.started_at_ns = INT64_C(1700000000123456789),
	.duration_ns = 1234567,
	.time_resolution_ns = 1000,
	.depth = 128,
	.exit_code = -1,
	.ended = MLW_ENDED_EXIT,
};

static void describe_processes(struct mlw_writer *writer)
{
	struct mlw_error err;

	for (uint32_t i = 1; i <= SAMPLE_PROCESSES; i++) {
		struct mlw_process_row row = {
			.id = i,
			.parent = i - 1,
			.pid = 1000 + (int32_t)i,
			.command = "[\"sh\"]",
			.exit_code = -1,
			.recorded = i != 2,
			.reason = i == 2 ? "static" : NULL,
		};

		cr_assert_eq(mlw_writer_process(writer, &row, &err), 0);
	}
	for (uint32_t i = 1; i <= SAMPLE_THREADS; i++) {
		struct mlw_thread_row row = {
			i, sample_process_of(i), 2000 + (int32_t)i, "worker", i * 10, 0
		};

		cr_assert_eq(mlw_writer_thread(writer, &row, &err), 0);
	}
}

static void describe_code(struct mlw_writer *writer)
{
	static const uint8_t id[] = { 0xde, 0xad, 0xbe, 0xef };
	struct mlw_module_row modules[] = { { 1, "/usr/bin/jq", id, sizeof(id) },
		                            { 2, "/lib/libc.so.6", NULL, 0 } };
	struct mlw_error err;

	cr_assert_eq(mlw_writer_module(writer, &modules[0], &err), 0);
	cr_assert_eq(mlw_writer_module(writer, &modules[1], &err), 0);
	for (uint32_t i = 0; i < 2; i++) {
		struct mlw_name_row name = { MLW_NAME_DOMAIN, 17 - i,
			                     i ? "text" : "mesh" };

		cr_assert_eq(mlw_writer_name(writer, &name, &err), 0);
	}
	for (uint32_t i = 1; i <= 20; i++) {
		struct mlw_frame_row frame = { i % 3, 0x1000 + i * 77 };
		struct mlw_location_row outer = { i, "main", "main.c", i, false };
		struct mlw_location_row inner = { i, "parse", NULL, 0, true };

		cr_assert_eq(mlw_writer_frame(writer, &frame, &err), 0);
		if (i % 4 == 0)
			cr_assert_eq(mlw_writer_location(writer, &inner, &err), 0);
		if (i % 5)
			cr_assert_eq(mlw_writer_location(writer, &outer, &err), 0);
	}
	for (uint32_t i = 1; i <= 40; i++) {
		const uint32_t frame = 1 + i % 20;

		cr_assert_eq(mlw_writer_nodes(writer, i / 2, &frame, 1, &err), 0);
	}
}

void sample_describe(struct mlw_writer *writer)
{
	struct mlw_error err;

	cr_assert_eq(mlw_writer_run(writer, &sample_run, &err), 0);
	describe_processes(writer);
	describe_code(writer);
	for (uint32_t i = 1; i <= SAMPLE_TRACES; i++) {
		struct mlw_trace_row trace = {
			.node = i % 41,
			.thread = sample_thread_of(i),
			.domain = sample_domain_of(i),
			.flags = i % 9 == 0 ? MLW_TRACE_TRUNCATED : 0,
		};

		cr_assert_eq(mlw_writer_trace(writer, &trace, &err), 0);
	}
}

void sample_close(struct mlw_writer *writer, const struct mlw_heap *heap)
{
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_writer_close(writer, heap, &sample_run, &err), 0, "%s",
	             err.text);
}

void sample_record(const char *path, struct sample *sample, uint64_t changes)
{
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_timeline_row point = { 5, 6, 7, 8, 9 };
	struct mlw_snapshot_row snapshot = { "warm", 1, 2, 3 };
	struct mlw_error err = { "" };

	sample_describe(writer);
	for (uint64_t i = 0; i < changes; i++) {
		struct mlw_change change = sample_next(sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0, "%s", err.text);
		if (i % 1000 == 500)
			cr_assert_eq(mlw_writer_commit(writer, sample->heap, &err), 0,
			             "%s", err.text);
		if (i == changes / 3)
			cr_assert_eq(mlw_writer_snapshot(writer, &snapshot, sample->heap,
			                                 &err),
			             0);
	}
	cr_assert_eq(mlw_writer_timeline(writer, &point, &err), 0);
	for (size_t i = 0; i < sample->live_count; i++) {
		const struct sample_block *from = &sample->blocks[sample->live[i]];
		struct mlw_block block = {
			.address = from->address,
			.size = from->size,
			.time_us = from->time_us,
			.ordinal = sample->live[i],
			.trace = from->trace,
		};

		cr_assert_eq(mlw_writer_live_block(writer, 1, &block, &err), 0);
	}
	sample_close(writer, sample->heap);
}

#define assert_same(a, b) cr_assert_eq(memcmp((a), (b), sizeof(*(a))), 0)

void sample_compare(const struct mlw_heap *found, const struct mlw_heap *expected)
{
	struct mlw_error err = { "" };

	cr_assert(mlw_heap_check(found, &err), "%s", err.text);
	for (uint32_t i = 0; i < mlw_heap_domain_limit(expected); i++)
		assert_same(mlw_heap_domain(found, i), mlw_heap_domain(expected, i));
	for (uint32_t i = 1; i <= SAMPLE_PROCESSES; i++)
		assert_same(mlw_heap_process(found, i), mlw_heap_process(expected, i));
	for (uint32_t i = 1; i <= SAMPLE_THREADS; i++) {
		assert_same(mlw_heap_thread(found, i), mlw_heap_thread(expected, i));
		cr_assert_eq(mlw_heap_thread_last(found, i),
		             mlw_heap_thread_last(expected, i));
	}
	for (uint32_t i = 1; i <= SAMPLE_TRACES; i++) {
		struct mlw_trace_totals a, b;

		mlw_heap_trace(found, i, &a);
		mlw_heap_trace(expected, i, &b);
		assert_same(&a, &b);
	}
	assert_same(mlw_heap_sizes(found), mlw_heap_sizes(expected));
	assert_same(mlw_heap_lifetimes(found), mlw_heap_lifetimes(expected));
}
