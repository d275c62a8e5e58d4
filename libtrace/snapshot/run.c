/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "analyze/names.h"
#include "analyze/row.h"
#include "analyze/stats_domains.h"
#include "snapshot/run.h"

static int list_processes(struct mallow_run *run, struct mlw_error *err)
{
	struct mlw_recording *recording = run->origin->recording;

	run->processes = calloc(recording->process_count + 1, sizeof(*run->processes));
	if (!run->processes)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < recording->process_count; i++) {
		const struct mlw_process_row *row = &recording->processes[i];
		struct mallow_process *process = &run->processes[i];

		*process = (struct mallow_process){
			.id = row->id,
			.parent = row->parent,
			.pid = row->pid,
			.started_ns = row->started_us * NS_PER_US,
			.ended_ns = row->ended_us * NS_PER_US,
			.ended = (enum mallow_ended)row->ended,
			.exit_code = row->exit_code,
			.signal = row->signal,
			.recorded = row->recorded,
			.reason = row->reason,
		};
		if (mlw_row_process_name(recording, row->id, &process->command, err))
			return -1;
	}
	return 0;
}

static int list_threads(struct mallow_run *run, struct mlw_error *err)
{
	const struct mlw_recording *recording = run->origin->recording;

	run->threads = calloc(recording->thread_count + 1, sizeof(*run->threads));
	if (!run->threads)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < recording->thread_count; i++) {
		const struct mlw_thread_row *row = &recording->threads[i];

		run->threads[i] = (struct mallow_thread){
			.id = row->id,
			.process = row->process,
			.tid = row->tid,
			.name = row->name ? row->name : "",
			.started_ns = row->started_us * NS_PER_US,
			.ended_ns = row->ended_us * NS_PER_US,
		};
	}
	return 0;
}

static int load(struct mallow_run *run, const char *file,
                const struct mallow_run_options *options, struct mlw_error *err)
{
	if (!file)
		return mlw_fail(err, "there is no file");
	run->file = strdup(file);
	if (!run->file)
		return mlw_fail(err, "out of memory");
	if (mlw_names_check_maps(options, err))
		return -1;
	if (mlw_origin_new(&run->origin, err) ||
	    mlw_recording_open(&run->origin->recording, file, options, err) ||
	    list_processes(run, err) || list_threads(run, err) ||
	    mlw_snapshots_of(&run->snapshots, run->origin->recording, err))
		return mlw_snapshot_blame(file, err);
	return 0;
}

int mallow_run_open(struct mallow_run **run, const char *file,
                    const struct mallow_run_options *options, struct mallow_error *err)
{
	static const struct mallow_run_options defaults;
	struct mallow_run *made = calloc(1, sizeof(*made));
	struct mlw_error inner = { "out of memory" };

	*run = NULL;
	if (!made || load(made, file, options ? options : &defaults, &inner)) {
		mallow_run_close(made);
		return mlw_snapshot_fail(err, &inner);
	}
	*run = made;
	return 0;
}

void mallow_run_close(struct mallow_run *run)
{
	if (!run)
		return;
	free(run->processes);
	free(run->threads);
	mlw_snapshots_free(run->snapshots);
	mlw_heap_free(run->end);
	mlw_origin_drop(run->origin);
	free(run->file);
	free(run);
}

bool mallow_run_complete(const struct mallow_run *run)
{
	return mlw_recording_complete(run->origin->recording);
}

uint64_t mallow_run_duration_ns(const struct mallow_run *run)
{
	return run->origin->recording->run->duration_ns;
}

uint64_t mallow_run_sample_bytes(const struct mallow_run *run)
{
	return run->origin->recording->run->sample_bytes;
}

size_t mallow_run_process_count(const struct mallow_run *run)
{
	return run->origin->recording->process_count;
}

const struct mallow_process *mallow_run_process(const struct mallow_run *run,
                                                size_t index)
{
	return index < mallow_run_process_count(run) ? &run->processes[index] : NULL;
}

size_t mallow_run_thread_count(const struct mallow_run *run)
{
	return run->origin->recording->thread_count;
}

const struct mallow_thread *mallow_run_thread(const struct mallow_run *run, size_t index)
{
	return index < mallow_run_thread_count(run) ? &run->threads[index] : NULL;
}

size_t mallow_run_taken_count(const struct mallow_run *run)
{
	return run->snapshots->count;
}

const struct mallow_taken *mallow_run_taken(const struct mallow_run *run, size_t index)
{
	return index < run->snapshots->count ? &run->snapshots->rows[index] : NULL;
}

static int find_end(struct mallow_run *run, struct mlw_error *err)
{
	struct mlw_reader *reader = run->origin->recording->reader;

	if (run->origin->recording->run->saved)
		return mlw_fail(err,
		                "%s: there are no totals, because the file is one saved "
		                "snapshot",
		                run->file);
	if (run->end)
		return 0;
	if (mlw_reader_heap(reader, UINT64_MAX, &run->end, err))
		return mlw_snapshot_blame(run->file, err);
	return 0;
}

/* `find` and `id` of what; NULL: of the whole run. */
static int get_totals(struct mallow_run *run,
                      const struct mlw_totals *(*find)(const struct mlw_heap *heap,
                                                       uint32_t id),
                      uint32_t id, struct mallow_totals *totals, struct mallow_error *err)
{
	struct mlw_error inner;

	*totals = (struct mallow_totals){ 0 };
	if (find_end(run, &inner))
		return mlw_snapshot_fail(err, &inner);
	mlw_stats_copy_totals(totals,
	                      find ? find(run->end, id) : mlw_heap_totals(run->end));
	return 0;
}

int mallow_run_totals(struct mallow_run *run, struct mallow_totals *totals,
                      struct mallow_error *err)
{
	return get_totals(run, NULL, 0, totals, err);
}

int mallow_run_process_totals(struct mallow_run *run, uint32_t process,
                              struct mallow_totals *totals, struct mallow_error *err)
{
	return get_totals(run, mlw_heap_process, process, totals, err);
}

int mallow_run_thread_totals(struct mallow_run *run, uint32_t thread,
                             struct mallow_totals *totals, struct mallow_error *err)
{
	return get_totals(run, mlw_heap_thread, thread, totals, err);
}

int mallow_run_domain_totals(struct mallow_run *run, uint32_t domain,
                             struct mallow_totals *totals, struct mallow_error *err)
{
	return get_totals(run, mlw_heap_domain, domain, totals, err);
}
