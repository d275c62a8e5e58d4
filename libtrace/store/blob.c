/* SPDX-License-Identifier: MIT */
#include "store/blob.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>
#include <zstd.h>

#include "base/array.h"

#define METHOD_STORED 0
#define METHOD_ZSTD   1

#define LEVEL       1
#define STORE_UP_TO 48u /* bytes that are not worth a zstd frame */

struct mlw_packer {
	ZSTD_CCtx *zstd;
	uint8_t *data;
	size_t capacity;
};

struct mlw_packer *mlw_packer_new(struct mlw_error *err)
{
	struct mlw_packer *packer = calloc(1, sizeof(*packer));

	if (!packer)
		mlw_fail(err, "out of memory for compression");
	return packer;
}

void mlw_packer_free(struct mlw_packer *packer)
{
	if (!packer)
		return;
	ZSTD_freeCCtx(packer->zstd);
	free(packer->data);
	free(packer);
}

/* A short recording may never need the context, which costs a tenth of a millisecond. */
static int need_zstd(struct mlw_packer *packer, struct mlw_error *err)
{
	if (!packer->zstd)
		packer->zstd = ZSTD_createCCtx();
	if (!packer->zstd)
		return mlw_fail(err, "out of memory for compression");
	return 0;
}

/* The compressed size, or 0 if storing is better. */
static size_t compress(struct mlw_packer *packer, const void *bytes, size_t size)
{
	size_t packed =
	        ZSTD_compressCCtx(packer->zstd, packer->data + MLW_BLOB_HEADER,
	                          packer->capacity - MLW_BLOB_HEADER, bytes, size, LEVEL);

	return ZSTD_isError(packed) || packed >= size ? 0 : packed;
}

int mlw_pack(struct mlw_packer *packer, const void *bytes, size_t size, uint64_t seed,
             const void **data, size_t *data_size, struct mlw_error *err)
{
	uint64_t sum = htole64(XXH3_64bits_withSeed(bytes, size, seed));
	uint32_t count = htole32((uint32_t)size);
	size_t packed = 0;

	if (size > UINT32_MAX)
		return mlw_fail(err, "a column of %zu bytes is too big", size);
	if (mlw_grow(&packer->data, &packer->capacity,
	             MLW_BLOB_HEADER + ZSTD_compressBound(size), 1, err))
		return -1;
	*data = packer->data;
	*data_size = 0;
	if (!size)
		return 0;
	if (size > STORE_UP_TO) {
		if (need_zstd(packer, err))
			return -1;
		packed = compress(packer, bytes, size);
	}
	packer->data[0] = packed ? METHOD_ZSTD : METHOD_STORED;
	memcpy(packer->data + 1, &sum, sizeof(sum));
	memcpy(packer->data + 9, &count, sizeof(count));
	if (!packed)
		memcpy(packer->data + MLW_BLOB_HEADER, bytes, size);
	*data_size = MLW_BLOB_HEADER + (packed ? packed : size);
	return 0;
}

void mlw_unpacked_release(struct mlw_unpacked *unpacked)
{
	free(unpacked->bytes);
	*unpacked = (struct mlw_unpacked){ 0 };
}

static int make_room(struct mlw_unpacked *unpacked, size_t size, struct mlw_error *err)
{
	if (mlw_grow(&unpacked->bytes, &unpacked->capacity, size + MLW_BLOB_SLACK, 1,
	             err))
		return -1;
	memset(unpacked->bytes + size, 0, MLW_BLOB_SLACK);
	unpacked->size = size;
	return 0;
}

static bool expand(struct mlw_unpacked *unpacked, int method, const uint8_t *bytes,
                   size_t size)
{
	if (method == METHOD_STORED && size == unpacked->size) {
		memcpy(unpacked->bytes, bytes, size);
		return true;
	}
	return method == METHOD_ZSTD && ZSTD_decompress(unpacked->bytes, unpacked->size,
	                                                bytes, size) == unpacked->size;
}

int mlw_unpack(struct mlw_unpacked *unpacked, const void *data, size_t data_size,
               uint64_t seed, size_t limit, struct mlw_error *err)
{
	const uint8_t *bytes = data;
	uint64_t sum;
	uint32_t size;

	if (!data_size)
		return make_room(unpacked, 0, err);
	if (data_size <= MLW_BLOB_HEADER)
		return mlw_fail(err, "a column is cut off");
	memcpy(&sum, bytes + 1, sizeof(sum));
	memcpy(&size, bytes + 9, sizeof(size));
	size = le32toh(size);
	if (!size || size > limit)
		return mlw_fail(err, "a column claims %u bytes", size);
	if (make_room(unpacked, size, err))
		return -1;
	if (!expand(unpacked, bytes[0], bytes + MLW_BLOB_HEADER,
	            data_size - MLW_BLOB_HEADER) ||
	    XXH3_64bits_withSeed(unpacked->bytes, size, seed) != le64toh(sum))
		return mlw_fail(err, "a checksum is wrong");
	return 0;
}

uint64_t mlw_blob_seed(unsigned table, unsigned column, uint64_t id, uint64_t count)
{
	return (uint64_t)(table << 8 | column) << 48 ^ id << 20 ^ count;
}
