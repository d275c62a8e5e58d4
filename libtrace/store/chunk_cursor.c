/* SPDX-License-Identifier: MIT */
#include "store/chunk_cursor.h"

#include "store/reader_state.h"

int mlw_chunk_cursor_open(struct mlw_chunk_cursor *cursor, struct mlw_reader *reader,
                          size_t index, struct mlw_error *err)
{
	cursor->reader = reader;
	if (mlw_reader_load_ids(reader, err) ||
	    mlw_reader_open_chunk(reader, index, &cursor->decoder, err))
		return -1;
	cursor->number = cursor->decoder.head.first - 1;
	return 0;
}

static int finish(struct mlw_chunk_cursor *cursor, struct mlw_error *err)
{
	return mlw_chunk_finish(&cursor->decoder, err)
	               ? mlw_database_blame(&cursor->reader->database, err)
	               : 0;
}

int mlw_chunk_cursor_next(struct mlw_chunk_cursor *cursor, struct mlw_error *err)
{
	struct mlw_chunk_decoder *decoder = &cursor->decoder;

	if (decoder->number == decoder->head.count)
		return finish(cursor, err);
	if (mlw_chunk_get(decoder, &cursor->change, err))
		return mlw_database_blame(&cursor->reader->database, err);
	if (!mlw_reader_knows(cursor->reader, &cursor->change))
		return mlw_reader_damaged(cursor->reader, "a change of unknown ids", err);
	cursor->number++;
	return 1;
}

void mlw_chunk_cursor_release(struct mlw_chunk_cursor *cursor)
{
	mlw_chunk_decoder_release(&cursor->decoder);
	*cursor = (struct mlw_chunk_cursor){ 0 };
}
