/* SPDX-License-Identifier: MIT */
#include "base/array.h"
#include "store/writer_state.h"

/* Ends a row that may take the place of one with the same id. */
static int end_replaceable(struct mlw_writer *writer, enum mlw_table table, uint32_t id,
                           const struct mlw_row_writer *row, struct mlw_error *err)
{
	struct mlw_row_sums *sums = &writer->replaceable[table];

	if (id == 0 || id > sums->count + 1) {
		mlw_fail(err, "%s: %s %u does not follow %zu", writer->path,
		         mlw_tables[table].name, id, sums->count);
		return mlw_writer_fail(writer, err);
	}
	if (mlw_grow(&sums->sums, &sums->capacity, id, sizeof(*sums->sums), err))
		return mlw_writer_fail(writer, err);
	if (mlw_writer_end_row(writer, table, row, err))
		return -1;
	if (id <= sums->count) {
		writer->digests[table].sum -= sums->sums[id - 1];
		writer->digests[table].rows--;
	} else {
		sums->count = id;
	}
	sums->sums[id - 1] = row->sum;
	return 0;
}

int mlw_writer_run(struct mlw_writer *writer, const struct mlw_run_row *run,
                   struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_RUN, &row, err))
		return -1;
	mlw_row_int(&row, 1);
	mlw_row_text(&row, run->command);
	mlw_row_text(&row, run->working_directory);
	mlw_row_text(&row, run->version);
	mlw_row_text(&row, run->options);
	mlw_row_int(&row, (uint64_t)run->started_at_ns);
	mlw_row_int(&row, run->duration_ns);
	mlw_row_int(&row, run->time_resolution_ns);
	mlw_row_int(&row, run->peak_uncertainty);
	mlw_row_int(&row, run->lost_events);
	mlw_row_int(&row, run->damaged_events);
	mlw_row_int(&row, run->stacks_verified);
	mlw_row_int(&row, run->stack_mismatches);
	mlw_row_int(&row, run->collector_cpu_ns);
	mlw_row_int(&row, run->collector_peak_rss);
	mlw_row_int(&row, run->collector_events);
	mlw_row_int(&row, run->depth);
	mlw_row_int(&row, run->ended);
	mlw_row_int(&row, (uint64_t)(int64_t)run->exit_code);
	mlw_row_int(&row, (uint64_t)(int64_t)run->signal);
	mlw_row_int(&row, run->closed);
	mlw_row_int(&row, writer->options.keep_addresses);
	mlw_row_int(&row, writer->options.keep_events);
	mlw_row_int(&row, writer->cut_changes);
	mlw_row_int(&row, run->saved);
	mlw_row_int(&row, run->sample_bytes);
	return end_replaceable(writer, MLW_TABLE_RUN, 1, &row, err);
}

int mlw_writer_process(struct mlw_writer *writer, const struct mlw_process_row *process,
                       struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_PROCESS, &row, err))
		return -1;
	mlw_row_int(&row, process->id);
	mlw_row_int(&row, process->parent);
	mlw_row_int(&row, (uint64_t)(int64_t)process->pid);
	mlw_row_text(&row, process->command);
	mlw_row_int(&row, process->started_us);
	mlw_row_int(&row, process->ended_us);
	mlw_row_int(&row, process->ended);
	mlw_row_int(&row, (uint64_t)(int64_t)process->exit_code);
	mlw_row_int(&row, (uint64_t)(int64_t)process->signal);
	mlw_row_int(&row, process->recorded);
	mlw_row_text(&row, process->reason);
	mlw_row_int(&row, process->lost_events);
	mlw_row_int(&row, process->tracer_size);
	mlw_row_int(&row, process->peak_rss);
	return end_replaceable(writer, MLW_TABLE_PROCESS, process->id, &row, err);
}

int mlw_writer_thread(struct mlw_writer *writer, const struct mlw_thread_row *thread,
                      struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_THREAD, &row, err))
		return -1;
	mlw_row_int(&row, thread->id);
	mlw_row_int(&row, thread->process);
	mlw_row_int(&row, (uint64_t)(int64_t)thread->tid);
	mlw_row_text(&row, thread->name);
	mlw_row_int(&row, thread->started_us);
	mlw_row_int(&row, thread->ended_us);
	return end_replaceable(writer, MLW_TABLE_THREAD, thread->id, &row, err);
}

int mlw_writer_module(struct mlw_writer *writer, const struct mlw_module_row *module,
                      struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_MODULE, &row, err))
		return -1;
	mlw_row_int(&row, module->id);
	mlw_row_text(&row, module->path);
	mlw_row_blob(&row, module->build_id, module->build_id_size);
	return end_replaceable(writer, MLW_TABLE_MODULE, module->id, &row, err);
}

int mlw_writer_name(struct mlw_writer *writer, const struct mlw_name_row *name,
                    struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_NAME, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_NAME]);
	mlw_row_int(&row, name->kind);
	mlw_row_int(&row, name->number);
	mlw_row_text(&row, name->text);
	return mlw_writer_end_row(writer, MLW_TABLE_NAME, &row, err);
}

int mlw_writer_pools(struct mlw_writer *writer, const struct mlw_pool_row *pool,
                     struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_POOL, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_POOL]);
	mlw_row_int(&row, pool->process);
	mlw_row_int(&row, pool->domain);
	mlw_row_int(&row, pool->block_size);
	mlw_row_int(&row, pool->created);
	mlw_row_int(&row, pool->pools);
	mlw_row_int(&row, pool->size);
	mlw_row_int(&row, pool->peak_size);
	mlw_row_int(&row, pool->blocks);
	mlw_row_int(&row, pool->used_size);
	mlw_row_int(&row, pool->free_size);
	mlw_row_int(&row, pool->largest_free);
	return mlw_writer_end_row(writer, MLW_TABLE_POOL, &row, err);
}

int mlw_writer_metadata(struct mlw_writer *writer,
                        const struct mlw_metadata_row *metadata, struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_METADATA, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_METADATA]);
	mlw_row_text(&row, metadata->key);
	mlw_row_blob(&row, metadata->value, metadata->size);
	return mlw_writer_end_row(writer, MLW_TABLE_METADATA, &row, err);
}

/* The id of a text in the table `string`, 0 for NULL. */
static int write_string(struct mlw_writer *writer, const char *text, uint32_t *id,
                        struct mlw_error *err)
{
	struct mlw_row_writer row;
	bool is_new = false;

	*id = 0;
	if (!text)
		return 0;
	*id = mlw_strings_id(&writer->strings, text, &is_new, err);
	if (!*id)
		return mlw_writer_fail(writer, err);
	if (!is_new)
		return 0;
	if (mlw_writer_begin_row(writer, MLW_TABLE_STRING, &row, err))
		return -1;
	mlw_row_int(&row, *id);
	mlw_row_text(&row, text);
	return mlw_writer_end_row(writer, MLW_TABLE_STRING, &row, err);
}

int mlw_writer_location(struct mlw_writer *writer,
                        const struct mlw_location_row *location, struct mlw_error *err)
{
	uint32_t function, file;
	struct mlw_row_writer row;

	if (write_string(writer, location->function, &function, err) ||
	    write_string(writer, location->file, &file, err) ||
	    mlw_writer_begin_row(writer, MLW_TABLE_LOCATION, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_LOCATION]);
	mlw_row_int(&row, location->frame);
	mlw_row_int(&row, function);
	mlw_row_int(&row, file);
	mlw_row_int(&row, location->line);
	mlw_row_int(&row, location->inlined);
	return mlw_writer_end_row(writer, MLW_TABLE_LOCATION, &row, err);
}

int mlw_writer_timeline(struct mlw_writer *writer, const struct mlw_timeline_row *point,
                        struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_TIMELINE, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_TIMELINE]);
	mlw_row_int(&row, point->at_us);
	mlw_row_int(&row, point->size);
	mlw_row_int(&row, point->count);
	mlw_row_int(&row, point->rss);
	mlw_row_int(&row, point->allocations);
	return mlw_writer_end_row(writer, MLW_TABLE_TIMELINE, &row, err);
}
