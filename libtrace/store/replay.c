/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "store/chunk_cursor.h"
#include "store/reader_state.h"

/* NULL: no list, or no memory, of which the cursor knows. */
static const uint8_t *take_list(struct mlw_reader *reader, struct mlw_cursor *cursor,
                                int column, size_t *size)
{
	uint8_t *list = mlw_cursor_blob(cursor, column, size);

	return mlw_reader_own(reader, list, cursor) ? list : NULL;
}

static int take_chunk(struct mlw_reader *reader, struct mlw_cursor *cursor,
                      struct mlw_error *err)
{
	struct mlw_chunk_head *row = mlw_rows_next(&reader->chunks, sizeof(*row), err);
	static const struct mlw_chunk_head none;
	const struct mlw_chunk_head *last;

	if (!row)
		return -1;
	last = reader->chunks.count ? row - 1 : &none;
	*row = (struct mlw_chunk_head){
		.first = mlw_cursor_int(cursor, 1),
		.count = mlw_cursor_int(cursor, 2),
		.ordinal = mlw_cursor_int(cursor, 3),
		.start_us = mlw_cursor_int(cursor, 4),
		.end_us = mlw_cursor_int(cursor, 5),
		.keeps_addresses = reader->run.keeps_addresses,
	};
	row->threads = take_list(reader, cursor, 6, &row->threads_size);
	row->traces = take_list(reader, cursor, 7, &row->traces_size);
	if (row->first != last->first + last->count || row->count == 0 ||
	    row->count > MLW_CHUNK_CHANGES || row->ordinal < last->ordinal ||
	    row->ordinal > last->ordinal + last->count || row->start_us != last->end_us ||
	    row->end_us < row->start_us)
		return mlw_reader_damaged(reader, "a chunk in the wrong place", err);
	reader->chunks.count++;
	return 0;
}

static int load_chunks(struct mlw_reader *reader, struct mlw_error *err)
{
	const struct mlw_run_row *run;
	struct mlw_cursor cursor;
	int more;

	if (reader->chunks.loaded)
		return 0;
	reader->chunks.count = 0;
	if (mlw_reader_run(reader, &run, err) ||
	    mlw_cursor_open(&cursor, &reader->database, MLW_TABLE_CHUNK, err))
		return -1;
	while ((more = mlw_cursor_next(&cursor, err)) > 0)
		if (take_chunk(reader, &cursor, err)) {
			more = -1;
			break;
		}
	mlw_cursor_close(&cursor);
	reader->chunks.loaded = more == 0;
	return more;
}

static uint64_t change_count(const struct mlw_reader *reader)
{
	const struct mlw_chunk_head *chunks = reader->chunks.rows;
	const struct mlw_chunk_head *last;

	if (!reader->chunks.count)
		return 0;
	last = &chunks[reader->chunks.count - 1];
	return last->first + last->count;
}

int mlw_reader_changes_end(struct mlw_reader *reader, uint64_t *time_us,
                           struct mlw_error *err)
{
	const struct mlw_chunk_head *chunks;
	size_t count;

	if (load_chunks(reader, err))
		return -1;
	chunks = reader->chunks.rows;
	count = reader->chunks.count;
	*time_us = count ? chunks[count - 1].end_us : 0;
	return 0;
}

uint64_t mlw_reader_change_count(struct mlw_reader *reader)
{
	struct mlw_error ignored;

	return load_chunks(reader, &ignored) ? 0 : change_count(reader);
}

/* Index of the first chunk that ends after `number` changes. */
static size_t chunk_at(const struct mlw_reader *reader, uint64_t number)
{
	const struct mlw_chunk_head *chunks = reader->chunks.rows;
	size_t low = 0, high = reader->chunks.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chunks[middle].first + chunks[middle].count <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int mlw_reader_chunks(struct mlw_reader *reader, const struct mlw_chunk_head **chunks,
                      size_t *count, struct mlw_error *err)
{
	if (load_chunks(reader, err))
		return -1;
	*chunks = reader->chunks.rows;
	*count = reader->chunks.count;
	return 0;
}

int mlw_reader_open_chunk(struct mlw_reader *reader, size_t index,
                          struct mlw_chunk_decoder *decoder, struct mlw_error *err)
{
	const struct mlw_chunk_head *head =
	        (const struct mlw_chunk_head *)reader->chunks.rows + index;
	size_t limits[MLW_COLUMNS];
	struct mlw_data what = {
		.table = MLW_TABLE_CHUNK,
		.id = index + 1,
		.count = head->count,
		.columns = MLW_COLUMNS,
		.limits = limits,
	};

	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		limits[i] = mlw_chunk_limit(i, head->count);
	if (mlw_database_unpack(&reader->database, &what, decoder->columns, err))
		return -1;
	return mlw_chunk_start(decoder, head, err)
	               ? mlw_database_blame(&reader->database, err)
	               : 0;
}

bool mlw_reader_knows(const struct mlw_reader *reader, const struct mlw_change *change)
{
	bool is_new = change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC;

	if (change->thread == 0 || change->thread > reader->threads.count)
		return false;
	if (is_new && (change->trace == 0 || change->trace > reader->traces.count))
		return false;
	return change->old_kind != MLW_OLD_BLOCK ||
	       (change->old.trace > 0 && change->old.trace <= reader->traces.count);
}

struct change_visit {
	int (*visit)(const struct mlw_change *change, uint64_t number, void *context,
	             struct mlw_error *err);
	void *context;
	uint64_t first;
	bool stop;
};

static int visit_chunk(struct mlw_reader *reader, struct mlw_chunk_decoder *decoder,
                       struct change_visit *visit, struct mlw_error *err)
{
	for (uint64_t i = 0; i < decoder->head.count; i++) {
		struct mlw_change change;
		int result;

		if (mlw_chunk_get(decoder, &change, err))
			return mlw_database_blame(&reader->database, err);
		if (!mlw_reader_knows(reader, &change))
			return mlw_reader_damaged(reader, "a change of unknown ids", err);
		if (decoder->head.first + i < visit->first)
			continue;
		result = visit->visit(&change, decoder->head.first + i, visit->context,
		                      err);
		if (result) {
			visit->stop = true;
			return result < 0 ? -1 : 0;
		}
	}
	return mlw_chunk_finish(decoder, err) ? mlw_database_blame(&reader->database, err)
	                                      : 0;
}

int mlw_reader_load_ids(struct mlw_reader *reader, struct mlw_error *err)
{
	const struct mlw_trace_row *traces;
	size_t count;

	if (mlw_reader_traces(reader, &traces, &count, err))
		return -1;
	return load_chunks(reader, err);
}

void mlw_reader_watch(struct mlw_reader *reader, const struct mlw_progress *progress)
{
	reader->progress = progress;
}

/* Changes that a pass from `first` on goes through, at most. */
static uint64_t pass_length(const struct mlw_reader *reader, uint64_t first)
{
	uint64_t until = change_count(reader);

	if (reader->until && reader->until < until)
		until = reader->until;
	return until > first ? until - first : 0;
}

/* After the chunk: that the pass is over is said once, at its end. */
static void report_chunk(const struct mlw_reader *reader,
                         const struct mlw_chunk_head *head, uint64_t first)
{
	uint64_t total = pass_length(reader, first), done = head->first + head->count;

	done = done > first ? done - first : 0;
	if (done < total)
		mlw_progress_report(reader->progress, done, total);
}

int mlw_reader_changes(struct mlw_reader *reader, uint64_t first,
                       int (*visit)(const struct mlw_change *change, uint64_t number,
                                    void *context, struct mlw_error *err),
                       void *context, struct mlw_error *err)
{
	struct change_visit visitor = { visit, context, first, false };
	struct mlw_chunk_decoder decoder = { 0 };
	int result = 0;

	if (mlw_reader_load_ids(reader, err))
		return -1;
	for (size_t i = chunk_at(reader, first);
	     i < reader->chunks.count && !result && !visitor.stop; i++) {
		result = mlw_reader_open_chunk(reader, i, &decoder, err) ||
		                         visit_chunk(reader, &decoder, &visitor, err)
		                 ? -1
		                 : 0;
		report_chunk(reader, &decoder.head, first);
	}
	mlw_progress_report(reader->progress, pass_length(reader, first),
	                    pass_length(reader, first));
	mlw_chunk_decoder_release(&decoder);
	return result;
}

struct time_search {
	uint64_t time_us;
	uint64_t number;
};

static int pass_time(const struct mlw_change *change, uint64_t number, void *context,
                     struct mlw_error *err)
{
	struct time_search *search = context;

	(void)err;
	if (change->time_us > search->time_us)
		return 1;
	search->number = number + 1;
	return 0;
}

int mlw_reader_number_at(struct mlw_reader *reader, uint64_t time_us, uint64_t *number,
                         struct mlw_error *err)
{
	struct time_search search = { .time_us = time_us };
	const struct mlw_chunk_head *chunks;
	size_t low = 0, high;

	if (load_chunks(reader, err))
		return -1;
	chunks = reader->chunks.rows;
	high = reader->chunks.count;
	while (low < high) { /* the first chunk that ends after the time */
		size_t middle = low + (high - low) / 2;

		if (chunks[middle].end_us <= time_us)
			low = middle + 1;
		else
			high = middle;
	}
	search.number =
	        low < reader->chunks.count ? chunks[low].first : change_count(reader);
	if (low < reader->chunks.count &&
	    mlw_reader_changes(reader, search.number, pass_time, &search, err))
		return -1;
	*number = search.number;
	return 0;
}

/* All changes, kept or cut off. */
static uint64_t last_number(const struct mlw_reader *reader)
{
	return change_count(reader) + reader->run.cut_changes;
}

static int take_checkpoint(struct mlw_reader *reader, struct mlw_cursor *cursor,
                           struct mlw_error *err)
{
	struct mlw_checkpoint_head *row =
	        mlw_rows_next(&reader->checkpoints, sizeof(*row), err);

	if (!row)
		return -1;
	*row = (struct mlw_checkpoint_head){
		.id = cursor->id,
		.number = mlw_cursor_int(cursor, 1),
		.at_us = mlw_cursor_int(cursor, 2),
		.ordinal = mlw_cursor_int(cursor, 3),
		.traces = mlw_cursor_int(cursor, 4),
		.threads = mlw_cursor_int(cursor, 5),
		.processes = mlw_cursor_int(cursor, 6),
		.domains = mlw_cursor_int(cursor, 7),
	};
	if (row->traces > reader->traces.count || row->threads > reader->threads.count ||
	    row->processes > reader->processes.count || row->domains == 0 ||
	    row->domains > MLW_DOMAIN_LIMIT ||
	    (reader->checkpoints.count && row[-1].number > row->number) ||
	    (reader->run.keeps_events && row->number > last_number(reader)))
		return mlw_reader_damaged(reader, "a checkpoint in the wrong place", err);
	reader->checkpoints.count++;
	return 0;
}

/* What was cut off must end in a checkpoint: nothing else leads to the end. */
static int check_end(const struct mlw_reader *reader, struct mlw_error *err)
{
	const struct mlw_checkpoint_head *rows = reader->checkpoints.rows;
	size_t count = reader->checkpoints.count;

	if (!reader->run.cut_changes)
		return 0;
	if (count && rows[count - 1].number == last_number(reader))
		return 0;
	return mlw_reader_damaged(reader, "the state at the end is missing", err);
}

static int load_checkpoints(struct mlw_reader *reader, struct mlw_error *err)
{
	struct mlw_cursor cursor;
	int more;

	if (reader->checkpoints.loaded)
		return 0;
	reader->checkpoints.count = 0;
	if (mlw_reader_load_ids(reader, err) ||
	    mlw_cursor_open(&cursor, &reader->database, MLW_TABLE_CHECKPOINT, err))
		return -1;
	while ((more = mlw_cursor_next(&cursor, err)) > 0)
		if (take_checkpoint(reader, &cursor, err)) {
			more = -1;
			break;
		}
	mlw_cursor_close(&cursor);
	reader->checkpoints.loaded = more == 0;
	return more ? -1 : check_end(reader, err);
}

int mlw_reader_checkpoints(struct mlw_reader *reader,
                           const struct mlw_checkpoint_head **checkpoints, size_t *count,
                           struct mlw_error *err)
{
	if (load_checkpoints(reader, err))
		return -1;
	*checkpoints = reader->checkpoints.rows;
	*count = reader->checkpoints.count;
	return 0;
}

/* The changes before `number` name none beyond these: the next checkpoint says so. */
static size_t traces_until(const struct mlw_reader *reader, uint64_t number)
{
	const struct mlw_checkpoint_head *rows = reader->checkpoints.rows;

	for (size_t i = 0; i < reader->checkpoints.count; i++)
		if (rows[i].number >= number)
			return (size_t)rows[i].traces;
	return reader->traces.count;
}

/* A model of the threads of the file and its first traces, in which nothing has
 * happened. */
static struct mlw_heap *declare(const struct mlw_reader *reader, size_t count,
                                struct mlw_error *err)
{
	const struct mlw_thread_row *threads = reader->threads.rows;
	const struct mlw_trace_row *traces = reader->traces.rows;
	struct mlw_heap *heap = mlw_heap_new(err);
	int result = heap ? mlw_heap_reserve(heap, count, err) : -1;

	if (heap)
		mlw_heap_set_sample(heap, reader->run.sample_bytes);
	for (size_t i = 0; i < reader->threads.count && !result; i++)
		result = mlw_heap_add_thread(heap, threads[i].process, err);
	for (size_t i = 0; i < count && !result; i++)
		result =
		        mlw_heap_add_trace(heap, traces[i].thread, traces[i].domain, err);
	if (!result)
		return heap;
	mlw_heap_free(heap);
	return NULL;
}

static int restore(struct mlw_reader *reader, const struct mlw_checkpoint_head *head,
                   struct mlw_heap *heap, struct mlw_error *err)
{
	struct mlw_unpacked unpacked = { 0 };
	size_t limit = mlw_checkpoint_limit(head);
	struct mlw_data what = {
		.table = MLW_TABLE_CHECKPOINT,
		.id = head->id,
		.count = head->traces,
		.columns = 1,
		.limits = &limit,
	};
	int result = mlw_database_unpack(&reader->database, &what, &unpacked, err);

	if (!result && mlw_checkpoint_decode(heap, head, &unpacked, err))
		result = mlw_database_blame(&reader->database, err);
	mlw_unpacked_release(&unpacked);
	return result;
}

/* The latest checkpoint that is not after `number`, or NULL. */
static const struct mlw_checkpoint_head *nearest(const struct mlw_reader *reader,
                                                 uint64_t number)
{
	const struct mlw_checkpoint_head *rows = reader->checkpoints.rows, *found = NULL;

	for (size_t i = 0; i < reader->checkpoints.count && rows[i].number <= number; i++)
		found = &rows[i];
	return found;
}

struct replay {
	const struct mlw_reader *reader;
	struct mlw_heap *heap;
	uint64_t until;
};

static int apply(const struct mlw_change *change, uint64_t number, void *context,
                 struct mlw_error *err)
{
	struct replay *replay = context;

	if (number >= replay->until)
		return 1;
	if (!mlw_heap_accepts(replay->heap, change))
		return mlw_reader_damaged(replay->reader, "a change that cannot be", err);
	mlw_heap_apply(replay->heap, change);
	return 0;
}

/* Brings a fresh model to the state after `number` changes. */
static int bring(struct mlw_reader *reader, uint64_t number, struct mlw_heap *heap,
                 struct mlw_error *err)
{
	const struct mlw_checkpoint_head *head = nearest(reader, number);
	struct replay replay = { .reader = reader, .heap = heap, .until = number };
	int result;

	if (head && restore(reader, head, heap, err))
		return -1;
	if (head && head->number >= number)
		return 0;
	reader->until = number;
	result = mlw_reader_changes(reader, head ? head->number : 0, apply, &replay, err);
	reader->until = 0;
	return result;
}

static int check_kept(const struct mlw_reader *reader, uint64_t number,
                      struct mlw_error *err)
{
	const struct mlw_checkpoint_head *head = nearest(reader, number);
	bool cut = reader->run.cut_changes && number > change_count(reader);

	if ((reader->run.keeps_events && !cut) || number == UINT64_MAX ||
	    (head && head->number == number))
		return 0;
	return mlw_fail(err, "%s: keeps no events%s, only snapshots and the end",
	                reader->database.path, cut ? " from then on" : "");
}

int mlw_reader_heap(struct mlw_reader *reader, uint64_t number, struct mlw_heap **heap,
                    struct mlw_error *err)
{
	*heap = NULL;
	if (load_checkpoints(reader, err) || check_kept(reader, number, err))
		return -1;
	*heap = declare(reader, traces_until(reader, number), err);
	if (!*heap)
		return -1;
	if (!bring(reader, number, *heap, err))
		return 0;
	mlw_heap_free(*heap);
	*heap = NULL;
	return -1;
}

int mlw_reader_snapshot_number(struct mlw_reader *reader, size_t index, uint64_t *number,
                               struct mlw_error *err)
{
	const struct mlw_snapshot_row *snapshots;
	const struct mlw_checkpoint_head *rows;
	const uint64_t *wanted;
	size_t count;

	if (mlw_reader_snapshots(reader, &snapshots, &count, err) ||
	    load_checkpoints(reader, err))
		return -1;
	if (index >= count)
		return mlw_fail(err, "%s: has no such snapshot", reader->database.path);
	rows = reader->checkpoints.rows;
	wanted = reader->snapshot_checkpoints.rows;
	for (size_t i = 0; i < reader->checkpoints.count; i++)
		if (rows[i].id == wanted[index]) {
			*number = rows[i].number;
			return 0;
		}
	return mlw_reader_damaged(reader, "a snapshot without its state", err);
}

int mlw_reader_snapshot_heap(struct mlw_reader *reader, size_t index,
                             struct mlw_heap **heap, struct mlw_error *err)
{
	uint64_t number = 0;

	*heap = NULL;
	if (mlw_reader_snapshot_number(reader, index, &number, err))
		return -1;
	return mlw_reader_heap(reader, number, heap, err);
}
