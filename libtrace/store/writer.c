/* SPDX-License-Identifier: MIT */
#include "store/writer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "base/array.h"
#include "store/checkpoint.h"
#include "store/chunk.h"
#include "store/create.h"
#include "store/segment.h"
#include "store/sql.h"
#include "store/strings.h"

/*
 * Durability. While recording, `synchronous` is NORMAL: a commit costs no fsync, the log
 * is synced before it is moved into the file, so that the file is consistent whenever the
 * machine dies. Only a recording that is over within SHORT_RUN_NS and never left its log
 * is closed without syncing: the two or three fsyncs would cost it more than all the
 * rest, and a machine that dies in the seconds until the kernel writes it costs only a
 * run that short.
 */
#define SHORT_RUN_NS INT64_C(1000000000)
#define LOG_LIMIT    (16u << 20) /* bytes; then it is moved into the file */

/*
 * Checkpoints of the model. Replaying from one to a place takes 10 to 20 ns a change, so
 * that CHANGES_MOST of them stay under 0.3 s. Writing one takes some 50 ns a trace and
 * its bytes: it waits for enough changes to make that small change.
 */
#define CHANGES_LEAST     (UINT64_C(32) * MLW_CHUNK_CHANGES)
#define CHANGES_MOST      (UINT64_C(224) * MLW_CHUNK_CHANGES)
#define CHANGES_PER_TRACE 24u

struct sums { /* of the rows of a table that may be replaced, by id - 1 */
	uint64_t *sums;
	size_t count, capacity;
};

/* Rows that wait for the next segment of their kind. */
struct pending {
	void *rows;
	size_t count, capacity;
	uint64_t written; /* rows in earlier segments */
};

struct auto_checkpoint { /* the latest that no snapshot needs */
	uint64_t id, sum;
};

struct mlw_writer {
	sqlite3 *db;
	char *path;
	struct mlw_writer_options options;
	struct mlw_error failure;
	bool failed;
	bool in_transaction;
	bool log_moved; /* at least once */
	struct timespec created;
	sqlite3_stmt *insert[MLW_TABLES];
	struct mlw_digest digests[MLW_TABLES];
	bool touched[MLW_TABLES]; /* since the last commit */
	uint64_t rows[MLW_TABLES]; /* the latest id */
	struct sums replaceable[MLW_TABLES];
	struct pending frames, nodes, traces, live;
	struct mlw_strings strings;
	struct mlw_chunk_encoder chunk;
	struct mlw_packer *packer;
	struct mlw_bytes scratch;
	uint64_t changes; /* all, kept or not */
	uint64_t checkpoint_number; /* changes before the latest checkpoint */
	uint64_t checkpoint_id; /* 0: none yet */
	struct auto_checkpoint replaced; /* without events, the next one replaces it */
	uint64_t checkpoint_size; /* bytes of the latest */
	uint64_t chunk_size; /* bytes of chunks since */
	uint64_t uncommitted; /* bytes of blobs */
};

static int fail(struct mlw_writer *writer, struct mlw_error *err)
{
	if (!writer->failed)
		writer->failure = *err;
	writer->failed = true;
	*err = writer->failure;
	return -1;
}

static int sql_fail(struct mlw_writer *writer, struct mlw_error *err)
{
	mlw_sql_fail(writer->db, writer->path, err);
	return fail(writer, err);
}

static int sql(struct mlw_writer *writer, const char *text, struct mlw_error *err)
{
	if (sqlite3_exec(writer->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return sql_fail(writer, err);
	return 0;
}

/* Every function that writes begins here. */
static int begin(struct mlw_writer *writer, struct mlw_error *err)
{
	if (writer->failed)
		return fail(writer, err);
	if (writer->in_transaction)
		return 0;
	if (sql(writer, "BEGIN", err))
		return -1;
	writer->in_transaction = true;
	return 0;
}

static int begin_row(struct mlw_writer *writer, enum mlw_table table, struct mlw_row *row,
                     struct mlw_error *err)
{
	if (begin(writer, err))
		return -1;
	if (!writer->insert[table])
		writer->insert[table] = mlw_sql_insert(writer->db, table);
	if (!writer->insert[table])
		return sql_fail(writer, err);
	*row = mlw_row(writer->insert[table], table);
	return 0;
}

static int step(struct mlw_writer *writer, sqlite3_stmt *statement, struct mlw_error *err)
{
	int code = sqlite3_step(statement);

	if (code != SQLITE_DONE)
		sql_fail(writer, err);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

static int end_row(struct mlw_writer *writer, enum mlw_table table,
                   const struct mlw_row *row, struct mlw_error *err)
{
	if (step(writer, row->statement, err))
		return -1;
	writer->digests[table].sum += row->sum;
	writer->digests[table].rows++;
	writer->touched[table] = true;
	return 0;
}

/* Ends a row that may take the place of one with the same id. */
static int end_replaceable(struct mlw_writer *writer, enum mlw_table table, uint32_t id,
                           const struct mlw_row *row, struct mlw_error *err)
{
	struct sums *sums = &writer->replaceable[table];

	if (id == 0 || id > sums->count + 1) {
		mlw_fail(err, "%s: %s %u does not follow %zu", writer->path,
		         mlw_tables[table].name, id, sums->count);
		return fail(writer, err);
	}
	if (mlw_grow(&sums->sums, &sums->capacity, id, sizeof(*sums->sums), err))
		return fail(writer, err);
	if (end_row(writer, table, row, err))
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

int mlw_writer_create(struct mlw_writer **writer, const char *path,
                      const struct mlw_writer_options *options, struct mlw_error *err)
{
	struct mlw_writer *made = calloc(1, sizeof(*made));

	*writer = NULL;
	if (!made)
		return mlw_fail(err, "%s: out of memory", path);
	made->options = *options;
	clock_gettime(CLOCK_MONOTONIC, &made->created);
	made->path = strdup(path);
	made->packer = mlw_packer_new(err);
	if (!made->path)
		mlw_fail(err, "%s: out of memory", path);
	if (!made->path || !made->packer ||
	    mlw_chunk_encoder_init(&made->chunk, options->keep_addresses, err) ||
	    mlw_store_create(&made->db, path, options->replace, err)) {
		mlw_writer_release(made);
		return -1;
	}
	*writer = made;
	return 0;
}

int mlw_writer_run(struct mlw_writer *writer, const struct mlw_run_row *run,
                   struct mlw_error *err)
{
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_RUN, &row, err))
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
	return end_replaceable(writer, MLW_TABLE_RUN, 1, &row, err);
}

int mlw_writer_process(struct mlw_writer *writer, const struct mlw_process_row *process,
                       struct mlw_error *err)
{
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_PROCESS, &row, err))
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
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_THREAD, &row, err))
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
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_MODULE, &row, err))
		return -1;
	mlw_row_int(&row, module->id);
	mlw_row_text(&row, module->path);
	mlw_row_blob(&row, module->build_id, module->build_id_size);
	return end_replaceable(writer, MLW_TABLE_MODULE, module->id, &row, err);
}

/* The id of a text in the table `string`, 0 for NULL. */
static int write_string(struct mlw_writer *writer, const char *text, uint32_t *id,
                        struct mlw_error *err)
{
	struct mlw_row row;
	bool is_new = false;

	*id = 0;
	if (!text)
		return 0;
	*id = mlw_strings_id(&writer->strings, text, &is_new, err);
	if (!*id)
		return fail(writer, err);
	if (!is_new)
		return 0;
	if (begin_row(writer, MLW_TABLE_STRING, &row, err))
		return -1;
	mlw_row_int(&row, *id);
	mlw_row_text(&row, text);
	return end_row(writer, MLW_TABLE_STRING, &row, err);
}

int mlw_writer_location(struct mlw_writer *writer,
                        const struct mlw_location_row *location, struct mlw_error *err)
{
	uint32_t function, file;
	struct mlw_row row;

	if (write_string(writer, location->function, &function, err) ||
	    write_string(writer, location->file, &file, err) ||
	    begin_row(writer, MLW_TABLE_LOCATION, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_LOCATION]);
	mlw_row_int(&row, location->frame);
	mlw_row_int(&row, function);
	mlw_row_int(&row, file);
	mlw_row_int(&row, location->line);
	mlw_row_int(&row, location->inlined);
	return end_row(writer, MLW_TABLE_LOCATION, &row, err);
}

int mlw_writer_timeline(struct mlw_writer *writer, const struct mlw_timeline_row *point,
                        struct mlw_error *err)
{
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_TIMELINE, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_TIMELINE]);
	mlw_row_int(&row, point->at_us);
	mlw_row_int(&row, point->size);
	mlw_row_int(&row, point->count);
	mlw_row_int(&row, point->rss);
	mlw_row_int(&row, point->allocations);
	return end_row(writer, MLW_TABLE_TIMELINE, &row, err);
}

static struct pending *pending_of(struct mlw_writer *writer, enum mlw_segment kind)
{
	switch (kind) {
	case MLW_SEGMENT_FRAMES:
		return &writer->frames;
	case MLW_SEGMENT_NODES:
		return &writer->nodes;
	case MLW_SEGMENT_TRACES:
		return &writer->traces;
	default:
		return &writer->live;
	}
}

static void encode(const struct pending *pending, enum mlw_segment kind,
                   struct mlw_bytes *bytes)
{
	switch (kind) {
	case MLW_SEGMENT_FRAMES:
		mlw_frames_encode(pending->rows, pending->count, bytes);
		break;
	case MLW_SEGMENT_NODES:
		mlw_nodes_encode(pending->rows, pending->count, pending->written + 1,
		                 bytes);
		break;
	case MLW_SEGMENT_TRACES:
		mlw_traces_encode(pending->rows, pending->count, bytes);
		break;
	case MLW_SEGMENT_LIVE:
		mlw_live_encode(pending->rows, pending->count, bytes);
		break;
	}
}

static uint64_t first_of(const struct pending *pending, enum mlw_segment kind)
{
	return kind == MLW_SEGMENT_LIVE ? pending->written : pending->written + 1;
}

/* Packs bytes for data column `column` of the row. Its id is the latest of the table. */
static int put_data(struct mlw_writer *writer, enum mlw_table table, unsigned column,
                    uint64_t count, const void *bytes, size_t size, struct mlw_row *row,
                    struct mlw_error *err)
{
	uint64_t seed = mlw_blob_seed(table, column, writer->rows[table], count);
	const void *data;
	size_t data_size;

	if (mlw_pack(writer->packer, bytes, size, seed, &data, &data_size, err))
		return fail(writer, err);
	/* The packer's buffer is used again for the next column. */
	if (sqlite3_bind_blob64(row->statement, ++row->column, data_size ? data : NULL,
	                        data_size, SQLITE_TRANSIENT) != SQLITE_OK)
		return sql_fail(writer, err);
	writer->uncommitted += data_size;
	return 0;
}

static int write_segment(struct mlw_writer *writer, enum mlw_segment kind,
                         struct mlw_error *err)
{
	struct pending *pending = pending_of(writer, kind);
	struct mlw_row row;

	if (!pending->count)
		return 0;
	if (begin_row(writer, MLW_TABLE_SEGMENT, &row, err))
		return -1;
	mlw_bytes_clear(&writer->scratch);
	encode(pending, kind, &writer->scratch);
	if (writer->scratch.failed) {
		mlw_fail(err, "%s: out of memory", writer->path);
		return fail(writer, err);
	}
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_SEGMENT]);
	mlw_row_int(&row, kind);
	mlw_row_int(&row, first_of(pending, kind));
	mlw_row_int(&row, pending->count);
	if (put_data(writer, MLW_TABLE_SEGMENT, 0, pending->count, writer->scratch.bytes,
	             writer->scratch.size, &row, err) ||
	    end_row(writer, MLW_TABLE_SEGMENT, &row, err))
		return -1;
	pending->written += pending->count;
	pending->count = 0;
	return 0;
}

/* Room for one more row in a pending segment, which is written first if it is full. */
static int reserve(struct mlw_writer *writer, enum mlw_segment kind, size_t size,
                   struct mlw_error *err)
{
	struct pending *pending = pending_of(writer, kind);

	if (begin(writer, err))
		return -1;
	if (pending->count == MLW_SEGMENT_ROWS && write_segment(writer, kind, err))
		return -1;
	if (mlw_grow(&pending->rows, &pending->capacity, pending->count + 1, size, err))
		return fail(writer, err);
	return 0;
}

int mlw_writer_frame(struct mlw_writer *writer, const struct mlw_frame_row *frame,
                     struct mlw_error *err)
{
	if (reserve(writer, MLW_SEGMENT_FRAMES, sizeof(*frame), err))
		return -1;
	((struct mlw_frame_row *)writer->frames.rows)[writer->frames.count++] = *frame;
	return 0;
}

int mlw_writer_node(struct mlw_writer *writer, const struct mlw_node_row *node,
                    struct mlw_error *err)
{
	if (reserve(writer, MLW_SEGMENT_NODES, sizeof(*node), err))
		return -1;
	((struct mlw_node_row *)writer->nodes.rows)[writer->nodes.count++] = *node;
	return 0;
}

int mlw_writer_trace(struct mlw_writer *writer, const struct mlw_trace_row *trace,
                     struct mlw_error *err)
{
	if (reserve(writer, MLW_SEGMENT_TRACES, sizeof(*trace), err))
		return -1;
	((struct mlw_trace_row *)writer->traces.rows)[writer->traces.count++] = *trace;
	return 0;
}

int mlw_writer_live_block(struct mlw_writer *writer, uint32_t process,
                          const struct mlw_block *block, struct mlw_error *err)
{
	struct mlw_live_row row = { process, *block };

	if (reserve(writer, MLW_SEGMENT_LIVE, sizeof(row), err))
		return -1;
	((struct mlw_live_row *)writer->live.rows)[writer->live.count++] = row;
	return 0;
}

static int put_columns(struct mlw_writer *writer, struct mlw_row *row,
                       struct mlw_error *err)
{
	const struct mlw_chunk_encoder *chunk = &writer->chunk;

	for (unsigned i = 0; i < MLW_COLUMNS; i++) {
		size_t size = (size_t)(chunk->end[i] - chunk->start[i]);

		if (put_data(writer, MLW_TABLE_CHUNK, i, chunk->head.count,
		             chunk->start[i], size, row, err))
			return -1;
	}
	return 0;
}

static int write_chunk(struct mlw_writer *writer, struct mlw_error *err)
{
	const struct mlw_chunk_head *head = &writer->chunk.head;
	uint64_t before = writer->uncommitted;
	struct mlw_row row;

	if (!head->count)
		return 0;
	if (begin_row(writer, MLW_TABLE_CHUNK, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_CHUNK]);
	mlw_row_int(&row, head->first);
	mlw_row_int(&row, head->count);
	mlw_row_int(&row, head->ordinal);
	mlw_row_int(&row, head->start_us);
	mlw_row_int(&row, head->end_us);
	if (put_columns(writer, &row, err) || end_row(writer, MLW_TABLE_CHUNK, &row, err))
		return -1;
	writer->chunk_size += writer->uncommitted - before;
	mlw_chunk_next(&writer->chunk);
	return 0;
}

static int out_of_order(struct mlw_writer *writer, const struct mlw_change *change,
                        struct mlw_error *err)
{
	mlw_fail(err, "%s: change %llu is not the one after the latest", writer->path,
	         (unsigned long long)change->ordinal);
	return fail(writer, err);
}

int mlw_writer_change(struct mlw_writer *writer, const struct mlw_change *change,
                      struct mlw_error *err)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	if (writer->failed)
		return fail(writer, err);
	if ((is_new && change->ordinal != writer->chunk.state.ordinal + 1) ||
	    change->time_us < writer->chunk.state.time_us)
		return out_of_order(writer, change, err);
	writer->changes++;
	if (!writer->options.keep_events)
		return mlw_chunk_skip(&writer->chunk, change), 0;
	mlw_chunk_add(&writer->chunk, change);
	return mlw_chunk_is_full(&writer->chunk) ? write_chunk(writer, err) : 0;
}

/* Without events only the latest checkpoint is kept, and those of snapshots. */
static int drop_replaced(struct mlw_writer *writer, struct mlw_error *err)
{
	struct auto_checkpoint *old = &writer->replaced;
	sqlite3_stmt *statement = NULL;
	int result;

	if (!old->id)
		return 0;
	if (sqlite3_prepare_v2(writer->db, "DELETE FROM checkpoint WHERE id = ?1", -1,
	                       &statement, NULL) != SQLITE_OK)
		return sql_fail(writer, err);
	sqlite3_bind_int64(statement, 1, (int64_t)old->id);
	result = step(writer, statement, err);
	sqlite3_finalize(statement);
	if (result)
		return -1;
	writer->digests[MLW_TABLE_CHECKPOINT].rows--;
	writer->digests[MLW_TABLE_CHECKPOINT].sum -= old->sum;
	old->id = 0;
	return 0;
}

static int check_model(struct mlw_writer *writer, const struct mlw_heap *heap,
                       struct mlw_error *err)
{
	if (mlw_heap_last_ordinal(heap) == writer->chunk.state.ordinal)
		return 0;
	mlw_fail(err, "%s: the model is at allocation %llu, the changes at %llu",
	         writer->path, (unsigned long long)mlw_heap_last_ordinal(heap),
	         (unsigned long long)writer->chunk.state.ordinal);
	return fail(writer, err);
}

static int write_checkpoint(struct mlw_writer *writer, const struct mlw_heap *heap,
                            struct mlw_error *err)
{
	struct mlw_checkpoint_head head = { .number = writer->changes };
	uint64_t before = writer->uncommitted;
	struct mlw_row row;

	mlw_bytes_clear(&writer->scratch);
	if (check_model(writer, heap, err) ||
	    begin_row(writer, MLW_TABLE_CHECKPOINT, &row, err))
		return -1;
	if (mlw_checkpoint_encode(heap, &head, &writer->scratch, err))
		return fail(writer, err);
	head.id = ++writer->rows[MLW_TABLE_CHECKPOINT];
	mlw_row_int(&row, head.id);
	mlw_row_int(&row, head.number);
	mlw_row_int(&row, head.at_us);
	mlw_row_int(&row, head.ordinal);
	mlw_row_int(&row, head.traces);
	mlw_row_int(&row, head.threads);
	mlw_row_int(&row, head.processes);
	mlw_row_int(&row, head.domains);
	if (put_data(writer, MLW_TABLE_CHECKPOINT, 0, head.traces, writer->scratch.bytes,
	             writer->scratch.size, &row, err) ||
	    end_row(writer, MLW_TABLE_CHECKPOINT, &row, err) ||
	    drop_replaced(writer, err))
		return -1;
	writer->replaced.id = writer->options.keep_events ? 0 : head.id;
	writer->replaced.sum = row.sum;
	writer->checkpoint_id = head.id;
	writer->checkpoint_number = head.number;
	writer->checkpoint_size = writer->uncommitted - before;
	writer->chunk_size = 0;
	return 0;
}

/* The id of a checkpoint of this very moment. */
static int need_checkpoint(struct mlw_writer *writer, const struct mlw_heap *heap,
                           struct mlw_error *err)
{
	if (writer->checkpoint_id && writer->checkpoint_number == writer->changes)
		return 0;
	return write_checkpoint(writer, heap, err);
}

int mlw_writer_snapshot(struct mlw_writer *writer,
                        const struct mlw_snapshot_row *snapshot,
                        const struct mlw_heap *heap, struct mlw_error *err)
{
	struct mlw_row row;

	if (begin_row(writer, MLW_TABLE_SNAPSHOT, &row, err) ||
	    need_checkpoint(writer, heap, err))
		return -1;
	writer->replaced.id = 0;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_SNAPSHOT]);
	mlw_row_text(&row, snapshot->name);
	mlw_row_int(&row, snapshot->at_us);
	mlw_row_int(&row, snapshot->size);
	mlw_row_int(&row, snapshot->count);
	mlw_row_int(&row, writer->checkpoint_id);
	return end_row(writer, MLW_TABLE_SNAPSHOT, &row, err);
}

static bool is_checkpoint_due(const struct mlw_writer *writer,
                              const struct mlw_heap *heap)
{
	uint64_t changes = writer->changes - writer->checkpoint_number;

	if (!writer->options.keep_events)
		return changes > 0 || !writer->checkpoint_id;
	return changes >= CHANGES_MOST ||
	       (changes >= CHANGES_LEAST &&
	        changes / CHANGES_PER_TRACE >= mlw_heap_trace_count(heap) &&
	        writer->chunk_size >= writer->checkpoint_size);
}

static int write_digests(struct mlw_writer *writer, struct mlw_error *err)
{
	sqlite3_stmt *statement = NULL;
	int result = 0;

	if (sqlite3_prepare_v2(writer->db,
	                       "INSERT OR REPLACE INTO digest (id, name, rows, sum) "
	                       "VALUES (?1, ?2, ?3, ?4)",
	                       -1, &statement, NULL) != SQLITE_OK)
		return sql_fail(writer, err);
	for (int i = 0; i < MLW_TABLES && !result; i++) {
		if (!writer->touched[i])
			continue;
		sqlite3_bind_int64(statement, 1, i);
		sqlite3_bind_text(statement, 2, mlw_tables[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 3, (int64_t)writer->digests[i].rows);
		sqlite3_bind_int64(statement, 4, (int64_t)writer->digests[i].sum);
		result = step(writer, statement, err);
		writer->touched[i] = false;
	}
	sqlite3_finalize(statement);
	return result;
}

static uint64_t log_size(const struct mlw_writer *writer)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 size = 0;

	sqlite3_file_control(writer->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log && log->pMethods && log->pMethods->xFileSize(log, &size) == SQLITE_OK)
		return (uint64_t)size;
	return 0;
}

static int write_rows(struct mlw_writer *writer, struct mlw_error *err)
{
	if (write_segment(writer, MLW_SEGMENT_FRAMES, err) ||
	    write_segment(writer, MLW_SEGMENT_NODES, err) ||
	    write_segment(writer, MLW_SEGMENT_TRACES, err) ||
	    write_segment(writer, MLW_SEGMENT_LIVE, err))
		return -1;
	return write_chunk(writer, err);
}

static int end_transaction(struct mlw_writer *writer, struct mlw_error *err)
{
	if (!writer->in_transaction)
		return 0;
	if (write_digests(writer, err) || sql(writer, "COMMIT", err))
		return -1;
	writer->in_transaction = false;
	writer->uncommitted = 0;
	return 0;
}

/* Moves the log into the file when it has got long; readers do not mind. */
static int shorten_log(struct mlw_writer *writer, struct mlw_error *err)
{
	int in_log = 0, moved = 0;

	if (log_size(writer) < LOG_LIMIT)
		return 0;
	writer->log_moved = true;
	if (sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
	                              &in_log, &moved) != SQLITE_OK)
		return sql_fail(writer, err);
	return 0;
}

int mlw_writer_commit(struct mlw_writer *writer, const struct mlw_heap *heap,
                      struct mlw_error *err)
{
	if (writer->failed)
		return fail(writer, err);
	if (write_rows(writer, err))
		return -1;
	if (is_checkpoint_due(writer, heap) && write_checkpoint(writer, heap, err))
		return -1;
	if (end_transaction(writer, err))
		return -1;
	return shorten_log(writer, err);
}

size_t mlw_writer_pending(const struct mlw_writer *writer)
{
	size_t rows = writer->frames.count + writer->nodes.count + writer->traces.count +
	              writer->live.count;

	/* About what compression will make of them. */
	return writer->uncommitted + rows * 4 + mlw_chunk_size(&writer->chunk) / 4;
}

uint64_t mlw_writer_size(const struct mlw_writer *writer)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;

	sqlite3_file_control(writer->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!file || !file->pMethods ||
	    file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		size = 0;
	return (uint64_t)size + log_size(writer);
}

static bool is_short(const struct mlw_writer *writer)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return !writer->log_moved &&
	       (now.tv_sec - writer->created.tv_sec) * INT64_C(1000000000) +
	                       (now.tv_nsec - writer->created.tv_nsec) <
	               SHORT_RUN_NS;
}

/* One single file again. The statements must be gone for SQLite to leave the log. */
static int leave_log(struct mlw_writer *writer, struct mlw_error *err)
{
	for (int i = 0; i < MLW_TABLES; i++) {
		sqlite3_finalize(writer->insert[i]);
		writer->insert[i] = NULL;
	}
	if (is_short(writer) && sql(writer, "PRAGMA synchronous = OFF", err))
		return -1;
	return sql(writer, "PRAGMA journal_mode = DELETE", err);
}

int mlw_writer_close(struct mlw_writer *writer, const struct mlw_heap *heap,
                     const struct mlw_run_row *run, struct mlw_error *err)
{
	struct mlw_run_row closed = *run;
	int result = -1;

	closed.closed = true;
	if (writer->failed) {
		fail(writer, err);
		goto out;
	}
	if (write_rows(writer, err) || need_checkpoint(writer, heap, err) ||
	    mlw_writer_run(writer, &closed, err) || end_transaction(writer, err))
		goto out;
	result = leave_log(writer, err);
out:
	mlw_writer_release(writer);
	return result;
}

void mlw_writer_release(struct mlw_writer *writer)
{
	if (!writer)
		return;
	for (int i = 0; i < MLW_TABLES; i++) {
		sqlite3_finalize(writer->insert[i]);
		free(writer->replaceable[i].sums);
	}
	sqlite3_close(writer->db);
	free(writer->frames.rows);
	free(writer->nodes.rows);
	free(writer->traces.rows);
	free(writer->live.rows);
	mlw_strings_release(&writer->strings);
	mlw_chunk_encoder_release(&writer->chunk);
	mlw_packer_free(writer->packer);
	mlw_bytes_release(&writer->scratch);
	free(writer->path);
	free(writer);
}
