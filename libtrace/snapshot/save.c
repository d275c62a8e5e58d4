/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "snapshot/saving.h"

#define NS_PER_US UINT64_C(1000)

/* What the blocks of one trace are of a file that knows only what was live. */
static struct mlw_trace_totals totals_of(const struct mallow_trace *trace)
{
	return (struct mlw_trace_totals){
		.allocations = trace->count,
		.allocated_size = trace->size,
		.live_size = trace->size,
		.live_count = trace->count,
		.peak_size = trace->size,
		.peak_count = trace->count,
	};
}

static int check_trace(const struct mallow_trace *trace, struct mlw_error *err)
{
	if (trace->domain >= MLW_DOMAIN_LIMIT)
		return mlw_fail(err, "a file holds domains below %u, not %u",
		                MLW_DOMAIN_LIMIT, trace->domain);
	if (trace->count > UINT32_MAX)
		return mlw_fail(err, "a file holds at most %u blocks of one trace",
		                UINT32_MAX);
	return 0;
}

static void add_live(struct mlw_totals *totals, const struct mallow_trace *trace,
                     uint64_t at_us)
{
	totals->allocations += trace->count;
	totals->allocated_size += trace->size;
	totals->live_size += trace->size;
	totals->live_count += trace->count;
	totals->peak_size += trace->size;
	totals->peak_at_us = at_us;
}

/* Threads and processes count what is in malloc's domain only. */
static int count_trace(struct mlw_saving *saving, const struct mallow_trace *trace,
                       uint32_t thread, struct mlw_error *err)
{
	uint64_t at_us = saving->snapshot->at_ns / NS_PER_US;
	uint32_t process = mlw_saving_process(saving, trace);
	struct mlw_heap *heap = saving->heap;
	struct mlw_totals totals = *mlw_heap_domain(heap, trace->domain);

	add_live(&totals, trace, at_us);
	if (mlw_heap_restore_domain(heap, trace->domain, &totals, err))
		return -1;
	if (trace->domain != MLW_DOMAIN_MALLOC)
		return 0;
	totals = *mlw_heap_thread(heap, thread);
	add_live(&totals, trace, at_us);
	mlw_heap_restore_thread(heap, thread, &totals);
	totals = *mlw_heap_process(heap, process);
	add_live(&totals, trace, at_us);
	return mlw_heap_restore_process(heap, process, &totals, err);
}

static int save_trace(struct mlw_saving *saving, const struct mallow_trace *trace,
                      uint32_t id, struct mlw_error *err)
{
	struct mlw_trace_totals totals = totals_of(trace);
	struct mlw_trace_row row;

	if (check_trace(trace, err) || mlw_saving_trace(saving, trace, &row, err) ||
	    mlw_writer_trace(saving->writer, &row, err) ||
	    mlw_heap_add_trace(saving->heap, row.thread, row.domain, err))
		return -1;
	mlw_heap_restore_trace(saving->heap, id, &totals);
	return count_trace(saving, trace, row.thread, err);
}

static int save_traces(struct mlw_saving *saving, struct mlw_error *err)
{
	const struct mallow_snapshot *snapshot = saving->snapshot;

	if (snapshot->count > UINT32_MAX - 1)
		return mlw_fail(err, "a file holds fewer than %u traces", UINT32_MAX);
	for (size_t i = 0; i < snapshot->count; i++) {
		if (save_trace(saving, &snapshot->traces[i], (uint32_t)i + 1, err))
			return -1;
	}
	mlw_heap_restore_clock(saving->heap, snapshot->at_ns / NS_PER_US);
	mlw_heap_restore_totals(saving->heap, mlw_heap_totals(saving->heap));
	return 0;
}

static int save_domain(struct mlw_saving *saving, uint32_t domain, struct mlw_error *err)
{
	struct mlw_name_row row = {
		.kind = MLW_NAME_DOMAIN,
		.number = domain,
		.text = mlw_origin_domain(saving->snapshot->origin, domain),
	};

	return row.text ? mlw_writer_name(saving->writer, &row, err) : 0;
}

static int save_domains(struct mlw_saving *saving, struct mlw_error *err)
{
	uint32_t limit = mlw_heap_domain_limit(saving->heap);

	for (uint32_t i = MLW_DOMAIN_BRK + 1; i < limit; i++) {
		if (mlw_heap_domain(saving->heap, i)->live_count &&
		    save_domain(saving, i, err))
			return -1;
	}
	return 0;
}

static int save_metadata(struct mlw_saving *saving, struct mlw_error *err)
{
	const struct mlw_metadata *metadata = &saving->snapshot->metadata;

	for (size_t i = 0; i < metadata->count; i++) {
		const struct mlw_metadatum *row = &metadata->rows[i];

		if (mlw_writer_metadata(
		            saving->writer,
		            &(struct mlw_metadata_row){ row->key, row->value, row->size },
		            err))
			return -1;
	}
	return 0;
}

/* What is known of the run; of what was built, nothing is. */
static struct mlw_run_row run_row(const struct mlw_saving *saving)
{
	struct mlw_run_row row = {
		.command = "[]",
		.working_directory = "",
		.version = MALLOW_VERSION,
		.options = "{}",
		.ended = MLW_ENDED_LOST,
		.exit_code = -1,
		.closed = true,
	};

	if (saving->recording)
		row = *saving->recording->run;
	row.duration_ns = saving->snapshot->at_ns;
	row.saved = mlw_saving_of_run(saving) ? MLW_SAVED_OF_RUN : MLW_SAVED_BUILT;
	return row;
}

static int fill(struct mlw_saving *saving, struct mlw_error *err)
{
	saving->node_of = calloc(saving->snapshot->origin->traceback_count + 1,
	                         sizeof(*saving->node_of));
	if (!saving->node_of)
		return mlw_fail(err, "out of memory");
	saving->heap = mlw_heap_new(err);
	if (!saving->heap || mlw_heap_reserve(saving->heap, saving->snapshot->count, err))
		return -1;
	if (mlw_saving_threads(saving, err) || save_traces(saving, err) ||
	    save_domains(saving, err))
		return -1;
	return save_metadata(saving, err);
}

static int save(const struct mallow_snapshot *snapshot, const char *file, bool replace,
                struct mlw_error *err)
{
	const struct mlw_writer_options options = { .replace = replace };
	struct mlw_saving saving = {
		.snapshot = snapshot,
		.recording = snapshot->origin->recording,
	};
	struct mlw_run_row run = run_row(&saving);
	int result = -1;

	if (snapshot->measure != MALLOW_LIVE)
		return mlw_fail(err, "a file holds what was live, and nothing else");
	if (mlw_writer_create_unpublished(&saving.writer, file, &options, err))
		return -1;
	if (fill(&saving, err)) {
		mlw_writer_release(saving.writer);
		goto out;
	}
	result = mlw_writer_publish(saving.writer, saving.heap, &run, err);
out:
	mlw_heap_free(saving.heap);
	mlw_saving_release(&saving);
	return result;
}

int mallow_snapshot_save(const struct mallow_snapshot *snapshot, const char *file,
                         bool replace, struct mallow_error *err)
{
	struct mlw_error inner;

	if (!file)
		mlw_fail(&inner, "there is no file");
	else if (!save(snapshot, file, replace, &inner))
		return 0;
	mlw_snapshot_blame(file, &inner);
	return mlw_snapshot_fail(err, &inner);
}
