/* SPDX-License-Identifier: MIT */
#include "collect/moments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collect/guest.h"

#define CUT_PATIENCE_US 20000u /* for a thread that was interrupted inside a hook */
#define POINT_US        10000u /* between two points, at first */
#define POINT_SHARE     2000u /* later, of the time that has passed */
#define LOOK_LEAST_US   20000u
#define LOOK_MOST_US    1000000u
#define LOOK_SHARE      4u /* of the time without events */

struct mlw_want {
	struct mlw_want *next;
	char name[MLW_SNAPSHOT_NAME_SIZE];
	int guest;
	bool begun; /* the cut is not older than the wish */
	bool taken;
	uint64_t at_us, size, count;
};

static void free_want(struct mlw_want *want)
{
	if (want->guest >= 0)
		close(want->guest);
	free(want);
}

void mlw_moments_release(struct mlw_moments *moments)
{
	struct mlw_want *next;

	if (!moments)
		return;
	for (struct mlw_want *want = moments->wanted; want; want = next) {
		next = want->next;
		free_want(want);
	}
	*moments = (struct mlw_moments){ 0 };
}

void mlw_moments_want(struct mlw_moments *moments, const char *name, int guest)
{
	struct mlw_want *want = calloc(1, sizeof(*want)), **last = &moments->wanted;

	if (!want) {
		if (guest >= 0)
			close(guest);
		return;
	}
	snprintf(want->name, sizeof(want->name), "%s", name);
	want->guest = guest;
	while (*last)
		last = &(*last)->next;
	*last = want;
}

void mlw_moments_look(struct mlw_moments *moments, struct mlw_run *run, uint64_t now_us)
{
	uint64_t every = run->options->snapshot_every_us;

	if (run->snapshot_signalled)
		mlw_moments_want(moments, "signal", -1);
	run->snapshot_signalled = false;
	if (!every || now_us < moments->next_snapshot_us)
		return;
	if (moments->next_snapshot_us && !run->events_cut)
		mlw_moments_want(moments, "every", -1);
	moments->next_snapshot_us = (now_us / every + 1) * every;
}

void mlw_moments_begin(struct mlw_moments *moments, struct mlw_order *order,
                       struct mlw_decoder *decoder, uint64_t now_us)
{
	if (!moments->wanted || order->cut_us)
		return;
	order->cut_us = mlw_decoder_cut(decoder);
	order->cut_until_us = now_us + CUT_PATIENCE_US;
	for (struct mlw_want *want = moments->wanted; want; want = want->next)
		want->begun = true;
}

/* Does anybody wait for one of those that were taken? */
static bool take(struct mlw_moments *moments, struct mlw_run *run, uint64_t at_us)
{
	bool awaited = false;

	for (struct mlw_want *want = moments->wanted; want; want = want->next) {
		if (!want->begun || want->taken)
			continue;
		want->taken = true;
		awaited |= want->guest >= 0;
		want->at_us = at_us;
		mlw_heap_held(run->heap, &want->size, &want->count);
		mlw_run_snapshot(run, want->name, at_us);
	}
	return awaited;
}

bool mlw_moments_take(struct mlw_moments *moments, struct mlw_order *order,
                      struct mlw_run *run, uint64_t now_us)
{
	uint64_t at_us = order->cut_us;

	if (!order->cut_us || (order->waiting && now_us < order->cut_until_us))
		return false;
	order->cut_us = 0;
	return take(moments, run, at_us > run->time_us ? at_us : run->time_us);
}

bool mlw_moments_take_last(struct mlw_moments *moments, struct mlw_run *run,
                           uint64_t now_us)
{
	if (run->snapshot_signalled)
		mlw_moments_want(moments, "signal", -1);
	for (struct mlw_want *want = moments->wanted; want; want = want->next)
		want->begun = true;
	return take(moments, run, now_us > run->time_us ? now_us : run->time_us);
}

static void answer(const struct mlw_want *want, const struct mlw_run *run,
                   const char *path)
{
	struct mlw_snapshot_reply reply = { .status = MLW_SNAPSHOT_TAKEN,
		                            .at_us = want->at_us,
		                            .size = want->size,
		                            .count = want->count };

	snprintf(reply.text, sizeof(reply.text), "%s", path);
	if (want->guest < 0)
		return;
	if (!run->writer)
		mlw_guest_fail(want->guest, MLW_SNAPSHOT_FAILED, run->failure.text);
	else
		mlw_guest_reply(want->guest, &reply);
}

void mlw_moments_answer(struct mlw_moments *moments, const struct mlw_run *run,
                        const char *path)
{
	struct mlw_want **at = &moments->wanted;

	while (*at) {
		struct mlw_want *want = *at;

		if (!want->taken) {
			at = &want->next;
			continue;
		}
		*at = want->next;
		answer(want, run, path);
		free_want(want);
	}
}

static void store_point(struct mlw_moments *moments, struct mlw_run *run,
                        struct mlw_timeline_row *row)
{
	struct mlw_error err;

	if (row->at_us < moments->point_us)
		row->at_us = moments->point_us;
	row->allocations = mlw_heap_totals(run->heap)->allocations;
	if (run->writer)
		mlw_run_stored(run, mlw_writer_timeline(run->writer, row, &err), &err);
	moments->point_us = row->at_us;
	moments->point_events = run->events;
	moments->point_rss = row->rss;
	moments->has_point = moments->unsaved = true;
}

static void add_point(struct mlw_moments *moments, struct mlw_household *household,
                      uint64_t at_us, uint64_t rss)
{
	struct mlw_timeline_row row = { .at_us = at_us, .rss = rss };

	mlw_heap_held(household->run->heap, &row.size, &row.count);
	store_point(moments, household->run, &row);
}

static void plan(struct mlw_moments *moments, uint64_t now_us, bool busy)
{
	uint64_t distance = now_us / POINT_SHARE;
	uint64_t quiet = now_us > moments->next_point_us
	                         ? (now_us - moments->next_point_us) / LOOK_SHARE
	                         : 0;

	if (busy)
		moments->next_point_us =
		        now_us + (distance > POINT_US ? distance : POINT_US);
	if (busy || quiet < LOOK_LEAST_US)
		quiet = LOOK_LEAST_US;
	moments->next_look_us = now_us + (quiet < LOOK_MOST_US ? quiet : LOOK_MOST_US);
}

void mlw_moments_point(struct mlw_moments *moments, struct mlw_household *household,
                       uint64_t now_us)
{
	const struct mlw_run *run = household->run;
	bool busy = run->events != moments->point_events;
	uint64_t rss;

	if (!household->program->met ||
	    now_us < (busy ? moments->next_point_us : moments->next_look_us))
		return;
	rss = mlw_household_resident(household);
	if (!moments->has_point)
		add_point(moments, household, household->program->started_us,
		          rss ? rss : household->program->resident);
	else if (busy)
		add_point(moments, household, run->time_us, rss);
	else if (rss != moments->point_rss)
		add_point(moments, household, now_us, rss);
	plan(moments, now_us, busy);
}

void mlw_moments_note(struct mlw_moments *moments, const struct mlw_household *household)
{
	for (const struct mlw_process *process = household->processes; process;
	     process = process->next) {
		if (process->finished)
			continue;
		mlw_heap_held(household->run->heap, &moments->last_size,
		              &moments->last_count);
		return;
	}
}

void mlw_moments_last_point(struct mlw_moments *moments, struct mlw_household *household,
                            uint64_t now_us)
{
	struct mlw_timeline_row row = { .at_us = now_us,
		                        .size = moments->last_size,
		                        .count = moments->last_count };

	if (household->program->met)
		store_point(moments, household->run, &row);
}

static uint64_t earlier(uint64_t sleep_us, uint64_t now_us, uint64_t due_us)
{
	uint64_t left = due_us > now_us ? due_us - now_us : 0;

	return left < sleep_us ? left : sleep_us;
}

uint64_t mlw_moments_sleep(const struct mlw_moments *moments, uint64_t sleep_us,
                           uint64_t now_us)
{
	if (moments->next_snapshot_us)
		sleep_us = earlier(sleep_us, now_us, moments->next_snapshot_us);
	if (moments->has_point)
		sleep_us = earlier(sleep_us, now_us, moments->next_look_us);
	return sleep_us;
}
