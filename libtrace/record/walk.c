/* SPDX-License-Identifier: MIT */
#include "record/walk.h"

#include "record/modules.h"
#include "wire/event.h"

#define STACK_WORDS 32u /* of an expression */
#define OPERATIONS  1000u /* a program with a loop ends here */
#define OWN_FRAMES  16u
#define GUESS_LIMIT 0x4000u /* how far above the stack pointer a guessed frame may be */

/* DW_OP_*: DWARF 5 section 7.7.1. */
enum {
	OP_ADDR = 0x03,
	OP_DEREF = 0x06,
	OP_CONST1U = 0x08, /* 1u 1s 2u 2s 4u 4s 8u 8s */
	OP_CONST8S = 0x0f,
	OP_CONSTU = 0x10,
	OP_CONSTS = 0x11,
	OP_DUP = 0x12,
	OP_DROP = 0x13,
	OP_OVER = 0x14,
	OP_PICK = 0x15,
	OP_SWAP = 0x16,
	OP_ROT = 0x17,
	OP_ABS = 0x19,
	OP_AND = 0x1a,
	OP_DIV = 0x1b,
	OP_MINUS = 0x1c,
	OP_MOD = 0x1d,
	OP_MUL = 0x1e,
	OP_NEG = 0x1f,
	OP_NOT = 0x20,
	OP_OR = 0x21,
	OP_PLUS = 0x22,
	OP_PLUS_UCONST = 0x23,
	OP_SHL = 0x24,
	OP_SHR = 0x25,
	OP_SHRA = 0x26,
	OP_XOR = 0x27,
	OP_BRA = 0x28,
	OP_EQ = 0x29,
	OP_GE = 0x2a,
	OP_GT = 0x2b,
	OP_LE = 0x2c,
	OP_LT = 0x2d,
	OP_NE = 0x2e,
	OP_SKIP = 0x2f,
	OP_LIT0 = 0x30,
	OP_REG0 = 0x50,
	OP_BREG0 = 0x70,
	OP_REGX = 0x90,
	OP_BREGX = 0x92,
	OP_DEREF_SIZE = 0x94,
	OP_NOP = 0x96,
};

struct machine {
	struct mlw_walk *walk;
	struct mlw_reader program;
	const uint8_t *start;
	uint64_t stack[STACK_WORDS];
	uint32_t depth;
	bool in_register; /* the result names a register: it is the value itself */
	bool failed;
};

static void push(struct machine *machine, uint64_t value)
{
	if (machine->depth == STACK_WORDS)
		machine->failed = true;
	else
		machine->stack[machine->depth++] = value;
}

static uint64_t pop(struct machine *machine)
{
	if (!machine->depth) {
		machine->failed = true;
		return 0;
	}
	return machine->stack[--machine->depth];
}

static uint64_t pick(struct machine *machine, uint64_t index)
{
	if (index >= machine->depth) {
		machine->failed = true;
		return 0;
	}
	return machine->stack[machine->depth - 1 - index];
}

static bool read_memory(struct mlw_walk *walk, uint64_t address, unsigned size,
                        uint64_t *value)
{
	const volatile uint8_t *bytes = (const volatile uint8_t *)(uintptr_t)address;

	if (!mlw_readable(walk->range, address & ~UINT64_C(7)) ||
	    !mlw_readable(walk->range, (address + size - 1) & ~UINT64_C(7)))
		return false;
	*value = 0;
	for (unsigned i = 0; i < size; i++)
		*value |= (uint64_t)bytes[i] << 8 * i;
	return true;
}

static bool get_register(const struct mlw_walk *walk, uint64_t reg, uint64_t *value)
{
	if (reg >= MLW_REG_COUNT || !(walk->valid >> reg & 1))
		return false;
	*value = walk->registers[reg];
	return true;
}

static void push_register(struct machine *machine, uint64_t reg, int64_t offset)
{
	uint64_t value = 0;

	if (!get_register(machine->walk, reg, &value))
		machine->failed = true;
	push(machine, value + (uint64_t)offset);
}

static void dereference(struct machine *machine, unsigned size)
{
	uint64_t value = 0;

	if (!size || size > 8 || machine->failed ||
	    !read_memory(machine->walk, pop(machine), size, &value))
		machine->failed = true;
	push(machine, value);
}

static void push_constant(struct machine *machine, uint8_t op)
{
	unsigned size = 1u << (op - OP_CONST1U) / 2;

	if ((op - OP_CONST1U) & 1)
		push(machine, (uint64_t)mlw_read_signed(&machine->program, size));
	else
		push(machine, mlw_read_fixed(&machine->program, size));
}

/* False: not a binary operation. */
static bool combine(struct machine *machine, uint8_t op, uint64_t a, uint64_t b,
                    uint64_t *result)
{
	int64_t sa = (int64_t)a, sb = (int64_t)b;

	switch (op) {
	case OP_AND:
		*result = a & b;
		return true;
	case OP_OR:
		*result = a | b;
		return true;
	case OP_XOR:
		*result = a ^ b;
		return true;
	case OP_PLUS:
		*result = a + b;
		return true;
	case OP_MINUS:
		*result = a - b;
		return true;
	case OP_MUL:
		*result = a * b;
		return true;
	case OP_DIV:
	case OP_MOD:
		machine->failed |= !b || (op == OP_DIV && sb == -1 && sa == INT64_MIN);
		if (!machine->failed)
			*result = op == OP_DIV ? (uint64_t)(sa / sb) : a % b;
		return true;
	case OP_SHL:
		*result = b < 64 ? a << b : 0;
		return true;
	case OP_SHR:
		*result = b < 64 ? a >> b : 0;
		return true;
	case OP_SHRA:
		*result = (uint64_t)(sa >> (b < 64 ? b : 63));
		return true;
	case OP_EQ:
		*result = a == b;
		return true;
	case OP_NE:
		*result = a != b;
		return true;
	case OP_GE:
		*result = sa >= sb;
		return true;
	case OP_GT:
		*result = sa > sb;
		return true;
	case OP_LE:
		*result = sa <= sb;
		return true;
	case OP_LT:
		*result = sa < sb;
		return true;
	}
	return false;
}

static void run_binary(struct machine *machine, uint8_t op)
{
	uint64_t b = pop(machine), a = pop(machine), result = 0;

	if (!combine(machine, op, a, b, &result))
		machine->failed = true;
	push(machine, result);
}

static void jump(struct machine *machine, bool taken)
{
	int64_t distance = mlw_read_signed(&machine->program, 2);
	int64_t place = machine->program.at - machine->start + distance;

	if (!taken)
		return;
	if (place < 0 || place > machine->program.end - machine->start)
		machine->failed = true;
	else
		machine->program.at = machine->start + place;
}

static void rotate(struct machine *machine)
{
	uint64_t first = pop(machine), second = pop(machine), third = pop(machine);

	push(machine, first);
	push(machine, third);
	push(machine, second);
}

static void swap(struct machine *machine)
{
	uint64_t first = pop(machine), second = pop(machine);

	push(machine, first);
	push(machine, second);
}

/* The operations on the stack alone, and jumps. False: it is none of them. */
static bool run_stack(struct machine *machine, uint8_t op)
{
	uint64_t value;

	switch (op) {
	case OP_DUP:
		push(machine, pick(machine, 0));
		return true;
	case OP_DROP:
		pop(machine);
		return true;
	case OP_OVER:
		push(machine, pick(machine, 1));
		return true;
	case OP_PICK:
		push(machine, pick(machine, mlw_read_fixed(&machine->program, 1)));
		return true;
	case OP_SWAP:
		swap(machine);
		return true;
	case OP_ROT:
		rotate(machine);
		return true;
	case OP_ABS:
		value = pop(machine);
		push(machine, (int64_t)value < 0 ? -value : value);
		return true;
	case OP_NEG:
		push(machine, -pop(machine));
		return true;
	case OP_NOT:
		push(machine, ~pop(machine));
		return true;
	case OP_BRA:
		jump(machine, pop(machine) != 0);
		return true;
	case OP_SKIP:
		jump(machine, true);
		return true;
	case OP_NOP:
		return true;
	}
	return false;
}

/* The operations that take their operand from the program. */
static bool run_operand(struct machine *machine, uint8_t op)
{
	struct mlw_reader *program = &machine->program;
	uint64_t reg;

	switch (op) {
	case OP_ADDR:
		push(machine, mlw_read_fixed(program, 8));
		return true;
	case OP_DEREF:
		dereference(machine, 8);
		return true;
	case OP_DEREF_SIZE:
		dereference(machine, (unsigned)mlw_read_fixed(program, 1));
		return true;
	case OP_CONSTU:
		push(machine, mlw_read_uleb(program));
		return true;
	case OP_CONSTS:
		push(machine, (uint64_t)mlw_read_sleb(program));
		return true;
	case OP_PLUS_UCONST:
		push(machine, pop(machine) + mlw_read_uleb(program));
		return true;
	case OP_REGX:
		push_register(machine, mlw_read_uleb(program), 0);
		machine->in_register = true;
		return true;
	case OP_BREGX:
		reg = mlw_read_uleb(program);
		push_register(machine, reg, mlw_read_sleb(program));
		return true;
	}
	return false;
}

static void run_one(struct machine *machine, uint8_t op)
{
	machine->in_register = false;
	if (op >= OP_CONST1U && op <= OP_CONST8S)
		push_constant(machine, op);
	else if (op >= OP_LIT0 && op < OP_REG0)
		push(machine, op - OP_LIT0);
	else if (op >= OP_REG0 && op < OP_BREG0) {
		push_register(machine, op - OP_REG0, 0);
		machine->in_register = true;
	} else if (op >= OP_BREG0 && op < OP_REGX)
		push_register(machine, op - OP_BREG0, mlw_read_sleb(&machine->program));
	else if (!run_operand(machine, op) && !run_stack(machine, op))
		run_binary(machine, op);
}

/* Runs an expression on a stack that holds `cfa` if `with_cfa`. */
static bool evaluate(struct mlw_walk *walk, const struct mlw_place *place, bool with_cfa,
                     uint64_t cfa, uint64_t *value, bool *in_register)
{
	struct machine machine;

	machine.walk = walk;
	machine.start = place->expression;
	machine.program = (struct mlw_reader){ place->expression,
		                               place->expression + place->size, false };
	machine.depth = 0;
	machine.in_register = false;
	machine.failed = false;
	if (with_cfa)
		push(&machine, cfa);
	for (uint32_t i = 0; machine.program.at < machine.program.end; i++) {
		if (i == OPERATIONS || machine.failed)
			return false;
		run_one(&machine, (uint8_t)mlw_read_fixed(&machine.program, 1));
	}
	*value = pop(&machine);
	*in_register = machine.in_register;
	return !machine.failed && !machine.program.bad;
}

static bool find_cfa(struct mlw_walk *walk, uint64_t *cfa)
{
	const struct mlw_place *place = &walk->cfi->row.cfa;
	bool in_register;

	if (place->where == MLW_WHERE_IS_EXPRESSION)
		return evaluate(walk, place, false, 0, cfa, &in_register);
	if (place->where != MLW_WHERE_REGISTER || !get_register(walk, place->reg, cfa))
		return false;
	*cfa += (uint64_t)place->offset;
	return true;
}

/* The caller's value of one register. False: not known. */
static bool restore(struct mlw_walk *walk, uint32_t reg, uint64_t cfa, uint64_t *value)
{
	const struct mlw_place *place = &walk->cfi->row.places[reg];
	uint64_t address;
	bool in_register;

	switch ((enum mlw_where)place->where) {
	case MLW_WHERE_SAME:
		return get_register(walk, reg, value);
	case MLW_WHERE_UNDEFINED:
		return false;
	case MLW_WHERE_AT_CFA:
		return read_memory(walk, cfa + (uint64_t)place->offset, 8, value);
	case MLW_WHERE_IS_CFA:
		*value = cfa + (uint64_t)place->offset;
		return true;
	case MLW_WHERE_AT_EXPRESSION:
		if (!evaluate(walk, place, true, cfa, &address, &in_register))
			return false;
		*value = address;
		return in_register || read_memory(walk, address, 8, value);
	case MLW_WHERE_IS_EXPRESSION:
		return evaluate(walk, place, true, cfa, value, &in_register);
	case MLW_WHERE_REGISTER:
		return get_register(walk, place->reg, value);
	}
	return false;
}

/* Of a caller that was called, registers that a call may change mean nothing. */
static bool survives_calls(uint32_t reg)
{
	return reg == MLW_REG_RBX || reg == MLW_REG_RBP || (reg >= 12 && reg <= 15);
}

static enum mlw_step apply_row(struct mlw_walk *walk)
{
	const struct mlw_cfi *cfi = walk->cfi;
	uint64_t registers[MLW_REG_COUNT], cfa;
	uint32_t valid = 0;

	if (cfi->row.places[MLW_REG_RIP].where == MLW_WHERE_UNDEFINED)
		return MLW_STEP_END;
	if (!find_cfa(walk, &cfa))
		return MLW_STEP_CUT;
	for (uint32_t reg = 0; reg < MLW_REG_COUNT; reg++) {
		bool same = cfi->row.places[reg].where == MLW_WHERE_SAME;

		if (same && (reg == MLW_REG_RSP || reg == MLW_REG_RIP))
			continue;
		if (same && !cfi->signal_frame && !survives_calls(reg))
			continue;
		if (restore(walk, reg, cfa, &registers[reg]))
			valid |= 1u << reg;
	}
	if (!(valid >> MLW_REG_RSP & 1)) {
		registers[MLW_REG_RSP] = cfa;
		valid |= 1u << MLW_REG_RSP;
	}
	if (!(valid >> MLW_REG_RIP & 1))
		return MLW_STEP_CUT;
	if (!cfi->signal_frame && registers[MLW_REG_RSP] <= walk->registers[MLW_REG_RSP])
		return MLW_STEP_CUT;
	for (uint32_t reg = 0; reg < MLW_REG_COUNT; reg++)
		if (valid >> reg & 1)
			walk->registers[reg] = registers[reg];
	walk->valid = valid;
	walk->exact = cfi->signal_frame;
	if (walk->exact)
		mlw_readable_move(walk->range, registers[MLW_REG_RSP]);
	return registers[MLW_REG_RIP] ? MLW_STEP_OK : MLW_STEP_END;
}

uint64_t mlw_walk_guess(struct mlw_readable *range, uint64_t *sp, uint64_t *bp, bool *end)
{
	uint64_t frame = *bp, pc;

	*end = frame == 0;
	if (frame < *sp || frame - *sp > GUESS_LIMIT || !mlw_readable(range, frame) ||
	    !mlw_readable(range, frame + 8))
		return 0;
	*bp = *(const volatile uint64_t *)(uintptr_t)frame;
	pc = *(const volatile uint64_t *)(uintptr_t)(frame + 8);
	*sp = frame + 16;
	*end = pc == 0;
	return pc;
}

static enum mlw_step guess(struct mlw_walk *walk)
{
	uint64_t *registers = walk->registers, pc;
	bool end;

	if (!(walk->valid >> MLW_REG_RBP & 1))
		return MLW_STEP_CUT;
	pc = mlw_walk_guess(walk->range, &registers[MLW_REG_RSP], &registers[MLW_REG_RBP],
	                    &end);
	if (!pc)
		return end ? MLW_STEP_END : MLW_STEP_CUT;
	registers[MLW_REG_RIP] = pc;
	walk->valid = 1u << MLW_REG_RBP | 1u << MLW_REG_RSP | 1u << MLW_REG_RIP;
	walk->exact = false;
	return MLW_STEP_OK;
}

enum mlw_step mlw_walk_step(struct mlw_walk *walk)
{
	uintptr_t address = walk->registers[MLW_REG_RIP] - !walk->exact;
	struct mlw_object object;

	if (!mlw_object_find(address, &object))
		return guess(walk);
	mlw_module_announce(&object);
	if (mlw_cfi_find(walk->cfi, &object, address))
		return apply_row(walk);
	return mlw_cfi_ends_before(walk->cfi, &object, address) ? MLW_STEP_END
	                                                        : guess(walk);
}

/* The registers that a call preserves, as they are here. */
#define CAPTURE(registers)                          \
	__asm__ volatile("movq %%rbx, 24(%0)\n\t"   \
	                 "movq %%rbp, 48(%0)\n\t"   \
	                 "movq %%rsp, 56(%0)\n\t"   \
	                 "movq %%r12, 96(%0)\n\t"   \
	                 "movq %%r13, 104(%0)\n\t"  \
	                 "movq %%r14, 112(%0)\n\t"  \
	                 "movq %%r15, 120(%0)\n\t"  \
	                 "leaq 0(%%rip), %%rax\n\t" \
	                 "movq %%rax, 128(%0)"      \
	                 :                          \
	                 : "r"(registers)           \
	                 : "rax", "memory")

#define CAPTURED                                                                  \
	(1u << MLW_REG_RBX | 1u << MLW_REG_RBP | 1u << MLW_REG_RSP | 0xfu << 12 | \
	 1u << MLW_REG_RIP)

static bool reach(struct mlw_walk *walk, const uintptr_t *frame)
{
	for (uint32_t i = 0; i < OWN_FRAMES; i++) {
		if (mlw_walk_step(walk) != MLW_STEP_OK)
			return false;
		if (walk->registers[MLW_REG_RSP] == (uintptr_t)(frame + 2))
			return walk->registers[MLW_REG_RIP] == frame[1];
	}
	return false;
}

__attribute__((noinline)) uint32_t mlw_walk_collect(struct mlw_walk *walk,
                                                    const uintptr_t *frame, uint64_t *pcs,
                                                    uint32_t size, uint32_t *flags)
{
	enum mlw_step step = MLW_STEP_CUT;
	uint32_t count = 0;

	CAPTURE(walk->registers);
	walk->valid = CAPTURED;
	walk->exact = true;
	*flags = MLW_STACK_CUT;
	if (!reach(walk, frame))
		return 0;
	do {
		pcs[count++] =
		        walk->registers[MLW_REG_RIP] | (walk->exact ? MLW_PC_EXACT : 0);
		step = mlw_walk_step(walk);
	} while (step == MLW_STEP_OK && count < size);
	*flags = step == MLW_STEP_CUT  ? MLW_STACK_CUT
	         : step == MLW_STEP_OK ? MLW_STACK_DEEP
	                               : 0;
	return count;
}
