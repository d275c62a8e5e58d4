/* SPDX-License-Identifier: MIT */
#ifndef MLW_SLAB_H
#define MLW_SLAB_H

/*
 * Where the blocks of a table are: records of 32 bytes that never move while there are
 * many, named by an index. What was given back last is given out first, while it is still
 * in the cache.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/blocks.h"

struct mlw_record {
	uint64_t key; /* the address, inverted; 0: nothing here */
	uint64_t size;
	uint64_t ordinal_time; /* ordinal: 48 bits, then the low 16 of the time */
	uint32_t time_high;
	uint32_t trace;
};

_Static_assert(sizeof(struct mlw_record) == 32, "two records are one cache line");

#define MLW_SLAB_BITS    16u
#define MLW_SLAB_RECORDS (1u << MLW_SLAB_BITS) /* of a slab: one huge page */

struct mlw_slabs {
	struct mlw_record **slabs; /* only the first may be smaller: it grows */
	size_t slab_count, slab_capacity;
	uint32_t first_capacity; /* records in the first slab */
	uint32_t used; /* indices given out so far */
	uint32_t free; /* index + 1 of what was given back last, 0 nothing */
};

void mlw_slabs_release(struct mlw_slabs *slabs);

/* An index for a new record, which the caller fills. UINT32_MAX is never one. */
int mlw_slabs_take(struct mlw_slabs *slabs, uint32_t *index, struct mlw_error *err);

size_t mlw_slabs_memory(const struct mlw_slabs *slabs);

static inline struct mlw_record *mlw_record(const struct mlw_slabs *slabs, uint32_t index)
{
	return &slabs->slabs[index >> MLW_SLAB_BITS][index & (MLW_SLAB_RECORDS - 1)];
}

static inline void mlw_slabs_give(struct mlw_slabs *slabs, uint32_t index)
{
	struct mlw_record *record = mlw_record(slabs, index);

	record->key = 0;
	record->size = slabs->free;
	slabs->free = index + 1;
}

#define MLW_BITS_48 ((UINT64_C(1) << 48) - 1)

static inline void mlw_record_pack(struct mlw_record *record,
                                   const struct mlw_block *block)
{
	record->key = ~block->address;
	record->size = block->size;
	record->ordinal_time =
	        (block->ordinal & MLW_BITS_48) << 16 | (block->time_us & 0xffff);
	record->time_high = (uint32_t)(block->time_us >> 16);
	record->trace = block->trace;
}

static inline void mlw_record_unpack(const struct mlw_record *record,
                                     struct mlw_block *block)
{
	block->address = ~record->key;
	block->size = record->size;
	block->ordinal = record->ordinal_time >> 16;
	block->time_us =
	        (uint64_t)record->time_high << 16 | (record->ordinal_time & 0xffff);
	block->trace = record->trace;
}

#endif /* MLW_SLAB_H */
