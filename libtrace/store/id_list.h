/* SPDX-License-Identifier: MIT */
#ifndef MLW_ID_LIST_H
#define MLW_ID_LIST_H

/*
 * The ids that occur in a chunk, as long as they are few: who looks for another one need
 * not look into the chunk.
 *
 *	mlw_id_set_add(&set, id);	for each change
 *	size = mlw_id_set_write(&set, bytes);	0: too many, or none
 *	mlw_id_list_has(bytes, size, wanted, count);
 *
 * A list is varints, ascending: the first id, then the distance to each next one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/varint.h"

#define MLW_ID_LIST_MOST  128u /* more are not named */
#define MLW_ID_LIST_BYTES (MLW_ID_LIST_MOST * MLW_VARINT_MAX)
#define MLW_ID_SET_SLOTS  256u /* twice as many, so that searches are short */

/* Zeroed is empty. */
struct mlw_id_set {
	uint32_t slots[MLW_ID_SET_SLOTS]; /* open addressing; 0 free */
	uint32_t count; /* one more than the most: too many */
};

/* `id`: not 0. On the collector's hot path. */
static inline void mlw_id_set_add(struct mlw_id_set *set, uint32_t id)
{
	uint32_t at = (id * UINT32_C(0x9e3779b1)) >> 24;

	if (__builtin_expect(set->count > MLW_ID_LIST_MOST, 0))
		return;
	while (set->slots[at] != id) {
		if (!set->slots[at]) {
			set->slots[at] = id;
			set->count++;
			return;
		}
		at = (at + 1) % MLW_ID_SET_SLOTS;
	}
}

/* Writes the list of at most MLW_ID_LIST_BYTES and returns its size. */
size_t mlw_id_set_write(const struct mlw_id_set *set, uint8_t *bytes);

/*
 * May any id pass, where passes[id] is not 0 and ids are below `count`? Without a list,
 * and with one that makes no sense, any may. MLW_VARINT_MAX bytes behind it are readable.
 */
bool mlw_id_list_has(const uint8_t *bytes, size_t size, const uint8_t *passes,
                     size_t count);

#endif /* MLW_ID_LIST_H */
