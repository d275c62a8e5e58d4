/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "render/json.h"
#include "render/render.h"
#include "render/snapshots.h"

#define NS_PER_SECOND INT64_C(1000000000)

/* RFC 3339, in UTC. */
static void write_date(struct mlw_json *json, const char *key, int64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_SECOND);
	char date[32], text[64];
	struct tm tm;

	if (ns < 0 || !gmtime_r(&seconds, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm)) {
		mlw_json_null(json, key);
		return;
	}
	snprintf(text, sizeof(text), "%s.%09" PRId64 "Z", date, ns % NS_PER_SECOND);
	mlw_json_string(json, key, text);
}

static void write_number_or_null(struct mlw_json *json, const char *key, int value)
{
	if (value < 0)
		mlw_json_null(json, key);
	else
		mlw_json_int(json, key, value);
}

static void write_end(struct mlw_json *json, const struct mallow_end *end)
{
	mlw_json_string(json, "ended", mallow_ended_name(end->ended));
	write_number_or_null(json, "exit_code", end->exit_code);
	write_number_or_null(json, "signal", end->signal);
}

/* What a saved snapshot or a sample does not know is null. */
static void write_total(struct mlw_json *json, const char *key, uint64_t value,
                        bool known)
{
	if (known)
		mlw_json_uint(json, key, value);
	else
		mlw_json_null(json, key);
}

static void write_totals(struct mlw_json *json, const struct mallow_stats *stats,
                         const struct mallow_totals *totals)
{
	bool known = !mallow_stats_run(stats)->saved;
	bool all = known && !mallow_stats_about(stats)->sample_bytes;

	write_total(json, "allocations", totals->allocations, known);
	write_total(json, "frees", totals->frees, known);
	write_total(json, "reallocations", totals->reallocations, known);
	write_total(json, "allocated_size", totals->allocated_size, known);
	write_total(json, "peak_size", totals->peak_size, known);
	write_total(json, "peak_at_ns", totals->peak_at_ns, known);
	mlw_json_uint(json, "live_size", totals->live_size);
	mlw_json_uint(json, "live_count", totals->live_count);
	write_total(json, "temporary_count", totals->temporary_count, all);
	write_total(json, "inherited_frees", totals->inherited_frees, all);
	write_total(json, "foreign_frees", totals->foreign_frees, all);
}

static void write_run(struct mlw_json *json, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	mlw_json_begin_object(json, "run");
	mlw_json_strings(json, "command", run->command, run->command_count);
	write_date(json, "started_at", run->started_at_ns);
	mlw_json_uint(json, "duration_ns", run->duration_ns);
	write_end(json, &run->end);
	mlw_json_bool(json, "complete", mallow_stats_about(stats)->complete);
	if (run->cut)
		mlw_json_uint(json, "cut_at_ns", run->cut_at_ns);
	else
		mlw_json_null(json, "cut_at_ns");
	mlw_json_uint(json, "time_resolution_ns", run->time_resolution_ns);
	mlw_json_bool(json, "saved", run->saved);
	write_total(json, "sample_bytes", mallow_stats_about(stats)->sample_bytes,
	            mallow_stats_about(stats)->sample_bytes > 0);
	mlw_json_end_object(json);
}

/* What made no sense was not counted either: for a script both are lost. */
static void write_run_totals(struct mlw_json *json, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	mlw_json_begin_object(json, "totals");
	write_totals(json, stats, &run->totals);
	mlw_json_uint(json, "peak_uncertainty", run->peak_uncertainty);
	mlw_json_uint(json, "lost_events", run->lost_events + run->damaged_events);
	mlw_json_uint(json, "truncated_traces", run->truncated_traces);
	mlw_json_uint(json, "distinct_traces", run->distinct_traces);
	mlw_json_uint(json, "stacks_verified", run->stacks_verified);
	mlw_json_uint(json, "stack_mismatches", run->stack_mismatches);
	mlw_json_uint(json, "tracer_size", run->tracer_size);
	mlw_json_uint(json, "peak_rss", run->peak_rss);
	mlw_json_end_object(json);
}

static void write_process(struct mlw_json *json, const struct mallow_stats *stats,
                          const struct mallow_process_stats *process)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, "id", process->id);
	mlw_json_int(json, "pid", process->pid);
	if (process->parent)
		mlw_json_uint(json, "parent", process->parent);
	else
		mlw_json_null(json, "parent");
	mlw_json_strings(json, "command", process->command, process->command_count);
	write_end(json, &process->end);
	mlw_json_bool(json, "recorded", process->recorded);
	if (!process->recorded)
		mlw_json_string(json, "reason", process->reason);
	mlw_json_begin_object(json, "totals");
	write_totals(json, stats, &process->totals);
	mlw_json_uint(json, "lost_events", process->lost_events);
	mlw_json_uint(json, "tracer_size", process->tracer_size);
	mlw_json_uint(json, "peak_rss", process->peak_rss);
	mlw_json_end_object(json);
	mlw_json_end_object(json);
}

static void write_thread(struct mlw_json *json, const struct mallow_stats *stats,
                         const struct mallow_thread_stats *thread)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, "id", thread->id);
	mlw_json_uint(json, "process", thread->process);
	mlw_json_string(json, "name", thread->name);
	mlw_json_begin_object(json, "totals");
	write_totals(json, stats, &thread->totals);
	mlw_json_end_object(json);
	mlw_json_end_object(json);
}

static void write_class(struct mlw_json *json, const char *min, const char *max,
                        const struct mallow_class *row)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, min, row->min);
	mlw_json_uint(json, max, row->max);
	mlw_json_uint(json, "count", row->count);
	mlw_json_uint(json, "size", row->size);
	mlw_json_end_object(json);
}

static void write_classes(struct mlw_json *json, const struct mallow_stats *stats)
{
	mlw_json_begin_array(json, "sizes");
	for (size_t i = 0; i < mallow_stats_size_count(stats); i++)
		write_class(json, "min", "max", mallow_stats_size(stats, i));
	mlw_json_end_array(json);
	mlw_json_begin_array(json, "lifetimes");
	for (size_t i = 0; i < mallow_stats_lifetime_count(stats); i++)
		write_class(json, "min_ns", "max_ns", mallow_stats_lifetime(stats, i));
	mlw_json_end_array(json);
}

static void write_pools(struct mlw_json *json, const struct mallow_pools *pools)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, "block_size", pools->block_size);
	mlw_json_uint(json, "created", pools->created);
	mlw_json_uint(json, "pools", pools->pools);
	mlw_json_uint(json, "size", pools->size);
	mlw_json_uint(json, "blocks", pools->blocks);
	mlw_json_uint(json, "used_size", pools->used_size);
	mlw_json_uint(json, "wasted_size", pools->wasted_size);
	mlw_json_uint(json, "free_size", pools->free_size);
	mlw_json_uint(json, "largest_free", pools->largest_free);
	mlw_json_end_object(json);
}

static void write_domain(struct mlw_json *json, const struct mallow_stats *stats,
                         const struct mallow_domain_stats *domain)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_string(json, "domain", domain->name);
	mlw_json_begin_object(json, "totals");
	write_totals(json, stats, &domain->totals);
	mlw_json_end_object(json);
	mlw_json_begin_array(json, "pools");
	for (size_t i = 0; i < domain->pool_count; i++)
		write_pools(json, &domain->pools[i]);
	mlw_json_end_array(json);
	mlw_json_end_object(json);
}

static void write_snapshots(struct mlw_json *json, const struct mallow_stats *stats)
{
	mlw_json_begin_array(json, "snapshots");
	for (size_t i = 0; i < mallow_stats_taken_count(stats); i++)
		mlw_json_taken(json, mallow_stats_taken(stats, i));
	mlw_json_end_array(json);
}

/* Of a saved snapshot alone: a recording has none. */
static void write_metadata(struct mlw_json *json, const struct mallow_stats *stats)
{
	mlw_json_begin_object(json, "metadata");
	for (size_t i = 0; i < mallow_stats_metadata_count(stats); i++) {
		const struct mallow_metadatum *row = mallow_stats_metadatum(stats, i);

		mlw_json_bytes(json, row->key, row->value, row->size);
	}
	mlw_json_end_object(json);
}

static void write_collector(struct mlw_json *json, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	mlw_json_begin_object(json, "collector");
	mlw_json_uint(json, "cpu_ns", run->collector_cpu_ns);
	mlw_json_uint(json, "peak_rss", run->collector_peak_rss);
	mlw_json_uint(json, "events", run->collector_events);
	mlw_json_end_object(json);
}

void mlw_render_stats_json(const struct mallow_stats *stats, FILE *out)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	write_run(&json, stats);
	write_run_totals(&json, stats);
	mlw_json_begin_array(&json, "processes");
	for (size_t i = 0; i < mallow_stats_process_count(stats); i++)
		write_process(&json, stats, mallow_stats_process(stats, i));
	mlw_json_end_array(&json);
	mlw_json_begin_array(&json, "threads");
	for (size_t i = 0; i < mallow_stats_thread_count(stats); i++)
		write_thread(&json, stats, mallow_stats_thread(stats, i));
	mlw_json_end_array(&json);
	mlw_json_begin_array(&json, "domains");
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++)
		write_domain(&json, stats, mallow_stats_domain(stats, i));
	mlw_json_end_array(&json);
	write_classes(&json, stats);
	write_snapshots(&json, stats);
	write_collector(&json, stats);
	if (run->saved)
		write_metadata(&json, stats);
	mlw_json_end_answer(&json);
}
