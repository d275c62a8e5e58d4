/* SPDX-License-Identifier: MIT */

/* The tables runs, processes and threads. */

#include "analyze/command_line.h"
#include "base/strbuf.h"
#include "views/state.h"

/* Words of a JSON array with spaces between them. */
static int give_command(sqlite3_context *context, const char *json, struct mlw_error *err)
{
	struct mlw_command_line line;
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	if (mlw_command_line_init(&line, json, err))
		return -1;
	for (size_t i = 0; i < line.count; i++)
		mlw_strbuf_printf(&text, "%s%s", i ? " " : "", line.words[i]);
	if (mlw_strbuf_failed(&text))
		sqlite3_result_error_nomem(context);
	else
		mlw_give_text(context, text.text);
	mlw_strbuf_release(&text);
	mlw_command_line_release(&line);
	return 0;
}

/* Calls for totals: of the run, or of one of its processes or threads. */
static int give_heap(struct mlw_view_cursor *cursor, sqlite3_context *context, int column,
                     const struct mlw_totals *(*find)(const struct mlw_heap *heap,
                                                      uint32_t id),
                     struct mlw_error *err)
{
	const struct mlw_heap *heap;

	if (mlw_views_heap(cursor->views, &heap, err))
		return -1;
	if (!mlw_give_is_known(cursor->views->recording->run, column))
		return 0;
	mlw_give_totals(context, find(heap, (uint32_t)cursor->group + 1), column);
	return 0;
}

static const struct mlw_totals *run_totals(const struct mlw_heap *heap, uint32_t id)
{
	(void)id;
	return mlw_heap_totals(heap);
}

enum {
	RUN_COMMAND,
	RUN_WORKING_DIRECTORY,
	RUN_VERSION,
	RUN_OPTIONS,
	RUN_STARTED_AT_NS,
	RUN_DURATION_NS,
	RUN_ENDED,
	RUN_EXIT_CODE,
	RUN_SIGNAL,
	RUN_COMPLETE,
	RUN_CLOSED,
	RUN_TIME_RESOLUTION_NS,
	RUN_PEAK_UNCERTAINTY,
	RUN_LOST_EVENTS,
	RUN_DEPTH,
	RUN_KEEPS_EVENTS,
	RUN_CUT_AT_NS,
	RUN_KEEPS_ADDRESSES,
	RUN_SAVED,
	RUN_SAMPLE_BYTES,
	RUN_TOTALS,
};

static int one_run(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	(void)views;
	(void)err;
	*groups = 1;
	return 0;
}

static int give_cut(struct mlw_views *views, sqlite3_context *context,
                    struct mlw_error *err)
{
	uint64_t end_us;

	if (!views->recording->run->cut_changes)
		return 0;
	if (mlw_reader_changes_end(views->recording->reader, &end_us, err))
		return -1;
	mlw_give_us(context, end_us);
	return 0;
}

/* Columns that are a number of the run as it is; false: `column` is another. */
static bool run_number(const struct mlw_run_row *run, int column, uint64_t *number)
{
	switch (column) {
	case RUN_STARTED_AT_NS:
		*number = (uint64_t)run->started_at_ns;
		return true;
	case RUN_DURATION_NS:
		*number = run->duration_ns;
		return true;
	case RUN_CLOSED:
		*number = run->closed;
		return true;
	case RUN_TIME_RESOLUTION_NS:
		*number = run->time_resolution_ns;
		return true;
	case RUN_PEAK_UNCERTAINTY:
		*number = run->peak_uncertainty;
		return true;
	case RUN_LOST_EVENTS:
		*number = run->lost_events;
		return true;
	case RUN_DEPTH:
		*number = run->depth;
		return true;
	case RUN_KEEPS_EVENTS:
		*number = run->keeps_events;
		return true;
	case RUN_KEEPS_ADDRESSES:
		*number = run->keeps_addresses;
		return true;
	case RUN_SAVED:
		*number = run->saved != MLW_SAVED_NOT;
		return true;
	case RUN_SAMPLE_BYTES:
		*number = run->sample_bytes;
		return run->sample_bytes > 0;
	default:
		return false;
	}
}

static int run_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                      int column, struct mlw_error *err)
{
	const struct mlw_run_row *run = cursor->views->recording->run;
	uint64_t number;

	if (run_number(run, column, &number)) {
		mlw_give_int(context, number);
		return 0;
	}
	switch (column) {
	case RUN_COMMAND:
		return give_command(context, run->command, err);
	case RUN_WORKING_DIRECTORY:
		mlw_give_text(context, run->working_directory);
		return 0;
	case RUN_VERSION:
		mlw_give_text(context, run->version);
		return 0;
	case RUN_OPTIONS:
		mlw_give_text(context, run->options);
		return 0;
	case RUN_ENDED:
		mlw_give_ended(context, run->ended);
		return 0;
	case RUN_EXIT_CODE:
		if (run->ended == MLW_ENDED_EXIT)
			sqlite3_result_int(context, run->exit_code);
		return 0;
	case RUN_SIGNAL:
		if (run->ended == MLW_ENDED_SIGNAL)
			sqlite3_result_int(context, run->signal);
		return 0;
	case RUN_COMPLETE:
		mlw_give_int(context, mlw_views_complete(cursor->views));
		return 0;
	case RUN_SAMPLE_BYTES:
		return 0;
	case RUN_CUT_AT_NS:
		return give_cut(cursor->views, context, err);
	default:
		return give_heap(cursor, context, column - RUN_TOTALS, run_totals, err);
	}
}

const struct mlw_view mlw_view_runs = {
	.name = "runs",
	.columns = "command TEXT, working_directory TEXT, version TEXT, options TEXT,"
	           "started_at_ns INTEGER, duration_ns INTEGER, ended TEXT,"
	           "exit_code INTEGER, signal INTEGER, complete INTEGER, closed INTEGER,"
	           "time_resolution_ns INTEGER, peak_uncertainty INTEGER,"
	           "lost_events INTEGER, depth INTEGER, keeps_events INTEGER,"
	           "cut_at_ns INTEGER, keeps_addresses INTEGER, saved INTEGER,"
	           "sample_bytes INTEGER," MLW_TOTALS,
	.key = -1,
	.count = one_run,
	.column = run_column,
};

enum {
	PROCESS_ID,
	PROCESS_PARENT,
	PROCESS_PID,
	PROCESS_COMMAND,
	PROCESS_STARTED_AT_NS,
	PROCESS_ENDED_AT_NS,
	PROCESS_ENDED,
	PROCESS_EXIT_CODE,
	PROCESS_SIGNAL,
	PROCESS_RECORDED,
	PROCESS_REASON,
	PROCESS_LOST_EVENTS,
	PROCESS_TRACER_SIZE,
	PROCESS_PEAK_RSS,
	PROCESS_TOTALS,
};

static int count_processes(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	(void)err;
	*groups = views->recording->process_count;
	return 0;
}

static void give_process_end(const struct mlw_process_row *process,
                             sqlite3_context *context, int column)
{
	if (column == PROCESS_ENDED)
		mlw_give_ended(context, process->ended);
	else if (column == PROCESS_ENDED_AT_NS && process->ended != MLW_ENDED_RUNNING)
		mlw_give_us(context, process->ended_us);
	else if (column == PROCESS_EXIT_CODE && process->ended == MLW_ENDED_EXIT &&
	         process->exit_code >= 0)
		sqlite3_result_int(context, process->exit_code);
	else if (column == PROCESS_SIGNAL && process->ended == MLW_ENDED_SIGNAL)
		sqlite3_result_int(context, process->signal);
}

static int process_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                          int column, struct mlw_error *err)
{
	const struct mlw_process_row *process =
	        &cursor->views->recording->processes[cursor->group];

	switch (column) {
	case PROCESS_ID:
		mlw_give_int(context, process->id);
		return 0;
	case PROCESS_PARENT:
		mlw_give_known(context, process->parent);
		return 0;
	case PROCESS_PID:
		sqlite3_result_int(context, process->pid);
		return 0;
	case PROCESS_COMMAND:
		return give_command(context, process->command, err);
	case PROCESS_STARTED_AT_NS:
		mlw_give_us(context, process->started_us);
		return 0;
	case PROCESS_ENDED_AT_NS:
	case PROCESS_ENDED:
	case PROCESS_EXIT_CODE:
	case PROCESS_SIGNAL:
		give_process_end(process, context, column);
		return 0;
	case PROCESS_RECORDED:
		mlw_give_int(context, process->recorded);
		return 0;
	case PROCESS_REASON:
		mlw_give_text(context, process->reason);
		return 0;
	case PROCESS_LOST_EVENTS:
		mlw_give_int(context, process->lost_events);
		return 0;
	case PROCESS_TRACER_SIZE:
		mlw_give_int(context, process->tracer_size);
		return 0;
	case PROCESS_PEAK_RSS:
		mlw_give_known(context, process->peak_rss);
		return 0;
	default:
		if (!process->recorded)
			return 0;
		return give_heap(cursor, context, column - PROCESS_TOTALS,
		                 mlw_heap_process, err);
	}
}

const struct mlw_view mlw_view_processes = {
	.name = "processes",
	.columns = "id INTEGER, parent INTEGER, pid INTEGER, command TEXT,"
	           "started_at_ns INTEGER, ended_at_ns INTEGER, ended TEXT,"
	           "exit_code INTEGER, signal INTEGER, recorded INTEGER, reason TEXT,"
	           "lost_events INTEGER, tracer_size INTEGER,"
	           "peak_rss INTEGER," MLW_TOTALS,
	.key = PROCESS_ID,
	.count = count_processes,
	.column = process_column,
};

enum {
	THREAD_ID,
	THREAD_PROCESS,
	THREAD_TID,
	THREAD_NAME,
	THREAD_STARTED_AT_NS,
	THREAD_ENDED_AT_NS,
	THREAD_TOTALS,
};

static int count_threads(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	(void)err;
	*groups = views->recording->thread_count;
	return 0;
}

static int thread_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                         int column, struct mlw_error *err)
{
	const struct mlw_thread_row *thread =
	        &cursor->views->recording->threads[cursor->group];

	switch (column) {
	case THREAD_ID:
		mlw_give_int(context, thread->id);
		return 0;
	case THREAD_PROCESS:
		mlw_give_int(context, thread->process);
		return 0;
	case THREAD_TID:
		sqlite3_result_int(context, thread->tid);
		return 0;
	case THREAD_NAME:
		mlw_give_text(context, *thread->name ? thread->name : NULL);
		return 0;
	case THREAD_STARTED_AT_NS:
		mlw_give_us(context, thread->started_us);
		return 0;
	case THREAD_ENDED_AT_NS:
		if (thread->ended_us)
			mlw_give_us(context, thread->ended_us);
		return 0;
	default:
		return give_heap(cursor, context, column - THREAD_TOTALS, mlw_heap_thread,
		                 err);
	}
}

const struct mlw_view mlw_view_threads = {
	.name = "threads",
	.columns = "id INTEGER, process INTEGER, tid INTEGER, name TEXT,"
	           "started_at_ns INTEGER, ended_at_ns INTEGER," MLW_TOTALS,
	.key = THREAD_ID,
	.count = count_threads,
	.column = thread_column,
};
