/* SPDX-License-Identifier: MIT */

/*
 * Any place of random runs, from the nearest checkpoint, against a replay from the start
 * that knows every single block. Processes, threads and traces come as the run goes on.
 */

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sample.h"
#include "store/reader.h"

#define CHANGES   3000u
#define PROCESSES 12u
#define THREADS   40u
#define TRACES    300u

struct block {
	uint64_t size, time_us;
	uint32_t trace;
	bool live;
};

/* A run that is made up as it is recorded. */
struct run {
	uint64_t state; /* of the random numbers */
	struct mlw_writer *writer;
	struct mlw_heap *heap;
	uint64_t time_us, ordinal;
	uint32_t processes, threads, traces;
	uint32_t process_of[THREADS + 1], thread_of[TRACES + 1], domain_of[TRACES + 1];
	bool ended[PROCESSES + 1];
	struct block blocks[CHANGES + 1]; /* by ordinal */
};

/* What a replay of the stored changes knows: the blocks, and the model from the start. */
struct replay {
	const struct run *run;
	struct mlw_heap *heap;
	struct block blocks[CHANGES + 1];
	uint64_t stop;
};

static struct mlw_error err;

#define must(call) cr_assert((call) == 0, "%s", err.text)

static uint64_t pick(struct run *run, uint64_t limit)
{
	run->state ^= run->state << 13;
	run->state ^= run->state >> 7;
	run->state ^= run->state << 17;
	return run->state % limit;
}

static void start_thread(struct run *run, uint32_t process)
{
	struct mlw_thread_row row = { .process = process, .tid = 1, .name = "t" };

	row.id = ++run->threads;
	run->process_of[row.id] = process;
	must(mlw_writer_thread(run->writer, &row, &err));
	must(mlw_heap_add_thread(run->heap, process, &err));
}

static void start_process(struct run *run)
{
	struct mlw_process_row row = { .pid = 1, .command = "[]", .recorded = true };

	row.id = ++run->processes;
	row.parent = row.id - 1;
	must(mlw_writer_process(run->writer, &row, &err));
	start_thread(run, row.id);
}

static void add_trace(struct run *run, uint32_t thread)
{
	struct mlw_trace_row row = { .thread = thread };

	row.domain = pick(run, 9) ? MLW_DOMAIN_MALLOC : MLW_DOMAIN_MMAP;
	run->thread_of[++run->traces] = thread;
	run->domain_of[run->traces] = row.domain;
	must(mlw_writer_trace(run->writer, &row, &err));
	must(mlw_heap_add_trace(run->heap, thread, row.domain, &err));
}

static bool is_over(const struct run *run, uint32_t thread)
{
	return run->ended[run->process_of[thread]];
}

static uint32_t pick_thread(struct run *run)
{
	uint32_t thread;

	do
		thread = 1 + (uint32_t)pick(run, run->threads);
	while (is_over(run, thread));
	return thread;
}

/* A trace of the thread; sometimes, and if it has none, a new one. */
static uint32_t pick_trace(struct run *run, uint32_t thread)
{
	for (unsigned tries = 0; tries < 50 && run->traces; tries++) {
		uint32_t trace = 1 + (uint32_t)pick(run, run->traces);

		if (run->thread_of[trace] == thread && pick(run, 12))
			return trace;
	}
	if (run->traces < TRACES) {
		add_trace(run, thread);
		return run->traces;
	}
	return 0;
}

/* A live block of a process that still runs; 0: none was found. */
static uint64_t pick_block(struct run *run)
{
	for (unsigned tries = 0; tries < 60 && run->ordinal; tries++) {
		uint64_t back = pick(run, pick(run, 2) ? 15 : run->ordinal);
		uint64_t ordinal = run->ordinal - (back < run->ordinal ? back : 0);
		const struct block *block = &run->blocks[ordinal];

		if (block->live && !is_over(run, run->thread_of[block->trace]))
			return ordinal;
	}
	return 0;
}

static void fill_old(struct run *run, struct mlw_change *change, uint64_t ordinal)
{
	const struct block *block = &run->blocks[ordinal];

	change->old_kind = MLW_OLD_BLOCK;
	change->old.ordinal = ordinal;
	change->old.size = block->size;
	change->old.time_us = block->time_us;
	change->old.trace = block->trace;
}

static void fill_new(struct run *run, struct mlw_change *change, uint32_t trace)
{
	change->trace = trace;
	change->ordinal = run->ordinal + 1;
	change->size = pick(run, 3) ? 16 * pick(run, 9) : pick(run, 1 << 20);
}

static void forget(const struct run *run, struct block *blocks, uint32_t process)
{
	for (uint64_t i = 1; i <= CHANGES; i++)
		if (blocks[i].live &&
		    run->process_of[run->thread_of[blocks[i].trace]] == process)
			blocks[i].live = false;
}

/* The same on both sides: what a change does to the blocks. */
static void apply_to_blocks(const struct run *run, struct block *blocks,
                            const struct mlw_change *change)
{
	if (change->op == MLW_OP_CLEAR)
		forget(run, blocks, run->process_of[change->thread]);
	if (change->op == MLW_OP_SHRINK)
		blocks[change->old.ordinal].size = change->size;
	else if (change->old_kind == MLW_OLD_BLOCK)
		blocks[change->old.ordinal].live = false;
	if (change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC)
		blocks[change->ordinal] = (struct block){ change->size, change->time_us,
			                                  change->trace, true };
}

static bool make_new(struct run *run, struct mlw_change *change)
{
	uint32_t trace = pick_trace(run, change->thread);

	change->op = MLW_OP_ALLOC;
	if (trace)
		fill_new(run, change, trace);
	return trace;
}

static bool make_free(struct run *run, struct mlw_change *change)
{
	uint64_t block = pick(run, 15) ? pick_block(run) : 0;

	change->op = MLW_OP_FREE;
	if (block)
		fill_old(run, change, block);
	else
		change->old_kind = pick(run, 2) ? MLW_OLD_INHERITED : MLW_OLD_FOREIGN;
	return true;
}

static bool make_realloc(struct run *run, struct mlw_change *change)
{
	uint64_t block = pick(run, 8) ? pick_block(run) : 0;
	uint32_t trace = pick_trace(run, change->thread);

	change->op = MLW_OP_REALLOC;
	if (block)
		fill_old(run, change, block);
	else
		change->old_kind =
		        (uint8_t)pick(run, 2) ? MLW_OLD_NONE : MLW_OLD_INHERITED;
	if (trace)
		fill_new(run, change, trace);
	return trace;
}

static bool make_shrink(struct run *run, struct mlw_change *change)
{
	uint64_t block = pick_block(run);

	if (!block)
		return false;
	change->op = MLW_OP_SHRINK;
	fill_old(run, change, block);
	change->size = pick(run, change->old.size + 1);
	return true;
}

/* Never of the last process that runs. */
static bool make_end(struct run *run, struct mlw_change *change)
{
	uint32_t running = 0;

	for (uint32_t i = 1; i <= run->processes; i++)
		running += !run->ended[i];
	if (running < 2)
		return false;
	change->op = MLW_OP_END;
	run->ended[run->process_of[change->thread]] = true;
	return true;
}

static bool make(struct run *run, struct mlw_change *change)
{
	uint64_t what = pick(run, 200);

	*change = (struct mlw_change){ .thread = pick_thread(run) };
	if (!pick(run, 7))
		run->time_us += pick(run, 500);
	change->time_us = run->time_us;
	if (what < 90)
		return make_new(run, change);
	if (what < 170)
		return make_free(run, change);
	if (what < 193)
		return make_realloc(run, change);
	if (what == 199 && !pick(run, 2)) {
		change->op = MLW_OP_CLEAR;
		return true;
	}
	return what < 199 ? make_shrink(run, change) : make_end(run, change);
}

/* A fork, a thread, a snapshot or a commit between two changes. */
static void happen(struct run *run)
{
	struct mlw_snapshot_row snapshot = { .name = "s", .at_us = run->time_us };

	if (!pick(run, 150) && run->processes < PROCESSES && run->threads < THREADS)
		start_process(run);
	if (!pick(run, 70) && run->threads < THREADS)
		start_thread(run, run->process_of[pick_thread(run)]);
	if (!pick(run, 200))
		must(mlw_writer_snapshot(run->writer, &snapshot, run->heap, &err));
	if (!pick(run, 400))
		must(mlw_writer_commit(run->writer, run->heap, &err));
}

static void record(struct run *run, const char *path, uint64_t seed, bool dies)
{
	struct mlw_run_row row = { .command = "[]", .keeps_events = true };
	struct mlw_change change;

	*run = (struct run){ .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	run->writer = sample_create(path, true, pick(run, 2));
	run->heap = mlw_heap_new(&err);
	start_process(run);
	for (unsigned i = 0; i < CHANGES;) {
		happen(run);
		if (!make(run, &change))
			continue;
		cr_assert(mlw_heap_accepts(run->heap, &change));
		mlw_heap_apply(run->heap, &change);
		must(mlw_writer_change(run->writer, &change, &err));
		apply_to_blocks(run, run->blocks, &change);
		run->ordinal += change.op == MLW_OP_ALLOC || change.op == MLW_OP_REALLOC;
		i++;
	}
	must(mlw_writer_run(run->writer, &row, &err));
	must(mlw_writer_commit(run->writer, run->heap, &err));
	if (dies)
		mlw_writer_release(run->writer);
	else
		must(mlw_writer_close(run->writer, run->heap, &row, &err));
}

static struct mlw_heap *fresh_heap(const struct run *run)
{
	struct mlw_heap *heap = mlw_heap_new(&err);

	for (uint32_t i = 1; i <= run->threads; i++)
		must(mlw_heap_add_thread(heap, run->process_of[i], &err));
	for (uint32_t i = 1; i <= run->traces; i++)
		must(mlw_heap_add_trace(heap, run->thread_of[i], run->domain_of[i],
		                        &err));
	return heap;
}

static int replay_one(const struct mlw_change *change, uint64_t number, void *context,
                      struct mlw_error *error)
{
	struct replay *replay = context;

	(void)error;
	if (number == replay->stop)
		return 1;
	mlw_heap_apply(replay->heap, change);
	apply_to_blocks(replay->run, replay->blocks, change);
	return 0;
}

#define expect_same(a, b) cr_expect_eq(memcmp((a), (b), sizeof(*(a))), 0)

/* All that the two models say is the same. */
static void compare_models(const struct run *run, const struct mlw_heap *found,
                           const struct mlw_heap *expected)
{
	struct mlw_trace_totals a, b;

	cr_expect(mlw_heap_check(found, &err), "%s", err.text);
	expect_same(mlw_heap_totals(found), mlw_heap_totals(expected));
	expect_same(mlw_heap_domain(found, MLW_DOMAIN_MMAP),
	            mlw_heap_domain(expected, MLW_DOMAIN_MMAP));
	expect_same(mlw_heap_sizes(found), mlw_heap_sizes(expected));
	expect_same(mlw_heap_lifetimes(found), mlw_heap_lifetimes(expected));
	for (uint32_t i = 1; i <= run->processes; i++) {
		expect_same(mlw_heap_process(found, i), mlw_heap_process(expected, i));
		cr_expect_eq(mlw_heap_has_ended(found, i),
		             mlw_heap_has_ended(expected, i));
	}
	for (uint32_t i = 1; i <= run->threads; i++) {
		expect_same(mlw_heap_thread(found, i), mlw_heap_thread(expected, i));
		cr_expect_eq(mlw_heap_thread_last(found, i),
		             mlw_heap_thread_last(expected, i));
	}
	for (uint32_t i = 1; i <= run->traces; i++) {
		mlw_heap_trace(found, i, &a);
		mlw_heap_trace(expected, i, &b);
		expect_same(&a, &b);
	}
}

/* What each trace holds is the sum of its live blocks. */
static void compare_blocks(const struct run *run, const struct mlw_heap *found,
                           const struct block *blocks)
{
	uint64_t size[TRACES + 1] = { 0 }, count[TRACES + 1] = { 0 };
	struct mlw_trace_totals totals;

	for (uint64_t i = 1; i <= run->ordinal; i++) {
		size[blocks[i].trace] += blocks[i].live ? blocks[i].size : 0;
		count[blocks[i].trace] += blocks[i].live;
	}
	for (uint32_t i = 1; i <= run->traces; i++) {
		mlw_heap_trace(found, i, &totals);
		cr_expect_eq(totals.live_size, size[i]);
		cr_expect_eq(totals.live_count, count[i]);
	}
}

static void check_place(struct mlw_reader *reader, const struct run *run, uint64_t number)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	struct mlw_heap *found;

	replay->run = run;
	replay->stop = number;
	replay->heap = fresh_heap(run);
	must(mlw_reader_changes(reader, 0, replay_one, replay, &err));
	must(mlw_reader_heap(reader, number, &found, &err));
	compare_models(run, found, replay->heap);
	compare_blocks(run, found, replay->blocks);
	mlw_heap_free(found);
	mlw_heap_free(replay->heap);
	free(replay);
}

/* The stored changes are those that happened. */
static void check_end(struct mlw_reader *reader, const struct run *run)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	replay->run = run;
	replay->stop = UINT64_MAX;
	replay->heap = fresh_heap(run);
	must(mlw_reader_changes(reader, 0, replay_one, replay, &err));
	compare_models(run, replay->heap, run->heap);
	cr_expect_eq(memcmp(replay->blocks, run->blocks, sizeof(run->blocks)), 0);
	mlw_heap_free(replay->heap);
	free(replay);
}

static void check_run(uint64_t seed)
{
	char *path = sample_path();
	struct run *run = calloc(1, sizeof(*run));
	struct mlw_reader *reader;
	const struct mlw_snapshot_row *snapshots;
	size_t count;

	record(run, path, seed, seed % 4 == 0);
	must(mlw_reader_open(&reader, path, &err));
	check_end(reader, run);
	check_place(reader, run, 0);
	check_place(reader, run, CHANGES);
	for (int i = 0; i < 12; i++)
		check_place(reader, run, pick(run, CHANGES));
	must(mlw_reader_snapshots(reader, &snapshots, &count, &err));
	for (size_t i = 0; i < count; i += 3) {
		uint64_t number;

		must(mlw_reader_snapshot_number(reader, i, &number, &err));
		check_place(reader, run, number);
		check_place(reader, run, number ? number - 1 : 0);
		check_place(reader, run, number + 1);
	}
	mlw_reader_close(reader);
	mlw_heap_free(run->heap);
	free(run);
	sample_remove(path);
}

Test(places, any_place_of_random_runs_is_a_replay_from_the_start)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		check_run(seed);
}
