/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORDS_H
#define MLW_RECORDS_H

/*
 * Where the blocks of a table are: arrays of records of 24 bytes that lie in slabs, named
 * by an index. An array that was given back last is given out first, while it is still in
 * the cache.
 *
 *	capacity = mlw_records_capacity(class);
 *	mlw_records_take(&records, class, &index, err);
 *	mlw_record(&records, index)[i], i < capacity
 *	mlw_records_give(&records, class, index);
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "heap/blocks.h"

/* A block but for its address. */
struct mlw_record {
	uint64_t size;
	uint64_t ordinal_time; /* ordinal: 48 bits, then the low 16 of the time */
	uint32_t time_high;
	uint32_t trace;
};

_Static_assert(sizeof(struct mlw_record) == 24, "three records are 72 bytes");

#define MLW_RECORD_CLASSES 15u

#define MLW_SLAB_BITS    18u
#define MLW_SLAB_RECORDS (1u << MLW_SLAB_BITS) /* of a slab: three huge pages */

struct mlw_records {
	struct mlw_record **slabs; /* only the first may be smaller: it grows */
	size_t slab_count, slab_capacity;
	uint32_t first_capacity; /* records in the first slab */
	uint32_t used; /* records given out so far */
	uint32_t free[MLW_RECORD_CLASSES]; /* index + 1 of the array of that class that
	                                      was given back last, 0 nothing */
};

/* Zeroed is ready for use. */
void mlw_records_release(struct mlw_records *records);

/* How many records an array of the class has: from 1 on, up to 64. */
extern const uint8_t mlw_record_capacity[MLW_RECORD_CLASSES];

/* The smallest class of at least `count` records, which is 1 to 64. */
uint8_t mlw_record_class(uint32_t count);

/* The index of an array that is the caller's now, not cleared. */
int mlw_records_take(struct mlw_records *records, uint8_t class, uint32_t *index,
                     struct mlw_error *err);

size_t mlw_records_memory(const struct mlw_records *records);

static inline struct mlw_record *mlw_record(const struct mlw_records *records,
                                            uint32_t index)
{
	return &records->slabs[index >> MLW_SLAB_BITS][index & (MLW_SLAB_RECORDS - 1)];
}

static inline void mlw_records_give(struct mlw_records *records, uint8_t class,
                                    uint32_t index)
{
	mlw_record(records, index)->size = records->free[class];
	records->free[class] = index + 1;
}

#define MLW_BITS_48 ((UINT64_C(1) << 48) - 1)

static inline void mlw_record_pack(struct mlw_record *record,
                                   const struct mlw_block *block)
{
	record->size = block->size;
	record->ordinal_time =
	        (block->ordinal & MLW_BITS_48) << 16 | (block->time_us & 0xffff);
	record->time_high = (uint32_t)(block->time_us >> 16);
	record->trace = block->trace;
}

static inline void mlw_record_unpack(const struct mlw_record *record, uint64_t address,
                                     struct mlw_block *block)
{
	block->address = address;
	block->size = record->size;
	block->ordinal = record->ordinal_time >> 16;
	block->time_us =
	        (uint64_t)record->time_high << 16 | (record->ordinal_time & 0xffff);
	block->trace = record->trace;
}

#endif /* MLW_RECORDS_H */
