/* SPDX-License-Identifier: MIT */
#include "collect/pools.h"

#include <stdlib.h>

#include "base/array.h"
#include "collect/domains.h"
#include "collect/process.h"
#include "collect/resolve.h"

void mlw_pools_free(struct mlw_pools *pools)
{
	if (!pools)
		return;
	for (size_t i = 0; i < pools->count; i++)
		mlw_blocks_free(pools->pools[i].blocks);
	mlw_map64_release(&pools->numbers);
	free(pools->pools);
	free(pools->classes);
	free(pools);
}

static struct mlw_pool *find(const struct mlw_process *process, uint64_t name)
{
	const struct mlw_pools *pools = process->pools;
	uint32_t number = pools ? mlw_map64_find(&pools->numbers, name) : 0;
	struct mlw_pool *pool = number ? &pools->pools[number - 1] : NULL;

	return pool && pool->size ? pool : NULL;
}

/* The place of a pool of that name, NULL: without memory, and the run is dead. */
static struct mlw_pool *place(struct mlw_run *run, struct mlw_pools *pools, uint64_t name)
{
	uint32_t number = mlw_map64_find(&pools->numbers, name);
	struct mlw_error err;

	if (number)
		return &pools->pools[number - 1];
	if (mlw_grow(&pools->pools, &pools->capacity, pools->count + 1,
	             sizeof(*pools->pools), &err) ||
	    mlw_map64_add(&pools->numbers, name, (uint32_t)pools->count + 1, &err)) {
		mlw_run_died(run, &err);
		return NULL;
	}
	pools->pools[pools->count] = (struct mlw_pool){ 0 };
	return &pools->pools[pools->count++];
}

/* The class of a new pool, -1 without memory. Of too many the first of the domain stands
 * for the others. */
static int64_t class_of(struct mlw_run *run, struct mlw_pools *pools, uint32_t domain,
                        uint64_t block_size)
{
	struct mlw_pool_class class = { .domain = domain, .block_size = block_size };
	int64_t first = -1;
	struct mlw_error err;

	for (size_t i = 0; i < pools->class_count; i++) {
		if (pools->classes[i].domain != domain)
			continue;
		if (pools->classes[i].block_size == block_size)
			return (int64_t)i;
		if (first < 0)
			first = (int64_t)i;
	}
	if (pools->class_count >= MLW_POOL_CLASSES && first >= 0)
		return first;
	if (mlw_grow(&pools->classes, &pools->class_capacity, pools->class_count + 1,
	             sizeof(class), &err)) {
		mlw_run_died(run, &err);
		return -1;
	}
	pools->classes[pools->class_count] = class;
	return (int64_t)pools->class_count++;
}

static void reset(struct mlw_run *run, struct mlw_thread *thread, struct mlw_pool *pool)
{
	if (pool->blocks)
		mlw_resolve_untrack_all(run, thread, pool->blocks);
	mlw_blocks_free(pool->blocks);
	pool->blocks = NULL;
}

static void destroy(struct mlw_run *run, struct mlw_thread *thread, struct mlw_pool *pool)
{
	struct mlw_pool_class *class = &thread->process->pools->classes[pool->class];

	reset(run, thread, pool);
	class->pools--;
	class->size -= pool->size;
	pool->size = 0;
}

static void count_in(struct mlw_pool_class *class, uint64_t size)
{
	class->created++;
	class->pools++;
	class->size += size;
	if (class->size > class->peak_size)
		class->peak_size = class->size;
}

static bool create(struct mlw_run *run, struct mlw_thread *thread,
                   const struct mlw_pool_event *event)
{
	struct mlw_process *process = thread->process;
	uint32_t domain = mlw_domains_id(run, process, event->kind);
	struct mlw_pool *pool;
	int64_t class;

	if (!domain || !event->size || event->size > MLW_SIZE_MOST ||
	    event->address >> 48 || event->block_size > event->size)
		return false;
	if (!process->pools)
		process->pools = calloc(1, sizeof(*process->pools));
	if (!process->pools)
		return false;
	pool = find(process, event->pool);
	if (pool)
		destroy(run, thread, pool);
	class = class_of(run, process->pools, domain, event->block_size);
	pool = class < 0 ? NULL : place(run, process->pools, event->pool);
	if (!pool)
		return false;
	pool->start = event->address;
	pool->size = event->size;
	pool->class = (uint32_t) class;
	count_in(&process->pools->classes[class], event->size);
	return true;
}

static bool add_block(struct mlw_run *run, struct mlw_thread *thread,
                      struct mlw_pool *pool, const struct mlw_memo *stack,
                      const struct mlw_pool_event *event)
{
	uint32_t domain = thread->process->pools->classes[pool->class].domain;
	uint32_t trace =
	        mlw_run_trace(run, stack->node, stack->truncated || !stack->valid,
	                      thread->context, domain);
	struct mlw_error err;

	if (!trace || event->address >> 48 || !mlw_run_counts(run, event->size))
		return false;
	if (!pool->blocks)
		pool->blocks = mlw_blocks_new(NULL, 0, &err);
	if (!pool->blocks) {
		mlw_run_died(run, &err);
		return false;
	}
	mlw_resolve_track(run, thread, pool->blocks, event->address, event->size, trace);
	return true;
}

bool mlw_pools_take(struct mlw_run *run, struct mlw_thread *thread,
                    const struct mlw_memo *stack, const struct mlw_pool_event *event)
{
	struct mlw_pool *pool;

	if (event->op == MLW_POOL_CREATE)
		return create(run, thread, event);
	if (event->op > MLW_POOL_DESTROY || !event->op)
		return false;
	pool = find(thread->process, event->pool);
	if (!pool)
		return true;
	switch (event->op) {
	case MLW_POOL_ALLOC:
		return add_block(run, thread, pool, stack, event);
	case MLW_POOL_FREE:
		if (pool->blocks)
			mlw_resolve_untrack(run, thread, pool->blocks, event->address);
		return true;
	case MLW_POOL_RESET:
		reset(run, thread, pool);
		return true;
	default:
		destroy(run, thread, pool);
		return true;
	}
}

bool mlw_pools_find(const struct mlw_pools *pools, uint32_t domain, uint64_t address,
                    struct mlw_block *block)
{
	for (size_t i = 0; pools && i < pools->count; i++) {
		const struct mlw_pool *pool = &pools->pools[i];

		if (pool->size && pool->blocks &&
		    pools->classes[pool->class].domain == domain &&
		    mlw_blocks_find(pool->blocks, address, block))
			return true;
	}
	return false;
}

int mlw_pools_each(const struct mlw_pools *pools,
                   int (*visit)(const struct mlw_block *block, void *context),
                   void *context)
{
	int result = 0;

	for (size_t i = 0; pools && !result && i < pools->count; i++)
		if (pools->pools[i].blocks)
			result = mlw_blocks_each(pools->pools[i].blocks, visit, context);
	return result;
}

/* By class, for the caller to free; NULL without memory. */
static struct mlw_pool_room *find_rooms(const struct mlw_pools *pools, uint64_t forgotten,
                                        struct mlw_error *err)
{
	struct mlw_pool_room *rooms = calloc(pools->class_count + 1, sizeof(*rooms));

	if (!rooms)
		mlw_fail(err, "out of memory for pools");
	for (size_t i = 0; rooms && i < pools->count; i++) {
		const struct mlw_pool *pool = &pools->pools[i];

		if (!pool->size ||
		    !mlw_pool_room_add(&rooms[pool->class], pool,
		                       pools->classes[pool->class].block_size, forgotten,
		                       err))
			continue;
		free(rooms);
		rooms = NULL;
	}
	return rooms;
}

void mlw_pools_write(const struct mlw_pools *pools, struct mlw_run *run, uint32_t process,
                     uint64_t forgotten)
{
	struct mlw_error err;
	struct mlw_pool_room *rooms = pools ? find_rooms(pools, forgotten, &err) : NULL;

	if (pools && !rooms)
		mlw_run_died(run, &err);
	for (size_t i = 0; rooms && i < pools->class_count; i++) {
		const struct mlw_pool_class *class = &pools->classes[i];

		mlw_run_put_pools(run, &(struct mlw_pool_row){
		                               .process = process,
		                               .domain = class->domain,
		                               .block_size = class->block_size,
		                               .created = class->created,
		                               .pools = class->pools,
		                               .size = class->size,
		                               .peak_size = class->peak_size,
		                               .blocks = rooms[i].blocks,
		                               .used_size = rooms[i].used_size,
		                               .free_size = rooms[i].free_size,
		                               .largest_free = rooms[i].largest_free });
	}
	free(rooms);
}
