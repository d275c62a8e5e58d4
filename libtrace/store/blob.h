/* SPDX-License-Identifier: MIT */
#ifndef MLW_BLOB_H
#define MLW_BLOB_H

/*
 * How bytes stand in a column of the file: compressed where that helps, and with a
 * checksum that also covers where they belong, so that a blob in the wrong place is
 * noticed.
 *
 *	0	method: 0 stored, 1 one zstd frame
 *	1	XXH3_64bits of the bytes, seeded with `seed`, little endian
 *	9	number of bytes, as 4 bytes, little endian
 *	13	the bytes
 *
 * No bytes at all are an empty blob.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MLW_BLOB_HEADER 13u
#define MLW_BLOB_SLACK  32u /* readable bytes behind what is unpacked, for varints */

struct mlw_packer; /* what compressing needs, kept from one blob to the next */

struct mlw_packer *mlw_packer_new(struct mlw_error *err);
void mlw_packer_free(struct mlw_packer *packer);

/* Packs `size` bytes. *data is the packer's and valid until its next call. */
int mlw_pack(struct mlw_packer *packer, const void *bytes, size_t size, uint64_t seed,
             const void **data, size_t *data_size, struct mlw_error *err);

/* Buffer that unpacking grows as needed; zeroed at first. */
struct mlw_unpacked {
	uint8_t *bytes; /* MLW_BLOB_SLACK zero bytes follow the last one */
	size_t size;
	size_t capacity;
};

void mlw_unpacked_release(struct mlw_unpacked *unpacked);

/* Fails on a blob that is damaged, or of more than `limit` bytes, with a sentence that
 * does not name the file. */
int mlw_unpack(struct mlw_unpacked *unpacked, const void *data, size_t data_size,
               uint64_t seed, size_t limit, struct mlw_error *err);

/* The seed of the blob in `column` of row `id` of `table`, which holds `count` things. */
uint64_t mlw_blob_seed(unsigned table, unsigned column, uint64_t id, uint64_t count);

#endif /* MLW_BLOB_H */
