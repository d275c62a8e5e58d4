/* SPDX-License-Identifier: MIT */
#include "heap/slab.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/table_memory.h"

#define FIRST_CAPACITY 32u

static size_t size_of(const struct mlw_slabs *slabs, size_t slab)
{
	return (slab ? MLW_SLAB_RECORDS : slabs->first_capacity) *
	       sizeof(struct mlw_record);
}

void mlw_slabs_release(struct mlw_slabs *slabs)
{
	for (size_t i = 0; i < slabs->slab_count; i++)
		mlw_table_free(slabs->slabs[i], size_of(slabs, i));
	free(slabs->slabs);
	*slabs = (struct mlw_slabs){ 0 };
}

static int no_memory(struct mlw_error *err)
{
	return mlw_fail(err, "out of memory for live blocks");
}

static int grow_first(struct mlw_slabs *slabs, struct mlw_error *err)
{
	uint32_t capacity =
	        slabs->first_capacity ? slabs->first_capacity * 2 : FIRST_CAPACITY;
	struct mlw_record *records = mlw_table_alloc(capacity * sizeof(*records));

	if (!records)
		return no_memory(err);
	if (slabs->slab_count) {
		memcpy(records, slabs->slabs[0], size_of(slabs, 0));
		mlw_table_free(slabs->slabs[0], size_of(slabs, 0));
	}
	slabs->slabs[0] = records;
	slabs->slab_count = 1;
	slabs->first_capacity = capacity;
	return 0;
}

static int add_slab(struct mlw_slabs *slabs, struct mlw_error *err)
{
	struct mlw_record *records;

	if (mlw_grow(&slabs->slabs, &slabs->slab_capacity, slabs->slab_count + 1,
	             sizeof(struct mlw_record *), err))
		return -1;
	if (slabs->first_capacity < MLW_SLAB_RECORDS)
		return grow_first(slabs, err);
	if (slabs->slab_count > UINT32_MAX >> MLW_SLAB_BITS)
		return mlw_fail(err, "too many live blocks");
	records = mlw_table_alloc(MLW_SLAB_RECORDS * sizeof(*records));
	if (!records)
		return no_memory(err);
	slabs->slabs[slabs->slab_count++] = records;
	return 0;
}

static size_t room(const struct mlw_slabs *slabs)
{
	return slabs->slab_count < 2 ? slabs->first_capacity
	                             : slabs->slab_count << MLW_SLAB_BITS;
}

int mlw_slabs_take(struct mlw_slabs *slabs, uint32_t *index, struct mlw_error *err)
{
	if (slabs->free) {
		*index = slabs->free - 1;
		slabs->free = (uint32_t)mlw_record(slabs, *index)->size;
		return 0;
	}
	if (slabs->used == room(slabs) && add_slab(slabs, err))
		return -1;
	if (slabs->used == UINT32_MAX)
		return mlw_fail(err, "too many live blocks");
	*index = slabs->used++;
	return 0;
}

size_t mlw_slabs_memory(const struct mlw_slabs *slabs)
{
	return room(slabs) * sizeof(struct mlw_record) +
	       slabs->slab_capacity * sizeof(struct mlw_record *);
}
