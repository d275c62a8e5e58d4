/* SPDX-License-Identifier: MIT */
#include "record/record.h"

#include <errno.h>
#include <string.h>

#include "record/thread.h"
#include "record/verify.h"

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* A handler that interrupted a hook has a stack object of its own for each level, so that
 * the frames that the interrupted hook is about to send stay as they are. */
static struct mlw_stack *nested_stack(struct mlw_thread *thread)
{
	uint32_t level = thread->nesting - 2;

	if (level >= MLW_NESTED_STACKS)
		return NULL;
	if (!thread->nested[level])
		thread->nested[level] = mlw_stack_new();
	return thread->nested[level];
}

static const struct mlw_stack *take_nested(struct mlw_thread *thread,
                                           const uintptr_t *frame,
                                           struct mlw_stack_result *result)
{
	struct mlw_stack *stack = nested_stack(thread);

	if (stack)
		mlw_stack_detached(stack, frame, result);
	else
		*result = (struct mlw_stack_result){ .words = 1,
			                             .slot = MLW_SLOT_NONE,
			                             .store = MLW_SLOT_NONE,
			                             .flags = MLW_STACK_CUT,
			                             .detached = true };
	return stack;
}

static void verify(struct mlw_thread *thread, const uintptr_t *frame,
                   const struct mlw_stack_result *result)
{
	uint32_t every = mlw_session->config.verify_every;

	if (!every || ++thread->verify_count < every)
		return;
	thread->verify_count = 0;
	atomic_fetch_add(&thread->segment->stacks_verified, 1);
	if (!mlw_verify_stack(thread->stack, result, frame))
		atomic_fetch_add(&thread->segment->stack_mismatches, 1);
}

static __attribute__((noinline)) void take_special(struct mlw_thread *thread,
                                                   const uintptr_t *frame,
                                                   struct mlw_stack_result *result)
{
	switch (mlw_session->config.unwinder) {
	case MLW_UNWINDER_LIBUNWIND:
		mlw_libunwind_take(thread->stack, frame, result);
		break;
	case MLW_UNWINDER_FP:
		mlw_fp_take(thread->stack, frame, result);
		break;
	default:
		mlw_stack_take(thread->stack, frame, result);
	}
	verify(thread, frame, result);
}

static inline const struct mlw_stack *take(struct mlw_thread *thread,
                                           const uintptr_t *frame,
                                           struct mlw_stack_result *result)
{
	if (unlikely(thread->nesting > 1))
		return take_nested(thread, frame, result);
	if (unlikely(thread->special))
		take_special(thread, frame, result);
	else
		mlw_stack_take(thread->stack, frame, result);
	return thread->stack;
}

static inline uint64_t *write_stack(const struct mlw_stack *stack,
                                    const struct mlw_stack_result *result,
                                    uint64_t *words)
{
	if (likely(!result->words))
		return words;
	if (likely(stack != NULL))
		mlw_stack_write(stack, result, words);
	else
		*words = mlw_word(MLW_EVENT_STACK, MLW_ARG_DETACHED | MLW_SLOT_NONE,
		                  (uint64_t)MLW_STACK_CUT << 32);
	return words + result->words;
}

static inline void write_alloc(struct mlw_thread *thread, uint64_t *words,
                               enum mlw_event_type type, uint32_t slot, uint64_t address,
                               uint64_t size)
{
	uint32_t arg = slot;
	uint64_t ticket = 0;

	if (mlw_thread_ticketed(thread)) {
		arg |= MLW_ARG_TICKET;
		ticket = mlw_thread_ticket(thread, mlw_ticket_index(address));
	}
	words[0] = mlw_word(type, arg, address);
	words[1] = (uint32_t)size | ticket << 32;
	mlw_local.last_block = address;
}

void mlw_record_skip(const void *block)
{
	if (mlw_local.thread)
		mlw_local.thread->skipped_block = (uintptr_t)block;
}

void mlw_record_alloc(enum mlw_event_type type, const void *block, size_t size,
                      const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	struct mlw_stack_result result;
	const struct mlw_stack *stack;
	uint32_t huge = size >> 32 != 0;
	uint64_t *words;

	if (unlikely(!thread))
		return;
	stack = take(thread, frame, &result);
	words = mlw_thread_reserve(thread, result.words + huge + 2);
	if (likely(words != NULL)) {
		words = write_stack(stack, &result, words);
		if (unlikely(huge))
			*words++ = mlw_word(MLW_EVENT_SIZE, 0, size >> 32);
		write_alloc(thread, words, type, result.slot, (uintptr_t)block, size);
	}
	mlw_thread_leave(thread);
}

void mlw_record_free(enum mlw_event_type type, const void *block, const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	uint64_t address = (uintptr_t)block, *words;
	bool ticketed;

	if (unlikely(!thread))
		return;
	ticketed = mlw_thread_ticketed(thread);
	words = address == thread->skipped_block
	                ? NULL
	                : mlw_thread_reserve(thread, 1u + ticketed);
	if (likely(words != NULL)) {
		words[0] = mlw_word(type, ticketed ? MLW_ARG_TICKET : 0, address);
		if (ticketed)
			words[1] = mlw_thread_ticket(thread, mlw_ticket_index(address));
	}
	mlw_thread_leave(thread);
}

int mlw_record_maps_wanted(void)
{
	return mlw_session && mlw_session->config.record_maps;
}

static uint64_t map_ticket(struct mlw_thread *thread, uint64_t address, uint32_t kind,
                           uint32_t *arg)
{
	if (!mlw_thread_ticketed(thread))
		return 0;
	*arg |= MLW_ARG_TICKET;
	return mlw_thread_ticket(thread, mlw_map_ticket_index(address, kind));
}

int mlw_record_map(const void *address, size_t length, uint32_t kind,
                   const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	struct mlw_stack_result result;
	const struct mlw_stack *stack;
	uint64_t *words, ticket;
	uint32_t arg;

	if (!thread)
		return -ENOTCONN;
	stack = take(thread, frame, &result);
	words = mlw_thread_reserve(thread, result.words + 3);
	if (words) {
		words = write_stack(stack, &result, words);
		arg = result.slot;
		ticket = map_ticket(thread, (uintptr_t)address, kind, &arg);
		words[0] = mlw_word(MLW_EVENT_MAP, arg, (uintptr_t)address);
		words[1] = length;
		words[2] = ticket | (uint64_t)kind << 32;
	}
	mlw_thread_leave(thread);
	return words ? 0 : -ENOBUFS;
}

int mlw_record_unmap(const void *address, size_t length, uint32_t kind,
                     const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	uint64_t *words, ticket;
	uint32_t arg = 0;

	if (!thread)
		return -ENOTCONN;
	words = mlw_thread_reserve(thread, 3);
	if (words) {
		ticket = map_ticket(thread, (uintptr_t)address, kind, &arg);
		words[0] = mlw_word(MLW_EVENT_UNMAP, arg, (uintptr_t)address);
		words[1] = length;
		words[2] = ticket | (uint64_t)kind << 32;
	}
	mlw_thread_leave(thread);
	return words ? 0 : -ENOBUFS;
}

/* Only a block has a stack. */
int mlw_record_pool(const void *pool, enum mlw_pool_op op, uint32_t kind,
                    const uint64_t words[3], const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	struct mlw_stack_result result = { .slot = MLW_SLOT_NONE };
	const struct mlw_stack *stack = NULL;
	uint64_t *at, ticket;
	uint32_t arg;

	if (!thread)
		return -ENOTCONN;
	if (op == MLW_POOL_ALLOC)
		stack = take(thread, frame, &result);
	at = mlw_thread_reserve(thread, result.words + 5);
	if (at) {
		at = write_stack(stack, &result, at);
		arg = result.slot;
		ticket = map_ticket(thread, (uintptr_t)pool, MLW_MAP_TRACKED, &arg);
		at[0] = mlw_word(MLW_EVENT_POOL, arg, (uintptr_t)pool);
		at[1] = ticket | (uint64_t)op << 32 | (uint64_t)kind << 40;
		memcpy(&at[2], words, 3 * sizeof(*words));
	}
	mlw_thread_leave(thread);
	return at ? 0 : -ENOBUFS;
}

static void write_control(struct mlw_thread *thread, enum mlw_control control,
                          uint64_t value)
{
	uint64_t *words;

	if (!thread)
		return;
	words = mlw_thread_reserve(thread, 1);
	if (words)
		words[0] = mlw_word(MLW_EVENT_CONTROL, control, value);
	mlw_thread_leave(thread);
}

void mlw_record_control(enum mlw_control control, uint64_t value, const uintptr_t *frame)
{
	write_control(mlw_thread_enter_stopped(frame), control, value);
}

void mlw_record_realloc_end(const uintptr_t *frame)
{
	write_control(mlw_thread_enter(frame), MLW_CONTROL_REALLOC_END, 0);
}
