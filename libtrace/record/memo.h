/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEMO_H
#define MLW_MEMO_H

/*
 * The memo of hot stacks (remember.h). It pays where stacks come back and costs where
 * they do not (recursion visits thousands of stacks once each), so it lives on credit: a
 * hit earns 1 up to CREDIT_MOST, a miss costs 2, and who is overdrawn is bypassed for
 * the next PAUSE_FIRST stacks and begins again with a little. If that is lost too the
 * next pause is twice as long, up to PAUSE_MOST; full credit makes up for all.
 */

#include "record/remember.h"

#define MLW_CREDIT_MOST   64
#define MLW_CREDIT_AFRESH 16
#define MLW_PAUSE_FIRST   256
#define MLW_PAUSE_MOST    512

static inline uint64_t mlw_memo_key(const struct mlw_state *at)
{
	uint64_t mixed = at->pc ^ at->sp * UINT64_C(0xd6e8feb86659fd93);

	return mixed * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

static inline uint64_t mlw_memo_next_key(uint64_t key, uint64_t word, uint32_t index)
{
	return (key + word * 31 + index) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* A key lives in this slot or in the next one. */
static inline uint32_t mlw_memo_slot(const struct mlw_stack *stack, uint64_t key)
{
	return (uint32_t)((key >> 32) * (stack->memo_count / 2) >> 32) * 2;
}

/* The slot that holds the key, or MLW_SLOT_NONE. */
static inline uint32_t mlw_memo_holder(const struct mlw_stack *stack, uint64_t key)
{
	uint32_t slot = mlw_memo_slot(stack, key);

	if (stack->memo_keys[slot] == key)
		return slot;
	return stack->memo_keys[slot + 1] == key ? slot + 1 : MLW_SLOT_NONE;
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

static inline bool mlw_memo_base_holds(struct mlw_stack *stack,
                                       const struct mlw_memo_entry *entry)
{
	return entry->base <= stack->count &&
	       mlw_row_id(stack, entry->base) == entry->base_id &&
	       mlw_row_unchanged(stack, &stack->rows[entry->base]);
}

static inline bool mlw_memo_begins_at(const struct mlw_memo_entry *entry,
                                      const struct mlw_state *at)
{
	return entry->state.pc == at->pc && entry->state.sp == at->sp &&
	       (!entry->needs_bp || entry->state.bp == at->bp);
}

static inline void mlw_memo_earn(struct mlw_stack *stack)
{
	if (stack->credit < MLW_CREDIT_MOST && ++stack->credit == MLW_CREDIT_MOST)
		stack->pause = MLW_PAUSE_FIRST;
}

static inline void mlw_memo_pay(struct mlw_stack *stack)
{
	stack->credit -= 2;
	if (stack->credit >= 0)
		return;
	stack->credit = -stack->pause;
	if (stack->pause < MLW_PAUSE_MOST)
		stack->pause *= 2;
}

/* The slot that holds the stack whose innermost state is `at`, or MLW_SLOT_NONE; then
 * `*place` is the key under which it belongs. */
static inline uint32_t mlw_memo_find(struct mlw_stack *stack, const struct mlw_state *at,
                                     uint64_t *place)
{
	uint64_t key = mlw_memo_key(at), word = 0;

	for (uint32_t probe = 1;; probe++) {
		uint32_t slot = mlw_memo_holder(stack, key), same;
		struct mlw_memo_entry *entry = &stack->memo[slot];

		if (slot == MLW_SLOT_NONE || !mlw_memo_begins_at(entry, at))
			break;
		same = mlw_memo_check(entry, &word);
		if (__builtin_expect(same == entry->count, 1)) {
			if (!mlw_memo_base_holds(stack, entry))
				break;
			entry->used = 1;
			mlw_memo_earn(stack);
			return slot;
		}
		if (probe == MLW_MEMO_PROBES)
			break;
		key = mlw_memo_next_key(key, word, same);
	}
	*place = key;
	mlw_memo_pay(stack);
	return MLW_SLOT_NONE;
}

/* One more stack of the pause went by. */
static inline void mlw_memo_pause(struct mlw_stack *stack)
{
	if (!++stack->credit)
		stack->credit = MLW_CREDIT_AFRESH;
}

/*
 * Stores the cursor under `key`. `met` is the row at which the walk met what was
 * remembered: a base further in would hardly be there next time. Returns the slot, or
 * MLW_SLOT_NONE if the stack does not fit an entry.
 */
uint32_t mlw_memo_store(struct mlw_stack *stack, uint64_t key, uint32_t met);

#endif /* MLW_MEMO_H */
