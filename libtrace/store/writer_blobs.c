/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/array.h"
#include "store/writer_state.h"

/*
 * Checkpoints of the model. Replaying from one to a place takes 10 to 20 ns a change, so
 * that CHANGES_MOST of them stay under 0.3 s. Writing one takes some 50 ns a trace and
 * its bytes: it waits for enough changes to make that small change.
 */
#define CHANGES_LEAST     (UINT64_C(32) * MLW_CHUNK_CHANGES)
#define CHANGES_MOST      (UINT64_C(224) * MLW_CHUNK_CHANGES)
#define CHANGES_PER_TRACE 24u

static struct mlw_pending *pending_of(struct mlw_writer *writer, enum mlw_segment kind)
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

static void encode(const struct mlw_writer *writer, const struct mlw_pending *pending,
                   enum mlw_segment kind, struct mlw_bytes *bytes)
{
	switch (kind) {
	case MLW_SEGMENT_FRAMES:
		mlw_frames_encode(pending->rows, pending->count, bytes);
		break;
	case MLW_SEGMENT_NODES:
		mlw_nodes_encode(writer->runs, writer->run_count, pending->rows,
		                 pending->count, pending->written + 1, bytes);
		break;
	case MLW_SEGMENT_TRACES:
		mlw_traces_encode(pending->rows, pending->count, bytes);
		break;
	case MLW_SEGMENT_LIVE:
		mlw_live_encode(pending->rows, pending->count, bytes);
		break;
	}
}

static uint64_t first_of(const struct mlw_pending *pending, enum mlw_segment kind)
{
	return kind == MLW_SEGMENT_LIVE ? pending->written : pending->written + 1;
}

/* Packs bytes for data column `column` of the row. Its id is the latest of the table. */
static int put_data(struct mlw_writer *writer, enum mlw_table table, unsigned column,
                    uint64_t count, const void *bytes, size_t size,
                    struct mlw_row_writer *row, struct mlw_error *err)
{
	uint64_t seed = mlw_blob_seed(table, column, writer->rows[table], count);
	const void *data;
	size_t data_size;

	if (mlw_pack(writer->packer, bytes, size, seed, &data, &data_size, err))
		return mlw_writer_fail(writer, err);
	/* The packer's buffer is used again for the next column. */
	if (sqlite3_bind_blob64(row->statement, ++row->column, data_size ? data : NULL,
	                        data_size, SQLITE_TRANSIENT) != SQLITE_OK)
		return mlw_writer_sql_fail(writer, err);
	writer->uncommitted += data_size;
	return 0;
}

static int write_segment(struct mlw_writer *writer, enum mlw_segment kind,
                         struct mlw_error *err)
{
	struct mlw_pending *pending = pending_of(writer, kind);
	struct mlw_row_writer row;

	if (!pending->count)
		return 0;
	if (mlw_writer_begin_row(writer, MLW_TABLE_SEGMENT, &row, err))
		return -1;
	mlw_bytes_clear(&writer->scratch);
	encode(writer, pending, kind, &writer->scratch);
	if (writer->scratch.failed) {
		mlw_fail(err, "%s: out of memory", writer->path);
		return mlw_writer_fail(writer, err);
	}
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_SEGMENT]);
	mlw_row_int(&row, kind);
	mlw_row_int(&row, first_of(pending, kind));
	mlw_row_int(&row, pending->count);
	if (put_data(writer, MLW_TABLE_SEGMENT, 0, pending->count, writer->scratch.bytes,
	             writer->scratch.size, &row, err) ||
	    mlw_writer_end_row(writer, MLW_TABLE_SEGMENT, &row, err))
		return -1;
	pending->written += pending->count;
	pending->count = 0;
	if (kind == MLW_SEGMENT_NODES)
		writer->run_count = 0;
	return 0;
}

/* Room for `count` more rows (at most MLW_SEGMENT_ROWS) in a pending segment, which is
 * written first if they do not fit. */
static int reserve(struct mlw_writer *writer, enum mlw_segment kind, size_t count,
                   size_t size, struct mlw_error *err)
{
	struct mlw_pending *pending = pending_of(writer, kind);

	if (mlw_writer_begin(writer, err))
		return -1;
	if (pending->count + count > MLW_SEGMENT_ROWS && write_segment(writer, kind, err))
		return -1;
	if (mlw_grow(&pending->rows, &pending->capacity, pending->count + count, size,
	             err))
		return mlw_writer_fail(writer, err);
	return 0;
}

int mlw_writer_frame(struct mlw_writer *writer, const struct mlw_frame_row *frame,
                     struct mlw_error *err)
{
	if (reserve(writer, MLW_SEGMENT_FRAMES, 1, sizeof(*frame), err))
		return -1;
	((struct mlw_frame_row *)writer->frames.rows)[writer->frames.count++] = *frame;
	return 0;
}

static int add_nodes(struct mlw_writer *writer, uint32_t parent, const uint32_t *frames,
                     size_t count, struct mlw_error *err)
{
	struct mlw_pending *nodes = &writer->nodes;

	if (reserve(writer, MLW_SEGMENT_NODES, count, sizeof(*frames), err))
		return -1;
	if (mlw_grow(&writer->runs, &writer->run_capacity, writer->run_count + 1,
	             sizeof(*writer->runs), err))
		return mlw_writer_fail(writer, err);
	memcpy((uint32_t *)nodes->rows + nodes->count, frames, count * sizeof(*frames));
	writer->runs[writer->run_count++] =
	        (struct mlw_node_run){ .length = (uint32_t)count, .parent = parent };
	nodes->count += count;
	return 0;
}

int mlw_writer_nodes(struct mlw_writer *writer, uint32_t parent, const uint32_t *frames,
                     size_t count, struct mlw_error *err)
{
	while (count > 0) {
		size_t part = count < MLW_SEGMENT_ROWS ? count : MLW_SEGMENT_ROWS;

		if (add_nodes(writer, parent, frames, part, err))
			return -1;
		parent = (uint32_t)(writer->nodes.written + writer->nodes.count);
		frames += part;
		count -= part;
	}
	return 0;
}

int mlw_writer_trace(struct mlw_writer *writer, const struct mlw_trace_row *trace,
                     struct mlw_error *err)
{
	if (reserve(writer, MLW_SEGMENT_TRACES, 1, sizeof(*trace), err))
		return -1;
	((struct mlw_trace_row *)writer->traces.rows)[writer->traces.count++] = *trace;
	return 0;
}

int mlw_writer_live_block(struct mlw_writer *writer, uint32_t process,
                          const struct mlw_block *block, struct mlw_error *err)
{
	struct mlw_live_row row = { process, *block };

	if (reserve(writer, MLW_SEGMENT_LIVE, 1, sizeof(row), err))
		return -1;
	((struct mlw_live_row *)writer->live.rows)[writer->live.count++] = row;
	return 0;
}

static int put_columns(struct mlw_writer *writer, struct mlw_row_writer *row,
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
	uint8_t threads[MLW_ID_LIST_BYTES], traces[MLW_ID_LIST_BYTES];
	size_t threads_size = mlw_id_set_write(&writer->chunk.threads, threads);
	size_t traces_size = mlw_id_set_write(&writer->chunk.traces, traces);
	struct mlw_row_writer row;

	if (!head->count)
		return 0;
	if (mlw_writer_begin_row(writer, MLW_TABLE_CHUNK, &row, err))
		return -1;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_CHUNK]);
	mlw_row_int(&row, head->first);
	mlw_row_int(&row, head->count);
	mlw_row_int(&row, head->ordinal);
	mlw_row_int(&row, head->start_us);
	mlw_row_int(&row, head->end_us);
	mlw_row_blob(&row, threads_size ? threads : NULL, threads_size);
	mlw_row_blob(&row, traces_size ? traces : NULL, traces_size);
	writer->uncommitted += threads_size + traces_size;
	if (put_columns(writer, &row, err) ||
	    mlw_writer_end_row(writer, MLW_TABLE_CHUNK, &row, err))
		return -1;
	writer->chunk_size += writer->uncommitted - before;
	mlw_chunk_next(&writer->chunk);
	return 0;
}

static __attribute__((noinline)) int skip_change(struct mlw_writer *writer,
                                                 const struct mlw_change *change)
{
	writer->cut_changes += writer->events_stopped;
	mlw_chunk_skip(&writer->chunk, change);
	return 0;
}

static __attribute__((noinline)) int end_chunk(struct mlw_writer *writer,
                                               struct mlw_error *err)
{
	return write_chunk(writer, err) ? -1 : mlw_writer_is_full(writer);
}

static __attribute__((noinline)) int out_of_order(struct mlw_writer *writer,
                                                  const struct mlw_change *change,
                                                  struct mlw_error *err)
{
	mlw_fail(err, "%s: change %llu is not the one after the latest", writer->path,
	         (unsigned long long)change->ordinal);
	return mlw_writer_fail(writer, err);
}

int mlw_writer_change(struct mlw_writer *writer, const struct mlw_change *change,
                      struct mlw_error *err)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	if (writer->failed)
		return mlw_writer_fail(writer, err);
	if ((is_new && change->ordinal != writer->chunk.state.ordinal + 1) ||
	    change->time_us < writer->chunk.state.time_us)
		return out_of_order(writer, change, err);
	writer->changes++;
	if (!writer->keeps_changes)
		return skip_change(writer, change);
	mlw_chunk_add(&writer->chunk, change);
	if (writer->chunk.head.count < writer->chunk_changes)
		return 0;
	return end_chunk(writer, err);
}

bool mlw_writer_takes_pair(const struct mlw_writer *writer,
                           const struct mlw_change *alloc)
{
	const struct mlw_chunk_encoder *chunk = &writer->chunk;

	return writer->keeps_changes && alloc->ordinal == chunk->state.ordinal + 1 &&
	       alloc->time_us >= chunk->state.time_us &&
	       chunk->head.count + 2 < writer->chunk_changes;
}

void mlw_writer_pair(struct mlw_writer *writer, const struct mlw_change *alloc)
{
	writer->changes += 2;
	mlw_chunk_add_pair(&writer->chunk, alloc);
}

/* Where no changes are kept only the latest checkpoint is, and those of snapshots. */
static int drop_replaced(struct mlw_writer *writer, struct mlw_error *err)
{
	struct mlw_auto_checkpoint *old = &writer->replaced;
	sqlite3_stmt *statement = NULL;
	int result;

	if (!old->id)
		return 0;
	if (sqlite3_prepare_v2(writer->db, "DELETE FROM checkpoint WHERE id = ?1", -1,
	                       &statement, NULL) != SQLITE_OK)
		return mlw_writer_sql_fail(writer, err);
	sqlite3_bind_int64(statement, 1, (int64_t)old->id);
	result = mlw_writer_step(writer, statement, err);
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
	return mlw_writer_fail(writer, err);
}

static int write_checkpoint(struct mlw_writer *writer, const struct mlw_heap *heap,
                            struct mlw_error *err)
{
	struct mlw_checkpoint_head head = { .number = writer->changes };
	uint64_t before = writer->uncommitted;
	struct mlw_row_writer row;

	mlw_bytes_clear(&writer->scratch);
	if (check_model(writer, heap, err) ||
	    mlw_writer_begin_row(writer, MLW_TABLE_CHECKPOINT, &row, err))
		return -1;
	if (mlw_checkpoint_encode(heap, &head, &writer->scratch, err))
		return mlw_writer_fail(writer, err);
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
	    mlw_writer_end_row(writer, MLW_TABLE_CHECKPOINT, &row, err) ||
	    drop_replaced(writer, err))
		return -1;
	writer->replaced.id = writer->keeps_changes ? 0 : head.id;
	writer->replaced.sum = row.sum;
	writer->checkpoint_id = head.id;
	writer->checkpoint_number = head.number;
	writer->checkpoint_size = writer->uncommitted - before;
	writer->chunk_size = 0;
	return 0;
}

/* The id of a checkpoint of this very moment. */
int mlw_writer_need_checkpoint(struct mlw_writer *writer, const struct mlw_heap *heap,
                               struct mlw_error *err)
{
	if (writer->checkpoint_id && writer->checkpoint_number == writer->changes)
		return 0;
	return write_checkpoint(writer, heap, err);
}

/* The checkpoint of the last moment that changes lead to stays, whatever comes later. */
int mlw_writer_stop_events(struct mlw_writer *writer, const struct mlw_heap *heap,
                           struct mlw_error *err)
{
	if (!writer->keeps_changes)
		return writer->failed ? mlw_writer_fail(writer, err) : 0;
	if (mlw_writer_begin(writer, err) || write_chunk(writer, err) ||
	    mlw_writer_need_checkpoint(writer, heap, err))
		return -1;
	writer->events_stopped = true;
	writer->keeps_changes = false;
	return 0;
}

int mlw_writer_snapshot(struct mlw_writer *writer,
                        const struct mlw_snapshot_row *snapshot,
                        const struct mlw_heap *heap, struct mlw_error *err)
{
	struct mlw_row_writer row;

	if (mlw_writer_begin_row(writer, MLW_TABLE_SNAPSHOT, &row, err) ||
	    mlw_writer_need_checkpoint(writer, heap, err))
		return -1;
	writer->replaced.id = 0;
	mlw_row_int(&row, ++writer->rows[MLW_TABLE_SNAPSHOT]);
	mlw_row_text(&row, snapshot->name);
	mlw_row_int(&row, snapshot->at_us);
	mlw_row_int(&row, snapshot->size);
	mlw_row_int(&row, snapshot->count);
	mlw_row_int(&row, writer->checkpoint_id);
	return mlw_writer_end_row(writer, MLW_TABLE_SNAPSHOT, &row, err);
}

bool mlw_writer_is_due(const struct mlw_writer *writer, const struct mlw_heap *heap)
{
	uint64_t changes = writer->changes - writer->checkpoint_number;

	if (!writer->keeps_changes)
		return changes > 0 || !writer->checkpoint_id;
	return changes >= CHANGES_MOST ||
	       (changes >= CHANGES_LEAST &&
	        changes / CHANGES_PER_TRACE >= mlw_heap_trace_count(heap) &&
	        writer->chunk_size >= writer->checkpoint_size);
}

int mlw_writer_flush(struct mlw_writer *writer, struct mlw_error *err)
{
	if (write_segment(writer, MLW_SEGMENT_FRAMES, err) ||
	    write_segment(writer, MLW_SEGMENT_NODES, err) ||
	    write_segment(writer, MLW_SEGMENT_TRACES, err) ||
	    write_segment(writer, MLW_SEGMENT_LIVE, err))
		return -1;
	return write_chunk(writer, err);
}
