/* SPDX-License-Identifier: MIT */
#include "record/memo.h"

#define EVICTIONS_TO_GROW 1024u

/*
 * An entry that keeps its slot under the new size stays; it is what the collector has
 * there. The others are found no more and are overwritten in time.
 */
static void grow(struct mlw_stack *stack)
{
	size_t bytes = (MLW_MEMO_SLOTS - MLW_MEMO_FIRST) *
	               (sizeof(stack->memo[0]) + sizeof(stack->memo_keys[0]));

	stack->evictions = 0;
	if (stack->memo_count == MLW_MEMO_FIRST && mlw_stack_grant(stack, bytes))
		stack->memo_count = MLW_MEMO_SLOTS;
}

/* The outermost row from which the entry's words suffice, or 0. */
static uint32_t choose_base(const struct mlw_stack *stack, uint32_t met)
{
	uint32_t words = stack->top->words, base = met;

	if (!met || words - stack->rows[met].words > MLW_MEMO_WORDS)
		return 0;
	while (base > 1 && words - stack->rows[base - 1].words <= MLW_MEMO_WORDS)
		base--;
	return base;
}

static bool copy_words(const struct mlw_stack *stack, struct mlw_memo_entry *entry,
                       uint32_t base)
{
	uint32_t row = stack->count;
	uint64_t sp = stack->top->state.sp;

	entry->count = 0;
	entry->returns = 0;
	for (uint32_t i = stack->top->words; i > stack->rows[base].words; i--) {
		const struct mlw_remembered_word *word = &stack->words[i - 1];
		uint64_t offset = (uint64_t)(uintptr_t)word->address - sp;

		if (offset / 8 > UINT16_MAX)
			return false;
		while (stack->rows[row - 1].words >= i)
			row--;
		if ((uintptr_t)word->address + 8 == stack->rows[row - 1].state.sp)
			entry->returns |= (uint16_t)(1u << entry->count);
		entry->offsets[entry->count] = (uint16_t)(offset / 8);
		entry->values[entry->count++] = word->value;
	}
	return true;
}

/* Of the two slots, the key's own, or an empty one, or one not used lately. */
static uint32_t choose_slot(struct mlw_stack *stack, uint64_t key)
{
	uint32_t slot = mlw_memo_slot(stack, key), holder = mlw_memo_holder(stack, key);
	struct mlw_memo_entry *entry = &stack->memo[slot];

	if (holder != MLW_SLOT_NONE)
		return holder;
	if (!stack->memo_keys[slot])
		return slot;
	if (!stack->memo_keys[slot + 1])
		return slot + 1;
	stack->evictions++;
	if (!entry[0].used)
		return slot;
	entry[0].used = 0;
	if (!entry[1].used)
		return slot + 1;
	entry[1].used = 0;
	return slot;
}

uint32_t mlw_memo_store(struct mlw_stack *stack, uint64_t key, uint32_t met)
{
	uint32_t base = choose_base(stack, met), slot;
	struct mlw_memo_entry *entry;

	if (!base)
		return MLW_SLOT_NONE;
	slot = choose_slot(stack, key);
	entry = &stack->memo[slot];
	stack->memo_keys[slot] = 0;
	if (!copy_words(stack, entry, base))
		return MLW_SLOT_NONE;
	entry->state = stack->top->state;
	entry->needs_bp = mlw_row_needs_bp(stack->top);
	entry->base = base;
	entry->base_id = mlw_row_id(stack, base);
	entry->used = 0;
	stack->memo_keys[slot] = key;
	if (stack->evictions >= EVICTIONS_TO_GROW)
		grow(stack);
	return slot;
}
