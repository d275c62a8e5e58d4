/* SPDX-License-Identifier: MIT */
#include "store/reader.h"

#include <stdlib.h>

#include "base/array.h"
#include "store/reader_state.h"

int mlw_reader_open(struct mlw_reader **reader, const char *path, struct mlw_error *err)
{
	struct mlw_reader *made = calloc(1, sizeof(*made));

	*reader = NULL;
	if (!made)
		return mlw_fail(err, "%s: out of memory", path);
	if (mlw_database_open(&made->database, path, err)) {
		free(made);
		return -1;
	}
	*reader = made;
	return 0;
}

void mlw_reader_close(struct mlw_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->owned_count; i++)
		free(reader->owned[i]);
	free(reader->owned);
	free(reader->processes.rows);
	free(reader->threads.rows);
	free(reader->modules.rows);
	free(reader->names.rows);
	free(reader->metadata.rows);
	free(reader->pools.rows);
	free(reader->strings.rows);
	free(reader->locations.rows);
	free(reader->snapshots.rows);
	free(reader->snapshot_checkpoints.rows);
	free(reader->timeline.rows);
	free(reader->segments.rows);
	free(reader->frames.rows);
	mlw_nodes_release(&reader->nodes);
	free(reader->traces.rows);
	free(reader->first_location.rows);
	free(reader->checkpoints.rows);
	free(reader->chunks.rows);
	mlw_database_close(&reader->database);
	free(reader);
}

const char *mlw_reader_path(const struct mlw_reader *reader)
{
	return reader->database.path;
}

void *mlw_rows_next(struct mlw_rows *rows, size_t size, struct mlw_error *err)
{
	if (mlw_grow(&rows->rows, &rows->capacity, rows->count + 1, size, err))
		return NULL;
	return (char *)rows->rows + rows->count * size;
}

int mlw_reader_damaged(const struct mlw_reader *reader, const char *what,
                       struct mlw_error *err)
{
	return mlw_fail(err, "%s: the file is damaged (%s)", reader->database.path, what);
}
