/* SPDX-License-Identifier: MIT */
/*
 * The interposed allocator. A free is recorded before the real free, an allocation after
 * the real malloc, so that on one address the records are in the order in which things
 * happened. A realloc is both: the old block before, the new one after, and the old one
 * is put back if the real realloc failed.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "record/outer.h"
#include "record/public.h"
#include "record/real.h"
#include "record/record.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))

/*
 * malloc and free are but a fork in the road: what is not sampled goes on to the real
 * function by a jump, at the cost of some ten instructions, and what is recorded to a
 * function whose frame then is the hook's.
 */
static __attribute__((noinline)) void *recorded_malloc(size_t size)
{
	void *block = mlw_real.malloc(size);

	if (block)
		mlw_record_alloc(MLW_EVENT_ALLOC, block, size, FRAME);
	return block;
}

/* A block that is sampled, or the first one of all: a thread that has drawn nothing yet
 * passes nothing. */
static __attribute__((noinline)) void *reached_malloc(size_t size)
{
	bool is_drawn;
	void *block;

	if (!mlw_real_ready())
		return mlw_arena_alloc(1, size);
	is_drawn = mlw_sample_reached(size, FRAME);
	block = mlw_real.malloc(size);
	if (block && is_drawn) {
		mlw_sample_add(block);
		mlw_record_alloc(MLW_EVENT_ALLOC, block, size, FRAME);
	}
	return block;
}

MLW_PUBLIC void *malloc(size_t size)
{
	if (__builtin_expect(mlw_sampling_now() == MLW_SAMPLING_OFF, 1))
		return recorded_malloc(size);
	if (mlw_sample_passes(size))
		return mlw_real.malloc(size);
	return reached_malloc(size);
}

MLW_PUBLIC void *calloc(size_t count, size_t element)
{
	struct mlw_outer outer;
	void *block;

	if (!mlw_real_ready())
		return count && element > SIZE_MAX / count
		               ? NULL
		               : mlw_arena_alloc(1, count * element);
	mlw_outer_begin(&outer);
	block = mlw_real.calloc(count, element);
	mlw_outer_end(&outer, block, count * element, FRAME);
	return block;
}

static __attribute__((noinline)) void recorded_free(void *block)
{
	if (!block || mlw_arena_owns(block) || !mlw_real_ready())
		return;
	mlw_record_free(MLW_EVENT_FREE, block, FRAME);
	mlw_real.free(block);
}

/* Of a block that may have been sampled, or that is none of the real allocator's, or
 * before anything is known. */
static __attribute__((noinline)) void reached_free(void *block)
{
	if (!block || mlw_arena_owns(block) || !mlw_real_ready())
		return;
	if (mlw_sample_remove(block))
		mlw_record_free(MLW_EVENT_FREE, block, FRAME);
	mlw_real.free(block);
}

MLW_PUBLIC void free(void *block)
{
	if (__builtin_expect(mlw_sampling_now() == MLW_SAMPLING_OFF, 1))
		recorded_free(block);
	else if (mlw_sample_may_have(block))
		reached_free(block);
	else
		mlw_real.free(block);
}

/* A block of the arena moves out of it for good. */
static void *arena_move(void *block, size_t size, const uintptr_t *frame)
{
	size_t old = mlw_arena_size(block);
	void *moved = mlw_real.malloc(size);

	if (!moved)
		return NULL;
	memcpy(moved, block, old < size ? old : size);
	if (mlw_sample_takes(moved, size, frame))
		mlw_record_alloc(MLW_EVENT_REALLOC_ALLOC, moved, size, frame);
	return moved;
}

/* The standard leaves realloc(p, 0) open; whatever the allocator does, the old block is
 * gone. */
static void *realloc_to_nothing(void *block, const uintptr_t *frame)
{
	void *moved;

	if (mlw_sample_ends(block))
		mlw_record_free(MLW_EVENT_FREE, block, frame);
	moved = mlw_real.realloc(block, 0);
	if (moved && mlw_sample_takes(moved, 0, frame))
		mlw_record_alloc(MLW_EVENT_REALLOC_ALLOC, moved, 0, frame);
	return moved;
}

/* The new block is drawn before the real call: what is drawn for one that fails is as if
 * it had never been. */
static void *resize_sampled(void *block, size_t size, const uintptr_t *frame)
{
	bool was = block && mlw_sample_ends(block);
	bool is = mlw_sample_draws(size, frame);
	void *moved;

	if (was)
		mlw_record_free(MLW_EVENT_REALLOC_FREE, block, frame);
	moved = mlw_real.realloc(block, size);
	if (moved && is) {
		mlw_sample_add(moved);
		mlw_record_alloc(MLW_EVENT_REALLOC_ALLOC, moved, size, frame);
	} else if (moved && was) {
		mlw_record_realloc_end(frame);
	} else if (was) {
		mlw_sample_add(block);
		mlw_record_free(MLW_EVENT_REALLOC_UNDO, block, frame);
	}
	return moved;
}

static inline void *resize(void *block, size_t size, const uintptr_t *frame)
{
	void *moved;

	if (mlw_arena_owns(block))
		return arena_move(block, size, frame);
	if (block && !size)
		return realloc_to_nothing(block, frame);
	if (__builtin_expect(mlw_sampling_now() != MLW_SAMPLING_OFF, 0) &&
	    mlw_sample_known(frame))
		return resize_sampled(block, size, frame);
	if (block)
		mlw_record_free(MLW_EVENT_REALLOC_FREE, block, frame);
	moved = mlw_real.realloc(block, size);
	if (moved)
		mlw_record_alloc(MLW_EVENT_REALLOC_ALLOC, moved, size, frame);
	else if (block)
		mlw_record_free(MLW_EVENT_REALLOC_UNDO, block, frame);
	return moved;
}

MLW_PUBLIC void *realloc(void *block, size_t size)
{
	if (!mlw_real_ready())
		return block ? NULL : mlw_arena_alloc(1, size);
	return resize(block, size, FRAME);
}

/* Through our own realloc: glibc's reallocarray would call it and be recorded twice. */
MLW_PUBLIC void *reallocarray(void *block, size_t count, size_t element)
{
	size_t size;

	if (!mlw_real_ready())
		return NULL;
	if (__builtin_mul_overflow(count, element, &size)) {
		errno = ENOMEM;
		return NULL;
	}
	return resize(block, size, FRAME);
}

MLW_PUBLIC int posix_memalign(void **block, size_t alignment, size_t size)
{
	struct mlw_outer outer;
	int status;

	if (!mlw_real_ready())
		return ENOMEM;
	mlw_outer_begin(&outer);
	status = mlw_real.posix_memalign(block, alignment, size);
	mlw_outer_end(&outer, status ? NULL : *block, size, FRAME);
	return status;
}

MLW_PUBLIC void *aligned_alloc(size_t alignment, size_t size)
{
	struct mlw_outer outer;
	void *block;

	if (!mlw_real_ready())
		return mlw_arena_alloc(alignment, size);
	mlw_outer_begin(&outer);
	block = mlw_real.aligned_alloc(alignment, size);
	mlw_outer_end(&outer, block, size, FRAME);
	return block;
}

MLW_PUBLIC void *memalign(size_t alignment, size_t size)
{
	struct mlw_outer outer;
	void *block;

	if (!mlw_real_ready())
		return mlw_arena_alloc(alignment, size);
	mlw_outer_begin(&outer);
	block = mlw_real.memalign(alignment, size);
	mlw_outer_end(&outer, block, size, FRAME);
	return block;
}

MLW_PUBLIC void *valloc(size_t size)
{
	struct mlw_outer outer;
	void *block;

	if (!mlw_real_ready())
		return NULL;
	mlw_outer_begin(&outer);
	block = mlw_real.valloc(size);
	mlw_outer_end(&outer, block, size, FRAME);
	return block;
}

MLW_PUBLIC void *pvalloc(size_t size)
{
	struct mlw_outer outer;
	void *block;

	if (!mlw_real_ready())
		return NULL;
	mlw_outer_begin(&outer);
	block = mlw_real.pvalloc(size);
	mlw_outer_end(&outer, block, size, FRAME);
	return block;
}

MLW_PUBLIC size_t malloc_usable_size(void *block)
{
	if (!block || !mlw_real_ready())
		return 0;
	if (mlw_arena_owns(block))
		return mlw_arena_size(block);
	return mlw_real.malloc_usable_size(block);
}

MLW_PUBLIC void cfree(void *block)
{
	free(block);
}

/* C23: both are free with a promise. */
MLW_PUBLIC void free_sized(void *block, size_t size)
{
	(void)size;
	free(block);
}

MLW_PUBLIC void free_aligned_sized(void *block, size_t alignment, size_t size)
{
	(void)alignment;
	(void)size;
	free(block);
}
