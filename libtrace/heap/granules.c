/* SPDX-License-Identifier: MIT */
#include "heap/granules.h"

#include <string.h>

#include "heap/table_memory.h"

/*
 * Searching is linear from a home that is the hash scaled to the capacity (Lemire's
 * multiply-shift), which keeps the order of hashes: growing is one pass over both tables
 * in order. A granule whose blocks have all gone keeps its place, because its memory will
 * be used again, until the table grows next.
 */

#define FIRST_CAPACITY 16u
#define DOUBLE_BELOW   (1u << 20) /* places; above that tables grow by a half */
#define MANY_GRANULES  16384u
#define SLOT_BITS      6u
#define ALIGNMENT_BITS 4u

static inline uint64_t rotate(uint64_t value, unsigned by)
{
	return value >> by | value << (64 - by);
}

/* Key and slot of an address: its lowest bits become the highest of the key. */
static inline uint64_t key_of(uint64_t address)
{
	return (rotate(address, ALIGNMENT_BITS) >> SLOT_BITS) + 1;
}

static inline unsigned slot_of(uint64_t address)
{
	return address >> ALIGNMENT_BITS & ((1u << SLOT_BITS) - 1);
}

static inline uint64_t address_of(uint64_t key, unsigned slot)
{
	return rotate((key - 1) << SLOT_BITS | slot, 64 - ALIGNMENT_BITS);
}

static inline uint32_t home_of(const struct mlw_granules *granules, uint64_t key)
{
	uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	return (uint32_t)(hash * granules->capacity >> 32);
}

/* Bits that are set: without help of the processor, which not every one has. */
static inline unsigned count_bits(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) +
	       (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* The place of a slot's block in the array: how many come before it. */
static inline unsigned rank_of(const struct mlw_granule *granule, unsigned slot)
{
	if (granule->slots >> slot <= 1)
		return granule->count - (unsigned)(granule->slots >> slot);
	return count_bits(granule->slots & ((UINT64_C(1) << slot) - 1));
}

/* The granule, or the free place for it. There must be a table. */
static inline struct mlw_granule *search(const struct mlw_granules *granules,
                                         uint64_t key)
{
	struct mlw_granule *end = granules->table + granules->capacity;
	struct mlw_granule *granule = granules->table + home_of(granules, key);

	while (granule->key != key && granule->key)
		if (++granule == end)
			granule = granules->table;
	return granule;
}

/* The same; NULL: there is no table yet. */
static inline struct mlw_granule *look_up(const struct mlw_granules *granules,
                                          uint64_t key)
{
	return granules->capacity ? search(granules, key) : NULL;
}

void mlw_granules_release(struct mlw_granules *granules)
{
	mlw_table_free(granules->table, granules->capacity * sizeof(*granules->table));
	mlw_records_release(&granules->records);
	*granules = (struct mlw_granules){ 0 };
}

static uint32_t in_use(const struct mlw_granules *granules)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < granules->capacity; i++)
		count += granules->table[i].count != 0;
	return count;
}

static uint32_t next_capacity(const struct mlw_granules *granules)
{
	uint32_t capacity = granules->capacity;

	if (!capacity)
		return FIRST_CAPACITY;
	if (in_use(granules) < granules->limit / 2)
		return capacity; /* clearing out makes room enough */
	if (capacity < DOUBLE_BELOW)
		return capacity * 2;
	return capacity < UINT32_MAX / 2 ? capacity / 2 * 3 : 0;
}

static int grow(struct mlw_granules *granules, struct mlw_error *err)
{
	struct mlw_granules next = *granules;

	next.capacity = next_capacity(granules);
	if (!next.capacity)
		return mlw_fail(err, "too many live blocks");
	next.table = mlw_table_alloc(next.capacity * sizeof(*next.table));
	if (!next.table)
		return mlw_fail(err, "out of memory for live blocks (%zu bytes)",
		                next.capacity * sizeof(*next.table));
	next.limit = next.capacity / 8 * 6;
	next.used = 0;
	for (uint32_t i = 0; i < granules->capacity; i++) {
		if (!granules->table[i].count)
			continue;
		*search(&next, granules->table[i].key) = granules->table[i];
		next.used++;
	}
	mlw_table_free(granules->table, granules->capacity * sizeof(*granules->table));
	*granules = next;
	return 0;
}

/* The granule for one more block. */
static inline struct mlw_granule *obtain(struct mlw_granules *granules, uint64_t key,
                                         struct mlw_error *err)
{
	struct mlw_granule *granule = look_up(granules, key);

	if (granule && granule->key)
		return granule;
	if (!granule || granules->used >= granules->limit) {
		if (grow(granules, err))
			return NULL;
		granule = search(granules, key);
	}
	granule->key = key;
	granules->used++;
	return granule;
}

/* Moves the blocks to an array of another class. */
static int resize(struct mlw_granules *granules, struct mlw_granule *granule,
                  uint8_t class, struct mlw_error *err)
{
	struct mlw_records *records = &granules->records;
	uint32_t index;

	if (mlw_records_take(records, class, &index, err))
		return -1;
	if (granule->count) {
		memcpy(mlw_record(records, index), mlw_record(records, granule->records),
		       granule->count * sizeof(struct mlw_record));
		mlw_records_give(records, granule->class, granule->records);
	}
	granule->records = index;
	granule->class = class;
	return 0;
}

/* Of the first block of a granule: small ones seldom stay alone. */
static inline uint8_t first_class(uint64_t size)
{
	if (size >= 480)
		return 0;
	return size >= 224 ? 1 : 3;
}

int mlw_granules_add(struct mlw_granules *granules, const struct mlw_block *block,
                     struct mlw_block *replaced, struct mlw_error *err)
{
	uint64_t key = key_of(block->address);
	struct mlw_granule *granule = obtain(granules, key, err);
	unsigned slot = slot_of(block->address), rank;
	struct mlw_record *record;

	if (!granule)
		return -1;
	rank = rank_of(granule, slot);
	if (granule->slots >> slot & 1) {
		record = mlw_record(&granules->records, granule->records) + rank;
		mlw_record_unpack(record, block->address, replaced);
		mlw_record_pack(record, block);
		return 1;
	}
	if ((!granule->count || granule->count == mlw_record_capacity[granule->class]) &&
	    resize(granules, granule,
	           granule->count ? granule->class + 1 : first_class(block->size), err))
		return -1;
	record = mlw_record(&granules->records, granule->records) + rank;
	if (rank < granule->count)
		memmove(record + 1, record, (granule->count - rank) * sizeof(*record));
	mlw_record_pack(record, block);
	granule->slots |= UINT64_C(1) << slot;
	granule->count++;
	granules->count++;
	return 0;
}

/* After a block has gone: an array that is mostly empty is too big. Staying in it costs
 * only memory. */
static inline void shrink(struct mlw_granules *granules, struct mlw_granule *granule)
{
	uint8_t capacity = mlw_record_capacity[granule->class];
	struct mlw_error err;

	if (!granule->count)
		mlw_records_give(&granules->records, granule->class, granule->records);
	else if (granule->count * 3u <= capacity && capacity > 4)
		(void)resize(granules, granule, mlw_record_class(granule->count * 2u),
		             &err);
}

bool mlw_granules_take(struct mlw_granules *granules, uint64_t address,
                       struct mlw_block *block)
{
	struct mlw_granule *granule = look_up(granules, key_of(address));
	unsigned slot = slot_of(address), rank;
	struct mlw_record *record;

	if (!granule || !(granule->slots >> slot & 1))
		return false;
	rank = rank_of(granule, slot);
	record = mlw_record(&granules->records, granule->records) + rank;
	mlw_record_unpack(record, address, block);
	granule->slots &= ~(UINT64_C(1) << slot);
	granule->count--;
	granules->count--;
	if (rank < granule->count)
		memmove(record, record + 1, (granule->count - rank) * sizeof(*record));
	shrink(granules, granule);
	return true;
}

bool mlw_granules_has(const struct mlw_granules *granules, uint64_t address)
{
	const struct mlw_granule *granule = look_up(granules, key_of(address));

	return granule && granule->slots >> slot_of(address) & 1;
}

bool mlw_granules_find(const struct mlw_granules *granules, uint64_t address,
                       struct mlw_block *block)
{
	const struct mlw_granule *granule = look_up(granules, key_of(address));
	unsigned slot = slot_of(address);

	if (!granule || !(granule->slots >> slot & 1))
		return false;
	mlw_record_unpack(mlw_record(&granules->records, granule->records) +
	                          rank_of(granule, slot),
	                  address, block);
	return true;
}

bool mlw_granules_are_many(const struct mlw_granules *granules)
{
	return granules->capacity >= MANY_GRANULES;
}

void mlw_granules_prefetch(const struct mlw_granules *granules, uint64_t address)
{
	__builtin_prefetch(granules->table + home_of(granules, key_of(address)), 1);
}

void mlw_granules_prefetch_block(const struct mlw_granules *granules, uint64_t address)
{
	uint64_t key = key_of(address);
	unsigned slot = slot_of(address);
	const struct mlw_granule *granule = granules->table + home_of(granules, key);

	if (granule->key == key && granule->slots >> slot & 1)
		__builtin_prefetch(mlw_record(&granules->records, granule->records) +
		                           rank_of(granule, slot),
		                   1);
}

static int each_of(const struct mlw_granules *granules, const struct mlw_granule *granule,
                   int (*visit)(const struct mlw_block *block, void *context),
                   void *context)
{
	const struct mlw_record *record =
	        mlw_record(&granules->records, granule->records);

	for (uint64_t slots = granule->slots; slots; slots &= slots - 1, record++) {
		unsigned slot = (unsigned)__builtin_ctzll(slots);
		struct mlw_block block;
		int result;

		mlw_record_unpack(record, address_of(granule->key, slot), &block);
		result = visit(&block, context);
		if (result)
			return result;
	}
	return 0;
}

int mlw_granules_each(const struct mlw_granules *granules,
                      int (*visit)(const struct mlw_block *block, void *context),
                      void *context)
{
	for (uint32_t i = 0; i < granules->capacity; i++) {
		int result = 0;

		if (granules->table[i].count)
			result = each_of(granules, &granules->table[i], visit, context);
		if (result)
			return result;
	}
	return 0;
}

size_t mlw_granules_memory(const struct mlw_granules *granules)
{
	return granules->capacity * sizeof(*granules->table) +
	       mlw_records_memory(&granules->records);
}
