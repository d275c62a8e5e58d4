/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEMO_H
#define MLW_MEMO_H

/*
 * The memo of hot stacks (remember.h). It pays where stacks come back and costs where
 * they do not (recursion visits thousands of stacks once each), so it lives on credit: a
 * hit earns 1 up to CREDIT_MOST, a miss costs 2, and who is overdrawn is bypassed for
 * the next CREDIT_PAUSE stacks and begins again with a little.
 */

#include "record/remember.h"

#define MLW_CREDIT_MOST   64
#define MLW_CREDIT_PAUSE  256
#define MLW_CREDIT_AFRESH 16

/* Where a stack that was not found belongs. */
struct mlw_memo_place {
	uint64_t key;
	uint32_t slot; /* MLW_SLOT_NONE: nowhere */
};

static inline uint64_t mlw_memo_key(const struct mlw_state *at)
{
	uint64_t mixed = at->pc ^ at->sp * UINT64_C(0xd6e8feb86659fd93);

	return mixed * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static inline uint64_t mlw_memo_next_key(uint64_t key, uint64_t word, uint32_t index)
{
	return (key + word * 31 + index) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static inline uint32_t mlw_memo_slot(const struct mlw_stack *stack, uint64_t key)
{
	return (uint32_t)((key >> 32) * stack->memo_count >> 32);
}

static inline uint64_t mlw_memo_read(const struct mlw_memo_entry *entry, uint32_t index)
{
	return *(const volatile uint64_t *)(uintptr_t)(entry->state.sp +
	                                               8u * entry->offsets[index]);
}

/* Number of inner words that are as the entry has them. */
static inline uint32_t mlw_memo_check(const struct mlw_memo_entry *entry, uint64_t *word)
{
	uint32_t i = 0;

	for (; i < entry->count; i++) {
		*word = mlw_memo_read(entry, i);
		if (*word != entry->values[i])
			break;
	}
	return i;
}

static inline bool mlw_memo_base_holds(const struct mlw_stack *stack,
                                       const struct mlw_memo_entry *entry)
{
	const struct mlw_row *base = &stack->rows[entry->base];

	return entry->base <= stack->count && base->id == entry->base_id &&
	       mlw_row_unchanged(stack, base);
}

/* The slot that holds the stack whose innermost state is `at`, or MLW_SLOT_NONE; then
 * `place` says where it belongs. */
static inline uint32_t mlw_memo_find(struct mlw_stack *stack, const struct mlw_state *at,
                                     struct mlw_memo_place *place)
{
	uint64_t key = mlw_memo_key(at), word = 0;
	uint32_t slot = 0;

	for (uint32_t probe = 0; probe < MLW_MEMO_PROBES; probe++) {
		const struct mlw_memo_entry *entry;
		uint32_t same;

		slot = mlw_memo_slot(stack, key);
		entry = &stack->memo[slot];
		if (entry->key != key || entry->state.pc != at->pc ||
		    entry->state.sp != at->sp ||
		    (entry->needs_bp && entry->state.bp != at->bp))
			break;
		same = mlw_memo_check(entry, &word);
		if (__builtin_expect(same == entry->count, 1)) {
			if (!mlw_memo_base_holds(stack, entry))
				break;
			if (stack->credit < MLW_CREDIT_MOST)
				stack->credit++;
			return slot;
		}
		if (probe + 1 < MLW_MEMO_PROBES)
			key = mlw_memo_next_key(key, word, same);
	}
	place->key = key;
	place->slot = slot;
	stack->credit -= 2;
	if (stack->credit < 0)
		stack->credit = -MLW_CREDIT_PAUSE;
	return MLW_SLOT_NONE;
}

/* One more stack of the pause went by. */
static inline void mlw_memo_pause(struct mlw_stack *stack)
{
	if (!++stack->credit)
		stack->credit = MLW_CREDIT_AFRESH;
}

/*
 * Stores the cursor at `place`. `met` is the row at which the walk met what was
 * remembered: a base further in would hardly be there next time. Returns the slot, or
 * MLW_SLOT_NONE if the stack does not fit an entry.
 */
uint32_t mlw_memo_store(struct mlw_stack *stack, const struct mlw_memo_place *place,
                        uint32_t met);

#endif /* MLW_MEMO_H */
