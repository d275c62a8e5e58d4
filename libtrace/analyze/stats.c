/* SPDX-License-Identifier: MIT */
#include "analyze/stats.h"

#include <stdlib.h>

#include "analyze/command_line.h"
#include "analyze/holdings.h"
#include "analyze/place.h"
#include "analyze/recording.h"
#include "analyze/snapshots.h"
#include "analyze/stats_domains.h"

#define NS_PER_US UINT64_C(1000)

struct mlw_stats_store {
	struct mlw_place place;
	struct mlw_recording *recording;
	struct mlw_heap *heap;
	struct mlw_command_line run_command;
	struct mlw_command_line *commands; /* one a process */
};

void mlw_stats_copy_totals(struct mallow_totals *to, const struct mlw_totals *from)
{
	if (!from)
		return;
	*to = (struct mallow_totals){
		.allocations = from->allocations,
		.frees = from->frees,
		.reallocations = from->reallocations,
		.allocated_size = from->allocated_size,
		.peak_size = from->peak_size,
		.peak_at_ns = from->peak_at_us * NS_PER_US,
		.live_size = from->live_size,
		.live_count = from->live_count,
		.temporary_count = from->temporary_count,
		.inherited_frees = from->inherited_frees,
		.foreign_frees = from->foreign_frees,
	};
}

_Static_assert((int)MALLOW_ENDED_RUNNING == (int)MLW_ENDED_RUNNING &&
                       (int)MALLOW_ENDED_EXIT == (int)MLW_ENDED_EXIT &&
                       (int)MALLOW_ENDED_SIGNAL == (int)MLW_ENDED_SIGNAL &&
                       (int)MALLOW_ENDED_EXEC == (int)MLW_ENDED_EXEC &&
                       (int)MALLOW_ENDED_DETACHED == (int)MLW_ENDED_DETACHED &&
                       (int)MALLOW_ENDED_LOST == (int)MLW_ENDED_LOST,
               "ends are numbered as in a file");

static void copy_end(struct mallow_end *end, uint32_t ended, int exit_code, int signal)
{
	*end = (struct mallow_end){ MALLOW_ENDED_LOST, -1, -1 };
	if (ended <= MLW_ENDED_LOST)
		end->ended = (enum mallow_ended)ended;
	if (ended == MLW_ENDED_EXIT)
		end->exit_code = exit_code;
	if (ended == MLW_ENDED_SIGNAL)
		end->signal = signal;
}

static const char *const *words_of(const struct mlw_command_line *line)
{
	return (const char *const *)line->words;
}

static int copy_cut(struct mallow_stats *stats, struct mlw_error *err)
{
	struct mlw_recording *recording = stats->store->recording;
	uint64_t end_us;

	stats->run.cut = recording->run->cut_changes > 0;
	if (!stats->run.cut)
		return 0;
	if (mlw_reader_changes_end(recording->reader, &end_us, err))
		return -1;
	stats->run.cut_at_ns = end_us * NS_PER_US;
	return 0;
}

static int copy_run(struct mallow_stats *stats, struct mlw_error *err)
{
	struct mlw_stats_store *store = stats->store;
	const struct mlw_run_row *run = store->recording->run;

	if (mlw_command_line_init(&store->run_command, run->command, err))
		return -1;
	stats->run.command = words_of(&store->run_command);
	stats->run.command_count = store->run_command.count;
	stats->run.started_at_ns = run->started_at_ns;
	stats->run.duration_ns = run->duration_ns;
	stats->run.time_resolution_ns = run->time_resolution_ns;
	copy_end(&stats->run.end, run->ended, run->exit_code, run->signal);
	stats->run.running = !run->closed && mlw_recording_is_running(stats->about.file);
	if (!run->closed && !stats->run.running && run->ended == MLW_ENDED_RUNNING)
		stats->run.end.ended = MALLOW_ENDED_LOST; /* with its collector */
	stats->run.peak_uncertainty = run->peak_uncertainty;
	stats->run.lost_events = run->lost_events;
	stats->run.damaged_events = run->damaged_events;
	stats->run.stacks_verified = run->stacks_verified;
	stats->run.stack_mismatches = run->stack_mismatches;
	stats->run.collector_cpu_ns = run->collector_cpu_ns;
	stats->run.collector_peak_rss = run->collector_peak_rss;
	stats->run.collector_events = run->collector_events;
	return copy_cut(stats, err);
}

/* A peak of both together is not known: each has its own, at its own time. */
static void add_counters(struct mallow_totals *to, const struct mallow_totals *more)
{
	to->allocations += more->allocations;
	to->frees += more->frees;
	to->reallocations += more->reallocations;
	to->allocated_size += more->allocated_size;
	to->live_size += more->live_size;
	to->live_count += more->live_count;
	to->temporary_count += more->temporary_count;
	to->inherited_frees += more->inherited_frees;
	to->foreign_frees += more->foreign_frees;
}

static void copy_heap(struct mallow_stats *stats)
{
	const struct mlw_heap *heap = stats->store->heap;
	static const uint32_t domains[] = { MLW_DOMAIN_MMAP, MLW_DOMAIN_BRK };

	mlw_stats_copy_totals(&stats->run.totals, mlw_heap_totals(heap));
	for (size_t i = 0; i < sizeof(domains) / sizeof(*domains); i++) {
		struct mallow_totals totals = { 0 };

		mlw_stats_copy_totals(&totals, mlw_heap_domain(heap, domains[i]));
		add_counters(&stats->run.mapped, &totals);
	}
}

static int copy_process(struct mallow_stats *stats, size_t index, struct mlw_error *err)
{
	struct mlw_stats_store *store = stats->store;
	const struct mlw_process_row *row = &store->recording->processes[index];
	struct mlw_command_line *command = &store->commands[index];
	struct mallow_process_stats *process = &stats->processes[index];

	if (mlw_command_line_init(command, row->command, err))
		return -1;
	*process = (struct mallow_process_stats){
		.id = row->id,
		.parent = row->parent,
		.pid = row->pid,
		.command = words_of(command),
		.command_count = command->count,
		.recorded = row->recorded,
		.reason = row->reason,
		.lost_events = row->lost_events,
		.tracer_size = row->tracer_size,
		.peak_rss = row->peak_rss,
	};
	copy_end(&process->end, row->ended, row->exit_code, row->signal);
	mlw_stats_copy_totals(&process->totals, mlw_heap_process(store->heap, row->id));
	stats->run.tracer_size += row->tracer_size;
	if (row->peak_rss > stats->run.peak_rss)
		stats->run.peak_rss = row->peak_rss;
	return 0;
}

static int copy_processes(struct mallow_stats *stats, struct mlw_error *err)
{
	struct mlw_stats_store *store = stats->store;

	stats->process_count = store->recording->process_count;
	stats->processes = calloc(stats->process_count + 1, sizeof(*stats->processes));
	store->commands = calloc(stats->process_count + 1, sizeof(*store->commands));
	if (!stats->processes || !store->commands)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < stats->process_count; i++) {
		if (copy_process(stats, i, err))
			return -1;
	}
	return 0;
}

static int copy_threads(struct mallow_stats *stats, struct mlw_error *err)
{
	const struct mlw_recording *recording = stats->store->recording;
	uint32_t known = mlw_heap_thread_count(stats->store->heap);

	stats->thread_count = recording->thread_count;
	stats->threads = calloc(stats->thread_count + 1, sizeof(*stats->threads));
	if (!stats->threads)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < stats->thread_count; i++) {
		const struct mlw_thread_row *row = &recording->threads[i];
		struct mallow_thread_stats *thread = &stats->threads[i];

		thread->id = row->id;
		thread->process = row->process;
		thread->name = row->name ? row->name : "";
		if (row->id <= known)
			mlw_stats_copy_totals(
			        &thread->totals,
			        mlw_heap_thread(stats->store->heap, row->id));
	}
	return 0;
}

static void copy_histogram(struct mlw_classes *classes,
                           const struct mlw_histogram *histogram)
{
	for (uint32_t i = 0; i < MLW_HISTOGRAM_CLASSES; i++) {
		if (histogram->count[i])
			classes->rows[classes->count++] = (struct mallow_class){
				mlw_size_class_min(i),
				mlw_size_class_max(i),
				histogram->count[i],
				histogram->size[i],
			};
	}
}

static int copy_metadata(struct mallow_stats *stats, struct mlw_error *err)
{
	const struct mlw_recording *recording = stats->store->recording;
	const struct mlw_metadata_row *rows;

	stats->run.saved = recording->run->saved != MLW_SAVED_NOT;
	stats->run.built = recording->run->saved == MLW_SAVED_BUILT;
	if (mlw_reader_metadata(recording->reader, &rows, &stats->metadata_count, err))
		return -1;
	stats->metadata = calloc(stats->metadata_count + 1, sizeof(*stats->metadata));
	if (!stats->metadata)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < stats->metadata_count; i++)
		stats->metadata[i] =
		        (struct mallow_metadatum){ rows[i].key, rows[i].value,
			                           rows[i].size };
	return 0;
}

/* The sum over processes was sampled; a single process knows its own better. */
static int raise_peak_rss(struct mallow_stats *stats, struct mlw_error *err)
{
	const struct mlw_timeline_row *points;
	size_t count;

	if (mlw_reader_timeline(stats->store->recording->reader, &points, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (points[i].rss > stats->run.peak_rss)
			stats->run.peak_rss = points[i].rss;
	}
	return 0;
}

/* Stacks, whoever had them: the same one in two threads counts once. */
static int count_stacks(struct mallow_stats *stats, struct mlw_error *err)
{
	const struct mlw_recording *recording = stats->store->recording;
	uint8_t *seen = calloc(recording->nodes->count + 1, sizeof(*seen));

	if (!seen)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < recording->trace_count; i++) {
		const struct mlw_trace_row *trace = &recording->traces[i];
		bool truncated = trace->flags & MLW_TRACE_TRUNCATED;
		uint8_t one = truncated ? 2 : 1;

		if (seen[trace->node] & one)
			continue;
		seen[trace->node] |= one;
		stats->run.distinct_traces++;
		stats->run.truncated_traces += truncated;
	}
	free(seen);
	return 0;
}

static int load(struct mallow_stats *stats, const char *place, struct mlw_error *err)
{
	struct mallow_run_options options = { 0 };
	struct mlw_stats_store *store = stats->store;

	if (mlw_place_init(&store->place, place, NULL, err))
		return -1;
	if (store->place.kind != MLW_PLACE_END)
		return mlw_fail(err, "stats are of the whole run, not of '@%s'",
		                store->place.when);
	if (mlw_recording_open(&store->recording, store->place.file, &options, err) ||
	    mlw_reader_heap(store->recording->reader, UINT64_MAX, &store->heap, err))
		return -1;
	stats->about.domain = "malloc";
	mlw_place_describe(&store->place, store->recording, &stats->about);
	copy_heap(stats);
	copy_histogram(&stats->sizes, mlw_heap_sizes(store->heap));
	copy_histogram(&stats->lifetimes, mlw_heap_lifetimes(store->heap));
	if (copy_run(stats, err) || copy_processes(stats, err) ||
	    copy_threads(stats, err) ||
	    mlw_snapshots_of(&stats->snapshots, store->recording, err) ||
	    copy_metadata(stats, err) || raise_peak_rss(stats, err) ||
	    count_stacks(stats, err) ||
	    mlw_stats_fill_domains(stats, store->recording, store->heap, err))
		return -1;
	return 0;
}

int mlw_stats_new(struct mallow_stats **stats, const char *place, struct mlw_error *err)
{
	struct mallow_stats *made = calloc(1, sizeof(*made));

	*stats = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->store = calloc(1, sizeof(*made->store));
	if (!made->store) {
		mlw_stats_free(made);
		return mlw_fail(err, "out of memory");
	}
	if (load(made, place, err)) {
		mlw_stats_free(made);
		return -1;
	}
	*stats = made;
	return 0;
}

static void free_store(struct mlw_stats_store *store, size_t process_count)
{
	if (!store)
		return;
	for (size_t i = 0; store->commands && i < process_count; i++)
		mlw_command_line_release(&store->commands[i]);
	free(store->commands);
	mlw_command_line_release(&store->run_command);
	mlw_heap_free(store->heap);
	mlw_recording_close(store->recording);
	mlw_place_release(&store->place);
	free(store);
}

void mlw_stats_free(struct mallow_stats *stats)
{
	if (!stats)
		return;
	free(stats->processes);
	free(stats->threads);
	mlw_stats_release_domains(stats);
	mlw_snapshots_free(stats->snapshots);
	free(stats->metadata);
	free_store(stats->store, stats->process_count);
	free(stats);
}
