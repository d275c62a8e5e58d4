/* SPDX-License-Identifier: MIT */
#include "heap/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "heap/graveyard.h"
#include "heap/slab.h"
#include "heap/table_memory.h"

/*
 * The blocks lie in slabs; the table finds them. It is Robin Hood hashing with linear
 * probing over slots of 8 bytes: 32 bits of the hash (the tag), 32 of the block's index.
 *A slot's home is its tag, scaled to the capacity (Lemire's multiply-shift), which keeps
 *the order of tags: the slots of a shard lie sorted, displaced to the right at most. So
 *	- a search ends at the first slot that is not less, one comparison a step, also at
 *	  high load; the block itself is only touched when the tag agrees;
 *	- growing is one pass over both arrays in order, no cache misses, and the blocks
 *	  stay where they are;
 *	- nothing wraps: the array has spare slots behind the last home.
 *
 * A table begins with one shard and is divided into SHARDS by the top bits of the hash
 *when it gets big. Small shards are at most 5/8 full, which is fastest; big ones hold
 *between 0.57 and 0.85 of their capacity, so that a block costs 42 to 46 bytes with its
 *record.
 */

#define SHARD_BITS     4u
#define SHARDS         (1u << SHARD_BITS)
#define SPLIT_AT       65536u /* blocks in a single shard */
#define FIRST_CAPACITY 64u
#define SMALL_BELOW    32768u /* homes of a shard that is small */
#define SPARE          32u /* slots behind the last home, at first */
#define PRUNE_CHILDREN 64u /* with more children, looking through them costs too much */

#define EMPTY UINT64_MAX

struct shard {
	uint64_t *slots; /* tag, then index; EMPTY is after all others */
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
	struct mlw_slabs slabs;
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

/* The least slot of a hash: the bits below those that chose the shard, index 0. */
static inline uint64_t slot_of(uint64_t hash)
{
	return hash << SHARD_BITS & ~(uint64_t)UINT32_MAX;
}

static inline uint32_t home_of(const struct shard *shard, uint64_t slot)
{
	return (uint32_t)((slot >> 32) * shard->homes >> 32);
}

static size_t slots_of(const struct shard *shard)
{
	return (size_t)shard->homes + shard->spare;
}

/* The first slot that is not less. */
static inline uint64_t *locate(const struct shard *shard, uint64_t slot)
{
	uint64_t *at = &shard->slots[home_of(shard, slot)];

	while (*at < slot)
		at++;
	return at;
}

/* The slot of the block with `key`, or NULL; *at is where it would belong. */
static inline uint64_t *find(const struct mlw_blocks *blocks, const struct shard *shard,
                             uint64_t key, uint64_t **at)
{
	uint64_t slot = slot_of(hash_of(key));
	uint64_t *found;

	*at = NULL;
	if (!shard->slots)
		return NULL;
	*at = found = locate(shard, slot);
	for (; *found >> 32 == slot >> 32 && *found != EMPTY; found++)
		if (mlw_record(&blocks->slabs, (uint32_t)*found)->key == key)
			return found;
	return NULL;
}

/* Puts a slot where `locate` said; false when there is none left behind it. */
static inline bool insert_at(struct shard *shard, uint64_t *at, uint64_t slot)
{
	uint64_t *end = at;

	while (*end != EMPTY)
		end++;
	if (end == &shard->slots[slots_of(shard) - 1])
		return false;
	for (; end > at; end--)
		*end = end[-1];
	*at = slot;
	shard->count++;
	return true;
}

/* Shifts the slots after it back, up to one that is at home. */
static inline void erase(struct shard *shard, uint64_t *slot)
{
	const uint64_t *next = slot + 1;

	while (*next != EMPTY && home_of(shard, *next) < (size_t)(next - shard->slots))
		*slot++ = *next++;
	*slot = EMPTY;
	shard->count--;
}

static int shard_init(struct shard *shard, size_t homes, size_t spare,
                      struct mlw_error *err)
{
	size_t size = (homes + spare) * sizeof(uint64_t);

	*shard = (struct shard){ 0 };
	if (homes > UINT32_MAX / 2 || spare > UINT32_MAX / 2)
		return mlw_fail(err, "too many live blocks");
	shard->slots = mlw_table_alloc(size);
	if (!shard->slots)
		return mlw_fail(err, "out of memory for live blocks (%zu bytes)", size);
	memset(shard->slots, 0xff, size);
	shard->homes = (uint32_t)homes;
	shard->spare = (uint32_t)spare;
	shard->limit = (uint32_t)(homes < SMALL_BELOW ? homes * 5 / 8 : homes / 20 * 17);
	return 0;
}

static void shard_release(struct shard *shard)
{
	mlw_table_free(shard->slots, slots_of(shard) * sizeof(uint64_t));
	shard->slots = NULL;
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
		uint64_t slot = shard->slots[i];

		if (slot == EMPTY || insert_at(&next, locate(&next, slot), slot))
			continue;
		shard_release(&next);
		spare *= 2;
		goto again;
	}
	shard_release(shard);
	*shard = next;
	return 0;
}

static int shard_grow(struct shard *shard, struct mlw_error *err)
{
	size_t homes = shard->homes;

	if (!homes)
		return shard_init(shard, FIRST_CAPACITY, SPARE, err);
	homes = homes < SMALL_BELOW ? homes * 2 : homes / 2 * 3;
	return shard_resize(shard, homes, shard->spare, err);
}

/* Adds a slot that is not there, whatever has to grow for it. */
static int shard_add(struct shard *shard, uint64_t slot, struct mlw_error *err)
{
	if (shard->count >= shard->limit && shard_grow(shard, err))
		return -1;
	while (!insert_at(shard, locate(shard, slot), slot))
		if (shard_resize(shard, shard->homes, (size_t)shard->spare * 2, err))
			return -1;
	return 0;
}

static void free_shards(struct shard *shards, unsigned bits)
{
	for (unsigned i = 0; shards && i < 1u << bits; i++)
		shard_release(&shards[i]);
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
		uint64_t slot = old->slots[i], key;

		if (slot == EMPTY)
			continue;
		key = mlw_record(&blocks->slabs, (uint32_t)slot)->key;
		if (shard_add(shard_of(&next, hash_of(key)), slot, err)) {
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
	mlw_slabs_release(&blocks->slabs);
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

static int replace(struct mlw_blocks *blocks, uint32_t index,
                   const struct mlw_block *block, struct mlw_block *replaced)
{
	struct mlw_record *record = mlw_record(&blocks->slabs, index);

	mlw_record_unpack(record, replaced);
	bury(blocks, replaced, block->ordinal - 1);
	mlw_record_pack(record, block);
	return 1;
}

/* When there is no place at hand: the first block, and whenever something must grow. */
static int add_slowly(struct mlw_blocks *blocks, uint64_t hash, uint64_t slot,
                      struct mlw_error *err)
{
	if (!blocks->shard_bits && blocks->count >= SPLIT_AT && split(blocks, err))
		return -1;
	return shard_add(shard_of(blocks, hash), slot, err);
}

int mlw_blocks_add(struct mlw_blocks *blocks, const struct mlw_block *block,
                   struct mlw_block *replaced, struct mlw_error *err)
{
	uint64_t key = ~block->address, hash = hash_of(key);
	struct shard *shard = shard_of(blocks, hash);
	uint64_t *at, *found = find(blocks, shard, key, &at);
	uint64_t slot;
	uint32_t index;

	if (found)
		return replace(blocks, (uint32_t)*found, block, replaced);
	if (!key)
		return mlw_fail(err, "a block at the last byte of the address space");
	if (mlw_slabs_take(&blocks->slabs, &index, err))
		return -1;
	mlw_record_pack(mlw_record(&blocks->slabs, index), block);
	slot = slot_of(hash) | index;
	if ((shard->count >= shard->limit || !insert_at(shard, at, slot)) &&
	    add_slowly(blocks, hash, slot, err)) {
		mlw_slabs_give(&blocks->slabs, index);
		return -1;
	}
	blocks->count++;
	return 0;
}

bool mlw_blocks_take(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal_now,
                     struct mlw_block *block)
{
	struct shard *shard = shard_of(blocks, hash_of(~address));
	uint64_t *at, *found = find(blocks, shard, ~address, &at);
	uint32_t index;

	if (!found || !~address)
		return false;
	index = (uint32_t)*found;
	mlw_record_unpack(mlw_record(&blocks->slabs, index), block);
	mlw_slabs_give(&blocks->slabs, index);
	erase(shard, found);
	blocks->count--;
	bury(blocks, block, ordinal_now);
	return true;
}

bool mlw_blocks_find(const struct mlw_blocks *blocks, uint64_t address,
                     struct mlw_block *block)
{
	const struct shard *shard = shard_of(blocks, hash_of(~address));
	uint64_t *at, *found = find(blocks, shard, ~address, &at);

	if (!found || !~address)
		return false;
	mlw_record_unpack(mlw_record(&blocks->slabs, (uint32_t)*found), block);
	return true;
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
	size_t size = sizeof(*blocks) + graves * sizeof(struct mlw_grave) +
	              mlw_slabs_memory(&blocks->slabs);

	for (unsigned i = 0; i < 1u << blocks->shard_bits; i++)
		size += sizeof(struct shard) +
		        slots_of(&blocks->shards[i]) * sizeof(uint64_t);
	return size;
}

void mlw_blocks_prefetch(const struct mlw_blocks *blocks, uint64_t address)
{
	uint64_t hash = hash_of(~address);
	const struct shard *shard = shard_of(blocks, hash);

	if (shard->slots)
		__builtin_prefetch(&shard->slots[home_of(shard, slot_of(hash))], 1);
}

int mlw_blocks_each(const struct mlw_blocks *blocks,
                    int (*visit)(const struct mlw_block *block, void *context),
                    void *context)
{
	for (uint32_t i = 0; i < blocks->slabs.used; i++) {
		const struct mlw_record *record = mlw_record(&blocks->slabs, i);
		struct mlw_block block;
		int result;

		if (!record->key)
			continue;
		mlw_record_unpack(record, &block);
		result = visit(&block, context);
		if (result)
			return result;
	}
	return 0;
}
