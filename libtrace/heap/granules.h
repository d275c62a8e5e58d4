/* SPDX-License-Identifier: MIT */
#ifndef MLW_GRANULES_H
#define MLW_GRANULES_H

/*
 * The live blocks of one address space, by address. Blocks that are neighbours in the
 * program are neighbours here: an allocator hands out addresses in order more often than
 * not, and a program frees them so, which a table that scatters them over memory turns
 * into a cache miss for each.
 *
 * A granule is 1 KiB of the program's memory: 64 places on which a block may begin, 16
 * bytes apart, a bit for each, and the blocks that do begin there as an array in the
 * order of their addresses. Granules are found by hash. Blocks at odd addresses have
 * granules of their own: one for each value of the lowest four bits.
 */

#include "heap/records.h"

struct mlw_granule {
	uint64_t key; /* of the addresses, plus one; 0: nothing here */
	uint64_t slots; /* a bit for each block */
	uint32_t records; /* index of the array, when there are any */
	uint8_t class; /* of the array */
	uint8_t count;
};

_Static_assert(sizeof(struct mlw_granule) == 24, "a granule is 24 bytes");

struct mlw_granules {
	struct mlw_granule *table; /* open addressing, linear probing */
	uint32_t capacity;
	uint32_t used; /* places that have a key, though perhaps no block */
	uint32_t limit; /* of used, at which it grows */
	size_t count; /* blocks */
	struct mlw_records records;
};

/* Zeroed is ready for use. */
void mlw_granules_release(struct mlw_granules *granules);

/* As mlw_blocks_add: 1 and the old block if there was one, else 0; -1 without memory. */
int mlw_granules_add(struct mlw_granules *granules, const struct mlw_block *block,
                     struct mlw_block *replaced, struct mlw_error *err);
bool mlw_granules_take(struct mlw_granules *granules, uint64_t address,
                       struct mlw_block *block);
bool mlw_granules_has(const struct mlw_granules *granules, uint64_t address);
bool mlw_granules_find(const struct mlw_granules *granules, uint64_t address,
                       struct mlw_block *block);

/* Are there so many that they are not all in the cache? Then it is worth the time to ask
 * the processor for the granule of an address, and later, when that is there, for what is
 * known of the block. */
bool mlw_granules_are_many(const struct mlw_granules *granules);
void mlw_granules_prefetch(const struct mlw_granules *granules, uint64_t address);

void mlw_granules_prefetch_block(const struct mlw_granules *granules, uint64_t address);

/* As mlw_blocks_each: by granule, in each by address. */
int mlw_granules_each(const struct mlw_granules *granules,
                      int (*visit)(const struct mlw_block *block, void *context),
                      void *context);

size_t mlw_granules_memory(const struct mlw_granules *granules); /* bytes */

#endif /* MLW_GRANULES_H */
