/* SPDX-License-Identifier: MIT */
#ifndef MLW_TABLE_MEMORY_H
#define MLW_TABLE_MEMORY_H

/* Zeroed memory for tables that are read at random: big ones lie on huge pages where the
 * kernel has them, or every access would miss the TLB. */

#include <stddef.h>

void *mlw_table_alloc(size_t size); /* NULL without memory; aligned to a cache line */
void mlw_table_free(void *table, size_t size); /* `size` as it was allocated */

#endif /* MLW_TABLE_MEMORY_H */
