/* SPDX-License-Identifier: MIT */
#include "heap/blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap/graveyard.h"

/*
 * A shard is Robin Hood hashing with linear probing. An entry's home is the top of its
 * hash, scaled to the capacity (Lemire's multiply-shift), which keeps the order of
 *hashes: the entries of a shard lie sorted by hash, displaced to the right at most. So
 *	- a search ends at the first entry of a greater hash, also at high load;
 *	- growing by a quarter is one pass over both arrays in order, no cache misses;
 *	- nothing wraps: the array has spare entries behind the last home.
 *
 * A table begins with one shard and is divided into SHARDS by the top bits of the hash
 *when it gets big. With a load between 0.677 and 0.8 a block costs 40 to 47.5 bytes.
 */

#define SHARD_BITS     6u
#define SHARDS         (1u << SHARD_BITS)
#define SPLIT_AT       32768u /* blocks in a single shard */
#define FIRST_CAPACITY 32u
#define DOUBLE_BELOW   1024u /* smaller shards grow by doubling */
#define SPARE          32u /* entries behind the last home, at first */
#define HUGE_PAGES_AT  (UINT32_C(4) << 20) /* bytes of a shard */
#define PRUNE_CHILDREN 64u /* with more children, looking through them costs too much */

#define BITS_48 ((UINT64_C(1) << 48) - 1)

/* The address is stored inverted, so that all zero is an empty slot. */
struct entry {
	uint64_t key;
	uint64_t size;
	uint64_t ordinal_time; /* ordinal: 48 bits, then the low 16 of the time */
	uint32_t time_high;
	uint32_t trace;
};

_Static_assert(sizeof(struct entry) == 32, "two entries are one cache line");

struct shard {
	struct entry *entries;
	uint32_t count;
	uint32_t limit; /* count at which it grows */
	uint32_t homes; /* slots that can be somebody's home */
	uint32_t spare; /* slots behind them; the last one is always empty */
};

/*
 * Who keeps whom: a child holds its parent (`holders`), so that a parent that its owner
 * has freed stays until nobody can ask it any more.
 */
struct mlw_blocks {
	struct shard *shards;
	unsigned shard_bits; /* 0 or SHARD_BITS */
	size_t count;

	struct mlw_blocks *parent;
	struct mlw_blocks *children; /* those that may still ask, youngest first */
	struct mlw_blocks *sibling;
	uint64_t fork_ordinal; /* the run's last ordinal when this table forked */
	uint32_t fork_number; /* this was the parent's n-th fork */
	uint32_t forks; /* of this table so far */
	uint64_t youngest_fork; /* highest fork_ordinal of all children */
	struct mlw_graveyard graveyard; /* own blocks that children may ask for */
	struct mlw_graveyard gone; /* inherited blocks that were freed here */
	size_t child_count;
	bool freed; /* by its owner; children still ask */
	bool disowned; /* asks its parent only for its children */
};

static inline uint64_t hash_of(uint64_t key)
{
	return key * UINT64_C(0x9e3779b97f4a7c15);
}

static inline struct shard *shard_of(const struct mlw_blocks *blocks, uint64_t hash)
{
	return &blocks->shards[blocks->shard_bits ? hash >> (64 - SHARD_BITS) : 0];
}

/* The bits below those that chose the shard, scaled to its homes. */
static inline uint32_t home_of(const struct shard *shard, uint64_t hash)
{
	uint32_t fraction = (uint32_t)(hash >> (32 - SHARD_BITS));

	return (uint32_t)(((uint64_t)fraction * shard->homes) >> 32);
}

/* The order in a shard: by home. */
static inline uint32_t home_in(const struct shard *shard, const struct entry *entry)
{
	return home_of(shard, hash_of(entry->key));
}

static inline size_t slots_of(const struct shard *shard)
{
	return (size_t)shard->homes + shard->spare;
}

static struct entry pack(const struct mlw_block *block)
{
	return (struct entry){
		.key = ~block->address,
		.size = block->size,
		.ordinal_time =
		        (block->ordinal & BITS_48) << 16 | (block->time_us & 0xffff),
		.time_high = (uint32_t)(block->time_us >> 16),
		.trace = block->trace,
	};
}

static void unpack(const struct entry *entry, struct mlw_block *block)
{
	block->address = ~entry->key;
	block->size = entry->size;
	block->ordinal = entry->ordinal_time >> 16;
	block->time_us =
	        (uint64_t)entry->time_high << 16 | (entry->ordinal_time & 0xffff);
	block->trace = entry->trace;
}

/* The entry of `key`, or NULL. */
static inline struct entry *find(const struct shard *shard, uint64_t key, uint64_t hash)
{
	uint32_t home = home_of(shard, hash);
	struct entry *entry;

	if (!shard->entries)
		return NULL;
	for (entry = &shard->entries[home]; entry->key != key; entry++)
		if (!entry->key || home_in(shard, entry) > home)
			return NULL;
	return entry;
}

/* Puts in an entry that is not there yet; false when there is no slot left behind it. */
static inline bool insert(struct shard *shard, const struct entry *entry)
{
	uint32_t home = home_in(shard, entry);
	size_t at = home, end;

	while (shard->entries[at].key && home_in(shard, &shard->entries[at]) <= home)
		at++;
	for (end = at; shard->entries[end].key; end++)
		;
	if (end + 1 >= slots_of(shard))
		return false;
	memmove(&shard->entries[at + 1], &shard->entries[at],
	        (end - at) * sizeof(*entry));
	shard->entries[at] = *entry;
	shard->count++;
	return true;
}

/* Shifts the entries after it back, up to one that is at home. */
static inline void erase(struct shard *shard, struct entry *entry)
{
	struct entry *next = entry + 1;

	while (next->key && home_in(shard, next) < (size_t)(next - shard->entries))
		next++;
	memmove(entry, entry + 1, (size_t)(next - entry - 1) * sizeof(*entry));
	next[-1] = (struct entry){ 0 };
	shard->count--;
}

static int shard_init(struct shard *shard, size_t homes, size_t spare,
                      struct mlw_error *err)
{
	size_t size = (homes + spare) * sizeof(struct entry);

	*shard = (struct shard){ 0 };
	if (homes > UINT32_MAX / 2 || spare > UINT32_MAX / 2)
		return mlw_fail(err, "too many live blocks");
	shard->entries = calloc(homes + spare, sizeof(struct entry));
	if (!shard->entries)
		return mlw_fail(err, "out of memory for live blocks (%zu bytes)", size);
	if (size >= HUGE_PAGES_AT) {
		uintptr_t start = ((uintptr_t)shard->entries + 4095) & ~(uintptr_t)4095;

		/* Only advice: without huge pages everything is slower, not wrong. */
		(void)madvise((void *)start, size - 4096, MADV_HUGEPAGE);
	}
	shard->homes = (uint32_t)homes;
	shard->spare = (uint32_t)spare;
	shard->limit = (uint32_t)(homes * 4 / 5);
	return 0;
}

/* Gives the shard other dimensions, and more spare slots than asked for if needed. */
static int shard_resize(struct shard *shard, size_t homes, size_t spare,
                        struct mlw_error *err)
{
	struct shard next;

again:
	if (shard_init(&next, homes, spare, err))
		return -1;
	for (size_t i = 0; i < slots_of(shard); i++) {
		if (!shard->entries[i].key || insert(&next, &shard->entries[i]))
			continue;
		free(next.entries);
		spare *= 2;
		goto again;
	}
	free(shard->entries);
	*shard = next;
	return 0;
}

static int shard_grow(struct shard *shard, struct mlw_error *err)
{
	size_t homes = shard->homes;

	if (!homes)
		return shard_init(shard, FIRST_CAPACITY, SPARE, err);
	homes = homes < DOUBLE_BELOW ? homes * 2 : homes / 11 * 13;
	return shard_resize(shard, homes, shard->spare, err);
}

static int shard_add(struct shard *shard, const struct entry *entry,
                     struct mlw_error *err)
{
	if (shard->count >= shard->limit && shard_grow(shard, err))
		return -1;
	while (!insert(shard, entry))
		if (shard_resize(shard, shard->homes, (size_t)shard->spare * 2, err))
			return -1;
	return 0;
}

static void free_shards(struct shard *shards, unsigned bits)
{
	for (unsigned i = 0; shards && i < 1u << bits; i++)
		free(shards[i].entries);
	free(shards);
}

/* From one shard to SHARDS. */
static int split(struct mlw_blocks *blocks, struct mlw_error *err)
{
	struct shard *old = &blocks->shards[0];
	struct mlw_blocks next = { .shard_bits = SHARD_BITS };

	next.shards = calloc(SHARDS, sizeof(*next.shards));
	if (!next.shards)
		return mlw_fail(err, "out of memory for live blocks");
	for (size_t i = 0; i < slots_of(old); i++) {
		const struct entry *entry = &old->entries[i];

		if (!entry->key)
			continue;
		if (shard_add(shard_of(&next, hash_of(entry->key)), entry, err)) {
			free_shards(next.shards, SHARD_BITS);
			return -1;
		}
	}
	free_shards(blocks->shards, blocks->shard_bits);
	blocks->shards = next.shards;
	blocks->shard_bits = SHARD_BITS;
	return 0;
}

struct mlw_blocks *mlw_blocks_new(struct mlw_blocks *parent, uint64_t fork_ordinal,
                                  struct mlw_error *err)
{
	struct mlw_blocks *blocks = calloc(1, sizeof(*blocks));

	if (blocks)
		blocks->shards = calloc(1, sizeof(*blocks->shards));
	if (!blocks || !blocks->shards) {
		free(blocks);
		mlw_fail(err, "out of memory for a table of live blocks");
		return NULL;
	}
	if (!parent)
		return blocks;
	blocks->parent = parent;
	blocks->fork_ordinal = fork_ordinal;
	blocks->fork_number = ++parent->forks;
	blocks->sibling = parent->children;
	parent->children = blocks;
	parent->child_count++;
	if (fork_ordinal > parent->youngest_fork)
		parent->youngest_fork = fork_ordinal;
	return blocks;
}

static void destroy(struct mlw_blocks *blocks)
{
	free_shards(blocks->shards, blocks->shard_bits);
	mlw_graveyard_release(&blocks->graveyard);
	mlw_graveyard_release(&blocks->gone);
	free(blocks);
}

/* Takes the table out of its parent's children and returns the parent. */
static struct mlw_blocks *leave_parent(struct mlw_blocks *blocks)
{
	struct mlw_blocks *parent = blocks->parent;
	struct mlw_blocks **link = &parent->children;

	while (*link != blocks)
		link = &(*link)->sibling;
	*link = blocks->sibling;
	blocks->parent = NULL;
	mlw_graveyard_release(&blocks->gone);
	if (--parent->child_count == 0) {
		mlw_graveyard_release(&parent->graveyard);
		parent->youngest_fork = 0;
	}
	return parent;
}

/* Ends what nobody asks any more, from `blocks` up through its ancestors. */
static void settle(struct mlw_blocks *blocks)
{
	while (blocks && !blocks->children && (blocks->freed || blocks->disowned)) {
		struct mlw_blocks *parent = blocks->parent ? leave_parent(blocks) : NULL;

		if (blocks->freed)
			destroy(blocks);
		blocks = parent;
	}
}

void mlw_blocks_free(struct mlw_blocks *blocks)
{
	if (!blocks)
		return;
	blocks->freed = true;
	settle(blocks);
}

void mlw_blocks_disown(struct mlw_blocks *blocks)
{
	blocks->disowned = true;
	settle(blocks);
}

/* Can any child that may still ask see this grave? */
static bool is_visible(const struct mlw_grave *grave, const void *context)
{
	const struct mlw_blocks *parent = context;

	for (const struct mlw_blocks *child = parent->children; child;
	     child = child->sibling)
		if (grave->born <= child->fork_ordinal &&
		    (grave->died > child->fork_ordinal ||
		     grave->forks >= child->fork_number))
			return true;
	return false;
}

/* Remembers a block that is gone, as far as a child could ask for it. */
static inline void bury(struct mlw_blocks *blocks, const struct mlw_block *block,
                        uint64_t ordinal_now)
{
	struct mlw_grave grave = {
		.address = block->address,
		.born = block->ordinal,
		.died = ordinal_now,
		.forks = blocks->forks,
	};

	if (!blocks->children || block->ordinal > blocks->youngest_fork)
		return;
	if (mlw_graveyard_full(&blocks->graveyard) &&
	    blocks->child_count <= PRUNE_CHILDREN)
		mlw_graveyard_prune(&blocks->graveyard, is_visible, blocks);
	mlw_graveyard_add(&blocks->graveyard, &grave);
}

static int replace(struct mlw_blocks *blocks, struct entry *entry,
                   const struct mlw_block *block, struct mlw_block *replaced)
{
	unpack(entry, replaced);
	bury(blocks, replaced, block->ordinal - 1);
	*entry = pack(block);
	return 1;
}

int mlw_blocks_add(struct mlw_blocks *blocks, const struct mlw_block *block,
                   struct mlw_block *replaced, struct mlw_error *err)
{
	struct entry packed = pack(block);
	uint64_t hash = hash_of(packed.key);
	struct shard *shard = shard_of(blocks, hash);
	struct entry *entry;

	if (!packed.key)
		return mlw_fail(err, "a block at the last byte of the address space");
	entry = find(shard, packed.key, hash);
	if (entry)
		return replace(blocks, entry, block, replaced);
	if (shard->count >= SPLIT_AT && !blocks->shard_bits) {
		if (split(blocks, err))
			return -1;
		shard = shard_of(blocks, hash);
	}
	if (shard_add(shard, &packed, err))
		return -1;
	blocks->count++;
	return 0;
}

bool mlw_blocks_take(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal_now,
                     struct mlw_block *block)
{
	uint64_t hash = hash_of(~address);
	struct shard *shard = shard_of(blocks, hash);
	struct entry *entry = ~address ? find(shard, ~address, hash) : NULL;

	if (!entry)
		return false;
	unpack(entry, block);
	erase(shard, entry);
	blocks->count--;
	bury(blocks, block, ordinal_now);
	return true;
}

bool mlw_blocks_find(const struct mlw_blocks *blocks, uint64_t address,
                     struct mlw_block *block)
{
	uint64_t hash = hash_of(~address);
	const struct entry *entry =
	        ~address ? find(shard_of(blocks, hash), ~address, hash) : NULL;

	if (entry)
		unpack(entry, block);
	return entry;
}

/* Was `address` a block of the table's own when `child` forked from it? */
static bool had_block(const struct mlw_blocks *blocks, uint64_t address,
                      const struct mlw_blocks *child)
{
	uint64_t then = child->fork_ordinal;
	const struct mlw_grave *grave = NULL;
	struct mlw_block block;

	if (mlw_blocks_find(blocks, address, &block) && block.ordinal <= then)
		return true;
	while ((grave = mlw_graveyard_find(&blocks->graveyard, address, grave)))
		if (grave->born <= then &&
		    (grave->died > then ||
		     (grave->died == then && grave->forks >= child->fork_number)))
			return true;
	return false;
}

/* Had `blocks` freed its inherited block at `address` before its `forks`-th fork? */
static bool was_gone(const struct mlw_blocks *blocks, uint64_t address, uint32_t forks)
{
	const struct mlw_grave *grave = mlw_graveyard_find(&blocks->gone, address, NULL);

	return grave && grave->forks < forks;
}

bool mlw_blocks_take_inherited(struct mlw_blocks *blocks, uint64_t address)
{
	struct mlw_grave gone = { .address = address, .born = 1, .forks = blocks->forks };
	const struct mlw_blocks *child = blocks;

	if (blocks->disowned || was_gone(blocks, address, UINT32_MAX))
		return false;
	while (child->parent && !had_block(child->parent, address, child)) {
		if (was_gone(child->parent, address, child->fork_number))
			return false;
		child = child->parent;
	}
	if (!child->parent)
		return false;
	mlw_graveyard_add(&blocks->gone, &gone);
	return true;
}

size_t mlw_blocks_count(const struct mlw_blocks *blocks)
{
	return blocks->count;
}

size_t mlw_blocks_memory(const struct mlw_blocks *blocks)
{
	size_t graves = blocks->graveyard.capacity + blocks->gone.capacity;
	size_t size = sizeof(*blocks) + graves * sizeof(struct mlw_grave);

	for (unsigned i = 0; i < 1u << blocks->shard_bits; i++)
		size += sizeof(struct shard) +
		        slots_of(&blocks->shards[i]) * sizeof(struct entry);
	return size;
}

void mlw_blocks_prefetch(const struct mlw_blocks *blocks, uint64_t address)
{
	uint64_t hash = hash_of(~address);
	const struct shard *shard = shard_of(blocks, hash);

	if (shard->entries)
		__builtin_prefetch(&shard->entries[home_of(shard, hash)], 1);
}

int mlw_blocks_each(const struct mlw_blocks *blocks,
                    int (*visit)(const struct mlw_block *block, void *context),
                    void *context)
{
	for (unsigned i = 0; i < 1u << blocks->shard_bits; i++) {
		const struct shard *shard = &blocks->shards[i];

		for (size_t k = 0; k < slots_of(shard); k++) {
			struct mlw_block block;
			int result;

			if (!shard->entries[k].key)
				continue;
			unpack(&shard->entries[k], &block);
			result = visit(&block, context);
			if (result)
				return result;
		}
	}
	return 0;
}
