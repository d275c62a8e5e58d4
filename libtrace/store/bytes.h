/* SPDX-License-Identifier: MIT */
#ifndef MLW_BYTES_H
#define MLW_BYTES_H

/*
 * Varints one after the other: appended to a buffer that grows, read back from bytes that
 * were unpacked (mlw_unpack). Neither fails in the middle: ask at the end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/varint.h"
#include "store/blob.h"

struct mlw_bytes {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	bool failed; /* without memory */
};

void mlw_bytes_release(struct mlw_bytes *bytes);
void mlw_bytes_clear(struct mlw_bytes *bytes); /* keeps the memory */
void mlw_bytes_grow(struct mlw_bytes *bytes);

static inline void mlw_bytes_put(struct mlw_bytes *bytes, uint64_t value)
{
	if (bytes->capacity - bytes->size < MLW_VARINT_MAX)
		mlw_bytes_grow(bytes);
	if (!bytes->failed)
		bytes->size = (size_t)(mlw_varint_put(bytes->bytes + bytes->size, value) -
		                       bytes->bytes);
}

struct mlw_byte_reader {
	const uint8_t *at;
	const uint8_t *end;
	bool failed; /* read more than there is */
};

static inline struct mlw_byte_reader mlw_byte_reader(const struct mlw_unpacked *unpacked)
{
	struct mlw_byte_reader reader = {
		.at = unpacked->bytes,
		.end = unpacked->bytes + unpacked->size,
	};

	return reader;
}

/* The next value; 0 from the first one on that is not there. */
static inline uint64_t mlw_bytes_get(struct mlw_byte_reader *reader)
{
	uint64_t value = 0;

	if (reader->at < reader->end)
		reader->at = mlw_varint_get(reader->at, &value);
	else
		reader->failed = true;
	if (reader->at > reader->end)
		reader->failed = true;
	return reader->failed ? 0 : value;
}

/* Goes over `count` values. */
static inline void mlw_bytes_skip(struct mlw_byte_reader *reader, uint64_t count)
{
	for (; count && reader->at < reader->end; count--)
		reader->at += mlw_varint_size(reader->at);
	if (count || reader->at > reader->end)
		reader->failed = true;
}

/* Was everything read, and nothing more? */
static inline bool mlw_bytes_done(const struct mlw_byte_reader *reader)
{
	return !reader->failed && reader->at == reader->end;
}

#endif /* MLW_BYTES_H */
