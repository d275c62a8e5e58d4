/* SPDX-License-Identifier: MIT */
#include "collect/resolve.h"

#include "collect/process.h"

static struct mlw_change begin(struct mlw_run *run, const struct mlw_thread *thread,
                               enum mlw_op op)
{
	if (thread->time_us > run->time_us)
		run->time_us = thread->time_us;
	return (struct mlw_change){ .time_us = run->time_us,
		                    .thread = thread->id,
		                    .op = (uint8_t)op };
}

static inline void set_old(struct mlw_change *change, const struct mlw_block *block)
{
	change->old_kind = MLW_OLD_BLOCK;
	change->old.ordinal = block->ordinal;
	change->old.size = block->size;
	change->old.time_us = block->time_us;
	change->old.trace = block->trace;
}

/* Keeps the thread's share of how high the live size may have been (collect/order.h). */
static inline void account(struct mlw_thread *thread, int64_t size)
{
	thread->pass_active = true;
	thread->pass_size += size;
	if (thread->pass_size > thread->pass_peak)
		thread->pass_peak = thread->pass_size;
}

/* What the process is told of itself, in all domains. */
static inline void count_live(struct mlw_process *process, uint64_t size)
{
	process->traced_size += size;
	if (process->traced_size > process->traced_peak)
		process->traced_peak = process->traced_size;
}

static inline void count_gone(struct mlw_process *process, uint64_t size)
{
	process->traced_size -= size;
}

/* The bytes for which a block of malloc's stands. */
static inline uint64_t weighed(const struct mlw_run *run, uint64_t size, uint64_t ordinal)
{
	return mlw_weigh(run->options->sample_bytes, size, ordinal).size;
}

/* A block of malloc's has begun, or ended. */
static inline void count_new(const struct mlw_run *run, struct mlw_thread *thread,
                             const struct mlw_change *change)
{
	uint64_t size = weighed(run, change->size, change->ordinal);

	account(thread, (int64_t)size);
	count_live(thread->process, size);
}

static inline void count_old(const struct mlw_run *run, struct mlw_thread *thread,
                             const struct mlw_block *block)
{
	uint64_t size = weighed(run, block->size, block->ordinal);

	account(thread, -(int64_t)size);
	count_gone(thread->process, size);
}

/* One that mlw_process_clear has taken out of the recording. */
static inline bool is_forgotten(const struct mlw_process *process,
                                const struct mlw_block *block)
{
	return block->ordinal <= process->forgotten;
}

/* Not all that it did was recorded, as it wished: what is unknown is of then. */
static bool is_late(const struct mlw_process *process)
{
	return atomic_load_explicit(&process->shared.segment->late, memory_order_relaxed);
}

static struct mlw_block new_block(struct mlw_run *run, struct mlw_change *change)
{
	return (struct mlw_block){ .address = change->address,
		                   .size = change->size,
		                   .ordinal = change->ordinal = ++run->ordinal,
		                   .time_us = change->time_us,
		                   .trace = change->trace };
}

static void free_replaced(struct mlw_run *run, struct mlw_thread *thread,
                          const struct mlw_block *block)
{
	struct mlw_change change;

	if (is_forgotten(thread->process, block))
		return;
	change = begin(run, thread, MLW_OP_FREE);
	set_old(&change, block);
	change.address = block->address;
	mlw_run_change(run, &change);
	count_old(run, thread, block);
	run->damaged_events += !is_late(thread->process);
}

/* The second half of an allocation: `change` is filled but for ordinal. */
static void allocate(struct mlw_run *run, struct mlw_thread *thread,
                     struct mlw_change *change)
{
	struct mlw_block block = new_block(run, change), replaced;
	struct mlw_error err;
	int status = mlw_blocks_add(thread->process->blocks, &block, &replaced, &err);

	if (status < 0) {
		mlw_run_died(run, &err);
		return;
	}
	if (status > 0)
		free_replaced(run, thread, &replaced);
	mlw_run_change(run, change);
	count_new(run, thread, change);
}

void mlw_resolve_alloc(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                       uint64_t size, uint32_t trace)
{
	struct mlw_change change = begin(run, thread, MLW_OP_ALLOC);

	change.address = address;
	change.size = size;
	change.trace = trace;
	allocate(run, thread, &change);
}

bool mlw_resolve_pair(struct mlw_run *run, struct mlw_thread *thread,
                      const struct mlw_blocks *blocks, uint64_t address, uint64_t size,
                      uint32_t trace)
{
	struct mlw_change change = begin(run, thread, MLW_OP_ALLOC);

	change.address = address;
	change.size = size;
	change.trace = trace;
	change.ordinal = run->ordinal + 1;
	if (mlw_blocks_has(blocks, address) || !mlw_run_pair(run, &change))
		return false;
	run->ordinal++;
	count_live(thread->process, size);
	count_gone(thread->process, size);
	return true;
}

bool mlw_resolve_malloc_pair(struct mlw_run *run, struct mlw_thread *thread,
                             uint64_t address, uint64_t size, uint32_t trace)
{
	if (!mlw_resolve_pair(run, thread, thread->process->blocks, address, size, trace))
		return false;
	account(thread, (int64_t)size);
	account(thread, -(int64_t)size);
	thread->freed.address = address;
	thread->freed.ordinal = run->ordinal;
	thread->freed.trace = trace;
	return true;
}

/* A pointer that is no live block of this process; NONE: it may have been one before the
 * recording began, or one that was not sampled. */
static enum mlw_old unknown_pointer(const struct mlw_run *run, struct mlw_thread *thread,
                                    uint64_t address)
{
	if (run->options->sample_bytes)
		return MLW_OLD_NONE;
	if (mlw_blocks_take_inherited(thread->process->blocks, address))
		return MLW_OLD_INHERITED;
	return is_late(thread->process) ? MLW_OLD_NONE : MLW_OLD_FOREIGN;
}

void mlw_resolve_free(struct mlw_run *run, struct mlw_thread *thread, uint64_t address)
{
	struct mlw_change change = begin(run, thread, MLW_OP_FREE);
	struct mlw_block *block = &thread->freed;

	change.address = address;
	if (mlw_blocks_take(thread->process->blocks, address, run->ordinal, block)) {
		if (is_forgotten(thread->process, block))
			return;
		set_old(&change, block);
		count_old(run, thread, block);
	} else {
		change.old_kind = (uint8_t)unknown_pointer(run, thread, address);
		if (change.old_kind == MLW_OLD_NONE)
			return;
	}
	mlw_run_change(run, &change);
}

void mlw_resolve_realloc_free(struct mlw_run *run, struct mlw_thread *thread,
                              uint64_t address)
{
	struct mlw_pending *pending = &thread->pending;

	if (pending->active)
		mlw_resolve_realloc_undo(run, thread);
	*pending = (struct mlw_pending){ .active = true, .address = address };
	pending->known = mlw_blocks_take(thread->process->blocks, address, run->ordinal,
	                                 &pending->block);
}

void mlw_resolve_realloc_undo(struct mlw_run *run, struct mlw_thread *thread)
{
	struct mlw_pending *pending = &thread->pending;
	struct mlw_blocks *blocks = thread->process->blocks;
	struct mlw_block replaced;
	struct mlw_error err;

	/* A program that has stopped its recording in between may have given the address
	 * to another block by now. */
	if (pending->active && pending->known &&
	    (!is_forgotten(thread->process, &pending->block) ||
	     !mlw_blocks_has(blocks, pending->address)) &&
	    mlw_blocks_add(blocks, &pending->block, &replaced, &err) < 0)
		mlw_run_died(run, &err);
	pending->active = false;
}

static void end_pending(const struct mlw_run *run, struct mlw_thread *thread,
                        struct mlw_change *change)
{
	set_old(change, &thread->pending.block);
	count_old(run, thread, &thread->pending.block);
}

void mlw_resolve_realloc_end(struct mlw_run *run, struct mlw_thread *thread)
{
	struct mlw_change change = begin(run, thread, MLW_OP_FREE);
	struct mlw_pending *pending = &thread->pending;

	if (pending->active && pending->known &&
	    !is_forgotten(thread->process, &pending->block)) {
		change.address = pending->address;
		end_pending(run, thread, &change);
		mlw_run_change(run, &change);
	}
	pending->active = false;
}

void mlw_resolve_realloc_alloc(struct mlw_run *run, struct mlw_thread *thread,
                               uint64_t address, uint64_t size, uint32_t trace)
{
	struct mlw_change change = begin(run, thread, MLW_OP_REALLOC);
	struct mlw_pending *pending = &thread->pending;

	change.address = address;
	change.size = size;
	change.trace = trace;
	if (pending->active && pending->known) {
		if (!is_forgotten(thread->process, &pending->block))
			end_pending(run, thread, &change);
	} else if (pending->active) {
		change.old_kind = (uint8_t)unknown_pointer(run, thread, pending->address);
	}
	pending->active = false;
	allocate(run, thread, &change);
}

void mlw_resolve_map(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                     uint64_t size, uint32_t trace)
{
	struct mlw_change change = begin(run, thread, MLW_OP_ALLOC);
	struct mlw_block block;
	struct mlw_error err;

	change.address = address;
	change.size = size;
	change.trace = trace;
	block = new_block(run, &change);
	if (mlw_maps_add(&thread->process->maps, &block, &err)) {
		mlw_run_died(run, &err);
		return;
	}
	mlw_run_change(run, &change);
	count_live(thread->process, size);
}

static void unmap_piece(struct mlw_run *run, struct mlw_thread *thread,
                        const struct mlw_block *before, uint64_t left)
{
	struct mlw_change change = begin(run, thread, left ? MLW_OP_SHRINK : MLW_OP_FREE);

	if (is_forgotten(thread->process, before))
		return;
	count_gone(thread->process, before->size - left);
	set_old(&change, before);
	change.address = before->address;
	change.size = left;
	mlw_run_change(run, &change);
}

/* The program maps and unmaps what was there before us, too: that is not ours to say. */
void mlw_resolve_unmap(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                       uint64_t size)
{
	struct mlw_block before;
	struct mlw_error err;
	uint64_t left;
	int status;

	while ((status = mlw_maps_take(&thread->process->maps, address, address + size,
	                               &before, &left, &err)) > 0)
		unmap_piece(run, thread, &before, left);
	if (status < 0)
		mlw_run_died(run, &err);
}

/* A block that is there already gives way in one step. */
void mlw_resolve_track(struct mlw_run *run, struct mlw_thread *thread,
                       struct mlw_blocks *blocks, uint64_t address, uint64_t size,
                       uint32_t trace)
{
	struct mlw_change change = begin(run, thread, MLW_OP_ALLOC);
	struct mlw_block block, old;
	struct mlw_error err;
	int status;

	change.address = address;
	change.size = size;
	change.trace = trace;
	block = new_block(run, &change);
	status = mlw_blocks_add(blocks, &block, &old, &err);
	if (status < 0) {
		mlw_run_died(run, &err);
		return;
	}
	if (status > 0 && !is_forgotten(thread->process, &old)) {
		change.op = MLW_OP_REALLOC;
		set_old(&change, &old);
		count_gone(thread->process, old.size);
	}
	mlw_run_change(run, &change);
	count_live(thread->process, size);
}

static void end_tracked(struct mlw_run *run, struct mlw_thread *thread,
                        const struct mlw_block *block)
{
	struct mlw_change change = begin(run, thread, MLW_OP_FREE);

	if (is_forgotten(thread->process, block))
		return;
	change.address = block->address;
	set_old(&change, block);
	count_gone(thread->process, block->size);
	mlw_run_change(run, &change);
}

void mlw_resolve_untrack(struct mlw_run *run, struct mlw_thread *thread,
                         struct mlw_blocks *blocks, uint64_t address)
{
	struct mlw_block block;

	if (mlw_blocks_take(blocks, address, run->ordinal, &block))
		end_tracked(run, thread, &block);
}

struct ending {
	struct mlw_run *run;
	struct mlw_thread *thread;
};

static int end_one(const struct mlw_block *block, void *context)
{
	const struct ending *ending = context;

	end_tracked(ending->run, ending->thread, block);
	return 0;
}

void mlw_resolve_untrack_all(struct mlw_run *run, struct mlw_thread *thread,
                             const struct mlw_blocks *blocks)
{
	struct ending ending = { run, thread };

	mlw_blocks_each(blocks, end_one, &ending);
}
