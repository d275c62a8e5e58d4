/* SPDX-License-Identifier: MIT */
#include "store/writer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/alive.h"
#include "store/create.h"
#include "store/publish.h"
#include "store/writer_state.h"

/*
 * Durability. A commit only appends to the log, whose frames have checksums: it needs no
 * fsync, and what a dying machine had not written yet is missing at the end. Moving the
 * log into the file does need it, first of the log, then of the file (`synchronous`
 * NORMAL), so that the file is consistent at every moment. Only a recording that is over
 * within SHORT_RUN_NS and never left its log is closed without syncing: two fsyncs would
 * cost it more than all the rest, and a machine that dies in the seconds until the kernel
 * writes them costs only a run that short.
 */
#define SHORT_RUN_NS INT64_C(1000000000)
#define LOG_LIMIT    (16u << 20) /* bytes; then it is moved into the file */

/* How long a reader may keep the file from becoming a single one: 3 seconds. */
#define READER_PAUSE_NS 20000000
#define READER_PAUSES   150

#define KEPT_FREE_MOST (UINT64_C(16) << 20)
#define CHUNK_LEAST    1024u

int mlw_writer_fail(struct mlw_writer *writer, struct mlw_error *err)
{
	if (!writer->failed)
		writer->failure = *err;
	writer->failed = true;
	writer->keeps_changes = false;
	*err = writer->failure;
	return -1;
}

int mlw_writer_sql_fail(struct mlw_writer *writer, struct mlw_error *err)
{
	mlw_sql_fail(writer->db, writer->path, err);
	return mlw_writer_fail(writer, err);
}

static int sql(struct mlw_writer *writer, const char *text, struct mlw_error *err)
{
	if (sqlite3_exec(writer->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return mlw_writer_sql_fail(writer, err);
	return 0;
}

int mlw_writer_begin(struct mlw_writer *writer, struct mlw_error *err)
{
	if (writer->failed)
		return mlw_writer_fail(writer, err);
	if (writer->in_transaction)
		return 0;
	if (sql(writer, "BEGIN", err))
		return -1;
	writer->in_transaction = true;
	return 0;
}

int mlw_writer_begin_row(struct mlw_writer *writer, enum mlw_table table,
                         struct mlw_row_writer *row, struct mlw_error *err)
{
	if (mlw_writer_begin(writer, err))
		return -1;
	if (!writer->insert[table])
		writer->insert[table] = mlw_sql_insert(writer->db, table);
	if (!writer->insert[table])
		return mlw_writer_sql_fail(writer, err);
	*row = mlw_row_writer(writer->insert[table], table);
	return 0;
}

int mlw_writer_step(struct mlw_writer *writer, sqlite3_stmt *statement,
                    struct mlw_error *err)
{
	int code = sqlite3_step(statement);

	if (code != SQLITE_DONE)
		mlw_writer_sql_fail(writer, err);
	sqlite3_reset(statement);
	return code == SQLITE_DONE ? 0 : -1;
}

int mlw_writer_end_row(struct mlw_writer *writer, enum mlw_table table,
                       const struct mlw_row_writer *row, struct mlw_error *err)
{
	if (mlw_writer_step(writer, row->statement, err))
		return -1;
	writer->digests[table].sum += row->sum;
	writer->digests[table].rows++;
	writer->touched[table] = true;
	return 0;
}

static uint64_t pragma(const struct mlw_writer *writer, const char *text)
{
	sqlite3_stmt *statement = NULL;
	uint64_t value = 0;

	if (sqlite3_prepare_v2(writer->db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static uint64_t kept_free(uint64_t max_size)
{
	return max_size / 8 < KEPT_FREE_MOST ? max_size / 8 : KEPT_FREE_MOST;
}

bool mlw_writer_is_full(const struct mlw_writer *writer)
{
	uint64_t max_size = writer->options.max_size;

	return max_size && !writer->events_stopped &&
	       pragma(writer, "PRAGMA page_count") * pragma(writer, "PRAGMA page_size") >=
	               max_size - kept_free(max_size);
}

/* A small file is not to grow far beyond its limit by one chunk. */
static uint64_t chunk_changes(uint64_t max_size)
{
	uint64_t part = max_size / 64;

	if (!max_size || part > MLW_CHUNK_CHANGES)
		return MLW_CHUNK_CHANGES;
	return part > CHUNK_LEAST ? part : CHUNK_LEAST;
}

/* Without its database; NULL without memory. */
static struct mlw_writer *make(const char *path, const struct mlw_writer_options *options,
                               struct mlw_error *err)
{
	struct mlw_writer *made = calloc(1, sizeof(*made));

	if (!made) {
		mlw_fail(err, "%s: out of memory", path);
		return NULL;
	}
	made->options = *options;
	made->keeps_changes = options->keep_events;
	made->chunk_changes = chunk_changes(options->max_size);
	made->alive = -1;
	clock_gettime(CLOCK_MONOTONIC, &made->created);
	made->path = strdup(path);
	made->packer = mlw_packer_new(err);
	if (!made->path)
		mlw_fail(err, "%s: out of memory", path);
	if (made->path && made->packer &&
	    !mlw_chunk_encoder_init(&made->chunk, options->keep_addresses, err))
		return made;
	mlw_writer_release(made);
	return NULL;
}

int mlw_writer_create(struct mlw_writer **writer, const char *path,
                      const struct mlw_writer_options *options, struct mlw_error *err)
{
	*writer = make(path, options, err);
	if (!*writer)
		return -1;
	if (!mlw_store_create(&(*writer)->db, path, options->replace, err))
		return 0;
	mlw_writer_release(*writer);
	*writer = NULL;
	return -1;
}

int mlw_writer_create_unpublished(struct mlw_writer **writer, const char *path,
                                  const struct mlw_writer_options *options,
                                  struct mlw_error *err)
{
	*writer = make(path, options, err);
	if (!*writer)
		return -1;
	if (!mlw_store_create_memory(&(*writer)->db, path, err))
		return 0;
	mlw_writer_release(*writer);
	*writer = NULL;
	return -1;
}

static int write_digests(struct mlw_writer *writer, struct mlw_error *err)
{
	sqlite3_stmt *statement = NULL;
	int result = 0;

	if (sqlite3_prepare_v2(writer->db,
	                       "INSERT OR REPLACE INTO digest (id, name, rows, sum) "
	                       "VALUES (?1, ?2, ?3, ?4)",
	                       -1, &statement, NULL) != SQLITE_OK)
		return mlw_writer_sql_fail(writer, err);
	for (int i = 0; i < MLW_TABLES && !result; i++) {
		if (!writer->touched[i])
			continue;
		sqlite3_bind_int64(statement, 1, i);
		sqlite3_bind_text(statement, 2, mlw_tables[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 3, (int64_t)writer->digests[i].rows);
		sqlite3_bind_int64(statement, 4, (int64_t)writer->digests[i].sum);
		result = mlw_writer_step(writer, statement, err);
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
	if (sql(writer, "PRAGMA synchronous = NORMAL", err))
		return -1;
	if (sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
	                              &in_log, &moved) != SQLITE_OK)
		return mlw_writer_sql_fail(writer, err);
	return 0;
}

int mlw_writer_commit(struct mlw_writer *writer, const struct mlw_heap *heap,
                      struct mlw_error *err)
{
	if (writer->failed)
		return mlw_writer_fail(writer, err);
	if (mlw_writer_flush(writer, err))
		return -1;
	if (mlw_writer_is_due(writer, heap) &&
	    mlw_writer_need_checkpoint(writer, heap, err))
		return -1;
	if (end_transaction(writer, err))
		return -1;
	if (writer->alive < 0)
		writer->alive = mlw_alive_hold(writer->path);
	return shorten_log(writer, err);
}

size_t mlw_writer_pending(const struct mlw_writer *writer)
{
	size_t rows = writer->frames.count + writer->nodes.count + writer->traces.count +
	              writer->live.count;

	/* About what compression will make of them. */
	return writer->uncommitted + rows * 4 + mlw_chunk_size(&writer->chunk) / 4;
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

static int try_end_log(struct mlw_writer *writer)
{
	return sqlite3_exec(writer->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
}

/*
 * One single file again. Who is reading it at this moment keeps it from that, and is
 * waited for; if it takes too long, the file is as whole with its log beside it, as far
 * as that could not be moved.
 */
static int end_log(struct mlw_writer *writer, struct mlw_error *err)
{
	const struct timespec pause = { .tv_nsec = READER_PAUSE_NS };
	int code = try_end_log(writer);

	for (int i = 0; code == SQLITE_BUSY && i < READER_PAUSES; i++) {
		nanosleep(&pause, NULL);
		code = try_end_log(writer);
	}
	if (code == SQLITE_OK)
		return 0;
	if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
		return mlw_writer_sql_fail(writer, err);
	sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
	                          NULL);
	return 0;
}

/* The statements must be gone for SQLite to leave the log. */
static int leave_log(struct mlw_writer *writer, struct mlw_error *err)
{
	for (int i = 0; i < MLW_TABLES; i++) {
		sqlite3_finalize(writer->insert[i]);
		writer->insert[i] = NULL;
	}
	if (!is_short(writer) && sql(writer, "PRAGMA synchronous = NORMAL", err))
		return -1;
	return end_log(writer, err);
}

/* A model that was not driven by changes is one in which every block was allocated. */
static void count_blocks(struct mlw_writer *writer, const struct mlw_heap *heap)
{
	writer->changes = mlw_heap_last_ordinal(heap);
	writer->chunk.state.ordinal = writer->changes;
}

/* Writes what is still to be written. */
static int finish(struct mlw_writer *writer, const struct mlw_heap *heap,
                  const struct mlw_run_row *run, struct mlw_error *err)
{
	struct mlw_run_row closed = *run;

	closed.closed = !run->saved || run->closed;
	if (writer->failed)
		return mlw_writer_fail(writer, err);
	if (mlw_writer_flush(writer, err) ||
	    mlw_writer_need_checkpoint(writer, heap, err) ||
	    mlw_writer_run(writer, &closed, err))
		return -1;
	return end_transaction(writer, err);
}

int mlw_writer_close(struct mlw_writer *writer, const struct mlw_heap *heap,
                     const struct mlw_run_row *run, struct mlw_error *err)
{
	int result = finish(writer, heap, run, err);

	if (!result)
		result = leave_log(writer, err);
	mlw_writer_release(writer);
	return result;
}

static int publish(struct mlw_writer *writer, struct mlw_error *err)
{
	sqlite3_int64 size = 0;
	unsigned char *bytes = sqlite3_serialize(writer->db, "main", &size, 0);
	int result;

	if (!bytes)
		return mlw_fail(err, "%s: out of memory", writer->path);
	result = mlw_store_publish(writer->path, bytes, (size_t)size,
	                           writer->options.replace, err);
	sqlite3_free(bytes);
	return result;
}

int mlw_writer_publish(struct mlw_writer *writer, const struct mlw_heap *heap,
                       const struct mlw_run_row *run, struct mlw_error *err)
{
	int result;

	count_blocks(writer, heap);
	result = finish(writer, heap, run, err);
	if (!result)
		result = publish(writer, err);
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
	if (writer->alive >= 0)
		close(writer->alive);
	free(writer->frames.rows);
	free(writer->nodes.rows);
	free(writer->runs);
	free(writer->traces.rows);
	free(writer->live.rows);
	mlw_strings_release(&writer->strings);
	mlw_chunk_encoder_release(&writer->chunk);
	mlw_packer_free(writer->packer);
	mlw_bytes_release(&writer->scratch);
	free(writer->path);
	free(writer);
}
