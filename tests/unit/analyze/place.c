/* SPDX-License-Identifier: MIT */
#include "analyze/place.h"

#include <criterion/criterion.h>

#include "recorder.h"

static void expect_place(const char *text, const char *at, const char *file,
                         enum mlw_place_kind kind)
{
	struct mlw_error err = { "" };
	struct mlw_place place;

	cr_assert_eq(mlw_place_init(&place, text, at, &err), 0, "%s: %s", text, err.text);
	cr_expect_str_eq(place.file, file);
	cr_expect_eq(place.kind, kind);
	mlw_place_release(&place);
}

Test(place, a_file_alone_is_its_end)
{
	expect_place("run.mallow", NULL, "run.mallow", MLW_PLACE_END);
	expect_place("run.mallow@end", NULL, "run.mallow", MLW_PLACE_END);
}

Test(place, the_last_at_divides)
{
	expect_place("a@b.mallow@end", NULL, "a@b.mallow", MLW_PLACE_END);
	expect_place("a@b.mallow@peak", NULL, "a@b.mallow", MLW_PLACE_PEAK);
}

Test(place, every_form_of_when_is_known)
{
	expect_place("f@peak", NULL, "f", MLW_PLACE_PEAK);
	expect_place("f@1.5s", NULL, "f", MLW_PLACE_TIME);
	expect_place("f@25%", NULL, "f", MLW_PLACE_SHARE);
	expect_place("f@loaded", NULL, "f", MLW_PLACE_SNAPSHOT);
	expect_place("f@loaded#2", NULL, "f", MLW_PLACE_SNAPSHOT);
}

Test(place, at_stands_for_the_at_sign)
{
	expect_place("f", "peak", "f", MLW_PLACE_PEAK);
}

Test(place, times_and_shares_are_read)
{
	struct mlw_error err;
	struct mlw_place place;

	cr_assert_eq(mlw_place_init(&place, "f@200ms", NULL, &err), 0);
	cr_expect_eq(place.ns, 200000000);
	mlw_place_release(&place);
	cr_assert_eq(mlw_place_init(&place, "f@12.5%", NULL, &err), 0);
	cr_expect_eq(place.millionths, 125000);
	mlw_place_release(&place);
}

static void expect_no_place(const char *text, const char *at)
{
	struct mlw_error err = { "" };
	struct mlw_place place;

	cr_expect_eq(mlw_place_init(&place, text, at, &err), -1, "%s", text);
	cr_expect_str_neq(err.text, "");
}

Test(place, what_names_no_place_is_refused)
{
	expect_no_place("", NULL);
	expect_no_place("@peak", NULL);
	expect_no_place("f@", NULL);
	expect_no_place("f@101%", NULL);
	expect_no_place("f@peak", "end");
}

/* Changes 1 to 6 at 100 us, 200 us, ... 600 us; snapshots after 2, 3, 4 and 5. */
static void make_run(struct recorder *recorder, bool sites)
{
	static const char *const names[] = { NULL, NULL, "load", "load", "load#2", "x" };
	uint32_t frames[] = { 0, 0 };
	uint32_t thread, trace;

	if (sites)
		recorder_open_sites(recorder);
	else
		recorder_open(recorder);
	thread = recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"),
	                         "main");
	frames[0] = recorder_frame(recorder, recorder_module(recorder, "/bin/p"), "f",
	                           "f.c", 1);
	trace = recorder_trace(recorder, recorder_stack(recorder, frames), thread, 0, 0);
	for (unsigned i = 1; i <= 6; i++) {
		recorder->time_us = i * 100;
		recorder_alloc(recorder, trace, 10);
		if (i < 6 && names[i])
			recorder_snapshot(recorder, names[i]);
	}
	recorder_close(recorder);
}

/* The same with events up to 300 us, snapshots of that moment and of 500 us. */
static void make_cut_run(struct recorder *recorder)
{
	uint32_t thread, trace;

	recorder_open(recorder);
	thread = recorder_thread(recorder, recorder_process(recorder, 0, "[\"p\"]"),
	                         "main");
	trace = recorder_trace(recorder, 0, thread, 0, 0);
	for (unsigned i = 1; i <= 6; i++) {
		recorder->time_us = i * 100;
		recorder_alloc(recorder, trace, 10);
		if (i == 3)
			recorder_cut(recorder, "cut");
		if (i == 5)
			recorder_snapshot(recorder, "late");
	}
	recorder_close(recorder);
}

/* The number of changes that had happened at `when`, -1 and the reason in `err`. */
static int64_t number_at(const struct recorder *recorder, const char *when,
                         struct mlw_error *err)
{
	static const struct mallow_run_options options;
	struct mlw_recording *recording = NULL;
	struct mlw_moment moment;
	struct mlw_place place;
	int result;

	cr_assert_eq(mlw_place_init(&place, recorder->path, when, err), 0);
	cr_assert_eq(mlw_recording_open(&recording, recorder->path, &options, err), 0);
	result = mlw_place_find(&place, recording, &moment, err);
	mlw_recording_close(recording);
	mlw_place_release(&place);
	return result ? -1 : (int64_t)moment.number;
}

static void expect_number(const struct recorder *recorder, const char *when,
                          int64_t number)
{
	struct mlw_error err = { "" };

	cr_expect_eq(number_at(recorder, when, &err), number, "@%s: %s", when, err.text);
}

static void expect_reason(const struct recorder *recorder, const char *when,
                          const char *reason)
{
	struct mlw_error err = { "" };

	cr_expect_eq(number_at(recorder, when, &err), -1, "@%s", when);
	cr_expect(strstr(err.text, reason), "%s", err.text);
}

Test(place, times_and_shares_find_their_change)
{
	struct recorder recorder;

	make_run(&recorder, false);
	expect_number(&recorder, "0s", 0);
	expect_number(&recorder, "200us", 2);
	expect_number(&recorder, "299us", 2);
	expect_number(&recorder, "600us", 6);
	expect_number(&recorder, "50%", 3);
	expect_number(&recorder, "100%", 6);
	expect_reason(&recorder, "601us", "after the end");
	recorder_remove(&recorder);
}

Test(place, snapshots_are_found_by_name_and_number)
{
	struct recorder recorder;

	make_run(&recorder, false);
	expect_number(&recorder, "load", 2);
	expect_number(&recorder, "load#1", 2);
	expect_number(&recorder, "x", 5);
	expect_number(&recorder, "x#1", 5);
	expect_reason(&recorder, "load#3", "has 2 snapshots named 'load'");
	expect_reason(&recorder, "x#2", "has 1 snapshot named 'x'");
	expect_reason(&recorder, "loa", "no snapshot named 'loa'");
	expect_reason(&recorder, "loading", "no snapshot named 'loading'");
	expect_reason(&recorder, "load#0", "no snapshot named 'load#0'");
	expect_reason(&recorder, "load#", "no snapshot named 'load#'");
	recorder_remove(&recorder);
}

Test(place, a_name_that_looks_numbered_goes_first)
{
	struct recorder recorder;

	make_run(&recorder, false);
	expect_number(&recorder, "load#2", 4);
	recorder_remove(&recorder);
}

Test(place, after_the_cut_there_are_still_the_snapshots)
{
	struct recorder recorder;

	make_cut_run(&recorder);
	expect_number(&recorder, "200us", 2);
	expect_number(&recorder, "299us", 2);
	expect_number(&recorder, "cut", 3);
	expect_number(&recorder, "late", 5);
	expect_number(&recorder, "end", -1); /* the end is no number */
	expect_reason(&recorder, "300us", "for the first 300 us only (--max-size)");
	expect_reason(&recorder, "100%", "--max-size");
	recorder_remove(&recorder);
}

Test(place, without_events_there_are_still_the_snapshots)
{
	struct recorder recorder;

	make_run(&recorder, true);
	expect_number(&recorder, "load", 2);
	expect_number(&recorder, "x", 5);
	expect_reason(&recorder, "300us", "--record sites");
	expect_reason(&recorder, "50%", "--record sites");
	recorder_remove(&recorder);
}
