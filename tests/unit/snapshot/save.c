/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "saved.h"
#include "scene.h"
#include "store/reader.h"

TestSuite(snapshot_save, .init = saved_open, .fini = saved_close);

/* One of each thing that a trace can be. */
static struct mallow_snapshot *build_odd(void)
{
	struct mallow_snapshot *snapshot = build_old();
	const struct mallow_frame frames[] = {
		{ .function = "malloc", .file = "malloc.c", .line = 9, .inlined = true },
		{ .function = "operator new(unsigned long)", .offset = 5 },
		{ .module = "/lib/libmallow.so.0",
		  .offset = UINT64_MAX,
		  .inlined = true },
		{ .line = UINT32_MAX },
		{ .line = UINT32_MAX, .inlined = true },
		{ 0 },
	};
	struct mallow_new_trace trace = {
		.frames = frames,
		.frame_count = 6,
		.total_frames = 7000,
		.size = UINT64_MAX - 4000,
		.count = UINT32_MAX,
		.domain = 65535,
		.thread = UINT32_MAX,
		.process = 3000000000,
		.scope = "load",
	};

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	trace.total_frames = 0;
	trace.process = 1;
	trace.domain = 16;
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	trace = (struct mallow_new_trace){ .scope = "", .thread = 1, .process = 9 };
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	cr_assert_eq(mallow_snapshot_name_domain(snapshot, 16, "mesh", NULL), 0);
	return snapshot;
}

static void attach(struct mallow_snapshot *snapshot)
{
	mallow_snapshot_set_metadata(snapshot, "commit", "4f2a", 4, NULL);
	mallow_snapshot_set_metadata(snapshot, "bytes", "\0\xff\n", 3, NULL);
	mallow_snapshot_set_metadata(snapshot, "nothing", "", 0, NULL);
	mallow_snapshot_set_metadata(snapshot, "\xc3\xa4 key", "'", 1, NULL);
	cr_assert_eq(mallow_snapshot_metadata_count(snapshot), 4);
}

Test(snapshot_save, what_was_built_comes_back)
{
	struct mallow_snapshot *snapshot = build_odd(), *loaded;

	attach(snapshot);
	saved_save(snapshot, "a.mallow");
	loaded = saved_load("a.mallow");
	cr_expect_eq(mallow_snapshot_trace_count(loaded), 9);
	cr_expect_str_eq(mallow_snapshot_domain_name(loaded, 16), "mesh");
	saved_expect_same(snapshot, loaded);
	mallow_snapshot_free(snapshot);
	mallow_snapshot_free(loaded);
}

Test(snapshot_save, an_empty_one_comes_back)
{
	struct mallow_snapshot *snapshot = build_snapshot(), *loaded;

	saved_save(snapshot, "a.mallow");
	loaded = saved_load("a.mallow");
	saved_expect_same(snapshot, loaded);
	build_expect(build_statistics(loaded, MALLOW_BY_LINE, false), "");
	mallow_snapshot_free(snapshot);
	mallow_snapshot_free(loaded);
}

static struct mallow_snapshot *open_place(const char *file, const char *when)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };
	char place[256];

	snprintf(place, sizeof(place), "%s@%s", file, when);
	cr_assert_eq(mallow_snapshot_open(&snapshot, place, &err), 0, "%s", err.text);
	return snapshot;
}

Test(snapshot_save, each_place_of_a_run_comes_back_without_the_run)
{
	static const char *const places[] = { "end", "peak", "150us", "25%" };
	static const uint64_t times[] = { 1000000, 200000, 150000, 250000 };
	struct mallow_snapshot *snapshots[4], *loaded;
	struct scene scene;

	scene_open(&scene);
	for (int i = 0; i < 4; i++) {
		snapshots[i] = open_place(scene.recorder.path, places[i]);
		cr_expect_eq(mallow_snapshot_at_ns(snapshots[i]), times[i]);
		attach(snapshots[i]);
		saved_save(snapshots[i], places[i]);
	}
	scene_close(&scene);
	for (int i = 0; i < 4; i++) {
		loaded = saved_load(places[i]);
		saved_expect_same(snapshots[i], loaded);
		mallow_snapshot_free(loaded);
		mallow_snapshot_free(snapshots[i]);
	}
}

Test(snapshot_save, the_run_it_is_of_is_known)
{
	struct mallow_snapshot *snapshot;
	struct mallow_run *run;
	struct scene scene;

	scene_open(&scene);
	snapshot = open_place(scene.recorder.path, "peak");
	saved_save(snapshot, "a.mallow");
	cr_assert_eq(mallow_run_open(&run, saved_path("a.mallow"), NULL, NULL), 0);
	cr_expect_eq(mallow_run_duration_ns(run), 200000);
	cr_assert_eq(mallow_run_process_count(run), 2);
	cr_expect_str_eq(mallow_run_process(run, 0)->command, "prog two words");
	cr_assert_eq(mallow_run_thread_count(run), 3);
	cr_expect_str_eq(mallow_run_thread(run, 1)->name, "worker");
	cr_expect_eq(mallow_run_taken_count(run), 0);
	mallow_run_close(run);
	mallow_snapshot_free(snapshot);
	scene_close(&scene);
}

Test(snapshot_save, one_of_a_file_that_was_not_closed_is_as_incomplete)
{
	struct mallow_snapshot *snapshot;
	struct mallow_run *run;
	struct recorder recorder;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[]"), "main");
	recorder_die(&recorder);
	snapshot = open_place(recorder.path, "end");
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(mallow_snapshot_save(snapshot, saved_path("a.mallow"), true,
		                                  NULL),
		             0);
		cr_assert_eq(mallow_run_open(&run, saved_path("a.mallow"), NULL, NULL),
		             0);
		cr_expect_not(mallow_run_complete(run));
		mallow_run_close(run);
	}
	mallow_snapshot_free(snapshot);
	recorder_remove(&recorder);
}

Test(snapshot_save, a_filtered_one_holds_only_what_passed)
{
	struct mallow_filter filter = MALLOW_FILTER_INIT;
	struct mallow_snapshot *snapshot, *filtered, *loaded;
	struct scene scene;
	size_t whole, part;

	scene_open(&scene);
	snapshot = open_place(scene.recorder.path, "end");
	filter.function = "parse";
	attach(snapshot);
	cr_assert_eq(mallow_snapshot_filter(snapshot, &filter, 1, &filtered, NULL), 0);
	saved_save(snapshot, "whole.mallow");
	saved_save(filtered, "part.mallow");
	loaded = saved_load("part.mallow");
	cr_expect_eq(mallow_snapshot_trace_count(loaded), 2);
	cr_expect_eq(mallow_snapshot_metadata_count(loaded), 4);
	saved_expect_same(filtered, loaded);
	free(saved_read("whole.mallow", &whole));
	free(saved_read("part.mallow", &part));
	cr_expect_leq(part, whole);
	mallow_snapshot_free(snapshot);
	mallow_snapshot_free(filtered);
	mallow_snapshot_free(loaded);
	scene_close(&scene);
}

static void expect_same_bytes(const char *a, const char *b)
{
	size_t size, other;
	unsigned char *bytes = saved_read(a, &size), *others = saved_read(b, &other);

	cr_assert_eq(size, other);
	cr_expect_arr_eq(bytes, others, size);
	free(bytes);
	free(others);
}

Test(snapshot_save, the_same_snapshot_makes_the_same_bytes)
{
	struct mallow_snapshot *one = build_odd(), *other = build_odd(), *loaded;
	char *litter = malloc(100000);

	attach(one);
	attach(other);
	saved_save(one, "one.mallow");
	memset(litter, 0x55, 100000);
	free(litter);
	saved_save(other, "other.mallow");
	expect_same_bytes("one.mallow", "other.mallow");
	loaded = saved_load("one.mallow");
	saved_save(loaded, "again.mallow");
	expect_same_bytes("one.mallow", "again.mallow");
	mallow_snapshot_free(loaded);
	mallow_snapshot_free(one);
	mallow_snapshot_free(other);
}

Test(snapshot_save, a_loaded_snapshot_of_a_run_makes_the_same_bytes)
{
	struct mallow_snapshot *snapshot, *loaded;
	struct scene scene;

	scene_open(&scene);
	snapshot = open_place(scene.recorder.path, "peak");
	saved_save(snapshot, "one.mallow");
	loaded = saved_load("one.mallow");
	saved_save(loaded, "again.mallow");
	expect_same_bytes("one.mallow", "again.mallow");
	mallow_snapshot_free(snapshot);
	mallow_snapshot_free(loaded);
	scene_close(&scene);
}

Test(snapshot_save, stacks_share_what_they_have_in_common)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	size_t size, before;

	build_add(snapshot, 1, 0, 1, "a:1:leaf b:2 c:3 d:4 e:5");
	saved_save(snapshot, "a.mallow");
	free(saved_read("a.mallow", &before));
	build_add(snapshot, 2000, 0, 1, "a:1:leaf b:2 c:3 d:4 e:5");
	saved_save(snapshot, "a.mallow");
	free(saved_read("a.mallow", &size));
	cr_expect_leq(size, before + 8192);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, compares_with_the_run_and_with_what_is_built)
{
	struct mallow_snapshot *old = build_old(), *now = build_new(), *loaded;

	saved_save(old, "old.mallow");
	loaded = saved_load("old.mallow");
	build_expect(build_differences(now, loaded, MALLOW_BY_LINE, false),
	             "a:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B\n"
	             "c:578: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "b:1: size=0 B (-66 B), count=0 (-1)\n"
	             "unknown:0: size=0 B (-7 B), count=0 (-1)\n"
	             "a:2: size=30 B (+0 B), count=3 (+0), average=10 B\n");
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
	mallow_snapshot_free(loaded);
}

static void expect_failure(int result, const struct mallow_error *err,
                           const char *sentence)
{
	cr_expect_eq(result, -1);
	cr_expect(strstr(err->text, sentence) &&
	                  strlen(strstr(err->text, sentence)) == strlen(sentence),
	          "'%s' does not end in '%s'", err->text, sentence);
}

Test(snapshot_save, an_existing_file_stays_unless_it_is_to_be_replaced)
{
	struct mallow_snapshot *old = build_old(), *now = build_new(), *loaded;
	struct mallow_error err;

	saved_save(old, "a.mallow");
	expect_failure(mallow_snapshot_save(now, saved_path("a.mallow"), false, &err),
	               &err, "/a.mallow: exists already");
	loaded = saved_load("a.mallow");
	saved_expect_same(old, loaded);
	/* Who reads it goes on reading what it was. */
	saved_save(now, "a.mallow");
	saved_expect_same(old, loaded);
	mallow_snapshot_free(loaded);
	loaded = saved_load("a.mallow");
	saved_expect_same(now, loaded);
	cr_expect_eq(saved_count(), 1);
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
	mallow_snapshot_free(loaded);
}

/* Of several that save under one new name at once, one does. */
static int save_at_once(const char *name)
{
	struct mallow_snapshot *snapshot = build_old();
	int saved = 0, status, ready[2];
	char byte;

	cr_assert_eq(pipe(ready), 0);
	for (int i = 0; i < 4; i++) {
		if (fork())
			continue;
		close(ready[1]);
		_exit(read(ready[0], &byte, 1) ||
		      mallow_snapshot_save(snapshot, saved_path(name), false, NULL));
	}
	close(ready[0]);
	close(ready[1]);
	while (wait(&status) > 0)
		saved += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	mallow_snapshot_free(snapshot);
	return saved;
}

Test(snapshot_save, of_several_under_one_name_one_is_saved)
{
	char name[16];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "%d.mallow", i);
		cr_assert_eq(save_at_once(name), 1);
		mallow_snapshot_free(saved_load(name));
	}
	cr_expect_eq(saved_count(), 30);
}

Test(snapshot_save, what_is_attached_later_is_saved_in_the_same_file)
{
	struct mallow_snapshot *snapshot = build_old(), *loaded;

	saved_save(snapshot, "a.mallow");
	for (int i = 0; i < 3; i++) {
		char key[] = { (char)('a' + i), '\0' };

		loaded = saved_load("a.mallow");
		cr_expect_eq(mallow_snapshot_metadata_count(loaded), (size_t)i);
		mallow_snapshot_set_metadata(loaded, key, "", 0, NULL);
		saved_save(loaded, "a.mallow");
		mallow_snapshot_free(loaded);
	}
	cr_expect_eq(saved_count(), 1);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, a_recording_that_is_not_closed_is_not_replaced)
{
	struct mallow_snapshot *snapshot = build_old();
	struct mlw_run_row run = { .command = "[]" };
	struct mlw_error ignored;
	struct mlw_reader *reader;
	struct recorder recorder;
	struct mallow_error err;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "p");
	expect_failure(mallow_snapshot_save(snapshot, recorder.path, true, &err), &err,
	               ": exists and is not a whole mallow file");
	cr_assert_eq(mlw_writer_run(recorder.writer, &run, &ignored), 0);
	cr_assert_eq(mlw_writer_commit(recorder.writer, recorder.heap, &ignored), 0);
	expect_failure(mallow_snapshot_save(snapshot, recorder.path, true, &err), &err,
	               ": is a recording that was not closed");
	/* Who reads it at its end keeps it from leaving its log, and no more. */
	cr_assert_eq(mlw_reader_open(&reader, recorder.path, &ignored), 0);
	recorder_close(&recorder);
	cr_expect_eq(mallow_snapshot_save(snapshot, recorder.path, true, &err), 0, "%s",
	             err.text);
	mlw_reader_close(reader);
	recorder_remove(&recorder);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, what_is_no_mallow_file_is_never_replaced)
{
	struct mallow_snapshot *snapshot = build_old();
	struct mallow_error err;
	unsigned char *bytes;
	size_t size;

	saved_write("letter", "dear", 4);
	expect_failure(mallow_snapshot_save(snapshot, saved_path("letter"), true, &err),
	               &err, "/letter: exists and is not a whole mallow file");
	bytes = saved_read("letter", &size);
	cr_assert_eq(size, 4);
	cr_expect_arr_eq(bytes, "dear", 4);
	free(bytes);
	saved_write("empty", "", 0);
	saved_save(snapshot, "empty");
	mallow_snapshot_free(saved_load("empty"));
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, a_file_that_cannot_be_written_is_named)
{
	struct mallow_snapshot *snapshot = build_old();
	struct mallow_error err;

	expect_failure(mallow_snapshot_save(snapshot, saved_path("no/a"), false, &err),
	               &err, "/no/a: No such file or directory");
	expect_failure(mallow_snapshot_save(snapshot, saved_path(""), true, &err), &err,
	               "/: is a directory");
	cr_expect_eq(mallow_snapshot_save(snapshot, saved_path("no/a"), false, NULL), -1);
	cr_expect_eq(saved_count(), 0);
	mallow_snapshot_free(snapshot);
}

/* As a full disk does, the write fails after its first part. */
Test(snapshot_save, a_write_that_fails_leaves_nothing)
{
	struct rlimit limit = { 8192, RLIM_INFINITY };
	struct mallow_snapshot *snapshot = build_old(), *loaded;
	struct mallow_error err;

	saved_save(snapshot, "old.mallow");
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_failure(
	        mallow_snapshot_save(snapshot, saved_path("a.mallow"), false, &err), &err,
	        "/a.mallow: File too large");
	expect_failure(
	        mallow_snapshot_save(snapshot, saved_path("old.mallow"), true, &err),
	        &err, "/old.mallow: File too large");
	limit.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(saved_count(), 1);
	loaded = saved_load("old.mallow");
	saved_expect_same(snapshot, loaded);
	mallow_snapshot_free(loaded);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, a_link_goes_on_leading_to_its_file)
{
	struct mallow_snapshot *snapshot = build_old();
	struct stat status;

	saved_write("real", "", 0);
	cr_assert_eq(symlink(saved_path("real"), saved_path("link")), 0);
	saved_save(snapshot, "link");
	cr_assert_eq(lstat(saved_path("link"), &status), 0);
	cr_expect(S_ISLNK(status.st_mode));
	mallow_snapshot_free(saved_load("real"));
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, the_mode_is_what_the_user_wants)
{
	struct mallow_snapshot *snapshot = build_old();
	mode_t mask = umask(027);
	struct stat status;

	saved_save(snapshot, "a.mallow");
	umask(mask);
	cr_assert_eq(stat(saved_path("a.mallow"), &status), 0);
	cr_expect_eq(status.st_mode & 0777, 0640);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, what_no_file_holds_is_refused)
{
	struct mallow_snapshot *snapshot = build_snapshot();
	struct mallow_new_trace trace = { .domain = 65536 };
	struct mallow_error err;

	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	expect_failure(mallow_snapshot_save(snapshot, saved_path("a"), false, &err), &err,
	               "/a: a file holds domains below 65536, not 65536");
	mallow_snapshot_free(snapshot);
	snapshot = build_snapshot();
	trace = (struct mallow_new_trace){ .count = UINT64_C(1) << 32 };
	cr_assert_eq(mallow_snapshot_add(snapshot, &trace, NULL), 0);
	expect_failure(mallow_snapshot_save(snapshot, saved_path("a"), false, &err), &err,
	               "/a: a file holds at most 4294967295 blocks of one trace");
	cr_expect_eq(saved_count(), 0);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, what_was_not_live_is_refused)
{
	struct mallow_snapshot *snapshot, *filtered;
	struct mallow_totals totals;
	struct mallow_error err;
	struct mallow_run *run;
	struct scene scene;

	scene_open(&scene);
	cr_assert_eq(mallow_run_open(&run, scene.recorder.path, NULL, NULL), 0);
	cr_assert_eq(mallow_run_measure(run, "end", MALLOW_ALLOCATED, &snapshot, NULL),
	             0);
	cr_assert_eq(mallow_snapshot_filter(snapshot, NULL, 0, &filtered, NULL), 0);
	expect_failure(mallow_snapshot_save(filtered, saved_path("a"), false, &err), &err,
	               "/a: a file holds what was live, and nothing else");
	mallow_snapshot_free(filtered);
	mallow_snapshot_free(snapshot);
	cr_assert_eq(mallow_run_snapshot(run, "end", &snapshot, NULL), 0);
	saved_save(snapshot, "a");
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);
	scene_close(&scene);

	cr_assert_eq(mallow_run_open(&run, saved_path("a"), NULL, NULL), 0);
	expect_failure(mallow_run_measure(run, "end", MALLOW_TEMPORARY, &snapshot, &err),
	               &err, "/a: a saved snapshot knows only what was live");
	expect_failure(mallow_run_totals(run, &totals, &err), &err,
	               "/a: there are no totals, because the file is one saved snapshot");
	mallow_run_close(run);
}

Test(snapshot_save, only_a_saved_snapshot_is_loaded)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err;
	struct scene scene;

	scene_open(&scene);
	expect_failure(mallow_snapshot_load(&snapshot, scene.recorder.path, &err), &err,
	               ": is a recording, not a saved snapshot");
	cr_expect_null(snapshot);
	scene_close(&scene);
	expect_failure(mallow_snapshot_load(&snapshot, saved_path("none"), &err), &err,
	               "/none: No such file or directory");
	cr_expect_eq(mallow_snapshot_load(&snapshot, saved_path("none"), NULL), -1);
}

Test(snapshot_save, a_name_with_an_at_is_no_place)
{
	struct mallow_snapshot *snapshot = build_old(), *loaded;

	saved_save(snapshot, "a@peak");
	loaded = saved_load("a@peak");
	saved_expect_same(snapshot, loaded);
	mallow_snapshot_free(loaded);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, holds_no_other_place)
{
	static const char *const places[] = { "peak", "1us", "50%", "loaded" };
	struct mallow_snapshot *snapshot = build_old(), *opened;
	struct mallow_error err;
	char place[160], sentence[160];

	saved_save(snapshot, "a.mallow");
	mallow_snapshot_free(snapshot);
	for (int i = 0; i < 4; i++) {
		snprintf(place, sizeof(place), "%s@%s", saved_path("a.mallow"),
		         places[i]);
		snprintf(sentence, sizeof(sentence),
		         "/a.mallow: '@%s' cannot be answered, because the file is one "
		         "saved snapshot",
		         places[i]);
		expect_failure(mallow_snapshot_open(&opened, place, &err), &err,
		               sentence);
	}
	opened = open_place(saved_path("a.mallow"), "end");
	cr_expect_eq(mallow_snapshot_trace_count(opened), 6);
	mallow_snapshot_free(opened);
}

Test(snapshot_save, a_loaded_one_takes_no_more_traces_but_metadata)
{
	struct mallow_snapshot *snapshot = build_old(), *loaded;
	struct mallow_new_trace trace = { .size = 1 };
	struct mallow_error err;

	saved_save(snapshot, "a.mallow");
	loaded = saved_load("a.mallow");
	expect_failure(mallow_snapshot_add(loaded, &trace, &err), &err,
	               "a snapshot out of a file takes no more traces");
	expect_failure(mallow_snapshot_name_domain(loaded, 16, "x", &err), &err,
	               "a snapshot out of a file has its names");
	attach(loaded);
	saved_save(loaded, "b.mallow");
	mallow_snapshot_free(loaded);
	loaded = saved_load("b.mallow");
	cr_expect_str_eq(mallow_snapshot_metadata(loaded, "commit", NULL), "4f2a");
	mallow_snapshot_free(loaded);
	mallow_snapshot_free(snapshot);
}

/* A flipped bit is told by one sentence, or is in bytes that mean nothing. */
/* A flipped bit is told by one sentence, or is in bytes that mean nothing. */
Test(snapshot_save, no_damage_is_read_as_something_else)
{
	struct mallow_snapshot *snapshot = build_old(), *loaded;
	struct mallow_error err;
	unsigned char *bytes;
	size_t size, told = 0;

	attach(snapshot);
	saved_save(snapshot, "whole.mallow");
	bytes = saved_read("whole.mallow", &size);
	for (size_t i = 0; i < size; i++) {
		int file = open(saved_path("whole.mallow"), O_WRONLY | O_CLOEXEC);
		unsigned char flipped = bytes[i] ^ (unsigned char)(1u << i % 8);

		cr_assert_eq(pwrite(file, &flipped, 1, (off_t)i), 1);
		err.text[0] = '\0';
		if (!mallow_snapshot_load(&loaded, saved_path("whole.mallow"), &err)) {
			saved_expect_same(snapshot, loaded);
			mallow_snapshot_free(loaded);
		} else {
			told++;
			cr_assert(strstr(err.text, "/whole.mallow: "), "byte %zu: '%s'",
			          i, err.text);
			cr_assert_null(strchr(err.text, '\n'));
		}
		cr_assert_eq(pwrite(file, &bytes[i], 1, (off_t)i), 1);
		close(file);
	}
	cr_expect_gt(told, 2000, "only %zu of %zu", told, size);
	free(bytes);
	mallow_snapshot_free(snapshot);
}

Test(snapshot_save, a_cut_file_is_told)
{
	struct mallow_snapshot *snapshot = build_old(), *loaded;
	struct mallow_error err;
	unsigned char *bytes;
	size_t size;

	saved_save(snapshot, "whole.mallow");
	bytes = saved_read("whole.mallow", &size);
	for (size_t i = 0; i < size; i += 509) {
		saved_write("cut.mallow", bytes, i);
		cr_expect_eq(
		        mallow_snapshot_load(&loaded, saved_path("cut.mallow"), &err), -1,
		        "%zu of %zu bytes", i, size);
		cr_expect(strstr(err.text, "/cut.mallow: "), "%s", err.text);
	}
	free(bytes);
	mallow_snapshot_free(snapshot);
}
