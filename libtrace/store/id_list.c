/* SPDX-License-Identifier: MIT */
#include "store/id_list.h"

#include <stdlib.h>

static int compare(const void *first, const void *second)
{
	uint32_t a = *(const uint32_t *)first, b = *(const uint32_t *)second;

	return (a > b) - (a < b);
}

size_t mlw_id_set_write(const struct mlw_id_set *set, uint8_t *bytes)
{
	uint32_t ids[MLW_ID_LIST_MOST], last = 0;
	uint8_t *end = bytes;
	size_t count = 0;

	if (set->count > MLW_ID_LIST_MOST)
		return 0;
	for (size_t i = 0; i < MLW_ID_SET_SLOTS; i++) {
		if (set->slots[i])
			ids[count++] = set->slots[i];
	}
	qsort(ids, count, sizeof(*ids), compare);
	for (size_t i = 0; i < count; i++) {
		end = mlw_varint_put(end, ids[i] - last);
		last = ids[i];
	}
	return (size_t)(end - bytes);
}

bool mlw_id_list_has(const uint8_t *bytes, size_t size, const uint8_t *passes,
                     size_t count)
{
	uint64_t id = 0, step;

	for (size_t at = 0; at < size;) {
		unsigned length = mlw_varint_size(bytes + at);

		if (length > size - at)
			return true;
		at = (size_t)(mlw_varint_get(bytes + at, &step) - bytes);
		id += step;
		if (!step || id >= count)
			return true;
		if (passes[id])
			return true;
	}
	return !size;
}
