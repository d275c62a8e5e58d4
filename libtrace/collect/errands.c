/* SPDX-License-Identifier: MIT */
#include "collect/errands.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WINDOW_WORDS 4096u /* that all its rings together may have unread */
#define WINDOW_LEAST 512u
#define WINDOW_US    1000000u /* after the latest look */

/* Longer than an event waits for a ticket: what is behind a clear but was before it would
 * not be forgotten. */
#define CUT_PATIENCE_US 2000000u

static bool is_open(const struct mlw_process *process)
{
	return process->met && !process->finished && process->shared.segment;
}

static uint32_t window_of(const struct mlw_process *process)
{
	uint32_t writers = 1, window;

	for (uint32_t i = 0; i < process->ring_count; i++)
		writers += process->views[i].tail != process->views[i].head;
	window = WINDOW_WORDS / writers;
	return window > WINDOW_LEAST ? window : WINDOW_LEAST;
}

/* Who looks again soon shall not have to wait long. */
static void set_window(struct mlw_process *process, bool looked, uint64_t now_us)
{
	if (looked) {
		process->looked_us = now_us;
		mlw_process_set_window(process, window_of(process));
	} else if (process->window && now_us > process->looked_us + WINDOW_US) {
		mlw_process_set_window(process, 0);
	}
}

void mlw_errands_look(struct mlw_process *processes, uint64_t now_us)
{
	for (struct mlw_process *process = processes; process; process = process->next) {
		const struct mlw_errand_state *looks = &process->errands[MLW_ERRAND_LOOK];

		for (int i = 0; is_open(process) && i < MLW_ERRANDS; i++)
			process->errands[i].seen =
			        atomic_load(&process->shared.segment->errands[i].asked);
		if (is_open(process))
			set_window(process, looks->seen != looks->done, now_us);
	}
}

static bool needs_cut(const struct mlw_process *process)
{
	for (int i = MLW_ERRAND_LOOK + 1; i < MLW_ERRANDS; i++)
		if ((int32_t)(process->errands[i].seen - process->errands[i].done) > 0)
			return true;
	return false;
}

void mlw_errands_begin(struct mlw_process *processes, struct mlw_order *order,
                       struct mlw_decoder *decoder, uint64_t now_us)
{
	bool needed = false;

	for (struct mlw_process *process = processes; process; process = process->next)
		needed |= is_open(process) && needs_cut(process);
	if (!needed)
		return;
	if (!order->cut_us)
		order->cut_us = mlw_decoder_cut(decoder);
	order->cut_until_us = now_us + CUT_PATIENCE_US;
	for (struct mlw_process *process = processes; process; process = process->next)
		for (int i = 0; i < MLW_ERRANDS; i++)
			process->errands[i].cut = process->errands[i].seen;
}

/* The number is what the process says: it may be any. */
static bool is_due(const struct mlw_process *process, enum mlw_errand errand)
{
	const struct mlw_errand_state *state = &process->errands[errand];

	return (int32_t)(state->cut - state->done) > 0;
}

static void say_done(struct mlw_process *process, enum mlw_errand errand, uint32_t number)
{
	struct mlw_errand_word *word = &process->shared.segment->errands[errand];

	process->errands[errand].done = number;
	atomic_store(&word->done, number);
	syscall(SYS_futex, &word->done, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void publish(struct mlw_process *process)
{
	struct mlw_segment *segment = process->shared.segment;

	if (atomic_load_explicit(&segment->traced_size, memory_order_relaxed) ==
	            process->traced_size &&
	    atomic_load_explicit(&segment->traced_peak, memory_order_relaxed) ==
	            process->traced_peak)
		return;
	/* Who reads them in the other order finds no peak below its size. */
	atomic_store_explicit(&segment->traced_peak, process->traced_peak,
	                      memory_order_release);
	atomic_store_explicit(&segment->traced_size, process->traced_size,
	                      memory_order_release);
}

static void do_all(struct mlw_process *process, struct mlw_run *run, uint64_t cut_us)
{
	bool resets = is_due(process, MLW_ERRAND_RESET_PEAK);
	bool clears = is_due(process, MLW_ERRAND_CLEAR);

	if (resets)
		process->traced_peak = process->traced_size;
	if (clears)
		mlw_process_clear(process, run, cut_us);
	if (resets || clears)
		publish(process);
	if (resets)
		say_done(process, MLW_ERRAND_RESET_PEAK,
		         process->errands[MLW_ERRAND_RESET_PEAK].cut);
	if (clears)
		say_done(process, MLW_ERRAND_CLEAR,
		         process->errands[MLW_ERRAND_CLEAR].cut);
}

void mlw_errands_do(struct mlw_process *processes, struct mlw_run *run, uint64_t cut_us)
{
	for (struct mlw_process *process = processes; process; process = process->next)
		if (is_open(process))
			do_all(process, run, cut_us);
}

void mlw_errands_tell(struct mlw_process *processes)
{
	for (struct mlw_process *process = processes; process; process = process->next) {
		const struct mlw_errand_state *look = &process->errands[MLW_ERRAND_LOOK];

		if (!is_open(process))
			continue;
		publish(process);
		if (look->seen != look->done && mlw_process_is_read(process))
			say_done(process, MLW_ERRAND_LOOK, look->seen);
	}
}
