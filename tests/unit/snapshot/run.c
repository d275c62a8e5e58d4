/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/ranking.h"
#include "build.h"
#include "scene.h"

static struct scene scene;

static void open_scene(void)
{
	scene_open(&scene);
}

static void close_scene(void)
{
	scene_close(&scene);
}

TestSuite(snapshot_run, .init = open_scene, .fini = close_scene);

static struct mallow_run *open_run(void)
{
	struct mallow_run *run;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_run_open(&run, scene.recorder.path, NULL, &err), 0, "%s",
	             err.text);
	return run;
}

static struct mallow_snapshot *snapshot_at(struct mallow_run *run, const char *when)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_run_snapshot(run, when, &snapshot, &err), 0, "%s", err.text);
	return snapshot;
}

Test(snapshot_run, lists_processes_and_threads)
{
	struct mallow_run *run = open_run();

	cr_assert_eq(mallow_run_process_count(run), 2);
	cr_expect_str_eq(mallow_run_process(run, 0)->command, "prog two words");
	cr_expect_str_eq(mallow_run_process(run, 1)->command, "/usr/bin/child");
	cr_expect_eq(mallow_run_process(run, 1)->id, 2);
	cr_expect_eq(mallow_run_process(run, 1)->parent, 1);
	cr_expect_null(mallow_run_process(run, 2));
	cr_assert_eq(mallow_run_thread_count(run), 3);
	cr_expect_str_eq(mallow_run_thread(run, 1)->name, "worker");
	cr_expect_eq(mallow_run_thread(run, 2)->process, 2);
	cr_expect_null(mallow_run_thread(run, 3));
	cr_expect(mallow_run_complete(run));
	mallow_run_close(run);
}

Test(snapshot_run, says_when_and_how_processes_ended)
{
	struct mallow_run *run = open_run();
	const struct mallow_process *process = mallow_run_process(run, 0);

	cr_expect_eq(mallow_run_duration_ns(run), 1000000);
	cr_expect_eq(process->pid, 1001);
	cr_expect_eq(process->ended, MALLOW_ENDED_EXIT);
	cr_expect_eq(process->exit_code, 0);
	cr_expect(process->recorded);
	cr_expect_null(process->reason);
	cr_expect_eq(mallow_run_thread(run, 0)->id, 1);
	mallow_run_close(run);
}

static void take_three(struct recorder *recorder)
{
	uint32_t process, thread, frame, trace;

	recorder_open(recorder);
	process = recorder_process(recorder, 0, "[\"prog\"]");
	thread = recorder_thread(recorder, process, "main");
	frame = recorder_frame(recorder, recorder_module(recorder, "/prog"), "main",
	                       "a.c", 3);
	trace = recorder_trace(recorder,
	                       recorder_stack(recorder, (uint32_t[]){ frame, 0 }), thread,
	                       MLW_DOMAIN_MALLOC, 0);
	for (unsigned i = 0; i < 3; i++) {
		recorder->time_us += 10;
		recorder_alloc(recorder, trace, 100);
		recorder_snapshot(recorder, i == 1 ? "other" : "same");
	}
	recorder_close(recorder);
}

Test(snapshot_run, lists_snapshots_and_opens_them)
{
	struct mallow_error err = { "" };
	struct mallow_snapshot *snapshot;
	struct recorder recorder;
	struct mallow_run *run;
	char place[128];

	take_three(&recorder);
	cr_assert_eq(mallow_run_open(&run, recorder.path, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(mallow_run_taken_count(run), 3);
	cr_expect_str_eq(mallow_run_taken(run, 2)->name, "same");
	cr_expect_eq(mallow_run_taken(run, 2)->nth, 2);
	cr_expect_eq(mallow_run_taken(run, 2)->size, 300);
	cr_expect_eq(mallow_run_taken(run, 1)->count, 2);
	cr_expect_null(mallow_run_taken(run, 3));
	build_expect(build_statistics(snapshot = snapshot_at(run, "other"),
	                              MALLOW_BY_LINE, false),
	             "a.c:3: size=200 B, count=2, average=100 B\n");
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);

	snprintf(place, sizeof(place), "%s@same#2", recorder.path);
	cr_assert_eq(mallow_snapshot_open(&snapshot, place, &err), 0, "%s", err.text);
	build_expect(build_statistics(snapshot, MALLOW_BY_LINE, false),
	             "a.c:3: size=300 B, count=3, average=100 B\n");
	mallow_snapshot_free(snapshot);
	recorder_remove(&recorder);
}

static const struct mallow_traceback *find_traceback(struct mallow_snapshot *snapshot,
                                                     uint64_t size)
{
	for (size_t i = 0; i < mallow_snapshot_trace_count(snapshot); i++) {
		if (mallow_snapshot_trace(snapshot, i)->size == size)
			return mallow_snapshot_trace(snapshot, i)->traceback;
	}
	cr_assert(false, "no trace holds %lu B", (unsigned long)size);
	return NULL;
}

Test(snapshot_run, traces_begin_at_their_site)
{
	struct mallow_run *run = open_run();
	struct mallow_snapshot *snapshot = snapshot_at(run, "end");
	const struct mallow_traceback *traceback;

	cr_expect_eq(mallow_snapshot_trace_count(snapshot), 7);
	traceback = find_traceback(snapshot, 150);
	cr_assert_eq(mallow_traceback_count(traceback), 2);
	cr_expect_str_eq(mallow_traceback_frame(traceback, 0).function, "parse");
	cr_expect_str_eq(mallow_traceback_frame(traceback, 1).function, "main");
	/* With xmalloc, without libmallow. */
	cr_expect_eq(mallow_traceback_total_frames(traceback), 3);
	cr_expect_not(mallow_traceback_truncated(traceback));
	/* One stack is one traceback, whatever its thread is. */
	cr_expect_eq(find_traceback(snapshot, 200), traceback);
	cr_expect(mallow_traceback_truncated(find_traceback(snapshot, 30)));
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);
}

/* The commands of mallow answer by a way of their own: both must say the same. */
static void compare_with_commands(const char *when, enum mallow_key key,
                                  enum mallow_key by, bool cumulative)
{
	struct mlw_query query = { .place = scene.recorder.path,
		                   .at = when,
		                   .by = by,
		                   .cumulative = cumulative,
		                   .filter = { .domain = "all" } };
	struct mallow_run *run = open_run();
	struct mallow_snapshot *snapshot = snapshot_at(run, when);
	struct mallow_statistics *ours;
	struct mallow_ranking *theirs;
	struct mlw_error err = { "" };
	size_t live = 0;

	cr_assert_eq(mlw_ranking_new(&theirs, &query, &err), 0, "%s", err.text);
	cr_assert_eq(mallow_snapshot_statistics(snapshot, key, cumulative, &ours, NULL),
	             0);
	for (size_t i = 0; i < theirs->count; i++) {
		const struct mallow_row *row = &theirs->rows[i];
		const struct mallow_statistic *statistic;

		if (!row->sums.count)
			continue;
		statistic = mallow_statistics_get(ours, live++);
		cr_assert_not_null(statistic);
		cr_expect_eq(statistic->size, row->sums.size);
		cr_expect_eq(statistic->count, row->sums.count);
		cr_expect_eq(statistic->id, row->id);
		cr_expect_eq(mallow_traceback_count(statistic->traceback),
		             row->traceback->count);
		if (row->traceback->count && row->traceback->frames[0]->function)
			cr_expect_str_eq(
			        mallow_traceback_frame(statistic->traceback, 0).function,
			        row->traceback->frames[0]->function);
	}
	cr_expect_eq(mallow_statistics_count(ours), live);
	mlw_ranking_free(theirs);
	mallow_statistics_free(ours);
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);
}

Test(snapshot_run, statistics_are_those_of_the_commands)
{
	static const char *const places[] = { "end", "peak", "50%", "150us" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		for (int cumulative = 0; cumulative < 2; cumulative++) {
			compare_with_commands(places[i], MALLOW_BY_LINE, MALLOW_BY_LINE,
			                      cumulative);
			compare_with_commands(places[i], MALLOW_BY_FILE, MALLOW_BY_FILE,
			                      cumulative);
			compare_with_commands(places[i], MALLOW_BY_FUNCTION,
			                      MALLOW_BY_FUNCTION, cumulative);
			compare_with_commands(places[i], MALLOW_BY_MODULE,
			                      MALLOW_BY_MODULE, cumulative);
		}
		compare_with_commands(places[i], MALLOW_BY_THREAD, MALLOW_BY_THREAD,
		                      false);
		compare_with_commands(places[i], MALLOW_BY_PROCESS, MALLOW_BY_PROCESS,
		                      false);
		compare_with_commands(places[i], MALLOW_BY_DOMAIN, MALLOW_BY_DOMAIN,
		                      false);
		compare_with_commands(places[i], MALLOW_BY_TRACEBACK, MALLOW_BY_TRACEBACK,
		                      false);
	}
}

Test(snapshot_run, two_places_of_one_run_are_compared)
{
	struct mallow_run *run = open_run();
	struct mallow_snapshot *old = snapshot_at(run, "peak");
	struct mallow_snapshot *now = snapshot_at(run, "end");

	mallow_run_close(run);
	build_expect(build_differences(now, old, MALLOW_BY_PROCESS, false),
	             "process 1: size=4298 B (-1000 B), count=8 (-1), average=537 B\n"
	             "process 2: size=200 B (+200 B), count=1 (+1), average=200 B\n");
	build_expect(
	        build_differences(now, old, MALLOW_BY_THREAD, false),
	        "thread 1 (main): size=4277 B (-1000 B), count=5 (-1), average=855 B\n"
	        "thread 3 (main): size=200 B (+200 B), count=1 (+1), average=200 B\n"
	        "thread 2 (worker): size=21 B (+0 B), count=3 (+0), average=7 B\n");
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
}

Test(snapshot_run, two_runs_meet_by_their_texts)
{
	struct mallow_run *first = open_run(), *second = open_run();
	struct mallow_snapshot *old = snapshot_at(first, "end");
	struct mallow_snapshot *now = snapshot_at(second, "end");
	static const enum mallow_key keys[] = { MALLOW_BY_LINE, MALLOW_BY_TRACEBACK,
		                                MALLOW_BY_FUNCTION, MALLOW_BY_MODULE };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct mallow_differences *differences;

		cr_assert_eq(mallow_snapshot_compare_to(now, old, keys[i], false,
		                                        &differences, NULL),
		             0);
		cr_assert_gt(mallow_differences_count(differences), 0);
		for (size_t j = 0; j < mallow_differences_count(differences); j++)
			cr_expect_eq(mallow_differences_get(differences, j)->size_diff,
			             0);
		mallow_differences_free(differences);
	}
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
	mallow_run_close(first);
	mallow_run_close(second);
}

Test(snapshot_run, options_choose_the_site_and_the_names)
{
	const char *const wrappers[] = { "par*" };
	struct mallow_run_options options = { .wrappers = wrappers, .wrapper_count = 1 };
	const char *const moved = "/src/main.c=/elsewhere.c", *const map = "nothing";
	struct mallow_snapshot *snapshot;
	struct mallow_run *run;
	struct mallow_error err;

	cr_assert_eq(mallow_run_open(&run, scene.recorder.path, &options, &err), 0);
	snapshot = snapshot_at(run, "end");
	cr_expect_str_eq(
	        mallow_traceback_frame(find_traceback(snapshot, 150), 0).function,
	        "main");
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);

	options = (struct mallow_run_options){ .source_root = "/src",
		                               .path_maps = &moved,
		                               .path_map_count = 1 };
	cr_assert_eq(mallow_run_open(&run, scene.recorder.path, &options, &err), 0);
	snapshot = snapshot_at(run, "end");
	cr_expect_str_eq(mallow_traceback_frame(find_traceback(snapshot, 150), 0).file,
	                 "parse.c");
	cr_expect_str_eq(mallow_traceback_frame(find_traceback(snapshot, 150), 1).file,
	                 "/elsewhere.c");
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);

	options = (struct mallow_run_options){ .path_maps = &map, .path_map_count = 1 };
	cr_expect_eq(mallow_run_open(&run, scene.recorder.path, &options, &err), -1);
	cr_expect_null(run);
	cr_expect_not_null(strstr(err.text, "nothing"), "%s", err.text);
}

Test(snapshot_run, a_snapshot_of_a_recording_takes_no_more_traces)
{
	struct mallow_run *run = open_run();
	struct mallow_snapshot *snapshot = snapshot_at(run, "end");
	struct mallow_new_trace trace = { .size = 1 };
	struct mallow_error err;

	cr_expect_eq(mallow_snapshot_add(snapshot, &trace, &err), -1);
	cr_expect_str_eq(err.text, "a snapshot out of a file takes no more traces");
	mallow_snapshot_free(snapshot);
	mallow_run_close(run);
}

static void expect_no_snapshot(const char *place, const char *sentence)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };

	cr_expect_eq(mallow_snapshot_open(&snapshot, place, &err), -1);
	cr_expect_null(snapshot);
	cr_expect_str_eq(err.text, sentence);
	cr_expect_eq(mallow_snapshot_open(&snapshot, place, NULL), -1);
}

Test(snapshot_run, a_file_is_named_though_the_sentence_has_its_name_within)
{
	char folder[] = "/tmp/mallow-named-XXXXXX";

	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(symlink(scene.recorder.path, "e"), 0);
	expect_no_snapshot("e@gone",
	                   "e: has no snapshot named 'gone' (a file with '@' in its name "
	                   "is written FILE@end)");
	unlink("e");
	cr_expect_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0);
}

Test(snapshot_run, what_is_not_there_is_said_with_its_file)
{
	struct mallow_run *run;
	struct mallow_snapshot *snapshot;
	struct mallow_error err;
	char place[128], sentence[300];

	expect_no_snapshot("@end", "'@end' names no file");
	expect_no_snapshot("/nowhere.mallow",
	                   "/nowhere.mallow: No such file or directory");
	snprintf(place, sizeof(place), "%s@gone", scene.recorder.path);
	snprintf(sentence, sizeof(sentence),
	         "%s: has no snapshot named 'gone' (a file with '@' in its name is "
	         "written FILE@end)",
	         scene.recorder.path);
	expect_no_snapshot(place, sentence);
	run = open_run();
	cr_expect_eq(mallow_run_snapshot(run, "2%x", &snapshot, &err), -1);
	cr_expect_null(snapshot);
	cr_expect_eq(mallow_run_snapshot(run, "", &snapshot, &err), -1);
	snprintf(sentence, sizeof(sentence), "%s: nothing stands after the '@'",
	         scene.recorder.path);
	cr_expect_str_eq(err.text, sentence);
	mallow_run_close(run);
}

Test(mallow_snapshot, knows_its_file_and_whether_that_is_whole)
{
	struct mallow_snapshot *built = build_old(), *snapshot;
	struct recorder recorder;
	uint32_t thread;

	cr_expect_null(mallow_snapshot_file(built));
	cr_expect(mallow_snapshot_closed(built) && mallow_snapshot_complete(built));
	cr_expect_eq(mallow_snapshot_sample_bytes(built), 0);
	mallow_snapshot_free(built);
	recorder_open(&recorder);
	thread = recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"prog\"]"),
	                         "main");
	recorder_alloc(&recorder, recorder_trace(&recorder, 0, thread, 0, 0), 10);
	recorder.lost_events = 3;
	recorder_close(&recorder);
	cr_assert_eq(mallow_snapshot_open(&snapshot, recorder.path, NULL), 0);
	cr_expect_str_eq(mallow_snapshot_file(snapshot), recorder.path);
	cr_expect(mallow_snapshot_closed(snapshot));
	cr_expect_not(mallow_snapshot_complete(snapshot));
	mallow_snapshot_free(snapshot);
	recorder_remove(&recorder);
	recorder_open(&recorder);
	recorder_die(&recorder);
	cr_assert_eq(mallow_snapshot_open(&snapshot, recorder.path, NULL), 0);
	cr_expect_not(mallow_snapshot_closed(snapshot));
	cr_expect_not(mallow_snapshot_complete(snapshot));
	mallow_snapshot_free(snapshot);
	recorder_remove(&recorder);
}

Test(no_place, is_a_failure_and_not_a_crash)
{
	struct mallow_error err[5] = { { "" } };
	struct mallow_stats *stats;
	struct mallow_snapshots *snapshots;
	struct mallow_snapshot *snapshot, *saved;
	struct mallow_run *opened;

	cr_expect_eq(mallow_stats_new(&stats, NULL, &err[0]), -1);
	cr_expect_eq(mallow_snapshots_new(&snapshots, NULL, &err[1]), -1);
	cr_expect_eq(mallow_snapshot_open(&snapshot, NULL, &err[2]), -1);
	cr_expect_eq(mallow_snapshot_load(&saved, NULL, &err[3]), -1);
	cr_expect_eq(mallow_run_open(&opened, NULL, NULL, &err[4]), -1);
	cr_expect(!stats && !snapshots && !snapshot && !saved && !opened);
	for (size_t i = 0; i < 5; i++)
		cr_expect_str_eq(err[i].text,
		                 i < 3 ? "there is no place" : "there is no file");
	cr_expect_not(mallow_is_being_recorded(NULL));
}

Test(no_place, nor_is_a_word_that_is_not_there)
{
	cr_expect_eq(mallow_key_parse(NULL), -1);
	cr_expect_eq(mallow_sort_parse(NULL), -1);
	cr_expect_eq(mallow_key_parse("size"), MALLOW_BY_SIZE);
}

Test(no_place, a_snapshot_is_not_saved_without_a_file)
{
	struct mallow_error err = { "" };
	struct mallow_snapshot *snapshot;

	cr_assert_eq(mallow_snapshot_new(&snapshot, NULL), 0);
	cr_expect_eq(mallow_snapshot_save(snapshot, NULL, false, &err), -1);
	cr_expect_str_eq(err.text, "there is no file");
	mallow_snapshot_free(snapshot);
}
