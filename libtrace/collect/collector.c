/* SPDX-License-Identifier: MIT */
#include "collect/collector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collect/account.h"
#include "collect/collector_state.h"
#include "collect/errands.h"
#include "collect/note.h"
#include "collect/proc.h"
#include "collect/settle.h"
#include "collect/symbols.h"

#define COMMIT_US \
	500000u /* so that a commit that takes its time is still within a second */
#define COMMIT_BYTES      (1u << 20)
#define SURVIVOR_GRACE_US 50000u

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void send_note(struct mlw_collector *collector, const struct mlw_note *note)
{
	if (collector->launcher >= 0)
		mlw_note_send(collector->launcher, note);
}

static void send_failure(struct mlw_collector *collector, const struct mlw_error *err)
{
	struct mlw_note note = { .kind = MLW_NOTE_FAILED };

	snprintf(note.text, sizeof(note.text), "%s", err->text);
	send_note(collector, &note);
}

static void send_ready(struct mlw_collector *collector)
{
	struct mlw_note note = { .kind = MLW_NOTE_READY };

	snprintf(note.text, sizeof(note.text), "%s", collector->path);
	snprintf(note.socket, sizeof(note.socket), "%s", collector->folder.socket);
	snprintf(note.library, sizeof(note.library), "%s", collector->folder.library);
	send_note(collector, &note);
}

static struct mlw_account account_of(const struct mlw_collector *collector)
{
	return (struct mlw_account){ .command = collector->command,
		                     .started_at_ns = collector->started_at_ns,
		                     .run = &collector->run,
		                     .decoder = &collector->decoder,
		                     .order = &collector->order,
		                     .household = &collector->household };
}

static void commit(struct mlw_collector *collector)
{
	const struct mlw_account account = account_of(collector);
	struct mlw_run *run = &collector->run;
	struct mlw_run_row row;
	struct mlw_account_text text;
	struct mlw_error err;

	if (!run->writer)
		return;
	mlw_account_row(&account, &row, &text);
	mlw_run_stored(run,
	               mlw_writer_run(run->writer, &row, &err) ||
	                               mlw_writer_commit(run->writer, run->heap, &err)
	                       ? -1
	                       : 0,
	               &err);
	if (run->writer && mlw_writer_is_full(run->writer))
		mlw_run_cut(run);
}

static char *default_path(const struct mlw_run_options *options, pid_t pid)
{
	const char *name = strrchr(options->command[0], '/');
	char *path = NULL;

	name = name ? name + 1 : options->command[0];
	return asprintf(&path, "%s.%d.mallow", name, (int)pid) < 0 ? NULL : path;
}

static int open_file(struct mlw_collector *collector, pid_t pid, struct mlw_error *err)
{
	const struct mlw_run_options *options = collector->options;
	const struct mlw_writer_options how = { .replace = options->replace,
		                                .keep_addresses = options->keep_addresses,
		                                .keep_events = options->keep_events,
		                                .max_size = options->max_size };
	struct mlw_writer *writer = NULL;
	const char *library =
	        mlw_folder_library(&collector->folder, options->library, err);

	if (!library)
		return -1;
	collector->path =
	        options->output ? strdup(options->output) : default_path(options, pid);
	collector->command = mlw_proc_json_command(options->command);
	if (!collector->path || !collector->command)
		return mlw_fail(err, "out of memory");
	if (mlw_writer_create(&writer, collector->path, &how, err))
		return -1;
	return mlw_run_init(&collector->run, options, writer, library, err);
}

static int make_household(struct mlw_collector *collector, pid_t pid,
                          struct mlw_error *err)
{
	struct mlw_process *program = mlw_process_new(pid, err);

	if (!program)
		return -1;
	program->command = strdup(collector->command);
	mlw_household_init(&collector->household, &collector->run, program);
	commit(collector);
	if (!collector->run.writer)
		return mlw_fail(err, "%s", collector->run.failure.text);
	return 0;
}

static int open_all(struct mlw_collector *collector, pid_t pid, struct mlw_error *err)
{
	uint64_t start_ns = clock_ns(CLOCK_MONOTONIC);

	collector->started_at_ns = (int64_t)clock_ns(CLOCK_REALTIME);
	if (mlw_folder_open(&collector->folder, err) || open_file(collector, pid, err) ||
	    mlw_run_memory_init(&collector->memory, start_ns, err))
		return -1;
	mlw_decoder_init(&collector->decoder, &collector->run, collector->memory.page,
	                 start_ns);
	if (make_household(collector, pid, err))
		return -1;
	mlw_robust_hold(&collector->robust, collector->memory.page);
	if (mlw_heart_start(&collector->heart, collector->memory.page,
	                    collector->options->stall_ns, err))
		return -1;
	collector->meeting = mlw_meeting_start(
	        collector->options, &collector->folder, &collector->memory,
	        collector->household.program, collector->launcher, err);
	return collector->meeting ? 0 : -1;
}

/* A file that never held anything is not left behind. */
static void abandon(struct mlw_collector *collector)
{
	bool created = collector->run.writer != NULL;

	mlw_run_release(&collector->run);
	if (created)
		unlink(collector->path);
}

static void release(struct mlw_collector *collector)
{
	mlw_meeting_stop(collector->meeting);
	mlw_heart_stop(&collector->heart);
	if (collector->memory.page)
		mlw_robust_release(&collector->robust, collector->memory.page);
	mlw_household_release(&collector->household);
	mlw_order_release(&collector->order);
	mlw_moments_release(&collector->moments);
	mlw_tracebacks_release(&collector->tracebacks);
	mlw_run_release(&collector->run);
	mlw_run_memory_release(&collector->memory);
	mlw_folder_close(&collector->folder);
	free(collector->command);
	free(collector->path);
}

static void commit_now(struct mlw_collector *collector, uint64_t now_us)
{
	commit(collector);
	collector->run.events_at_commit = collector->run.events;
	collector->moments.unsaved = false;
	collector->next_commit_us = now_us + COMMIT_US;
}

static void answer_snapshots(struct mlw_collector *collector, bool awaited,
                             uint64_t now_us)
{
	if (awaited)
		commit_now(collector, now_us);
	mlw_moments_answer(&collector->moments, &collector->run, collector->path);
}

static bool is_unsaved(const struct mlw_collector *collector)
{
	return collector->run.writer &&
	       (collector->run.events != collector->run.events_at_commit ||
	        collector->moments.unsaved);
}

static void do_chores(struct mlw_collector *collector, uint64_t now_us)
{
	struct mlw_run *run = &collector->run;

	mlw_household_look(&collector->household, now_us);
	mlw_moments_look(&collector->moments, run, now_us);
	mlw_moments_point(&collector->moments, &collector->household, now_us);
	if (!run->writer)
		return;
	if ((now_us >= collector->next_commit_us && is_unsaved(collector)) ||
	    mlw_writer_pending(run->writer) >= COMMIT_BYTES)
		commit_now(collector, now_us);
}

static void pulse(void *context)
{
	struct mlw_collector *collector = context;

	mlw_decoder_pulse(&collector->decoder);
}

static void resolve_symbols(struct mlw_collector *collector)
{
	struct mlw_error err;

	if (mlw_symbols_resolve(&collector->run, &collector->symbols_done, pulse,
	                        collector, &err))
		mlw_run_stored(&collector->run, -1, &err);
}

static void report(struct mlw_collector *collector, size_t surviving)
{
	const struct mlw_account account = account_of(collector);
	struct mlw_note note = { .kind = MLW_NOTE_SUMMARY };

	mlw_account_summary(&account, surviving, &note.summary);
	send_note(collector, &note);
	collector->reported = true;
}

/* The last point of the timeline is the end. */
static void close_file(struct mlw_collector *collector)
{
	const struct mlw_account account = account_of(collector);
	struct mlw_run *run = &collector->run;
	struct mlw_run_row row;
	struct mlw_account_text text;
	struct mlw_error err;

	mlw_moments_last_point(&collector->moments, &collector->household,
	                       mlw_decoder_clock(&collector->decoder));
	resolve_symbols(collector);
	if (!run->writer)
		return;
	mlw_account_row(&account, &row, &text);
	if (mlw_writer_close(run->writer, run->heap, &row, &err) && !run->failure.text[0])
		run->failure = err;
	run->writer = NULL;
}

/* The program has ended and others have not. What they do goes on being recorded. */
static void show_survivors(struct mlw_collector *collector, size_t living,
                           uint64_t now_us)
{
	if (collector->reported || collector->options->wait)
		return;
	if (!collector->survivors_since_us)
		collector->survivors_since_us = now_us;
	if (now_us < collector->survivors_since_us + SURVIVOR_GRACE_US)
		return;
	resolve_symbols(collector);
	commit(collector);
	report(collector, living);
}

/* True when nobody is left. */
static bool is_over(struct mlw_collector *collector, uint64_t now_us)
{
	size_t living;

	if (collector->called_off)
		return true;
	if ((!collector->program_ended && !collector->alone) ||
	    !mlw_household_program_done(&collector->household))
		return false;
	living = mlw_household_living(&collector->household, now_us);
	if (living)
		show_survivors(collector, living, now_us);
	return !living;
}

/* What is wanted of a moment: snapshots, and what processes ask for. */
static void begin_moment(struct mlw_collector *collector, uint64_t now_us)
{
	bool cutting = collector->order.cut_us;

	mlw_errands_look(collector->household.processes, now_us);
	mlw_moments_begin(&collector->moments, &collector->order, &collector->decoder,
	                  now_us);
	if (!cutting)
		mlw_errands_begin(collector->household.processes, &collector->order,
		                  &collector->decoder, now_us);
}

static void end_moment(struct mlw_collector *collector, uint64_t now_us)
{
	uint64_t cut_us = collector->order.cut_us;
	bool awaited = mlw_moments_take(&collector->moments, &collector->order,
	                                &collector->run, now_us);

	if (cut_us && !collector->order.cut_us)
		mlw_errands_do(collector->household.processes, &collector->run, cut_us);
	mlw_errands_tell(collector->household.processes);
	mlw_tracebacks_answer(&collector->tracebacks, &collector->run);
	answer_snapshots(collector, awaited, now_us);
}

/* Does somebody wait for the summary? */
static bool is_ending(const struct mlw_collector *collector)
{
	return collector->program_ended && !collector->reported;
}

static void collect(struct mlw_collector *collector)
{
	uint64_t now_us;

	do {
		collector->doorbell = atomic_load(&collector->memory.page->doorbell);
		mlw_decoder_pulse(&collector->decoder);
		now_us = mlw_decoder_clock(&collector->decoder);
		mlw_collector_hear(collector, now_us);
		mlw_household_inherit(&collector->household, now_us);
		begin_moment(collector, now_us);
		if (mlw_order_round(&collector->order, &collector->decoder,
		                    collector->household.processes))
			collector->busy_us = now_us;
		end_moment(collector, now_us);
		mlw_household_inherit(&collector->household, now_us);
		mlw_moments_note(&collector->moments, &collector->household);
		mlw_household_finish(&collector->household, now_us);
		do_chores(collector, now_us);
		if (is_over(collector, now_us))
			return;
		mlw_collector_sleep(collector, is_ending(collector),
		                    is_unsaved(collector), now_us);
	} while (true);
}

/* Asked for in the very last moment. */
static void take_last_snapshots(struct mlw_collector *collector)
{
	uint64_t now_us = mlw_decoder_clock(&collector->decoder);

	answer_snapshots(
	        collector,
	        mlw_moments_take_last(&collector->moments, &collector->run, now_us),
	        now_us);
}

static int collect_program(struct mlw_collector *collector, pid_t pid)
{
	struct mlw_error err;

	if (open_all(collector, pid, &err)) {
		send_failure(collector, &err);
		mlw_meeting_stop(collector->meeting);
		collector->meeting = NULL;
		abandon(collector);
		return 1;
	}
	/* The program must not begin, and end, before there is a time. */
	mlw_decoder_pulse(&collector->decoder);
	send_ready(collector);
	collect(collector);
	take_last_snapshots(collector);
	mlw_meeting_stop(collector->meeting);
	collector->meeting = NULL;
	mlw_heart_stop(&collector->heart);
	mlw_robust_release(&collector->robust, collector->memory.page);
	if (collector->called_off) {
		abandon(collector);
		return 0;
	}
	close_file(collector);
	if (!collector->reported)
		report(collector, 0);
	return 0;
}

int mlw_collect(const struct mlw_run_options *options, int launcher)
{
	struct mlw_collector collector = { .options = options,
		                           .launcher = MLW_LAUNCHER_FD,
		                           .next_commit_us = COMMIT_US };
	struct mlw_note note;
	int status;

	mlw_settle_signals();
	mlw_settle_schedule();
	collector.folder.listener = -1;
	collector.memory.fd = -1;
	if (mlw_settle_descriptors(launcher) ||
	    mlw_note_receive(collector.launcher, &note, true) != 1 ||
	    note.kind != MLW_NOTE_PROGRAM)
		return 1;
	status = collect_program(&collector, note.value);
	release(&collector);
	return status;
}
