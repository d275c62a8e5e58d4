/* SPDX-License-Identifier: MIT */
#ifndef MLW_REMEMBER_H
#define MLW_REMEMBER_H

/*
 * What a thread remembers of its stack, so that it need not walk it again. Internal to
 * stack.c, memo.c and verify.c.
 *
 * A state is (pc, sp, rbp): all that the rules (rules.h) work on. The remembered stack is
 * an array of rows, outermost first, a state each, and an array of words: the memory that
 * a walk reads on its way out, with the value that was found.
 *
 *	rows[0]            a sentinel that no state equals, outside all of them
 *	rows[1..count]     the cursor, as the collector has it
 *	ids[i]             identifies rows[0..i]
 *	words[rows[i-1].words .. rows[i].words)
 *	                   what the step from row i to row i-1 read; rows[0].words is
 *	                   MLW_WORD_PADDING
 *
 * rbp is part of a row's state only where it matters: if a frame further out computes its
 * CFA from rbp before some frame restores it (`needs_bp`). So is a saved rbp part of the
 * words only then.
 *
 * Soundness. A step is a function of its state, the rules and the words that it reads. If
 * a fresh walk stands in a remembered state, and the words remembered for the steps from
 * there outward are unchanged, then by induction it would read the same words at the same
 * addresses and visit the same states. This needs:
 *	- unchanged rules: mlw_stack_reset at each new generation of modules;
 *	- every word out to the end, or out to the frames that nobody will look at: no
 *	  frame is skipped, since the same frame can recur below another caller;
 *	- comparing inner to outer and stopping at the first difference: then each address
 *	  was computed from words that are as before, so the plain walk would read it too,
 *	  and it is part of the stack that the thread will return through. This is why
 *	  verification may read without asking whether it may;
 *	- going on from the live registers after a difference: a remembered rbp that
 *	  nobody needed was not compared and may be wrong.
 * A frame that a rule cannot express (signal, evaluated CFI, guessed by the frame
 * pointer, cut) is never remembered: such stacks are walked plainly and sent whole.
 *
 * The memo holds hot stacks other than the last one: a state, the up to MLW_MEMO_WORDS
 * inner words that lead from it to a row (its base), and the base's identity. It is
 * found by (pc, sp) alone, in one of two slots; where its words differ, the first
 * differing word is one that the plain walk reads, so its value may choose the next entry
 * to look at. An entry is good if its words are unchanged, its base is in the cursor, and
 * the base's own words are unchanged. Its index is the slot number that the collector
 * knows it by.
 *
 * A row's identity is a hash of 64 bits over the states from the outermost row to it, and
 * over the epoch, which changes with every reset. Two stacks of one thread have the same
 * with probability 2^-64. Only the memo asks for it, so it is computed when it does.
 *
 * Memory is reserved once for the largest size and paid for where touched. What a thread
 * may touch begins small and grows as far as the process-wide budget goes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "record/cfi.h"
#include "record/readable.h"
#include "record/stack.h"
#include "wire/event.h"

#define MLW_ROWS_FIRST   1280u /* room for MLW_STACK_MAX_FRAMES and some on top */
#define MLW_ROW_WORDS    2u /* on average: most frames need one */
#define MLW_WORDS_SPARE  MLW_STACK_MAX_FRAMES /* for a walk that needs more */
#define MLW_WORD_PADDING 4u /* words[0..3] never change: see mlw_words_check */
#define MLW_MEMO_FIRST   256u
#define MLW_MEMO_WORDS   15u
#define MLW_MEMO_PROBES  6u

/*
 * When a stack is too deep to be known to its end, its innermost frames are all there
 * is, and returning through them would leave fewer and fewer. With less than this many a
 * new walk is made.
 */
#define MLW_DEEP_FRAMES 896u

struct mlw_state {
	uint64_t pc, sp, bp;
};

struct mlw_row {
	struct mlw_state state;
	uint32_t words; /* end of this row's words */
	/* Verification of this row ends here: 1024 frames out; and a flag. */
	uint32_t low;
};

#define MLW_ROW_NEEDS_BP (UINT32_C(1) << 31) /* in `low` */

_Static_assert(sizeof(struct mlw_row) == 32, "half a cache line");

struct mlw_remembered_word {
	const volatile uint64_t *address;
	uint64_t value;
};

/* A frame of the walk under way, and the rule that leads out of it. */
struct mlw_fresh {
	struct mlw_state state;
	uint32_t rule;
};

/* Words are innermost first, at state.sp + 8 * offsets[i]. */
struct mlw_memo_entry {
	struct mlw_state state;
	uint64_t base_id;
	uint32_t base; /* row */
	uint8_t count; /* words */
	uint8_t needs_bp;
	uint16_t returns; /* a bit a word: it is a return address */
	uint16_t offsets[MLW_MEMO_WORDS];
	uint8_t used; /* found since a rival last looked for a place */
	uint64_t values[MLW_MEMO_WORDS];
};

_Static_assert(sizeof(struct mlw_memo_entry) == 192, "three cache lines");

struct mlw_stack {
	struct mlw_row *top; /* rows + count */
	uint32_t count;
	uint32_t flags; /* of the cursor: MLW_STACK_DEEP or 0 */
	uint32_t identified; /* rows whose identity is known, from the outermost on */
	uint32_t generation; /* whose rules are used */
	int32_t credit, pause; /* of the memo, see memo.h */
	uint32_t memo_count; /* slots in use; a growing prefix of `memo` */
	uint32_t evictions;
	uint32_t row_capacity;
	uint32_t row_high, fresh_high; /* most ever used */
	uint64_t epoch;
	size_t granted; /* bytes of the budget that this stack took */
	struct mlw_readable range;
	uint32_t compared[2]; /* frames in verify_ours, verify_theirs: verify.c */
	struct mlw_cfi cfi;
	uint64_t pcs[MLW_STACK_MAX_FRAMES]; /* a detached stack, innermost first */
	struct mlw_fresh fresh[MLW_STACK_MAX_FRAMES]; /* innermost first */
	uint64_t verify_ours[MLW_STACK_MAX_FRAMES];
	uint64_t verify_theirs[MLW_STACK_MAX_FRAMES];
	_Alignas(64) uint64_t memo_keys[MLW_MEMO_SLOTS]; /* 0: empty */
	_Alignas(64) struct mlw_memo_entry memo[MLW_MEMO_SLOTS];
	_Alignas(64) struct mlw_row rows[MLW_STACK_MAX_KEEP + 1];
	uint64_t ids[MLW_STACK_MAX_KEEP + 1]; /* of rows, up to `identified` */
	struct mlw_remembered_word words[MLW_WORD_PADDING + MLW_WORDS_SPARE +
	                                 MLW_STACK_MAX_KEEP * MLW_ROW_WORDS];
	uint64_t padding; /* what words[0..3] are about */
};

static inline bool mlw_row_needs_bp(const struct mlw_row *row)
{
	return row->low & MLW_ROW_NEEDS_BP;
}

static inline uint32_t mlw_row_low(const struct mlw_row *row)
{
	return row->low & ~MLW_ROW_NEEDS_BP;
}

static inline bool mlw_row_is(const struct mlw_row *row, const struct mlw_state *at)
{
	return row->state.sp == at->sp && row->state.pc == at->pc &&
	       (row->state.bp == at->bp || !mlw_row_needs_bp(row));
}

static inline bool mlw_word_unchanged(const struct mlw_remembered_word *word)
{
	return __builtin_expect(*word->address == word->value, 1);
}

/*
 * Compares the words from words[high - 1] down to at least words[low], four at a time so
 * that the loop's end is easily predicted; what lies further out is fair to read and to
 * insist on, or padding that never changes. Returns 0 if all are unchanged, else the
 * index behind the first difference.
 */
static inline uint32_t mlw_words_check(const struct mlw_remembered_word *words,
                                       uint32_t high, uint32_t low)
{
	const struct mlw_remembered_word *word = words + high, *end = words + low;

	for (; word > end; word -= 4) {
		if (!mlw_word_unchanged(word - 1))
			return (uint32_t)(word - words);
		if (!mlw_word_unchanged(word - 2))
			return (uint32_t)(word - words) - 1;
		if (!mlw_word_unchanged(word - 3))
			return (uint32_t)(word - words) - 2;
		if (!mlw_word_unchanged(word - 4))
			return (uint32_t)(word - words) - 3;
	}
	return 0;
}

static inline bool mlw_row_unchanged(const struct mlw_stack *stack,
                                     const struct mlw_row *row)
{
	return !mlw_words_check(stack->words, row->words, mlw_row_low(row));
}

/* Gives every row out to `row`, which is in the cursor, its identity. */
void mlw_stack_identify(struct mlw_stack *stack, uint32_t row);

static inline uint64_t mlw_row_id(struct mlw_stack *stack, uint32_t row)
{
	if (stack->identified < row)
		mlw_stack_identify(stack, row);
	return stack->ids[row];
}

/* Takes bytes of the process-wide budget for this stack; false if it is used up. */
bool mlw_stack_grant(struct mlw_stack *stack, size_t bytes);

/* All pcs of the stack that `result` stands for, innermost first: their number. */
uint32_t mlw_stack_frames(const struct mlw_stack *stack,
                          const struct mlw_stack_result *result, uint64_t *pcs,
                          uint32_t size);

#endif /* MLW_REMEMBER_H */
