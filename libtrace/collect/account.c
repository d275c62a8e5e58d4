/* SPDX-License-Identifier: MIT */
#include "collect/account.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESOLUTION_US 1000u

static uint64_t cpu_ns(const struct rusage *usage)
{
	return ((uint64_t)usage->ru_utime.tv_sec + (uint64_t)usage->ru_stime.tv_sec) *
	               1000000000u +
	       ((uint64_t)usage->ru_utime.tv_usec + (uint64_t)usage->ru_stime.tv_usec) *
	               1000u;
}

static void fill_program_end(const struct mlw_account *account, struct mlw_run_row *row)
{
	const struct mlw_process *program =
	        mlw_household_final_program(account->household);

	row->exit_code = -1;
	if (!program->gone && !program->has_status)
		return;
	row->ended = MLW_ENDED_EXIT;
	if (!program->has_status && program->exit_value < 0) {
		row->ended = MLW_ENDED_LOST;
	} else if (!program->has_status) {
		row->exit_code = program->exit_value;
	} else if (WIFSIGNALED(program->status)) {
		row->ended = MLW_ENDED_SIGNAL;
		row->signal = WTERMSIG(program->status);
	} else {
		row->exit_code = WEXITSTATUS(program->status);
	}
}

static uint64_t peak_uncertainty(const struct mlw_account *account)
{
	uint64_t peak = mlw_heap_totals(account->run->heap)->peak_size;
	uint64_t bound = account->order->peak_bound;

	return bound > peak ? bound - peak : 0;
}

static uint64_t run_end_us(const struct mlw_account *account)
{
	uint64_t end = 0;

	for (const struct mlw_process *process = account->household->processes; process;
	     process = process->next) {
		if (!process->finished)
			return mlw_decoder_clock(account->decoder);
		if (process->ended_us > end)
			end = process->ended_us;
	}
	return end;
}

static void describe_options(const struct mlw_run_options *options, char *json,
                             size_t size)
{
	snprintf(json, size,
	         "{\"depth\":%u,\"record\":\"%s\",\"follow_children\":%s,"
	         "\"mmap\":%s,\"addresses\":%s,\"stall_ns\":%ju}",
	         options->depth, options->keep_events ? "events" : "sites",
	         options->follow_children ? "true" : "false",
	         options->record_maps ? "true" : "false",
	         options->keep_addresses ? "true" : "false",
	         (uintmax_t)options->stall_ns);
}

void mlw_account_row(const struct mlw_account *account, struct mlw_run_row *row,
                     struct mlw_account_text *text)
{
	const struct mlw_run *run = account->run;
	uint64_t resolution = account->decoder->resolution_us;
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	describe_options(run->options, text->options, sizeof(text->options));
	if (!getcwd(text->directory, sizeof(text->directory)))
		text->directory[0] = '\0';
	*row = (struct mlw_run_row){
		.command = account->command,
		.working_directory = text->directory,
		.version = MALLOW_VERSION,
		.options = text->options,
		.started_at_ns = account->started_at_ns,
		.duration_ns = run_end_us(account) * 1000,
		.time_resolution_ns =
		        (resolution > RESOLUTION_US ? resolution : RESOLUTION_US) * 1000,
		.peak_uncertainty = peak_uncertainty(account),
		.lost_events = run->lost_events,
		.damaged_events = run->damaged_events,
		.stacks_verified = run->stacks_verified,
		.stack_mismatches = run->stack_mismatches,
		.collector_cpu_ns = cpu_ns(&usage),
		.collector_peak_rss = (uint64_t)usage.ru_maxrss * 1024,
		.collector_events = run->events,
		.depth = run->options->depth,
		.keeps_addresses = run->options->keep_addresses,
		.keeps_events = run->options->keep_events,
		.sample_bytes = run->options->sample_bytes,
	};
	fill_program_end(account, row);
}

static void fill_reason(const struct mlw_process *program, struct mlw_summary *summary)
{
	summary->recorded = program->met && !program->reason;
	if (program->reason)
		snprintf(summary->reason, sizeof(summary->reason), "%s", program->reason);
}

void mlw_account_summary(const struct mlw_account *account, size_t surviving,
                         struct mlw_summary *summary)
{
	const struct mlw_run *run = account->run;

	*summary = (struct mlw_summary){
		.totals = *mlw_heap_totals(run->heap),
		.lost_events = run->lost_events,
		.damaged_events = run->damaged_events,
		.stack_mismatches = run->stack_mismatches,
		.duration_ns = run_end_us(account) * 1000,
		.threads = run->thread_count,
		.surviving = (uint32_t)surviving,
		.events_cut = run->events_cut,
	};
	for (const struct mlw_process *process = account->household->processes; process;
	     process = process->next)
		summary->processes += process->met;
	fill_reason(account->household->program, summary);
	snprintf(summary->store_error, sizeof(summary->store_error), "%s",
	         run->failure.text);
}
