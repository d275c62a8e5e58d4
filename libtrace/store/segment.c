/* SPDX-License-Identifier: MIT */
#include "store/segment.h"

size_t mlw_segment_limit(enum mlw_segment kind, size_t count)
{
	static const unsigned columns[] = {
		[MLW_SEGMENT_FRAMES] = 2,
		[MLW_SEGMENT_NODES] = 3,
		[MLW_SEGMENT_TRACES] = 5,
		[MLW_SEGMENT_LIVE] = 6,
	};

	return (count * columns[kind] + 1) * MLW_VARINT_MAX;
}

static void put_step(struct mlw_bytes *bytes, uint64_t value, uint64_t *last)
{
	mlw_bytes_put(bytes, mlw_fold((int64_t)(value - *last)));
	*last = value;
}

static uint64_t get_step(struct mlw_byte_reader *reader, uint64_t *last)
{
	*last += (uint64_t)mlw_unfold(mlw_bytes_get(reader));
	return *last;
}

/* The same for a value of 32 bits; a bigger one makes the reader fail. */
static uint32_t get_step32(struct mlw_byte_reader *reader, uint64_t *last)
{
	if (get_step(reader, last) > UINT32_MAX)
		reader->failed = true;
	return (uint32_t)*last;
}

static uint32_t get32(struct mlw_byte_reader *reader)
{
	uint64_t value = mlw_bytes_get(reader);

	if (value > UINT32_MAX)
		reader->failed = true;
	return (uint32_t)value;
}

void mlw_frames_encode(const struct mlw_frame_row *rows, size_t count,
                       struct mlw_bytes *bytes)
{
	uint64_t module = 0, offset = 0;

	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].module, &module);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].offset, &offset);
}

bool mlw_frames_decode(const struct mlw_unpacked *unpacked, struct mlw_frame_row *rows,
                       size_t count)
{
	struct mlw_byte_reader reader = mlw_byte_reader(unpacked);
	uint64_t module = 0, offset = 0;

	for (size_t i = 0; i < count; i++)
		rows[i].module = get_step32(&reader, &module);
	for (size_t i = 0; i < count; i++)
		rows[i].offset = get_step(&reader, &offset);
	return mlw_bytes_done(&reader);
}

void mlw_traces_encode(const struct mlw_trace_row *rows, size_t count,
                       struct mlw_bytes *bytes)
{
	uint64_t node = 0, thread = 0;

	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].node, &node);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].thread, &thread);
	for (size_t i = 0; i < count; i++)
		mlw_bytes_put(bytes, rows[i].domain);
	for (size_t i = 0; i < count; i++)
		mlw_bytes_put(bytes, rows[i].scope);
	for (size_t i = 0; i < count; i++)
		mlw_bytes_put(bytes, rows[i].flags);
}

bool mlw_traces_decode(const struct mlw_unpacked *unpacked, struct mlw_trace_row *rows,
                       size_t count)
{
	struct mlw_byte_reader reader = mlw_byte_reader(unpacked);
	uint64_t node = 0, thread = 0;

	for (size_t i = 0; i < count; i++)
		rows[i].node = get_step32(&reader, &node);
	for (size_t i = 0; i < count; i++)
		rows[i].thread = get_step32(&reader, &thread);
	for (size_t i = 0; i < count; i++)
		rows[i].domain = get32(&reader);
	for (size_t i = 0; i < count; i++)
		rows[i].scope = get32(&reader);
	for (size_t i = 0; i < count; i++)
		rows[i].flags = get32(&reader);
	return mlw_bytes_done(&reader);
}

void mlw_live_encode(const struct mlw_live_row *rows, size_t count,
                     struct mlw_bytes *bytes)
{
	uint64_t process = 0, address = 0, ordinal = 0, time = 0, trace = 0;

	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].process, &process);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].block.address, &address);
	for (size_t i = 0; i < count; i++)
		mlw_bytes_put(bytes, rows[i].block.size);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].block.ordinal, &ordinal);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].block.time_us, &time);
	for (size_t i = 0; i < count; i++)
		put_step(bytes, rows[i].block.trace, &trace);
}

bool mlw_live_decode(const struct mlw_unpacked *unpacked, struct mlw_live_row *rows,
                     size_t count)
{
	struct mlw_byte_reader reader = mlw_byte_reader(unpacked);
	uint64_t process = 0, address = 0, ordinal = 0, time = 0, trace = 0;

	for (size_t i = 0; i < count; i++)
		rows[i].process = get_step32(&reader, &process);
	for (size_t i = 0; i < count; i++)
		rows[i].block.address = get_step(&reader, &address);
	for (size_t i = 0; i < count; i++)
		rows[i].block.size = mlw_bytes_get(&reader);
	for (size_t i = 0; i < count; i++)
		rows[i].block.ordinal = get_step(&reader, &ordinal);
	for (size_t i = 0; i < count; i++)
		rows[i].block.time_us = get_step(&reader, &time);
	for (size_t i = 0; i < count; i++)
		rows[i].block.trace = get_step32(&reader, &trace);
	return mlw_bytes_done(&reader);
}
