/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "sample.h"
#include "store/reader.h"

static int create(const char *path, bool replace, struct mlw_error *err)
{
	struct mlw_writer_options options = { .replace = replace, .keep_events = true };
	struct mlw_writer *writer;
	int result = mlw_writer_create(&writer, path, &options, err);

	cr_assert_eq(writer == NULL, result != 0);
	mlw_writer_release(writer);
	return result;
}

static void refuse(const char *path, bool replace, const char *sentence)
{
	struct mlw_error err = { "" };

	cr_assert_eq(create(path, replace, &err), -1, "%s", path);
	cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
	cr_assert_not_null(strstr(err.text, sentence), "%s", err.text);
}

static void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

static void has_text(const char *path, const char *text)
{
	char found[64] = "";
	FILE *file = fopen(path, "r");

	cr_assert_not_null(file);
	cr_assert_eq(fread(found, 1, sizeof(found) - 1, file), strlen(text));
	cr_assert_str_eq(found, text);
	fclose(file);
}

static void record(const char *path)
{
	struct sample sample;

	sample_init(&sample, 21, 50);
	sample_record(path, &sample, 50);
	sample_release(&sample);
}

Test(create, an_existing_file_stays_as_it_is)
{
	char *path = sample_path();

	put_text(path, "precious");
	refuse(path, false, "exists");
	has_text(path, "precious");
	refuse(path, true, "not a mallow recording");
	has_text(path, "precious");
	sample_remove(path);
}

Test(create, only_a_recording_or_an_empty_file_is_replaced)
{
	char *path = sample_path();
	struct mlw_error err = { "" };
	struct mlw_reader *reader;

	record(path);
	refuse(path, false, "exists");
	cr_assert_eq(create(path, true, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_change_count(reader), 0);
	mlw_reader_close(reader);
	put_text(path, "");
	cr_assert_eq(create(path, true, &err), 0, "%s", err.text);
	sample_remove(path);
}

Test(create, what_somebody_has_open_is_not_replaced)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, false);
	struct sample sample;
	int status;
	pid_t child;

	sample_init(&sample, 22, 10);
	sample_describe(writer);
	child = fork();
	if (child == 0) {
		struct mlw_error err = { "" };
		int result = create(path, true, &err);

		_exit(result == -1 && strstr(err.text, "in use") ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	sample_close(writer, sample.heap);
	sample_release(&sample);
	sample_remove(path);
}

Test(create, a_link_is_followed)
{
	char *path = sample_path();
	char link[256];
	struct mlw_error err = { "" };
	struct stat status;

	snprintf(link, sizeof(link), "%s.copy", path);
	record(path);
	cr_assert_eq(symlink(path, link), 0);
	cr_assert_eq(create(link, true, &err), 0, "%s", err.text);
	cr_assert_eq(lstat(link, &status), 0);
	cr_assert(S_ISLNK(status.st_mode));
	sample_remove(path);
}

Test(create, where_no_file_can_be_one_sentence_says_so)
{
	refuse("/tmp", false, "is a directory");
	refuse("/tmp", true, "is a directory");
	refuse("/nowhere/r.mallow", false, "No such file");
	refuse("/proc/r.mallow", false, "No such file");
	refuse("/dev/null", true, "not a regular file");
	refuse("", false, "No such file");
}

Test(create, names_have_no_meaning_to_sqlite)
{
	char *path = sample_path();
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	char folder[256];

	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	cr_assert_eq(chdir(folder), 0);
	record(":memory:");
	record("file:x?mode=memory");
	cr_assert_eq(mlw_reader_open(&reader, ":memory:", &err), 0, "%s", err.text);
	mlw_reader_close(reader);
	cr_assert_eq(mlw_reader_open(&reader, "file:x?mode=memory", &err), 0, "%s",
	             err.text);
	cr_assert_eq(mlw_reader_change_count(reader), 50);
	mlw_reader_close(reader);
	cr_assert_eq(unlink(":memory:"), 0);
	cr_assert_eq(unlink("file:x?mode=memory"), 0);
	sample_remove(path);
}

Test(create, after_the_close_there_is_one_single_file)
{
	char *path = sample_path();
	char beside[256];

	record(path);
	snprintf(beside, sizeof(beside), "%s-wal", path);
	cr_assert_eq(access(beside, F_OK), -1);
	snprintf(beside, sizeof(beside), "%s-shm", path);
	cr_assert_eq(access(beside, F_OK), -1);
	sample_remove(path);
}

/*
 * A process that reads for a third of a second once it is told to. It is made before
 * the writer, since SQLite takes what a parent has locked for its own.
 */
struct reader {
	pid_t pid;
	int go[2];
	int ready[2];
};

static int read_for_a_while(const struct reader *reader, const char *path)
{
	sqlite3 *db = NULL;
	char byte;
	int code;

	if (read(reader->go[0], &byte, 1) != 1)
		return 1;
	code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (!code)
		code = sqlite3_exec(db, "BEGIN; SELECT count(*) FROM run", NULL, NULL,
		                    NULL);
	if (write(reader->ready[1], "", 1) != 1)
		return 1;
	usleep(300000);
	sqlite3_close(db);
	return code;
}

static void prepare_reader(struct reader *reader, const char *path)
{
	cr_assert_eq(pipe(reader->go), 0);
	cr_assert_eq(pipe(reader->ready), 0);
	reader->pid = fork();
	cr_assert_geq(reader->pid, 0);
	if (!reader->pid)
		_exit(read_for_a_while(reader, path));
}

static void start_reader(const struct reader *reader)
{
	char byte;

	cr_assert_eq(write(reader->go[1], "", 1), 1);
	cr_assert_eq(read(reader->ready[0], &byte, 1), 1);
}

/* Byte 18 of a file of SQLite: 1 is one single file, 2 one with a log beside it. */
static int log_version(const char *path)
{
	unsigned char header[20];
	FILE *file = fopen(path, "rb");

	cr_assert_not_null(file);
	cr_assert_eq(fread(header, sizeof(header), 1, file), 1);
	fclose(file);
	return header[18];
}

Test(create, a_reader_at_the_close_is_waited_for)
{
	char *path = sample_path();
	struct mlw_heap *heap = sample_heap();
	struct mlw_error err = { "" };
	struct mlw_writer *writer;
	struct reader reader;
	int status;

	prepare_reader(&reader, path);
	writer = sample_create(path, true, false);
	sample_describe(writer);
	cr_assert_eq(mlw_writer_commit(writer, heap, &err), 0, "%s", err.text);
	start_reader(&reader);
	sample_close(writer, heap);
	cr_assert_eq(waitpid(reader.pid, &status, 0), reader.pid);
	cr_expect_eq(status, 0);
	cr_expect_eq(log_version(path), 1);
	mlw_heap_free(heap);
	sample_remove(path);
}

/* No file may grow beyond `limit`: to SQLite it looks like a full disk. */
static void limit_files(rlim_t limit)
{
	struct rlimit rlimit = { limit, limit };

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &rlimit), 0);
}

static void write_until_full(const char *path)
{
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_error err = { "" }, again = { "" };
	struct mlw_change next = { 0 };
	struct sample sample;
	int result = 0;

	sample_init(&sample, 23, 400000);
	sample_describe(writer);
	limit_files(400000);
	for (unsigned i = 0; i < 400000 && !result; i++) {
		struct mlw_change change = sample_next(&sample);

		next = change;
		next.ordinal = mlw_heap_last_ordinal(sample.heap) + 1;
		result = mlw_writer_change(writer, &change, &err);
		if (!result && i % 5000 == 4999)
			result = mlw_writer_commit(writer, sample.heap, &err);
	}
	cr_assert_eq(result, -1);
	cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
	cr_assert_eq(mlw_writer_commit(writer, sample.heap, &again), -1);
	cr_assert_str_eq(again.text, err.text, "the first error stays");
	cr_assert_not(mlw_writer_takes_pair(writer, &next));
	mlw_writer_release(writer);
	sample_release(&sample);
}

Test(create, a_file_that_could_not_grow_has_all_up_to_its_last_commit)
{
	char *path = sample_path();
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	struct mlw_heap *heap;
	struct sample sample;
	uint64_t changes;

	write_until_full(path);
	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	changes = mlw_reader_change_count(reader);
	cr_assert_geq(changes, 5000);
	cr_assert_eq(changes % 5000, 0);
	cr_assert_eq(mlw_reader_heap(reader, UINT64_MAX, &heap, &err), 0, "%s", err.text);
	sample_init(&sample, 23, 400000);
	for (uint64_t i = 0; i < changes; i++)
		sample_next(&sample);
	sample_compare(heap, sample.heap);
	mlw_heap_free(heap);
	mlw_reader_close(reader);
	sample_release(&sample);
	sample_remove(path);
}

Test(create, without_room_for_the_tables_nothing_is_left_behind)
{
	char *path = sample_path();
	struct mlw_error err = { "" };

	limit_files(8192);
	cr_assert_eq(create(path, false, &err), -1);
	cr_assert_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
	cr_assert_eq(access(path, F_OK), -1);
	sample_remove(path);
}

Test(create, without_room_for_the_tables_the_old_recording_stays)
{
	char *path = sample_path();
	struct mlw_error err = { "" };
	struct mlw_reader *reader;

	record(path);
	limit_files(8192);
	cr_assert_eq(create(path, true, &err), -1);
	cr_assert_eq(mlw_reader_open(&reader, path, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_change_count(reader), 50);
	mlw_reader_close(reader);
	sample_remove(path);
}

Test(create, changes_out_of_order_are_refused)
{
	char *path = sample_path();
	struct mlw_writer *writer = sample_create(path, true, false);
	struct mlw_change change = { .op = MLW_OP_ALLOC, .thread = 1, .trace = 1 };
	struct mlw_error err = { "" };

	sample_describe(writer);
	change.ordinal = 2;
	cr_assert_eq(mlw_writer_change(writer, &change, &err), -1);
	change.ordinal = 1;
	cr_assert_eq(mlw_writer_change(writer, &change, &err), -1, "it stays failed");
	mlw_writer_release(writer);
	sample_remove(path);
}
