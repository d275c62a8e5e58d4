/* SPDX-License-Identifier: MIT */
#include "record/stack.h"

#include "record/memo.h"
#include "record/modules.h"
#include "record/remember.h"
#include "record/rules.h"
#include "record/sys.h"
#include "record/walk.h"

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* What a row takes, its words included. */
#define ROW_SIZE                                     \
	(sizeof(struct mlw_row) + sizeof(uint64_t) + \
	 MLW_ROW_WORDS * sizeof(struct mlw_remembered_word))

/* Beyond their first size, all stacks of the process together may use this much. */
#define BUDGET ((size_t)6 << 20)

static _Atomic size_t budget_used;

/* ucontext_t on the stack of a signal handler, in words. */
enum { UCONTEXT_RBP = 15, UCONTEXT_RSP = 20, UCONTEXT_RIP = 21 };

enum outcome {
	STEP_OK,
	STEP_END, /* by a rule: the step read nothing */
	STEP_ZERO, /* the return address is 0 */
	STEP_MET, /* the walk stands in a remembered state, and the rest is as it was */
	STEP_DEEP, /* enough frames, and none was met */
	STEP_ODD, /* cannot be remembered */
};

bool mlw_stack_grant(struct mlw_stack *stack, size_t bytes)
{
	if (atomic_fetch_add(&budget_used, bytes) + bytes > BUDGET) {
		atomic_fetch_sub(&budget_used, bytes);
		return false;
	}
	stack->granted += bytes;
	return true;
}

/* Stacks lie side by side, so that the kernel could back them with huge pages: then all
 * that is reserved would be paid for. */
struct mlw_stack *mlw_stack_new(void)
{
	struct mlw_stack *stack = mlw_sys_map(sizeof(*stack));

	if (!stack)
		return NULL;
	mlw_sys3(SYS_madvise, (long)(uintptr_t)stack, sizeof(*stack), MADV_NOHUGEPAGE);
	stack->memo_count = MLW_MEMO_FIRST;
	stack->row_capacity = MLW_ROWS_FIRST;
	stack->credit = MLW_CREDIT_MOST;
	stack->pause = MLW_PAUSE_FIRST;
	stack->rows[0].words = MLW_WORD_PADDING;
	stack->rows[0].state.sp = UINT64_MAX;
	for (uint32_t i = 0; i < MLW_WORD_PADDING; i++)
		stack->words[i].address = &stack->padding;
	mlw_stack_reset(stack);
	return stack;
}

void mlw_stack_free(struct mlw_stack *stack)
{
	if (!stack)
		return;
	atomic_fetch_sub(&budget_used, stack->granted);
	mlw_sys_unmap(stack, sizeof(*stack));
}

static void forget(struct mlw_stack *stack)
{
	stack->count = 0;
	stack->top = stack->rows;
	stack->identified = 0;
}

void mlw_stack_reset(struct mlw_stack *stack)
{
	forget(stack);
	stack->epoch++;
	stack->generation = atomic_load(&mlw_generation);
	mlw_rules_enter(stack->generation);
}

size_t mlw_stack_size(const struct mlw_stack *stack)
{
	return offsetof(struct mlw_stack, pcs) +
	       stack->fresh_high * sizeof(stack->fresh[0]) +
	       stack->memo_count * sizeof(stack->memo[0]) + stack->row_high * ROW_SIZE;
}

static inline uint64_t load(uint64_t address)
{
	return *(const volatile uint64_t *)(uintptr_t)address;
}

static inline struct mlw_state state_of(const uintptr_t *frame)
{
	return (struct mlw_state){ frame[1], (uintptr_t)(frame + 2), frame[0] };
}

/* The CFA by a rule other than MLW_RULE_RSP; 0: it has none, or it cannot be read. */
static inline uint64_t other_cfa(struct mlw_readable *range, uint32_t rule,
                                 const struct mlw_state *at)
{
	uint64_t place = at->bp + (uint64_t)mlw_rule_offset(rule);

	switch (mlw_rule_kind(rule)) {
	case MLW_RULE_RBP:
		return place;
	case MLW_RULE_DEREF:
		return mlw_readable(range, place) ? load(place) : 0;
	default:
		return 0;
	}
}

static inline uint64_t saved_bp_at(uint32_t rule, uint64_t cfa, uint64_t bp)
{
	uint32_t saved = mlw_rule_rbp(rule);

	return saved == MLW_RULE_RBP_AT_RBP ? bp : cfa - 8 * (uint64_t)saved;
}

/* One step out by `rule`. STEP_ODD: see step_oddly. */
static inline __attribute__((always_inline)) enum outcome step(struct mlw_readable *range,
                                                               uint32_t rule,
                                                               struct mlw_state *at)
{
	uint64_t cfa, place;

	if (likely(mlw_rule_kind(rule) == MLW_RULE_RSP))
		cfa = at->sp + (uint64_t)mlw_rule_offset(rule);
	else if (mlw_rule_kind(rule) == MLW_RULE_END)
		return STEP_END;
	else
		cfa = other_cfa(range, rule, at);
	if (unlikely(cfa <= at->sp || !mlw_readable(range, cfa - 8)))
		return STEP_ODD;
	if (mlw_rule_rbp(rule) != MLW_RULE_RBP_SAME) {
		place = saved_bp_at(rule, cfa, at->bp);
		if (unlikely(!mlw_readable(range, place)))
			return STEP_ODD;
		at->bp = load(place);
	}
	at->pc = load(cfa - 8);
	at->sp = cfa;
	return likely(at->pc != 0) ? STEP_OK : STEP_ZERO;
}

/*
 * Is `at` remembered, and all that is outside it as it was? `*row` is the innermost that
 * may still be met: rows inside the stack pointer are gone, and after a difference so are
 * those whose steps depend on it. The sentinel is outside every stack pointer.
 */
static inline __attribute__((always_inline)) bool meet(const struct mlw_stack *stack,
                                                       const struct mlw_state *at,
                                                       const struct mlw_row **row)
{
	const struct mlw_row *candidate = *row;
	uint32_t changed;

	while (candidate->state.sp < at->sp)
		candidate--;
	*row = candidate;
	if (!mlw_row_is(candidate, at))
		return false;
	changed = mlw_words_check(stack->words, candidate->words, mlw_row_low(candidate));
	if (likely(!changed))
		return true;
	while (candidate != stack->rows && candidate->words >= changed)
		candidate--;
	*row = candidate;
	return false;
}

/* Walks until something is met: `*count` fresh frames on top of `*keep` rows. */
static enum outcome walk(struct mlw_stack *stack, struct mlw_state *end, uint32_t *keep,
                         uint32_t *count)
{
	const struct mlw_row *row = stack->top;
	struct mlw_fresh *fresh = stack->fresh;
	enum outcome outcome = STEP_OK;
	struct mlw_state at = *end;
	uint32_t n = 0;

	mlw_readable_move(&stack->range, at.sp);
	for (; outcome == STEP_OK; fresh++) {
		if (meet(stack, &at, &row)) {
			outcome = STEP_MET;
		} else if (unlikely(n == MLW_STACK_MAX_FRAMES)) {
			outcome = STEP_DEEP;
		} else {
			fresh->state = at;
			fresh->rule =
			        mlw_rule_find(&stack->cfi, at.pc - 1, stack->generation);
			outcome = step(&stack->range, fresh->rule, &at);
			n++;
		}
	}
	if (n > stack->fresh_high)
		stack->fresh_high = n;
	*end = at;
	*keep = outcome == STEP_MET ? (uint32_t)(row - stack->rows) : 0;
	*count = n;
	return outcome;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;

	return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* A row's own part of what identifies it, on top of that of the rows outside it. */
static uint64_t identity(uint64_t outer, const struct mlw_row *row)
{
	uint64_t bp = mlw_row_needs_bp(row) ? row->state.bp : 0;

	return fold(outer ^ row->state.pc ^ UINT64_C(0xa0761d6478bd642f),
	            outer + (row->state.sp ^ bp << 17 ^ UINT64_C(0xe7037ed1a0b428db)));
}

void mlw_stack_identify(struct mlw_stack *stack, uint32_t row)
{
	while (stack->identified < row) {
		uint32_t next = stack->identified + 1;

		stack->ids[next] = identity(stack->ids[next - 1], &stack->rows[next]);
		stack->identified = next;
	}
}

/* Adds the words that the step from `fresh` to `outer` read, last read first. */
static inline uint32_t add_words(struct mlw_remembered_word *words, uint32_t count,
                                 const struct mlw_fresh *fresh,
                                 const struct mlw_state *outer, bool outer_needs_bp)
{
	uint64_t place;

	if (outer_needs_bp && mlw_rule_rbp(fresh->rule) != MLW_RULE_RBP_SAME) {
		place = saved_bp_at(fresh->rule, outer->sp, fresh->state.bp);
		words[count].address = (const volatile uint64_t *)(uintptr_t)place;
		words[count++].value = outer->bp;
	}
	words[count].address = (const volatile uint64_t *)(uintptr_t)(outer->sp - 8);
	words[count++].value = outer->pc;
	if (unlikely(mlw_rule_kind(fresh->rule) == MLW_RULE_DEREF)) {
		place = fresh->state.bp + (uint64_t)mlw_rule_offset(fresh->rule);
		words[count].address = (const volatile uint64_t *)(uintptr_t)place;
		words[count++].value = outer->sp;
	}
	return count;
}

static inline bool needs_bp(uint32_t rule, bool outer_needs_bp)
{
	if (mlw_rule_kind(rule) == MLW_RULE_END)
		return false;
	if (mlw_rule_kind(rule) != MLW_RULE_RSP ||
	    mlw_rule_rbp(rule) == MLW_RULE_RBP_AT_RBP)
		return true;
	return mlw_rule_rbp(rule) == MLW_RULE_RBP_SAME && outer_needs_bp;
}

/* Where the verification of row `index` ends: its innermost frames are enough. */
static inline uint32_t verified_to(const struct mlw_stack *stack, uint32_t index)
{
	return unlikely(index > MLW_STACK_MAX_FRAMES)
	               ? stack->rows[index - MLW_STACK_MAX_FRAMES + 1].words
	               : MLW_WORD_PADDING;
}

static inline void add_row(struct mlw_stack *stack, uint32_t index,
                           const struct mlw_fresh *fresh, const struct mlw_state *outer)
{
	struct mlw_row *row = &stack->rows[index];
	const struct mlw_row *below = row - 1;
	bool below_needs_bp = mlw_row_needs_bp(below);
	bool with_bp = needs_bp(fresh->rule, below_needs_bp);
	uint32_t words = below->words;

	if (outer)
		words = add_words(stack->words, words, fresh, outer, below_needs_bp);
	row->state = fresh->state;
	row->words = words;
	row->low = verified_to(stack, index) | (with_bp ? MLW_ROW_NEEDS_BP : 0);
}

/*
 * Makes the fresh frames the new rows above the outermost `keep`. `end` is the state in
 * which the walk ended: the word of a return address 0 was read too. A handler that
 * interrupts this and does not come back leaves the outermost `keep` rows.
 */
static void remember(struct mlw_stack *stack, uint32_t keep, uint32_t count,
                     const struct mlw_state *end, enum outcome outcome)
{
	const struct mlw_state *outer = end;
	uint32_t rows = keep;

	stack->count = keep;
	stack->top = &stack->rows[keep];
	if (stack->identified > keep)
		stack->identified = keep;
	__asm__ volatile("" ::: "memory");
	if (!keep) {
		stack->flags = outcome == STEP_DEEP ? MLW_STACK_DEEP : 0;
		stack->ids[0] =
		        fold(stack->epoch, UINT64_C(0x8ebc6af09c88c6e3)) ^ stack->flags;
		if (outcome != STEP_ZERO)
			outer = NULL;
	}
	for (uint32_t i = count; i-- > 0;) {
		add_row(stack, ++rows, &stack->fresh[i], outer);
		outer = &stack->fresh[i].state;
	}
	__asm__ volatile("" ::: "memory");
	stack->top = &stack->rows[rows];
	stack->count = rows;
	if (rows > stack->row_high)
		stack->row_high = rows;
}

static bool grow_rows(struct mlw_stack *stack)
{
	uint32_t more = MLW_STACK_MAX_KEEP - stack->row_capacity;

	if (more > stack->row_capacity)
		more = stack->row_capacity;
	if (!more || !mlw_stack_grant(stack, more * ROW_SIZE))
		return false;
	stack->row_capacity += more;
	return true;
}

static uint32_t word_capacity(const struct mlw_stack *stack)
{
	return MLW_WORD_PADDING + MLW_WORDS_SPARE + stack->row_capacity * MLW_ROW_WORDS;
}

/* At most three words a frame: saved rbp, return address, CFA. */
static bool has_room(struct mlw_stack *stack, uint32_t keep, uint32_t count)
{
	while (keep + count > stack->row_capacity ||
	       stack->rows[keep].words + 3 * count > word_capacity(stack))
		if (!grow_rows(stack))
			return false;
	return true;
}

/* Rows without their outermost frames serve as long as enough are left. */
static bool may_keep(struct mlw_stack *stack, uint32_t keep, uint32_t count)
{
	if (stack->flags & MLW_STACK_DEEP && keep + count < MLW_DEEP_FRAMES)
		return false;
	return has_room(stack, keep, count);
}

/* The interrupted state, from the ucontext that the kernel put there. */
static bool step_signal(struct mlw_readable *range, struct mlw_state *at)
{
	const volatile uint64_t *context = (const volatile uint64_t *)(uintptr_t)at->sp;

	for (uint32_t i = UCONTEXT_RBP; i <= UCONTEXT_RIP; i++)
		if (!mlw_readable(range, (uintptr_t)(context + i)))
			return false;
	*at = (struct mlw_state){ context[UCONTEXT_RIP], context[UCONTEXT_RSP],
		                  context[UCONTEXT_RBP] };
	mlw_readable_move(range, at->sp);
	return true;
}

/* The steps that are never remembered. `exact` becomes true below a signal frame. */
static enum outcome step_oddly(struct mlw_readable *range, uint32_t rule,
                               struct mlw_state *at, bool *exact)
{
	bool end;

	switch (mlw_rule_kind(rule)) {
	case MLW_RULE_SIGNAL:
		*exact = true;
		return step_signal(range, at) ? STEP_OK : STEP_ODD;
	case MLW_RULE_NONE:
		at->pc = mlw_walk_guess(range, &at->sp, &at->bp, &end);
		return at->pc ? STEP_OK : end ? STEP_ZERO : STEP_ODD;
	default:
		return STEP_ODD;
	}
}

/* A plain walk into stack->pcs. Returns the last rule: MLW_RULE_EVALUATE means that it
 * could not be done by rules. */
static uint32_t walk_plainly(struct mlw_stack *stack, struct mlw_state at,
                             struct mlw_stack_result *result)
{
	enum outcome outcome = STEP_OK;
	uint32_t n = 0, rule = MLW_RULE_END;
	bool exact = false;

	mlw_readable_move(&stack->range, at.sp);
	while (outcome == STEP_OK && n < MLW_STACK_MAX_FRAMES) {
		stack->pcs[n++] = at.pc | (exact ? MLW_PC_EXACT : 0);
		rule = mlw_rule_find(&stack->cfi, at.pc - !exact, stack->generation);
		exact = false;
		outcome = step(&stack->range, rule, &at);
		if (unlikely(outcome == STEP_ODD))
			outcome = step_oddly(&stack->range, rule, &at, &exact);
	}
	result->push = n;
	result->flags = outcome == STEP_OK    ? MLW_STACK_DEEP
	                : outcome == STEP_ODD ? MLW_STACK_CUT
	                                      : 0;
	return rule;
}

__attribute__((noinline)) void mlw_stack_detached(struct mlw_stack *stack,
                                                  const uintptr_t *frame,
                                                  struct mlw_stack_result *result)
{
	struct mlw_walk evaluator = { .cfi = &stack->cfi, .range = &stack->range };
	uint32_t rule;

	*result = (struct mlw_stack_result){ .slot = MLW_SLOT_NONE,
		                             .store = MLW_SLOT_NONE,
		                             .detached = true };
	rule = walk_plainly(stack, state_of(frame), result);
	if (mlw_rule_kind(rule) == MLW_RULE_EVALUATE)
		result->push = mlw_walk_collect(&evaluator, frame, stack->pcs,
		                                MLW_STACK_MAX_FRAMES, &result->flags);
	result->words = 1 + result->push;
}

static __attribute__((noinline)) void take_slowly(struct mlw_stack *stack,
                                                  const uintptr_t *frame, uint64_t key,
                                                  struct mlw_stack_result *result)
{
	struct mlw_state at = state_of(frame);
	uint32_t keep, count;
	enum outcome outcome = walk(stack, &at, &keep, &count);

	if (outcome == STEP_MET && !may_keep(stack, keep, count)) {
		forget(stack);
		at = state_of(frame);
		outcome = walk(stack, &at, &keep, &count);
	}
	if (outcome == STEP_ODD) {
		mlw_stack_detached(stack, frame, result);
		return;
	}
	remember(stack, keep, count, &at, outcome);
	result->words = 1 + count;
	result->keep = keep;
	result->push = count;
	result->flags = stack->flags;
	if (key)
		result->store = mlw_memo_store(stack, key, keep);
}

void mlw_stack_take(struct mlw_stack *stack, const uintptr_t *frame,
                    struct mlw_stack_result *result)
{
	const struct mlw_state at = state_of(frame);
	uint64_t key = 0;

	*result = (struct mlw_stack_result){ .slot = MLW_SLOT_NONE,
		                             .store = MLW_SLOT_NONE };
	if (mlw_row_is(stack->top, &at) && likely(mlw_row_unchanged(stack, stack->top)))
		return;
	if (likely(stack->credit >= 0)) {
		result->slot = mlw_memo_find(stack, &at, &key);
		if (likely(result->slot != MLW_SLOT_NONE))
			return;
	} else {
		mlw_memo_pause(stack);
	}
	take_slowly(stack, frame, key, result);
}

void mlw_stack_write(const struct mlw_stack *stack, const struct mlw_stack_result *result,
                     uint64_t *words)
{
	const struct mlw_row *rows = &stack->rows[result->keep + 1];
	uint32_t arg = result->store | (result->detached ? MLW_ARG_DETACHED : 0);

	*words++ = mlw_word(MLW_EVENT_STACK, arg,
	                    result->keep | (uint64_t)result->push << 16 |
	                            (uint64_t)result->flags << 32);
	if (result->detached)
		for (uint32_t i = result->push; i-- > 0;)
			*words++ = stack->pcs[i];
	else
		for (uint32_t i = 0; i < result->push; i++)
			*words++ = rows[i].state.pc;
}

/* Through the memo: its own frames, then the rows from its base outward. */
static uint32_t memo_frames(const struct mlw_stack *stack, uint32_t slot, uint64_t *pcs,
                            uint32_t size, uint32_t *base)
{
	const struct mlw_memo_entry *entry = &stack->memo[slot];
	uint64_t pc = entry->state.pc;
	uint32_t n = 0;

	*base = entry->base;
	for (uint32_t i = 0; i < entry->count && n < size; i++) {
		if (!(entry->returns >> i & 1))
			continue;
		pcs[n++] = pc;
		pc = entry->values[i];
	}
	return n;
}

uint32_t mlw_stack_frames(const struct mlw_stack *stack,
                          const struct mlw_stack_result *result, uint64_t *pcs,
                          uint32_t size)
{
	uint32_t n = 0, row = stack->count;

	if (result->detached) {
		for (; n < result->push && n < size; n++)
			pcs[n] = stack->pcs[n];
		return n;
	}
	if (result->slot != MLW_SLOT_NONE)
		n = memo_frames(stack, result->slot, pcs, size, &row);
	for (; row && n < size; row--)
		pcs[n++] = stack->rows[row].state.pc;
	return n;
}
