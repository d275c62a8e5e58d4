/* SPDX-License-Identifier: MIT */
#include "collect/stacks.h"

#include "base/array.h"

static uint32_t frame_of(struct mlw_run *run, struct mlw_thread *thread, uint64_t pc,
                         struct mlw_error *err)
{
	return mlw_module_map_frame(&thread->process->modules, &run->tree,
	                            thread->generation, pc, err);
}

/* The node of `count` pcs from `at` on, above `node`; `nodes` (may be NULL) gets each. */
static uint32_t push_frames(struct mlw_run *run, const struct mlw_ring_view *view,
                            uint64_t at, uint32_t count, uint32_t node, uint32_t *nodes)
{
	struct mlw_error err;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t frame =
		        frame_of(run, view->thread, mlw_ring_word(view, at + i), &err);

		node = frame ? mlw_tree_child(&run->tree, node, frame, &err) : 0;
		if (!node) {
			mlw_run_died(run, &err);
			return 0;
		}
		if (nodes)
			nodes[i] = node;
	}
	return node;
}

static int set_cursor(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                      uint32_t keep, uint32_t push)
{
	struct mlw_thread *thread = view->thread;
	uint32_t node = keep ? thread->cursor[keep - 1] : 0;
	struct mlw_error err;

	if (__builtin_expect(keep + push > thread->cursor_capacity, 0) &&
	    mlw_grow(&thread->cursor, &thread->cursor_capacity, keep + push,
	             sizeof(*thread->cursor), &err)) {
		mlw_run_died(run, &err);
		return -1;
	}
	thread->depth = keep + push;
	push_frames(run, view, at, push, node, thread->cursor + keep);
	return run->dead ? -1 : 0;
}

int mlw_stack_event_take(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                         uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	uint32_t arg = mlw_word_arg(word), slot = arg & MLW_ARG_SLOT;
	uint64_t value = mlw_word_value(word);
	uint32_t keep = value & 0xffff, push = value >> 16 & 0xffff;
	struct mlw_memo stack = { .truncated = value >> 32 != 0, .valid = true };

	if (push > MLW_STACK_MAX_FRAMES)
		return -1;
	if (arg & MLW_ARG_DETACHED) {
		stack.node = push_frames(run, view, at + 1, push, 0, NULL);
		thread->detached = stack;
		return run->dead ? -1 : 0;
	}
	if (keep > thread->depth || keep + push > MLW_STACK_MAX_KEEP ||
	    set_cursor(run, view, at + 1, keep, push))
		return -1;
	stack.node = thread->depth ? thread->cursor[thread->depth - 1] : 0;
	thread->last = stack;
	if (slot != MLW_SLOT_NONE)
		thread->memo[slot] = stack;
	return 0;
}
