/* SPDX-License-Identifier: MIT */
#include "heap/blocks.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "heap/graveyard.h"
#include "heap/slab.h"
#include "heap/table_memory.h"

/*
 * The blocks lie in slabs; the table finds them. A shard is an array of buckets of one
 * cache line each: seven blocks, as 32 bits of their hash (the tag) and their index. One
 * comparison looks at all tags of a bucket, so that nothing depends on where in it a
 * block is: the processor has nothing to guess, which costs more here than memory does.
 *
 * A block whose home bucket is full goes to the next one that is not, and every bucket
 * that it passed counts it in `passed`: a search goes on only while that is not 0 (as F14
 * of Facebook's folly does). Taking a block out needs no tombstone.
 *
 * A home is the tag, scaled to the number of buckets (Lemire's multiply-shift), which
 * keeps the order of tags: growing is one pass over both arrays in order, no cache
 * misses, and the blocks stay where they are.
 *
 * A table begins with one shard and is divided into SHARDS by the top bits of the hash
 * when it gets big. Small shards are at most 5/8 full, which is fastest; big ones hold
 * between 0.64 and 0.8 of their capacity, so that a block costs 43 to 47 bytes with its
 * record.
 */

#define SHARD_BITS     4u
#define SHARDS         (1u << SHARD_BITS)
#define SPLIT_AT       65536u /* blocks in a single shard */
#define FIRST_BUCKETS  8u
#define SMALL_BELOW    4096u /* buckets of a shard that is small */
#define PRUNE_CHILDREN 64u /* with more children, looking through them costs too much */

#define SLOTS     7u
#define ALL_SLOTS ((1u << SLOTS) - 1)

struct bucket {
	uint32_t tag[SLOTS]; /* 0: empty */
	uint32_t passed; /* blocks of this bucket or one before it that are behind it */
	uint32_t index[SLOTS];
	uint32_t unused;
};

_Static_assert(sizeof(struct bucket) == 64, "a bucket is one cache line");

struct shard {
	struct bucket *buckets;
	uint32_t bucket_count;
	uint32_t count;
	uint32_t limit; /* count at which it grows */
};

/* Where a block is in a shard. */
struct place {
	struct bucket *bucket;
	unsigned slot;
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

/* The bits below those that chose the shard. */
static inline uint32_t tag_of(uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> (32 - SHARD_BITS));

	return tag ? tag : 1;
}

static inline struct bucket *home_of(const struct shard *shard, uint32_t tag)
{
	return &shard->buckets[(uint64_t)tag * shard->bucket_count >> 32];
}

static inline struct bucket *next_of(const struct shard *shard, struct bucket *bucket)
{
	return bucket + 1 == shard->buckets + shard->bucket_count ? shard->buckets
	                                                          : bucket + 1;
}

/* A bit for each slot of the bucket that has this tag. */
static inline unsigned match(const struct bucket *bucket, uint32_t tag)
{
#ifdef __SSE2__
	__m128i wanted = _mm_set1_epi32((int)tag);
	__m128i low = _mm_load_si128((const __m128i *)(const void *)&bucket->tag[0]);
	__m128i high = _mm_load_si128((const __m128i *)(const void *)&bucket->tag[4]);
	__m128i same = _mm_packs_epi32(_mm_cmpeq_epi32(low, wanted),
	                               _mm_cmpeq_epi32(high, wanted));

	same = _mm_packs_epi16(same, _mm_setzero_si128());
	return (unsigned)_mm_movemask_epi8(same) & ALL_SLOTS;
#else
	unsigned found = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		found |= (unsigned)(bucket->tag[i] == tag) << i;
	return found;
#endif
}

static inline bool find(const struct mlw_blocks *blocks, uint64_t key, uint64_t hash,
                        struct place *place)
{
	const struct shard *shard = shard_of(blocks, hash);
	uint32_t tag = tag_of(hash);

	if (!shard->buckets || !key)
		return false;
	place->bucket = home_of(shard, tag);
	for (;;) {
		unsigned found = match(place->bucket, tag);

		for (; found; found &= found - 1) {
			place->slot = (unsigned)__builtin_ctz(found);
			if (mlw_record(&blocks->slabs, place->bucket->index[place->slot])
			            ->key == key)
				return true;
		}
		if (!place->bucket->passed)
			return false;
		place->bucket = next_of(shard, place->bucket);
	}
}

/* There must be room. */
static inline void insert(struct shard *shard, uint32_t tag, uint32_t index)
{
	struct bucket *bucket = home_of(shard, tag);
	unsigned empty;

	while (!(empty = match(bucket, 0))) {
		bucket->passed++;
		bucket = next_of(shard, bucket);
	}
	empty = (unsigned)__builtin_ctz(empty);
	bucket->tag[empty] = tag;
	bucket->index[empty] = index;
	shard->count++;
}

static inline void erase(struct shard *shard, const struct place *place)
{
	struct bucket *bucket = home_of(shard, place->bucket->tag[place->slot]);

	for (; bucket != place->bucket; bucket = next_of(shard, bucket))
		bucket->passed--;
	bucket->tag[place->slot] = 0;
	shard->count--;
}

static int shard_init(struct shard *shard, size_t buckets, struct mlw_error *err)
{
	size_t size = buckets * sizeof(struct bucket);

	*shard = (struct shard){ 0 };
	if (buckets > UINT32_MAX / SLOTS)
		return mlw_fail(err, "too many live blocks");
	shard->buckets = mlw_table_alloc(size);
	if (!shard->buckets)
		return mlw_fail(err, "out of memory for live blocks (%zu bytes)", size);
	shard->bucket_count = (uint32_t)buckets;
	shard->limit = (uint32_t)(buckets < SMALL_BELOW ? buckets * SLOTS * 5 / 8
	                                                : buckets * SLOTS / 5 * 4);
	return 0;
}

static void shard_release(struct shard *shard)
{
	mlw_table_free(shard->buckets, shard->bucket_count * sizeof(struct bucket));
	shard->buckets = NULL;
}

static void move_all(struct shard *to, const struct shard *from)
{
	for (size_t i = 0; i < from->bucket_count; i++)
		for (unsigned k = 0; k < SLOTS; k++)
			if (from->buckets[i].tag[k])
				insert(to, from->buckets[i].tag[k],
				       from->buckets[i].index[k]);
}

/* Makes room for one more. */
static int shard_grow(struct shard *shard, struct mlw_error *err)
{
	size_t buckets = shard->bucket_count;
	struct shard next;

	if (shard->count < shard->limit)
		return 0;
	if (!buckets)
		buckets = FIRST_BUCKETS;
	else
		buckets = buckets < SMALL_BELOW ? buckets * 2 : buckets / 4 * 5;
	if (shard_init(&next, buckets, err))
		return -1;
	move_all(&next, shard);
	shard_release(shard);
	*shard = next;
	return 0;
}

static void free_shards(struct shard *shards, unsigned bits)
{
	for (unsigned i = 0; shards && i < 1u << bits; i++)
		shard_release(&shards[i]);
	free(shards);
}

static int split_bucket(const struct mlw_blocks *blocks, const struct bucket *bucket,
                        const struct mlw_blocks *next, struct mlw_error *err)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct shard *shard;
		uint64_t hash;

		if (!bucket->tag[i])
			continue;
		hash = hash_of(mlw_record(&blocks->slabs, bucket->index[i])->key);
		shard = shard_of(next, hash);
		if (shard_grow(shard, err))
			return -1;
		insert(shard, tag_of(hash), bucket->index[i]);
	}
	return 0;
}

/* From one shard to SHARDS. */
static int split(struct mlw_blocks *blocks, struct mlw_error *err)
{
	const struct shard *old = &blocks->shards[0];
	struct mlw_blocks next = { .shard_bits = SHARD_BITS };
	int result = 0;

	next.shards = calloc(SHARDS, sizeof(*next.shards));
	if (!next.shards)
		return mlw_fail(err, "out of memory for live blocks");
	for (size_t i = 0; i < old->bucket_count && !result; i++)
		result = split_bucket(blocks, &old->buckets[i], &next, err);
	if (result) {
		free_shards(next.shards, SHARD_BITS);
		return -1;
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

/* The shard for one more block of this hash; NULL without memory. */
static struct shard *make_room(struct mlw_blocks *blocks, uint64_t hash,
                               struct mlw_error *err)
{
	struct shard *shard = shard_of(blocks, hash);

	if (shard->count < shard->limit)
		return shard;
	if (!blocks->shard_bits && blocks->count >= SPLIT_AT) {
		if (split(blocks, err))
			return NULL;
		shard = shard_of(blocks, hash);
	}
	return shard_grow(shard, err) ? NULL : shard;
}

int mlw_blocks_add(struct mlw_blocks *blocks, const struct mlw_block *block,
                   struct mlw_block *replaced, struct mlw_error *err)
{
	uint64_t key = ~block->address, hash = hash_of(key);
	struct shard *shard;
	struct place place;
	uint32_t index;

	if (!key)
		return mlw_fail(err, "a block at the last byte of the address space");
	if (find(blocks, key, hash, &place))
		return replace(blocks, place.bucket->index[place.slot], block, replaced);
	shard = make_room(blocks, hash, err);
	if (!shard || mlw_slabs_take(&blocks->slabs, &index, err))
		return -1;
	mlw_record_pack(mlw_record(&blocks->slabs, index), block);
	insert(shard, tag_of(hash), index);
	blocks->count++;
	return 0;
}

bool mlw_blocks_take(struct mlw_blocks *blocks, uint64_t address, uint64_t ordinal_now,
                     struct mlw_block *block)
{
	uint64_t hash = hash_of(~address);
	struct place place;
	uint32_t index;

	if (!find(blocks, ~address, hash, &place))
		return false;
	index = place.bucket->index[place.slot];
	mlw_record_unpack(mlw_record(&blocks->slabs, index), block);
	mlw_slabs_give(&blocks->slabs, index);
	erase(shard_of(blocks, hash), &place);
	blocks->count--;
	bury(blocks, block, ordinal_now);
	return true;
}

bool mlw_blocks_find(const struct mlw_blocks *blocks, uint64_t address,
                     struct mlw_block *block)
{
	struct place place;

	if (!find(blocks, ~address, hash_of(~address), &place))
		return false;
	mlw_record_unpack(mlw_record(&blocks->slabs, place.bucket->index[place.slot]),
	                  block);
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
		        blocks->shards[i].bucket_count * sizeof(struct bucket);
	return size;
}

void mlw_blocks_prefetch(const struct mlw_blocks *blocks, uint64_t address)
{
	uint64_t hash = hash_of(~address);
	const struct shard *shard = shard_of(blocks, hash);

	if (shard->buckets)
		__builtin_prefetch(home_of(shard, tag_of(hash)), 1);
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
