/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <xxhash.h>

#include "sample.h"
#include "store/reader.h"

/* A hash of all that a reader of the file gets to know. */
struct answer {
	XXH3_state_t *state;
};

static void add(struct answer *answer, const void *bytes, size_t size)
{
	XXH3_64bits_update(answer->state, bytes, size);
}

static void add_text(struct answer *answer, const char *text)
{
	add(answer, text ? text : "NULL", strlen(text ? text : "NULL") + 1);
}

static int add_change(const struct mlw_change *change, uint64_t number, void *context,
                      struct mlw_error *err)
{
	(void)number;
	(void)err;
	add(context, change, sizeof(*change));
	return 0;
}

static int add_live(uint32_t process, const struct mlw_block *block, void *context)
{
	add(context, &process, sizeof(process));
	add(context, block, offsetof(struct mlw_block, trace) + sizeof(block->trace));
	return 0;
}

static int add_people(struct mlw_reader *reader, struct answer *answer,
                      struct mlw_error *err)
{
	const struct mlw_run_row *run;
	const struct mlw_process_row *processes;
	const struct mlw_thread_row *threads;
	size_t count;

	if (mlw_reader_run(reader, &run, err))
		return -1;
	add_text(answer, run->command);
	add_text(answer, run->options);
	add(answer, &run->started_at_ns, 16 * sizeof(uint64_t));
	if (mlw_reader_processes(reader, &processes, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		add_text(answer, processes[i].command);
		add_text(answer, processes[i].reason);
		add(answer, &processes[i].started_us, 16);
	}
	if (mlw_reader_threads(reader, &threads, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		add_text(answer, threads[i].name);
		add(answer, &threads[i].id, 12);
	}
	return 0;
}

static int add_locations(struct mlw_reader *reader, struct answer *answer, size_t frames,
                         struct mlw_error *err)
{
	const struct mlw_location_row *locations;
	size_t count;

	for (uint32_t frame = 1; frame <= frames; frame++) {
		if (mlw_reader_locations(reader, frame, &locations, &count, err))
			return -1;
		for (size_t i = 0; i < count; i++) {
			add_text(answer, locations[i].function);
			add_text(answer, locations[i].file);
			add(answer, &locations[i].line, sizeof(locations[i].line));
		}
	}
	return 0;
}

static int add_code(struct mlw_reader *reader, struct answer *answer,
                    struct mlw_error *err)
{
	const struct mlw_module_row *modules;
	const struct mlw_frame_row *frames;
	const struct mlw_nodes *nodes;
	const struct mlw_trace_row *traces;
	size_t count;

	if (mlw_reader_modules(reader, &modules, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		add_text(answer, modules[i].path);
		add(answer, modules[i].build_id, modules[i].build_id_size);
	}
	if (mlw_reader_frames(reader, &frames, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		add(answer, &frames[i].offset, sizeof(frames[i].offset));
	if (add_locations(reader, answer, count, err) ||
	    mlw_reader_nodes(reader, &nodes, err))
		return -1;
	for (uint32_t i = 1; i <= nodes->count; i++) {
		uint32_t node[] = { mlw_nodes_parent(nodes, i), nodes->frames[i] };

		add(answer, node, sizeof(node));
	}
	if (mlw_reader_traces(reader, &traces, &count, err))
		return -1;
	add(answer, traces, count * sizeof(*traces));
	return 0;
}

static void add_heap(struct answer *answer, const struct mlw_heap *heap)
{
	add(answer, mlw_heap_totals(heap), sizeof(struct mlw_totals));
	add(answer, mlw_heap_sizes(heap), sizeof(struct mlw_histogram));
	for (uint32_t i = 1; i <= mlw_heap_trace_count(heap); i++) {
		struct mlw_trace_totals row;

		mlw_heap_trace(heap, i, &row);
		add(answer, &row, sizeof(row));
	}
}

static int add_moments(struct mlw_reader *reader, struct answer *answer,
                       struct mlw_error *err)
{
	const struct mlw_snapshot_row *snapshots;
	const struct mlw_timeline_row *points;
	struct mlw_heap *heap;
	size_t count;

	if (mlw_reader_timeline(reader, &points, &count, err))
		return -1;
	add(answer, points, count * sizeof(*points));
	if (mlw_reader_snapshots(reader, &snapshots, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (mlw_reader_snapshot_heap(reader, i, &heap, err))
			return -1;
		add_text(answer, snapshots[i].name);
		add_heap(answer, heap);
		mlw_heap_free(heap);
	}
	if (mlw_reader_heap(reader, UINT64_MAX, &heap, err))
		return -1;
	add_heap(answer, heap);
	mlw_heap_free(heap);
	return 0;
}

/* 0 and the answer, or -1 and the sentence. */
static int read_all(const char *path, uint64_t *hash, struct mlw_error *err)
{
	struct answer answer = { XXH3_createState() };
	struct mlw_reader *reader;
	int result = -1;

	XXH3_64bits_reset(answer.state);
	if (mlw_reader_open(&reader, path, err))
		goto out;
	result =
	        add_people(reader, &answer, err) || add_code(reader, &answer, err) ||
	                        add_moments(reader, &answer, err) ||
	                        mlw_reader_changes(reader, 0, add_change, &answer, err) ||
	                        mlw_reader_live_blocks(reader, add_live, &answer, err)
	                ? -1
	                : 0;
	mlw_reader_close(reader);
out:
	*hash = XXH3_64bits_digest(answer.state);
	XXH3_freeState(answer.state);
	return result;
}

static unsigned char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	unsigned char *bytes;

	cr_assert_not_null(file);
	cr_assert_eq(fstat(fileno(file), &status), 0);
	*size = (size_t)status.st_size;
	bytes = malloc(*size + 1);
	cr_assert_eq(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static void spill(const char *path, const unsigned char *bytes, size_t size)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, bytes, size), (ssize_t)size);
	close(file);
}

/* Either the right answer or one sentence that names the file. */
static void check_damaged(const char *path, uint64_t right, const char *how, size_t where)
{
	struct mlw_error err = { "" };
	uint64_t hash;

	if (read_all(path, &hash, &err) == 0) {
		cr_assert_eq(hash, right, "%s at %zu changes the answer", how, where);
		return;
	}
	cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s at %zu: \"%s\"", how,
	             where, err.text);
	cr_assert_gt(strlen(err.text), strlen(path) + 4, "%s at %zu", how, where);
	cr_assert_null(strchr(err.text, '\n'), "%s at %zu", how, where);
}

/* MALLOW_TEST_EVERY_BYTE=1 flips all of them, which takes a minute or two. */
static size_t stride(void)
{
	return getenv("MALLOW_TEST_EVERY_BYTE") ? 1 : 101;
}

static void record_small(const char *path)
{
	struct sample sample;

	sample_init(&sample, 11, 700);
	sample_record(path, &sample, 700);
	sample_release(&sample);
}

Test(damage, a_flipped_byte_is_noticed_or_harmless)
{
	char *path = sample_path();
	char copy[256];
	unsigned char *bytes;
	struct mlw_error err = { "" };
	uint64_t right;
	size_t size, noticed = 0;
	int file;

	record_small(path);
	cr_assert_eq(read_all(path, &right, &err), 0, "%s", err.text);
	bytes = slurp(path, &size);
	snprintf(copy, sizeof(copy), "%s.copy", path);
	spill(copy, bytes, size);
	file = open(copy, O_WRONLY);
	for (size_t i = 0; i < size; i += i < 512 ? 1 : stride()) {
		unsigned char flipped =
		        bytes[i] ^ (unsigned char)(i % 3 ? 0xff : 1 << i % 8);
		uint64_t hash;

		cr_assert_eq(pwrite(file, &flipped, 1, (off_t)i), 1);
		check_damaged(copy, right, "a flipped byte", i);
		noticed += read_all(copy, &hash, &err) != 0;
		cr_assert_eq(pwrite(file, &bytes[i], 1, (off_t)i), 1);
	}
	cr_assert_gt(noticed, 50, "the test must damage something");
	close(file);
	free(bytes);
	sample_remove(path);
}

Test(damage, a_cut_file_is_noticed)
{
	char *path = sample_path();
	char copy[256];
	unsigned char *bytes;
	struct mlw_error err = { "" };
	uint64_t hash;
	size_t size;

	record_small(path);
	bytes = slurp(path, &size);
	snprintf(copy, sizeof(copy), "%s.copy", path);
	for (size_t end = 0; end < size; end += 512) {
		spill(copy, bytes, end);
		cr_assert_eq(read_all(copy, &hash, &err), -1, "cut at %zu", end);
		cr_assert_eq(strncmp(err.text, copy, strlen(copy)), 0, "%s", err.text);
	}
	free(bytes);
	sample_remove(path);
}

/* SQLite itself would not mind: a page that moves to another, older or empty. */
Test(damage, a_page_that_is_zero_or_anothers_is_noticed)
{
	char *path = sample_path();
	char copy[256];
	unsigned char *bytes, *changed;
	struct mlw_error err = { "" };
	uint64_t right;
	size_t size;

	record_small(path);
	cr_assert_eq(read_all(path, &right, &err), 0);
	bytes = slurp(path, &size);
	changed = malloc(size);
	snprintf(copy, sizeof(copy), "%s.copy", path);
	for (size_t page = 4096; page < size; page += 4096) {
		memcpy(changed, bytes, size);
		memset(changed + page, 0, 4096);
		spill(copy, changed, size);
		check_damaged(copy, right, "a zero page", page);
		memcpy(changed + page, bytes + page - 4096, 4096);
		spill(copy, changed, size);
		check_damaged(copy, right, "a repeated page", page);
	}
	free(bytes);
	free(changed);
	sample_remove(path);
}

static void refuse(const char *path, const char *sentence)
{
	struct mlw_reader *reader;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_reader_open(&reader, path, &err), -1);
	cr_assert_null(reader);
	cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
	cr_assert_not_null(strstr(err.text, sentence), "%s", err.text);
}

Test(damage, what_is_not_a_recording_is_refused_by_name)
{
	char *path = sample_path();
	char copy[256];
	unsigned char *bytes;
	size_t size;

	snprintf(copy, sizeof(copy), "%s.copy", path);
	refuse(path, "No such file");
	refuse("/tmp", "is a directory");
	refuse("/dev/null", "not a regular file");
	spill(copy, (const unsigned char *)"", 0);
	refuse(copy, "is empty");
	spill(copy, (const unsigned char *)"int main(void) { return 0; }\n", 29);
	refuse(copy, "is not a mallow recording");
	record_small(path);
	bytes = slurp(path, &size);
	bytes[71] ^= 1; /* application_id */
	spill(copy, bytes, size);
	refuse(copy, "is not a mallow recording");
	bytes[71] ^= 1;
	bytes[63] = 9; /* user_version */
	spill(copy, bytes, size);
	refuse(copy, "newer mallow");
	free(bytes);
	sample_remove(path);
}

/* Dies in the middle of a recording, after a commit and some more. */
static void record_and_die(const char *path)
{
	struct mlw_writer *writer = sample_create(path, true, false);
	struct sample sample;
	struct mlw_error err;

	sample_init(&sample, 12, 4000);
	sample_describe(writer);
	for (unsigned i = 0; i < 4000; i++) {
		struct mlw_change change = sample_next(&sample);

		mlw_writer_change(writer, &change, &err);
		if (i == 2999)
			mlw_writer_commit(writer, sample.heap, &err);
	}
	_exit(0);
}

static void check_after_death(const char *path)
{
	struct sample sample;
	struct mlw_reader *reader;
	struct mlw_heap *heap;
	struct mlw_error err = { "" };
	const struct mlw_run_row *run;

	sample_init(&sample, 12, 4000);
	for (unsigned i = 0; i < 3000; i++)
		sample_next(&sample);
	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_run(reader, &run, &err), 0, "%s", err.text);
	cr_assert_not(run->closed);
	cr_assert_eq(mlw_reader_heap(reader, UINT64_MAX, &heap, &err), 0, "%s", err.text);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_release(&sample);
}

Test(damage, a_dead_collector_leaves_all_up_to_its_last_commit)
{
	char *path = sample_path();
	pid_t child = fork();
	int status;

	if (child == 0)
		record_and_die(path);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	check_after_death(path);
	check_after_death(path);
	sample_remove(path);
}

/* What a damaged log leaves is the state of one of the commits, or a sentence. */
static bool check_damaged_log(const char *path)
{
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	struct mlw_heap *heap = NULL;
	struct sample sample;
	uint64_t changes;

	if (mlw_reader_open(&reader, path, &err) ||
	    mlw_reader_heap(reader, UINT64_MAX, &heap, &err)) {
		cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
		mlw_reader_close(reader);
		return false;
	}
	changes = mlw_reader_change_count(reader);
	cr_assert(changes == 3000 || changes == 0, "%zu", (size_t)changes);
	sample_init(&sample, 12, 4000);
	for (uint64_t i = 0; i < changes; i++)
		sample_next(&sample);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_release(&sample);
	return true;
}

Test(damage, a_damaged_log_is_noticed_or_cut)
{
	char *path = sample_path();
	char copy[256], log[300], copied_log[300];
	unsigned char *file_bytes, *log_bytes;
	size_t file_size, log_size, noticed = 0;
	pid_t child = fork();
	int status;

	if (child == 0)
		record_and_die(path);
	cr_assert_eq(waitpid(child, &status, 0), child);
	snprintf(copy, sizeof(copy), "%s.copy", path);
	snprintf(log, sizeof(log), "%s-wal", path);
	snprintf(copied_log, sizeof(copied_log), "%s-wal", copy);
	file_bytes = slurp(path, &file_size);
	log_bytes = slurp(log, &log_size);
	cr_assert_gt(log_size, 10000);
	spill(copy, file_bytes, file_size);
	spill(copied_log, log_bytes, log_size);
	cr_assert(check_damaged_log(copy));
	for (size_t i = 0; i < log_size; i += i < 64 ? 1 : 997) {
		log_bytes[i] ^= 0x55;
		spill(copied_log, log_bytes, log_size);
		noticed += !check_damaged_log(copy);
		log_bytes[i] ^= 0x55;
	}
	cr_assert_gt(noticed, 10);
	free(file_bytes);
	free(log_bytes);
	sample_remove(path);
}
