/* SPDX-License-Identifier: MIT */
#ifndef MLW_RULES_H
#define MLW_RULES_H

/*
 * A rule says in 28 bits how to step from the frame at one pc to its caller, for the 99 %
 * of all pcs where the CFA is rsp or rbp plus a constant:
 *
 *	bits 0-2 kind, 3-8 where rbp is saved, 9-27 offset in words (signed)
 *
 * Rules are computed once for a pc and kept in a table that all threads share, without
 * locks. An entry is one word, so it is never torn:
 *
 *	bits 0-27 rule, 28-32 generation modulo 32, 33-63 tag
 *
 * pc * MULTIPLIER modulo 2^47 is a bijection of user-space addresses; its top 16 bits are
 * the index and the other 31 the tag, so an entry belongs to exactly one pc.
 *
 * Why no rule outlives its module. A thread uses only entries of its own generation
 * (mlw_generation as the thread last told the collector). An entry is stored only after
 * the pc's module was announced, and only if mlw_generation, which never goes back, was
 * still that generation then: so it is right for every thread of that generation, and
 * each of them may send the pc. Whoever enters a new generation empties the table, which
 * is needed once in 32 generations, when the five bits come round. A store that was on
 * its way past all 32 is of a pc on the storing thread's own live stack, whose code
 * cannot have been unloaded.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "record/cfi.h"
#include "record/hidden.h"

enum mlw_rule_kind {
	MLW_RULE_ABSENT = 0,
	MLW_RULE_RSP = 1, /* CFA = rsp + offset */
	MLW_RULE_RBP = 2, /* CFA = rbp + offset */
	MLW_RULE_DEREF = 3, /* CFA = word at rbp + offset (realigned stack) */
	MLW_RULE_END = 4, /* the outermost frame */
	MLW_RULE_SIGNAL = 5, /* the caller was interrupted: ucontext at rsp */
	MLW_RULE_EVALUATE = 6, /* none of these: the CFI must be evaluated in full */
	MLW_RULE_NONE = 7, /* no CFI */
};

/* Where the caller's rbp is: words below the CFA, or one of these. */
#define MLW_RULE_RBP_SAME   0u
#define MLW_RULE_RBP_AT_RBP 63u /* at the word that rbp points to */

#define MLW_RULE_BITS       28u
#define MLW_RULE_SLOTS      65536u
#define MLW_RULE_PC_BITS    47u
#define MLW_RULE_PC_MASK    ((UINT64_C(1) << MLW_RULE_PC_BITS) - 1)
#define MLW_RULE_MULTIPLIER UINT64_C(0x5bd1e9955bd1e995)
#define MLW_RULE_TAG_BITS   31u

extern MLW_HIDDEN _Atomic uint64_t mlw_rule_table[MLW_RULE_SLOTS];

static inline enum mlw_rule_kind mlw_rule_kind(uint32_t rule)
{
	return (enum mlw_rule_kind)(rule & 7);
}

static inline uint32_t mlw_rule_rbp(uint32_t rule)
{
	return rule >> 3 & 63;
}

/* In bytes. */
static inline int64_t mlw_rule_offset(uint32_t rule)
{
	return (int64_t)((int32_t)(rule << 4) >> 13) * 8;
}

/* Enters a generation; the first to do so empties the table. */
void mlw_rules_enter(uint32_t generation);

/* Does any rule of this generation say that no module is loaded at its pc? */
bool mlw_rules_have_negative(void);

/* Computes the rule for the instruction at `address`, and keeps it. */
uint32_t mlw_rule_compute(struct mlw_cfi *cfi, uintptr_t address, uint32_t generation);

/* The rule that a CFI row for `address` comes down to. Exposed for tests. */
uint32_t mlw_rule_of_row(const struct mlw_cfi *cfi, uintptr_t address);

static inline uint32_t mlw_rule_slot(uintptr_t address)
{
	return (uint32_t)((address * MLW_RULE_MULTIPLIER & MLW_RULE_PC_MASK) >>
	                  MLW_RULE_TAG_BITS);
}

static inline uint64_t mlw_rule_mark(uintptr_t address, uint32_t generation)
{
	uint64_t tag =
	        address * MLW_RULE_MULTIPLIER & ((UINT64_C(1) << MLW_RULE_TAG_BITS) - 1);

	return tag << 5 | (generation & 31);
}

/* The rule for the instruction at `address` (for a return address: that minus one). */
static inline uint32_t mlw_rule_find(struct mlw_cfi *cfi, uintptr_t address,
                                     uint32_t generation)
{
	uint64_t entry;

	if (__builtin_expect(address >> MLW_RULE_PC_BITS != 0, 0))
		return MLW_RULE_NONE;
	entry = atomic_load_explicit(&mlw_rule_table[mlw_rule_slot(address)],
	                             memory_order_acquire);
	if (__builtin_expect(entry >> MLW_RULE_BITS == mlw_rule_mark(address, generation),
	                     1) &&
	    entry & 7)
		return (uint32_t)entry & ((1u << MLW_RULE_BITS) - 1);
	return mlw_rule_compute(cfi, address, generation);
}

#endif /* MLW_RULES_H */
