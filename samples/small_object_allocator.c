/* SPDX-License-Identifier: MIT */
/*
 * small_object_allocator: the design of CPython's allocator for small objects, whose
 *arenas, pools and blocks Mallow sees.
 *
 * An arena is 256 KiB of memory from mmap, cut into pools of 4 KiB. A pool has blocks of
 *one size class, a multiple of 16 bytes up to 512, behind a header of 48. Pools that have
 *a block to give are in a list, one for each class; a pool whose last block is freed goes
 * back to its arena, and an arena whose last pool does goes back to the system. What is
 * larger than 512 bytes comes from malloc.
 *
 * Three phases. 20,000 points of 24 bytes and 1,000 names of 1 to 100 bytes are made;
 *every point but each 16th goes again; so nearly all pools of points stay, for a few
 *points each. 100 big objects of 1,000 bytes are malloc's. At the end the names go, but
 *for each tenth: pools that are empty then go back.
 *
 *	mallow run -o objects.mallow small_object_allocator
 *	mallow stats --by domain objects.mallow
 */
#include <mallow/mallow.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ARENA_SIZE  (256u << 10)
#define POOL_SIZE   4096u
#define ARENA_POOLS (ARENA_SIZE / POOL_SIZE)
#define ALIGNMENT   16u
#define SMALL       512u
#define CLASSES     (SMALL / ALIGNMENT)

struct block {
	struct block *next;
};

/* Stands at the beginning of its own memory. */
struct pool {
	struct pool *next, *previous; /* of its class, while it has a block to give */
	struct arena *arena;
	struct block *freed;
	uint32_t class;
	uint32_t used; /* blocks */
	uint32_t fresh; /* offset of the first block that was never used */
};

#define HEADER 48u /* a multiple of the alignment */
_Static_assert(sizeof(struct pool) <= HEADER, "blocks begin behind it");

struct arena {
	struct arena *next, *previous; /* of those that have a pool to give */
	char *memory;
	struct pool *freed; /* by `next` */
	uint32_t fresh; /* pools that were never used begin here */
	uint32_t used; /* pools */
};

static struct pool *usable_pools[CLASSES];
static struct arena *usable_arenas;
static int arenas_domain, objects_domain;

static uint32_t class_size(uint32_t class)
{
	return (class + 1) * ALIGNMENT;
}

static void link_arena(struct arena *arena)
{
	arena->previous = NULL;
	arena->next = usable_arenas;
	if (usable_arenas)
		usable_arenas->previous = arena;
	usable_arenas = arena;
}

static void unlink_arena(struct arena *arena)
{
	if (arena->previous)
		arena->previous->next = arena->next;
	else
		usable_arenas = arena->next;
	if (arena->next)
		arena->next->previous = arena->previous;
}

static struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	char *memory = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!arena || memory == MAP_FAILED)
		abort();
	arena->memory = memory;
	mallow_pool_create(arenas_domain, arena, memory, ARENA_SIZE, POOL_SIZE);
	link_arena(arena);
	return arena;
}

static void arena_free(struct arena *arena)
{
	unlink_arena(arena);
	mallow_pool_destroy(arena);
	munmap(arena->memory, ARENA_SIZE);
	free(arena);
}

/* mmap aligns to pages, which are as large as pools: so a block's pool is found by its
 * address. */
static struct pool *pool_of(void *block)
{
	return (struct pool *)((uintptr_t)block & ~(uintptr_t)(POOL_SIZE - 1));
}

static struct pool *take_pool(struct arena *arena)
{
	struct pool *pool = arena->freed;

	if (pool) {
		arena->freed = pool->next;
	} else {
		pool = (struct pool *)(void *)(arena->memory + arena->fresh);
		arena->fresh += POOL_SIZE;
	}
	if (++arena->used == ARENA_POOLS)
		unlink_arena(arena);
	return pool;
}

static void link_pool(struct pool *pool)
{
	struct pool **list = &usable_pools[pool->class];

	pool->previous = NULL;
	pool->next = *list;
	if (*list)
		(*list)->previous = pool;
	*list = pool;
}

static void unlink_pool(struct pool *pool)
{
	if (pool->previous)
		pool->previous->next = pool->next;
	else
		usable_pools[pool->class] = pool->next;
	if (pool->next)
		pool->next->previous = pool->previous;
}

static struct pool *pool_new(uint32_t class)
{
	struct arena *arena = usable_arenas ? usable_arenas : arena_new();
	struct pool *pool = take_pool(arena);

	*pool = (struct pool){ .arena = arena, .class = class, .fresh = HEADER };
	mallow_pool_alloc(arena, pool, POOL_SIZE);
	mallow_pool_create(objects_domain, pool, (char *)pool + HEADER,
	                   POOL_SIZE - HEADER, class_size(class));
	link_pool(pool);
	return pool;
}

static void pool_free(struct pool *pool)
{
	struct arena *arena = pool->arena;

	unlink_pool(pool);
	mallow_pool_destroy(pool);
	mallow_pool_free(arena, pool);
	pool->next = arena->freed;
	arena->freed = pool;
	if (arena->used-- == ARENA_POOLS)
		link_arena(arena);
	if (!arena->used)
		arena_free(arena);
}

static int is_full(const struct pool *pool)
{
	return !pool->freed && pool->fresh + class_size(pool->class) > POOL_SIZE;
}

static void *take_block(struct pool *pool)
{
	struct block *block = pool->freed;

	if (block) {
		pool->freed = block->next;
	} else {
		block = (struct block *)(void *)((char *)pool + pool->fresh);
		pool->fresh += class_size(pool->class);
	}
	pool->used++;
	if (is_full(pool))
		unlink_pool(pool);
	return block;
}

static void *object_new(size_t size)
{
	uint32_t class = (uint32_t)(size ? (size - 1) / ALIGNMENT : 0);
	struct pool *pool;
	void *block;

	if (size > SMALL)
		return malloc(size);
	pool = usable_pools[class];
	if (!pool)
		pool = pool_new(class);
	block = take_block(pool);
	mallow_pool_alloc(pool, block, size);
	return block;
}

static void object_free(void *object, size_t size)
{
	struct pool *pool = pool_of(object);
	struct block *block = object;

	if (size > SMALL) {
		free(object);
		return;
	}
	mallow_pool_free(pool, block);
	if (is_full(pool))
		link_pool(pool);
	block->next = pool->freed;
	pool->freed = block;
	if (!--pool->used)
		pool_free(pool);
}

#define POINTS 20000
#define NAMES  1000
#define BIG    100

static void *points[POINTS], *names[NAMES], *big[BIG];

static size_t name_size(int i)
{
	return (size_t)(i % 100 + 1);
}

static __attribute__((noinline)) void make_points(void)
{
	for (int i = 0; i < POINTS; i++)
		points[i] = object_new(24);
}

static __attribute__((noinline)) void make_names(void)
{
	for (int i = 0; i < NAMES; i++)
		names[i] = object_new(name_size(i));
}

static __attribute__((noinline)) void make_big(void)
{
	for (int i = 0; i < BIG; i++)
		big[i] = object_new(1000);
}

int main(void)
{
	arenas_domain = mallow_domain("arenas");
	objects_domain = mallow_domain("objects");
	make_points();
	make_names();
	make_big();
	for (int i = 0; i < POINTS; i++)
		if (i % 16)
			object_free(points[i], 24);
	for (int i = 0; i < NAMES; i++)
		if (i % 10)
			object_free(names[i], name_size(i));
	return 0;
}
