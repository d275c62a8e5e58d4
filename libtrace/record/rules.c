/* SPDX-License-Identifier: MIT */
#include "record/rules.h"

#include <string.h>

#include "record/modules.h"
#include "record/sys.h"

#define OFFSET_LIMIT (INT64_C(1) << 18) /* words */
#define RBP_LIMIT    (MLW_RULE_RBP_AT_RBP - 1)

enum { OP_DEREF = 0x06, OP_BREG_RBP = 0x76 };

_Alignas(4096) _Atomic uint64_t mlw_rule_table[MLW_RULE_SLOTS];

static _Atomic uint32_t entered; /* the generation that emptied the table last */
static _Atomic bool negative;

/* Whole pages of zeroed data: given back, they read as zero again. */
void mlw_rules_enter(uint32_t generation)
{
	if (atomic_exchange(&entered, generation) == generation)
		return;
	atomic_store(&negative, false);
	if (!mlw_sys3(SYS_madvise, (long)(uintptr_t)mlw_rule_table,
	              sizeof(mlw_rule_table), MADV_DONTNEED))
		return;
	for (uint32_t i = 0; i < MLW_RULE_SLOTS; i++)
		atomic_store_explicit(&mlw_rule_table[i], 0, memory_order_relaxed);
}

bool mlw_rules_have_negative(void)
{
	return atomic_load_explicit(&negative, memory_order_relaxed);
}

static uint32_t make(enum mlw_rule_kind kind, int64_t words, uint32_t rbp)
{
	if (words >= OFFSET_LIMIT || words < -OFFSET_LIMIT)
		return MLW_RULE_EVALUATE;
	return (uint32_t)kind | rbp << 3 | ((uint32_t)words & 0x7ffff) << 9;
}

/*
 * The expression that linkers give to a procedure linkage table, whose entries of 16
 * bytes push a word at the same offset: rsp + 8 + ((rip & 15) >= N) * 8. The pc is known
 * here but for one: whether a return address stands just before N cannot be told.
 */
static uint32_t rule_of_plt(const struct mlw_place *cfa, uintptr_t address, uint32_t rbp)
{
	static const uint8_t head[] = { 0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a };
	static const uint8_t tail[] = { 0x2a, 0x33, 0x24, 0x22 };
	uint32_t offset = address & 15, limit;

	if (cfa->size != 11 || memcmp(cfa->expression, head, sizeof(head)) ||
	    memcmp(cfa->expression + 7, tail, sizeof(tail)))
		return MLW_RULE_EVALUATE;
	limit = cfa->expression[6] - 0x30u;
	if (limit > 15 || offset + 1 == limit)
		return MLW_RULE_EVALUATE;
	return make(MLW_RULE_RSP, offset >= limit ? 2 : 1, rbp);
}

/* CFA = word at rbp + n: where gcc keeps it in a function that realigns its stack. */
static uint32_t rule_of_expression(const struct mlw_place *cfa, uintptr_t address,
                                   uint32_t rbp)
{
	struct mlw_reader reader = { cfa->expression, cfa->expression + cfa->size,
		                     false };
	int64_t offset;

	if (mlw_read_fixed(&reader, 1) != OP_BREG_RBP)
		return rule_of_plt(cfa, address, rbp);
	offset = mlw_read_sleb(&reader);
	if (mlw_read_fixed(&reader, 1) != OP_DEREF || reader.bad ||
	    reader.at != reader.end || offset & 7)
		return MLW_RULE_EVALUATE;
	return make(MLW_RULE_DEREF, offset / 8, rbp);
}

/* False: where the caller's rbp is cannot be said in a rule. */
static bool rule_rbp(const struct mlw_place *place, uint32_t *rbp)
{
	switch ((enum mlw_where)place->where) {
	case MLW_WHERE_SAME:
	case MLW_WHERE_UNDEFINED:
		*rbp = MLW_RULE_RBP_SAME;
		return true;
	case MLW_WHERE_AT_CFA:
		*rbp = (uint32_t)(-place->offset / 8);
		return !(place->offset & 7) && place->offset < 0 &&
		       place->offset >= -8 * (int64_t)RBP_LIMIT;
	case MLW_WHERE_AT_EXPRESSION:
		*rbp = MLW_RULE_RBP_AT_RBP;
		return place->size == 2 && place->expression[0] == OP_BREG_RBP &&
		       place->expression[1] == 0;
	default:
		return false;
	}
}

/*
 * mov $SYS_rt_sigreturn,%rax; syscall: the kernel put a ucontext above it. A damaged
 * table may name any address, so what goes beyond the page of the pc is not looked at.
 */
static bool is_sigreturn(uintptr_t address)
{
	static const uint8_t code[] = { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 };

	return address % 4096 && address % 4096 <= 4096 - sizeof(code) &&
	       !memcmp((const void *)address, code, sizeof(code));
}

uint32_t mlw_rule_of_row(const struct mlw_cfi *cfi, uintptr_t address)
{
	const struct mlw_cfi_row *row = &cfi->row;
	const struct mlw_place *rip = &row->places[MLW_REG_RIP];
	uint32_t rbp;

	if (cfi->signal_frame)
		return is_sigreturn(address + 1) ? MLW_RULE_SIGNAL : MLW_RULE_EVALUATE;
	if (rip->where == MLW_WHERE_UNDEFINED)
		return MLW_RULE_END;
	if (rip->where != MLW_WHERE_AT_CFA || rip->offset != -8 ||
	    row->places[MLW_REG_RSP].where != MLW_WHERE_SAME ||
	    !rule_rbp(&row->places[MLW_REG_RBP], &rbp))
		return MLW_RULE_EVALUATE;
	if (row->cfa.where == MLW_WHERE_IS_EXPRESSION)
		return rule_of_expression(&row->cfa, address, rbp);
	if (row->cfa.offset & 7)
		return MLW_RULE_EVALUATE;
	if (row->cfa.reg == MLW_REG_RSP)
		return make(MLW_RULE_RSP, row->cfa.offset / 8, rbp);
	if (row->cfa.reg == MLW_REG_RBP)
		return make(MLW_RULE_RBP, row->cfa.offset / 8, rbp);
	return MLW_RULE_EVALUATE;
}

/* The announcement comes first: see the header. */
__attribute__((noinline)) uint32_t mlw_rule_compute(struct mlw_cfi *cfi,
                                                    uintptr_t address,
                                                    uint32_t generation)
{
	struct mlw_object object;
	uint32_t rule = MLW_RULE_NONE;

	if (mlw_object_find(address, &object)) {
		mlw_module_announce(&object);
		if (mlw_cfi_find(cfi, &object, address))
			rule = mlw_rule_of_row(cfi, address);
		else if (mlw_cfi_ends_before(cfi, &object, address))
			rule = MLW_RULE_END;
	} else {
		atomic_store_explicit(&negative, true, memory_order_relaxed);
	}
	if (atomic_load(&mlw_generation) == generation)
		atomic_store_explicit(
		        &mlw_rule_table[mlw_rule_slot(address)],
		        mlw_rule_mark(address, generation) << MLW_RULE_BITS | rule,
		        memory_order_release);
	return rule;
}
