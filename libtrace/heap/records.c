/* SPDX-License-Identifier: MIT */
#include "heap/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/table_memory.h"

#define FIRST_CAPACITY 64u
#define FIRST_LIMIT    16384u /* a first slab of no more is moved to grow */

const uint8_t mlw_record_capacity[MLW_RECORD_CLASSES] = { 1,  2,  3,  4,  6,  8,  10, 12,
	                                                  14, 16, 20, 24, 32, 48, 64 };

uint8_t mlw_record_class(uint32_t count)
{
	uint8_t class = 0;

	while (mlw_record_capacity[class] < count)
		class ++;
	return class;
}

static size_t size_of(const struct mlw_records *records, size_t slab)
{
	return (slab ? MLW_SLAB_RECORDS : records->first_capacity) *
	       sizeof(struct mlw_record);
}

void mlw_records_release(struct mlw_records *records)
{
	for (size_t i = 0; i < records->slab_count; i++)
		mlw_table_free(records->slabs[i], size_of(records, i));
	free(records->slabs);
	*records = (struct mlw_records){ 0 };
}

static int no_memory(struct mlw_error *err)
{
	return mlw_fail(err, "out of memory for live blocks");
}

/* Doubles it while it is small; a whole slab becomes memory only as it is used. */
static int grow_first(struct mlw_records *records, struct mlw_error *err)
{
	uint32_t capacity =
	        records->first_capacity ? records->first_capacity * 2 : FIRST_CAPACITY;
	struct mlw_record *slab;

	if (capacity > FIRST_LIMIT)
		capacity = MLW_SLAB_RECORDS;
	slab = mlw_table_alloc(capacity * sizeof(*slab));
	if (!slab)
		return no_memory(err);
	if (records->slab_count) {
		memcpy(slab, records->slabs[0], size_of(records, 0));
		mlw_table_free(records->slabs[0], size_of(records, 0));
	}
	records->slabs[0] = slab;
	records->slab_count = 1;
	records->first_capacity = capacity;
	return 0;
}

static int add_slab(struct mlw_records *records, struct mlw_error *err)
{
	struct mlw_record *slab;

	if (mlw_grow(&records->slabs, &records->slab_capacity, records->slab_count + 1,
	             sizeof(struct mlw_record *), err))
		return -1;
	if (records->first_capacity < MLW_SLAB_RECORDS)
		return grow_first(records, err);
	if (records->slab_count >= UINT32_MAX >> MLW_SLAB_BITS)
		return mlw_fail(err, "too many live blocks");
	slab = mlw_table_alloc(MLW_SLAB_RECORDS * sizeof(*slab));
	if (!slab)
		return no_memory(err);
	records->slabs[records->slab_count++] = slab;
	return 0;
}

static size_t room(const struct mlw_records *records)
{
	return records->slab_count < 2 ? records->first_capacity
	                               : records->slab_count << MLW_SLAB_BITS;
}

/* An array does not go over the end of a slab: what is left there is given back as far
 * as it makes arrays. */
static void use_up(struct mlw_records *records, uint32_t left)
{
	while (left) {
		uint8_t class = MLW_RECORD_CLASSES - 1;

		while (mlw_record_capacity[class] > left)
			class --;
		mlw_records_give(records, class, records->used);
		records->used += mlw_record_capacity[class];
		left -= mlw_record_capacity[class];
	}
}

int mlw_records_take(struct mlw_records *records, uint8_t class, uint32_t *index,
                     struct mlw_error *err)
{
	uint32_t count = mlw_record_capacity[class];

	if (records->free[class]) {
		*index = records->free[class] - 1;
		records->free[class] = (uint32_t)mlw_record(records, *index)->size;
		return 0;
	}
	while (records->used + count > room(records)) {
		if (records->slab_count && records->first_capacity == MLW_SLAB_RECORDS)
			use_up(records, (uint32_t)room(records) - records->used);
		if (add_slab(records, err))
			return -1;
	}
	*index = records->used;
	records->used += count;
	return 0;
}

size_t mlw_records_memory(const struct mlw_records *records)
{
	/* The last slab is memory only as far as it was used. */
	return records->used * sizeof(struct mlw_record) +
	       records->slab_capacity * sizeof(struct mlw_record *);
}
