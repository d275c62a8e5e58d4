/* SPDX-License-Identifier: MIT */
#include "record/verify.h"

#include <dlfcn.h>
#include <string.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "record/modules.h"
#include "record/remember.h"

#define OWN_FRAMES 16u

/* Found by dlsym under the names that libunwind.h gives to its local functions. */
static struct {
	int (*getcontext)(unw_context_t *);
	int (*init_local)(unw_cursor_t *, unw_context_t *);
	int (*step)(unw_cursor_t *);
	int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
	int (*is_signal_frame)(unw_cursor_t *);
} libunwind;

static bool loaded;

static bool find(void *library, void *function, const char *name)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool mlw_verify_init(void)
{
	void *library;

	if (loaded)
		return true;
	library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	loaded = find(library, &libunwind.getcontext, "_Ux86_64_getcontext") &&
	         find(library, &libunwind.init_local, "_ULx86_64_init_local") &&
	         find(library, &libunwind.step, "_ULx86_64_step") &&
	         find(library, &libunwind.get_reg, "_ULx86_64_get_reg") &&
	         find(library, &libunwind.is_signal_frame, "_ULx86_64_is_signal_frame");
	return loaded;
}

static uint64_t get(unw_cursor_t *cursor, int reg)
{
	unw_word_t value = 0;

	libunwind.get_reg(cursor, reg, &value);
	return value;
}

/* Steps out of the tracer, to the caller of the hook. */
static bool reach(unw_cursor_t *cursor, const uintptr_t *frame)
{
	for (uint32_t i = 0; i < OWN_FRAMES; i++) {
		if (libunwind.step(cursor) <= 0)
			return false;
		if (get(cursor, UNW_X86_64_RSP) == (uintptr_t)(frame + 2))
			return true;
	}
	return false;
}

/*
 * From where the cursor stands: at most `size` pcs, innermost first, the interrupted
 * ones below signal frames marked. Some versions report a last frame at 0.
 */
static uint32_t collect(unw_cursor_t *cursor, uint64_t *pcs, uint32_t size,
                        uint32_t *flags)
{
	uint32_t n = 0;
	int more = 1;

	while (more > 0 && n < size) {
		uint64_t pc = get(cursor, UNW_X86_64_RIP);

		if (!pc)
			break;
		pcs[n++] =
		        pc | (libunwind.is_signal_frame(cursor) > 0 ? MLW_PC_EXACT : 0);
		more = libunwind.step(cursor);
	}
	*flags = more < 0 ? MLW_STACK_CUT : more > 0 && n == size ? MLW_STACK_DEEP : 0;
	return n;
}

static __attribute__((noinline)) uint32_t walk(const uintptr_t *frame, uint64_t *pcs,
                                               uint32_t size, uint32_t *flags)
{
	unw_context_t context;
	unw_cursor_t cursor;

	*flags = MLW_STACK_CUT;
	libunwind.getcontext(&context);
	if (libunwind.init_local(&cursor, &context) < 0 || !reach(&cursor, frame))
		return 0;
	return collect(&cursor, pcs, size, flags);
}

/* Which frames were interrupted is left out: libunwind's versions differ in when they
 * say so. */
static bool same_pcs(const struct mlw_stack *stack, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if ((stack->verify_ours[i] ^ stack->verify_theirs[i]) & ~MLW_PC_EXACT)
			return false;
	return true;
}

/* A stack that is too deep to be known to its end is right if what is there is right. */
static bool equal(const struct mlw_stack *stack, uint32_t flags)
{
	uint32_t ours = stack->compared[0], theirs = stack->compared[1];
	bool deep = flags & MLW_STACK_DEEP && ours >= MLW_DEEP_FRAMES && ours <= theirs;

	return (ours == theirs || deep) && same_pcs(stack, ours);
}

/* The flags of a stack that was not sent just now are those of the cursor. */
bool mlw_verify_stack(struct mlw_stack *stack, const struct mlw_stack_result *result,
                      const uintptr_t *frame)
{
	uint32_t flags = result->detached ? result->flags : stack->flags, unused;

	if (!loaded)
		return true;
	stack->compared[0] =
	        mlw_stack_frames(stack, result, stack->verify_ours, MLW_STACK_MAX_FRAMES);
	stack->compared[1] =
	        walk(frame, stack->verify_theirs, MLW_STACK_MAX_FRAMES, &unused);
	return equal(stack, flags);
}

void mlw_verify_last(const struct mlw_stack *stack, const uint64_t **ours,
                     uint32_t *our_count, const uint64_t **theirs, uint32_t *their_count)
{
	*ours = stack->verify_ours;
	*our_count = stack->compared[0];
	*theirs = stack->verify_theirs;
	*their_count = stack->compared[1];
}

/* These walks ask no rules, so the modules are announced here. */
static void announce(uint64_t pc)
{
	struct mlw_object object;

	if (mlw_object_find((pc & ~MLW_PC_EXACT) - !(pc & MLW_PC_EXACT), &object))
		mlw_module_announce(&object);
}

static void detach(struct mlw_stack *stack, uint32_t count, uint32_t flags,
                   struct mlw_stack_result *result)
{
	*result = (struct mlw_stack_result){ .words = 1 + count,
		                             .slot = MLW_SLOT_NONE,
		                             .store = MLW_SLOT_NONE,
		                             .push = count,
		                             .flags = flags,
		                             .detached = true };
	for (uint32_t i = 0; i < count; i++)
		announce(stack->pcs[i]);
}

void mlw_libunwind_take(struct mlw_stack *stack, const uintptr_t *frame,
                        struct mlw_stack_result *result)
{
	uint32_t flags, count;

	if (!loaded) {
		mlw_stack_detached(stack, frame, result);
		return;
	}
	count = walk(frame, stack->pcs, MLW_STACK_MAX_FRAMES, &flags);
	detach(stack, count, flags, result);
}

static bool next_frame(struct mlw_readable *range, const uintptr_t **frame)
{
	uintptr_t next = (*frame)[0];

	if (next <= (uintptr_t)*frame || !mlw_readable(range, next) ||
	    !mlw_readable(range, next + 8))
		return false;
	*frame = (const uintptr_t *)next;
	return true;
}

void mlw_fp_take(struct mlw_stack *stack, const uintptr_t *frame,
                 struct mlw_stack_result *result)
{
	uint32_t count = 0;
	bool more = true;

	mlw_readable_move(&stack->range, (uintptr_t)frame);
	while (more && count < MLW_STACK_MAX_FRAMES && frame[1]) {
		stack->pcs[count++] = frame[1];
		more = next_frame(&stack->range, &frame);
	}
	detach(stack, count, more && frame[1] ? MLW_STACK_DEEP : 0, result);
}
