/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/varint.h"
#include "sample.h"
#include "store/checkpoint.h"
#include "store/chunk.h"
#include "store/nodes.h"
#include "store/segment.h"

/*
 * Checksums do not help against somebody who can compute them. These tests hand wrong
 * bytes to the decoders themselves; that they come back at all, without a sanitizer's
 * report, is what is tested.
 */

Test(varint, values_of_all_lengths_come_back)
{
	uint8_t bytes[2 * MLW_VARINT_MAX];

	for (unsigned shift = 0; shift < 64; shift++)
		for (int off = -1; off <= 1; off++) {
			uint64_t in = (UINT64_C(1) << shift) + (uint64_t)(int64_t)off,
			         out;
			const uint8_t *end = mlw_varint_put(bytes, in);

			cr_assert_eq(mlw_varint_get(bytes, &out), end);
			cr_assert_eq(out, in);
		}
}

Test(varint, lengths_are_the_shortest)
{
	uint8_t bytes[MLW_VARINT_MAX];

	cr_assert_eq(mlw_varint_put(bytes, 127) - bytes, 1);
	cr_assert_eq(mlw_varint_put(bytes, 128) - bytes, 2);
	cr_assert_eq(mlw_varint_put(bytes, (UINT64_C(1) << 56) - 1) - bytes, 8);
	cr_assert_eq(mlw_varint_put(bytes, UINT64_C(1) << 56) - bytes, 9);
}

Test(varint, folding_keeps_small_numbers_small)
{
	static const int64_t values[] = { 0, -1, 1, -2, 2, INT64_MIN, INT64_MAX };

	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(mlw_unfold(mlw_fold(values[i])), values[i]);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(mlw_fold(values[i]), i);
}

static void set_bytes(struct mlw_unpacked *unpacked, const uint8_t *bytes, size_t size)
{
	free(unpacked->bytes);
	unpacked->bytes = calloc(1, size + MLW_BLOB_SLACK);
	unpacked->size = size;
	if (size)
		memcpy(unpacked->bytes, bytes, size);
}

static void load_columns(struct mlw_chunk_decoder *decoder,
                         const struct mlw_chunk_encoder *encoder)
{
	for (unsigned i = 0; i < MLW_COLUMNS; i++)
		set_bytes(&decoder->columns[i], encoder->start[i],
		          (size_t)(encoder->end[i] - encoder->start[i]));
}

/* Changes, cuts or lengthens one column. */
static void spoil(struct mlw_chunk_decoder *decoder, struct sample *sample)
{
	struct mlw_unpacked *column =
	        &decoder->columns[sample_random(sample, MLW_COLUMNS)];
	uint8_t longer[64];

	if (!column->size) {
		for (unsigned i = 0; i < sizeof(longer); i++)
			longer[i] = (uint8_t)sample_random(sample, 256);
		set_bytes(column, longer, sizeof(longer));
		return;
	}
	for (uint64_t i = 1 + sample_random(sample, 4); i; i--)
		column->bytes[sample_random(sample, column->size)] =
		        (uint8_t)sample_random(sample, 256);
	if (sample_random(sample, 3) == 0) {
		size_t size = sample_random(sample, column->size + 1);

		memset(column->bytes + size, 0, column->size - size);
		column->size = size;
	}
}

static bool decode_all(struct mlw_chunk_decoder *decoder,
                       const struct mlw_chunk_head *head, struct mlw_heap *heap)
{
	struct mlw_change change;
	struct mlw_error err;

	if (mlw_chunk_start(decoder, head, &err))
		return false;
	for (uint64_t i = 0; i < head->count; i++) {
		if (mlw_chunk_get(decoder, &change, &err))
			return false;
		if (!mlw_heap_accepts(heap, &change))
			return false;
		mlw_heap_apply(heap, &change);
	}
	return mlw_chunk_finish(decoder, &err) == 0;
}

Test(hostile, a_chunk_of_wrong_bytes_does_no_harm)
{
	struct mlw_chunk_encoder encoder;
	struct mlw_chunk_decoder decoder = { 0 };
	struct sample sample;
	struct mlw_error err;
	unsigned refused = 0;

	cr_assert_eq(mlw_chunk_encoder_init(&encoder, true, &err), 0);
	sample_init(&sample, 31, 600);
	for (unsigned i = 0; i < 600; i++) {
		struct mlw_change change = sample_next(&sample);

		mlw_chunk_add(&encoder, &change);
	}
	for (unsigned i = 0; i < 1500; i++) {
		struct mlw_heap *heap = sample_heap();

		load_columns(&decoder, &encoder);
		if (i)
			spoil(&decoder, &sample);
		if (decode_all(&decoder, &encoder.head, heap))
			cr_assert(mlw_heap_check(heap, &err), "%s", err.text);
		else
			refused++;
		cr_assert(i || !refused, "the chunk itself is fine");
		mlw_heap_free(heap);
	}
	cr_assert_gt(refused, 500);
	mlw_chunk_decoder_release(&decoder);
	mlw_chunk_encoder_release(&encoder);
	sample_release(&sample);
}

Test(hostile, a_checkpoint_of_wrong_bytes_does_no_harm)
{
	struct mlw_checkpoint_head head = { 0 };
	struct mlw_unpacked unpacked = { 0 };
	struct mlw_bytes bytes = { 0 };
	struct sample sample;
	struct mlw_error err;
	unsigned refused = 0;

	sample_init(&sample, 32, 2000);
	for (unsigned i = 0; i < 2000; i++)
		sample_next(&sample);
	cr_assert_eq(mlw_checkpoint_encode(sample.heap, &head, &bytes, &err), 0);
	for (unsigned i = 0; i < 2000; i++) {
		struct mlw_heap *heap = sample_heap();

		set_bytes(&unpacked, bytes.bytes, bytes.size);
		if (i)
			unpacked.bytes[sample_random(&sample, bytes.size)] ^=
			        (uint8_t)(1 + sample_random(&sample, 255));
		refused += mlw_checkpoint_decode(heap, &head, &unpacked, &err) != 0;
		cr_assert(i || !refused, "%s", err.text);
		mlw_heap_free(heap);
	}
	cr_assert_gt(refused, 500);
	mlw_unpacked_release(&unpacked);
	mlw_bytes_release(&bytes);
	sample_release(&sample);
}

static void check_nodes(const struct mlw_unpacked *unpacked)
{
	struct mlw_nodes nodes = { 0 };
	struct mlw_error err;
	bool sound;

	cr_assert_eq(mlw_nodes_decode(unpacked, &nodes, 100, 50, &sound, &err), 0);
	for (uint32_t id = 1; sound && id <= 100; id++)
		cr_assert_lt(mlw_nodes_parent(&nodes, id), id);
	mlw_nodes_release(&nodes);
}

Test(hostile, a_segment_of_random_bytes_does_no_harm)
{
	struct mlw_unpacked unpacked = { 0 };
	struct mlw_trace_row traces[100];
	struct mlw_live_row live[100];
	struct mlw_frame_row frames[100];
	struct sample sample;
	uint8_t bytes[600];

	sample_init(&sample, 33, 1);
	for (unsigned i = 0; i < 5000; i++) {
		size_t size = sample_random(&sample, sizeof(bytes));

		for (size_t k = 0; k < size; k++)
			bytes[k] = (uint8_t)(sample_random(&sample, 256) |
			                     sample_random(&sample, 2));
		set_bytes(&unpacked, bytes, size);
		mlw_frames_decode(&unpacked, frames, 100);
		mlw_traces_decode(&unpacked, traces, 100);
		mlw_live_decode(&unpacked, live, 100);
		check_nodes(&unpacked);
	}
	mlw_unpacked_release(&unpacked);
	sample_release(&sample);
}
