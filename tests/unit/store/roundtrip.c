/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sample.h"
#include "store/reader.h"

static struct mlw_reader *open_reader(const char *path)
{
	struct mlw_reader *reader;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	return reader;
}

static struct mlw_heap *heap_at(struct mlw_reader *reader, uint64_t number)
{
	struct mlw_error err = { "" };
	struct mlw_heap *heap;

	cr_assert_eq(mlw_reader_heap(reader, number, &heap, &err), 0, "%s", err.text);
	return heap;
}

Test(store, the_end_of_a_recording_is_the_collectors_model)
{
	char *path = sample_path();
	struct sample sample;
	struct mlw_reader *reader;
	struct mlw_heap *heap;

	sample_init(&sample, 1, 5000);
	sample_record(path, &sample, 5000);
	reader = open_reader(path);
	heap = heap_at(reader, UINT64_MAX);
	sample_compare(heap, sample.heap);
	cr_assert_eq(mlw_reader_change_count(reader), 5000);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_remove(path);
}

Test(store, any_moment_is_equal_to_a_replay_from_the_start)
{
	char *path = sample_path();
	struct sample sample, again;
	struct mlw_reader *reader;

	sample_init(&sample, 2, 6000);
	sample_record(path, &sample, 6000);
	reader = open_reader(path);
	sample_init(&again, 2, 6000);
	for (uint64_t number = 0; number <= 6000; number++) {
		if (number % 487 == 0 || number == 2001) {
			struct mlw_heap *heap = heap_at(reader, number);

			sample_compare(heap, again.heap);
			mlw_heap_free(heap);
		}
		if (number < 6000)
			sample_next(&again);
	}
	mlw_reader_close(reader);
	sample_release(&again);
	sample_release(&sample);
	sample_remove(path);
}

/* Events stop after 3000 of 6000 changes, a snapshot is taken after 5000, commits are
 * made in between. */
static void record_cut(const char *path, struct sample *sample, bool dies)
{
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_snapshot_row late = { "late", 1, 2, 3 };
	struct mlw_error err = { "" };

	sample_describe(writer);
	for (unsigned i = 0; i < 6000; i++) {
		struct mlw_change change = sample_next(sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0, "%s", err.text);
		if (i == 2999)
			cr_assert_eq(mlw_writer_stop_events(writer, sample->heap, &err),
			             0);
		if (i % 700 == 0)
			cr_assert_eq(mlw_writer_commit(writer, sample->heap, &err), 0);
		if (i == 4999)
			cr_assert_eq(
			        mlw_writer_snapshot(writer, &late, sample->heap, &err),
			        0);
	}
	if (dies) {
		cr_assert_eq(mlw_writer_run(writer, &(struct mlw_run_row){ 0 }, &err), 0);
		cr_assert_eq(mlw_writer_commit(writer, sample->heap, &err), 0);
		mlw_writer_release(writer);
	} else {
		sample_close(writer, sample->heap);
	}
}

/* After `number` changes the file says what a fresh replay says. */
static void check_at(struct mlw_reader *reader, uint64_t number, uint64_t changes)
{
	struct mlw_heap *heap = heap_at(reader, number);
	struct sample again;

	sample_init(&again, 31, 6000);
	for (uint64_t i = 0; i < changes; i++)
		sample_next(&again);
	sample_compare(heap, again.heap);
	sample_release(&again);
	mlw_heap_free(heap);
}

static void check_cut(bool dies)
{
	char *path = sample_path();
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	struct sample sample;
	struct mlw_heap *heap;
	uint64_t number;

	sample_init(&sample, 31, 6000);
	record_cut(path, &sample, dies);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_change_count(reader), 3000);
	check_at(reader, 0, 0);
	check_at(reader, 1234, 1234);
	check_at(reader, 3000, 3000);
	check_at(reader, UINT64_MAX, 6000);
	cr_assert_eq(mlw_reader_snapshot_number(reader, 0, &number, &err), 0);
	check_at(reader, number, 5000);
	cr_assert_eq(mlw_reader_heap(reader, 3001, &heap, &err), -1);
	cr_assert_not_null(strstr(err.text, "keeps no events from then on"), "%s",
	                   err.text);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_remove(path);
}

Test(store, after_events_stop_the_end_and_snapshots_are_right)
{
	check_cut(false);
	check_cut(true);
}

Test(store, a_snapshot_is_the_state_at_its_moment)
{
	char *path = sample_path();
	struct sample sample, again;
	struct mlw_reader *reader = NULL;
	struct mlw_heap *heap;
	struct mlw_error err = { "" };

	sample_init(&sample, 3, 3000);
	sample_record(path, &sample, 3000);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_snapshot_heap(reader, 0, &heap, &err), 0, "%s", err.text);
	sample_init(&again, 3, 3000);
	for (unsigned i = 0; i <= 1000; i++)
		sample_next(&again);
	sample_compare(heap, again.heap);
	mlw_heap_free(heap);
	cr_assert_eq(mlw_reader_snapshot_heap(reader, 1, &heap, &err), -1);
	mlw_reader_close(reader);
	sample_release(&again);
	sample_release(&sample);
	sample_remove(path);
}

struct expect {
	struct sample *sample;
	uint64_t count;
	bool addresses;
};

static int compare_change(const struct mlw_change *change, uint64_t number, void *context,
                          struct mlw_error *err)
{
	struct expect *expect = context;
	struct mlw_change expected = sample_next(expect->sample);

	(void)err;
	if (!expect->addresses)
		expected.address = 0;
	cr_assert_eq(number, expect->count);
	cr_assert_eq(memcmp(change, &expected, sizeof(expected)), 0, "change %zu",
	             (size_t)number);
	expect->count++;
	return 0;
}

static void check_changes(bool addresses, uint64_t changes)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, addresses);
	struct sample sample, again;
	struct expect expect = { .sample = &again, .addresses = addresses };
	struct mlw_error err = { "" };
	struct mlw_reader *reader;

	sample_init(&sample, 4, changes);
	sample_init(&again, 4, changes);
	sample_describe(writer);
	for (uint64_t i = 0; i < changes; i++) {
		struct mlw_change change = sample_next(&sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0, "%s", err.text);
	}
	sample_close(writer, sample.heap);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_changes(reader, 0, compare_change, &expect, &err), 0,
	             "%s", err.text);
	cr_assert_eq(expect.count, changes);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_release(&again);
	sample_remove(path);
}

Test(store, changes_come_back_as_they_went_in)
{
	check_changes(false, 150000);
}

Test(store, addresses_come_back_when_they_are_kept)
{
	check_changes(true, 100000);
}

static int stop_at_once(const struct mlw_change *change, uint64_t number, void *context,
                        struct mlw_error *err)
{
	(void)change;
	(void)err;
	*(uint64_t *)context = number;
	return 1;
}

Test(store, changes_can_begin_anywhere_and_stop)
{
	char *path = sample_path();
	struct sample sample;
	struct mlw_reader *reader;
	struct mlw_error err = { "" };
	uint64_t number = 0;

	sample_init(&sample, 5, 3000);
	sample_record(path, &sample, 3000);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_changes(reader, 1234, stop_at_once, &number, &err), 0);
	cr_assert_eq(number, 1234);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_remove(path);
}

/* A small recording that is open. */
struct written {
	char *path;
	struct sample sample;
	struct mlw_reader *reader;
};

static void open_written(struct written *written)
{
	written->path = sample_path();
	sample_init(&written->sample, 6, 100);
	sample_record(written->path, &written->sample, 100);
	written->reader = open_reader(written->path);
}

static void close_written(struct written *written)
{
	mlw_reader_close(written->reader);
	sample_release(&written->sample);
	sample_remove(written->path);
}

Test(store, run_processes_and_threads_come_back_as_they_went_in)
{
	struct mlw_error err = { "" };
	const struct mlw_run_row *run;
	const struct mlw_process_row *processes;
	const struct mlw_thread_row *threads;
	struct written written;
	size_t count;

	open_written(&written);
	cr_assert_eq(mlw_reader_run(written.reader, &run, &err), 0, "%s", err.text);
	cr_assert_str_eq(run->command, "[\"jq\",\".\"]");
	cr_assert_eq(run->started_at_ns, INT64_C(1700000000123456789));
	cr_assert_eq(run->exit_code, -1);
	cr_assert(run->closed && run->keeps_events && !run->keeps_addresses);
	cr_assert_eq(mlw_reader_processes(written.reader, &processes, &count, &err), 0);
	cr_assert_eq(count, SAMPLE_PROCESSES);
	cr_assert_str_eq(processes[1].reason, "static");
	cr_assert_null(processes[0].reason);
	cr_assert_not(processes[1].recorded);
	cr_assert_eq(mlw_reader_threads(written.reader, &threads, &count, &err), 0);
	cr_assert_eq(count, SAMPLE_THREADS);
	cr_assert_eq(threads[4].tid, 2005);
	close_written(&written);
}

Test(store, modules_and_names_come_back_as_they_went_in)
{
	struct mlw_error err = { "" };
	const struct mlw_module_row *modules;
	const struct mlw_name_row *names;
	struct written written;
	size_t count;

	open_written(&written);
	cr_assert_eq(mlw_reader_modules(written.reader, &modules, &count, &err), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(modules[0].build_id_size, 4);
	cr_assert_eq(modules[0].build_id[1], 0xad);
	cr_assert_null(modules[1].build_id);
	cr_assert_eq(mlw_reader_names(written.reader, &names, &count, &err), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(names[1].kind, MLW_NAME_DOMAIN);
	cr_assert_eq(names[1].number, 16);
	cr_assert_str_eq(names[1].text, "text");
	close_written(&written);
}

Test(store, stacks_come_back_as_they_went_in)
{
	struct mlw_error err = { "" };
	const struct mlw_nodes *nodes;
	const struct mlw_trace_row *traces;
	const struct mlw_location_row *locations;
	struct written written;
	size_t count;

	open_written(&written);
	cr_assert_eq(mlw_reader_nodes(written.reader, &nodes, &err), 0, "%s", err.text);
	cr_assert_eq(nodes->count, 40);
	cr_assert_eq(mlw_nodes_parent(nodes, 40), 20);
	cr_assert_eq(mlw_nodes_parent(nodes, 1), 0);
	cr_assert_eq(nodes->frames[40], 1);
	cr_assert_eq(mlw_reader_traces(written.reader, &traces, &count, &err), 0);
	cr_assert_eq(count, SAMPLE_TRACES);
	cr_assert_eq(traces[8].flags, MLW_TRACE_TRUNCATED);
	cr_assert_eq(traces[39].node, 40);
	cr_assert_eq(mlw_reader_locations(written.reader, 4, &locations, &count, &err),
	             0);
	cr_assert_eq(count, 2);
	cr_assert_str_eq(locations[0].function, "parse");
	cr_assert_null(locations[0].file);
	cr_assert(locations[0].inlined);
	cr_assert_eq(locations[1].line, 4);
	cr_assert_eq(mlw_reader_locations(written.reader, 5, &locations, &count, &err),
	             0);
	cr_assert_eq(count, 0, "frame 5 has no symbols");
	close_written(&written);
}

Test(store, moments_come_back_as_they_went_in)
{
	struct mlw_error err = { "" };
	const struct mlw_snapshot_row *snapshots;
	const struct mlw_timeline_row *points;
	struct written written;
	size_t count;

	open_written(&written);
	cr_assert_eq(mlw_reader_snapshots(written.reader, &snapshots, &count, &err), 0);
	cr_assert_eq(count, 1);
	cr_assert_str_eq(snapshots[0].name, "warm");
	cr_assert_eq(mlw_reader_timeline(written.reader, &points, &count, &err), 0);
	cr_assert_eq(count, 1);
	cr_assert_eq(points[0].allocations, 9);
	close_written(&written);
}

static int sum_live(uint32_t process, const struct mlw_block *block, void *context)
{
	struct sample *sample = context;
	const struct sample_block *expected = &sample->blocks[block->ordinal];

	cr_assert_eq(process, 1);
	cr_assert_eq(block->address, expected->address);
	cr_assert_eq(block->size, expected->size);
	cr_assert_eq(block->time_us, expected->time_us);
	cr_assert_eq(block->trace, expected->trace);
	sample->live_count--;
	return 0;
}

Test(store, live_blocks_come_back_with_their_addresses)
{
	char *path = sample_path();
	struct sample sample;
	struct mlw_reader *reader;
	struct mlw_error err = { "" };

	sample_init(&sample, 7, 2000);
	sample_record(path, &sample, 2000);
	cr_assert_gt(sample.live_count, 0);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_live_blocks(reader, sum_live, &sample, &err), 0, "%s",
	             err.text);
	cr_assert_eq(sample.live_count, 0);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_remove(path);
}

Test(store, a_time_finds_its_change)
{
	char *path = sample_path();
	struct sample sample, again;
	struct mlw_reader *reader;
	struct mlw_error err = { "" };
	uint64_t number, expected = 0;

	sample_init(&sample, 8, 3000);
	sample_record(path, &sample, 3000);
	reader = open_reader(path);
	sample_init(&again, 8, 3000);
	while (sample_next(&again).time_us <= sample.time_us / 2)
		expected++;
	cr_assert_eq(mlw_reader_number_at(reader, sample.time_us / 2, &number, &err), 0);
	cr_assert_eq(number, expected);
	cr_assert_eq(mlw_reader_number_at(reader, UINT64_MAX, &number, &err), 0);
	cr_assert_eq(number, 3000);
	mlw_reader_close(reader);
	sample_release(&again);
	sample_release(&sample);
	sample_remove(path);
}

Test(store, without_events_there_are_the_end_and_snapshots)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, false, false);
	struct mlw_snapshot_row snapshot = { "warm", 1, 2, 3 };
	struct mlw_error err = { "" };
	struct sample sample, again;
	struct mlw_reader *reader;
	struct mlw_heap *heap;

	sample_init(&sample, 9, 3000);
	sample_init(&again, 9, 3000);
	sample_describe(writer);
	for (unsigned i = 0; i < 3000; i++) {
		struct mlw_change change = sample_next(&sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0);
		if (i % 100 == 99)
			cr_assert_eq(mlw_writer_commit(writer, sample.heap, &err), 0);
		if (i == 1499)
			cr_assert_eq(
			        mlw_writer_snapshot(writer, &snapshot, sample.heap, &err),
			        0);
	}
	sample_close(writer, sample.heap);
	reader = open_reader(path);
	heap = heap_at(reader, UINT64_MAX);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	for (unsigned i = 0; i < 1500; i++)
		sample_next(&again);
	cr_assert_eq(mlw_reader_snapshot_heap(reader, 0, &heap, &err), 0, "%s", err.text);
	sample_compare(heap, again.heap);
	mlw_heap_free(heap);
	cr_assert_eq(mlw_reader_heap(reader, 1600, &heap, &err), -1);
	cr_assert_not_null(strstr(err.text, "keeps no events"));
	mlw_reader_close(reader);
	sample_release(&again);
	sample_release(&sample);
	sample_remove(path);
}

Test(store, a_running_recording_can_be_read)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_error err = { "" };
	const struct mlw_run_row *run;
	struct sample sample;
	struct mlw_reader *reader;
	struct mlw_heap *heap;

	sample_init(&sample, 10, 3000);
	sample_describe(writer);
	for (unsigned i = 0; i < 2000; i++) {
		struct mlw_change change = sample_next(&sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0);
	}
	cr_assert_eq(mlw_writer_commit(writer, sample.heap, &err), 0);
	reader = open_reader(path);
	cr_assert_eq(mlw_reader_run(reader, &run, &err), 0);
	cr_assert_not(run->closed);
	heap = heap_at(reader, UINT64_MAX);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_close(writer, sample.heap);
	cr_assert_neq(access(path, F_OK), -1);
	sample_release(&sample);
	sample_remove(path);
}

/* Long enough for checkpoints of its own accord. */
Test(store, a_long_recording_is_rebuilt_from_its_checkpoints)
{
	const uint64_t changes = 2300000, somewhere = 2200000;
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_error err = { "" };
	struct sample sample, again;
	struct mlw_reader *reader;
	struct mlw_heap *heap;

	sample_init(&sample, 13, changes);
	sample_init(&again, 13, somewhere);
	sample_describe(writer);
	for (uint64_t i = 0; i < changes; i++) {
		struct mlw_change change = sample_next(&sample);

		cr_assert_eq(mlw_writer_change(writer, &change, &err), 0, "%s", err.text);
		if (i % 50000 == 0)
			cr_assert_eq(mlw_writer_commit(writer, sample.heap, &err), 0,
			             "%s", err.text);
	}
	sample_close(writer, sample.heap);
	for (uint64_t i = 0; i < somewhere; i++)
		sample_next(&again);
	reader = open_reader(path);
	heap = heap_at(reader, somewhere);
	sample_compare(heap, again.heap);
	mlw_heap_free(heap);
	heap = heap_at(reader, UINT64_MAX);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_release(&again);
	sample_release(&sample);
	sample_remove(path);
}
