/* SPDX-License-Identifier: MIT */
/*
 * Stacks as the collector would rebuild them from the words alone (wire/event.h),
 * compared with a plain libunwind walk at every step.
 */
#include <alloca.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include "record/modules.h"
#include "record/objects.h"
#include "record/remember.h"
#include "record/stack.h"
#include "record/verify.h"

#define NOINLINE __attribute__((noinline, noipa))

struct frames {
	uint32_t count;
	uint64_t pcs[MLW_STACK_MAX_KEEP]; /* outermost first */
};

/* The reader's side. */
static struct {
	struct frames cursor;
	struct frames memo[MLW_MEMO_SLOTS];
	struct frames detached;
} * mirror;

static struct mlw_stack *stack;
static struct mlw_stack_result last;
static const struct frames *rebuilt; /* the stack of the last allocation */
static uint64_t oracle[MLW_STACK_MAX_FRAMES];
static uint32_t oracle_count;
static unsigned taken, remembered, by_slot, cut, wrong, check_every, seed;
static volatile long sink;

static unsigned draw(unsigned below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void forget_all(void)
{
	mirror->cursor.count = 0;
	for (uint32_t i = 0; i < MLW_MEMO_SLOTS; i++)
		mirror->memo[i].count = 0;
}

static void start(void)
{
	mlw_objects_init();
	stack = mlw_stack_new();
	cr_assert(stack);
	mirror = mmap(NULL, sizeof(*mirror), PROT_READ | PROT_WRITE,
	              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	cr_assert(mirror != MAP_FAILED);
	taken = remembered = by_slot = cut = wrong = 0;
	check_every = 1;
	seed = 1;
}

static void stop(void)
{
	mlw_stack_free(stack);
	munmap(mirror, sizeof(*mirror));
}

TestSuite(stack, .init = start, .fini = stop, .timeout = 60);

static void copy(struct frames *to, const struct frames *from)
{
	to->count = from->count;
	memcpy(to->pcs, from->pcs, from->count * sizeof(from->pcs[0]));
}

static const struct frames *read_stack_event(const uint64_t *words)
{
	uint32_t arg = mlw_word_arg(*words), slot = arg & MLW_ARG_SLOT;
	uint64_t value = mlw_word_value(*words);
	uint32_t keep = value & 0xffff, push = value >> 16 & 0xffff;
	struct frames *frames =
	        arg & MLW_ARG_DETACHED ? &mirror->detached : &mirror->cursor;

	cr_assert_eq(mlw_word_type(*words), MLW_EVENT_STACK);
	cr_assert_leq(push, MLW_STACK_MAX_FRAMES);
	if (arg & MLW_ARG_DETACHED)
		cr_assert(!keep && slot == MLW_SLOT_NONE);
	else
		cr_assert_leq(keep, frames->count);
	cr_assert_leq(keep + push, MLW_STACK_MAX_KEEP);
	memcpy(frames->pcs + keep, words + 1, push * sizeof(*words));
	frames->count = keep + push;
	cut += value >> 32 & MLW_STACK_CUT;
	if (slot != MLW_SLOT_NONE)
		copy(&mirror->memo[slot], frames);
	return frames;
}

static const struct frames *rebuild(void)
{
	static uint64_t words[MLW_EVENT_MAX_WORDS];
	const struct frames *frames = &mirror->cursor;

	if (last.words) {
		cr_assert_leq(last.words, MLW_EVENT_MAX_WORDS);
		mlw_stack_write(stack, &last, words);
		frames = read_stack_event(words);
	}
	if (last.slot == MLW_SLOT_NONE)
		return frames;
	cr_assert_lt(last.slot, MLW_MEMO_SLOTS);
	by_slot++;
	return &mirror->memo[last.slot];
}

static NOINLINE void ask_libunwind(const uintptr_t *frame)
{
	unw_context_t context;
	unw_cursor_t cursor;
	unw_word_t value = 0;

	unw_getcontext(&context);
	unw_init_local(&cursor, &context);
	do {
		cr_assert(unw_step(&cursor) > 0);
		unw_get_reg(&cursor, UNW_REG_SP, &value);
	} while (value != (uintptr_t)(frame + 2));
	oracle_count = 0;
	do {
		unw_get_reg(&cursor, UNW_REG_IP, &value);
		if (!value)
			break;
		oracle[oracle_count++] = value;
	} while (oracle_count < MLW_STACK_MAX_FRAMES && unw_step(&cursor) > 0);
}

/* The innermost frames; a stack too deep to be known whole has fewer than libunwind. */
static bool same_as_libunwind(void)
{
	uint32_t count = rebuilt->count < oracle_count ? rebuilt->count : oracle_count;

	if (rebuilt->count < oracle_count && rebuilt->count < MLW_DEEP_FRAMES)
		return false;
	if (rebuilt->count > oracle_count && oracle_count < MLW_STACK_MAX_FRAMES)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if ((rebuilt->pcs[rebuilt->count - 1 - i] ^ oracle[i]) & ~MLW_PC_EXACT)
			return false;
	return true;
}

/* Is what is known of the rows' identities what their states make of them? */
static bool identities_hold(void)
{
	static uint64_t known[MLW_STACK_MAX_KEEP + 1];
	uint32_t count = stack->identified;

	if (count > stack->count)
		return false;
	memcpy(known, stack->ids, (count + 1) * sizeof(known[0]));
	stack->identified = 0;
	mlw_stack_identify(stack, count);
	return !memcmp(known, stack->ids, (count + 1) * sizeof(known[0]));
}

/* An allocation: what a hook does. */
static NOINLINE void allocate(void)
{
	const uintptr_t *frame = __builtin_frame_address(0);

	mlw_stack_take(stack, frame, &last);
	rebuilt = rebuild();
	taken++;
	remembered += !last.detached;
	if (taken % check_every)
		return;
	ask_libunwind(frame);
	wrong += !same_as_libunwind() || !identities_hold();
}

static NOINLINE long leaf(long value)
{
	allocate();
	sink = sink + value;
	return value;
}

static NOINLINE long call(int depth);

static NOINLINE long plain(int depth)
{
	volatile char local[24];

	local[0] = (char)depth;
	if (draw(2))
		leaf(1);
	return call(depth - 1) + leaf(2) + local[0];
}

static NOINLINE long variable(int depth)
{
	size_t size = draw(300) + 1;
	char *local = alloca(size);

	memset(local, depth, size);
	return call(depth - 1) + leaf(3) + local[size - 1];
}

/* Aligned locals beside alloca: the CFA is found by a word below rbp. */
static NOINLINE long realigned(int depth)
{
	_Alignas(64) volatile char local[128];
	size_t size = draw(100) + 1;
	char *more = alloca(size);

	memset(more, 1, size);
	local[5] = (char)depth;
	return call(depth - 1) + leaf(4) + local[5] + more[0];
}

static NOINLINE long big(int depth)
{
	volatile char local[70000];

	local[1] = (char)depth;
	return call(depth % 5 - 1) + leaf(5) + local[1];
}

static int compare(const void *a, const void *b)
{
	leaf(6);
	return *(const int *)a - *(const int *)b;
}

static NOINLINE long sorts(int depth)
{
	int values[5];

	for (int i = 0; i < 5; i++)
		values[i] = (int)draw(100);
	qsort(values, 5, sizeof(values[0]), compare);
	return call(depth - 1) + leaf(values[0]);
}

static NOINLINE long call(int depth)
{
	static long (*const kinds[])(int) = { plain,     plain, variable, plain,
		                              realigned, big,   sorts };

	return depth <= 0 ? leaf(0)
	                  : kinds[draw(sizeof(kinds) / sizeof(*kinds))](depth) + 1;
}

Test(stack, random_call_trees_are_rebuilt)
{
	for (int i = 0; i < 1500; i++)
		call(5 + (int)draw(20));
	cr_expect_eq(wrong, 0, "%u of %u differ", wrong, taken);
	cr_expect_gt(taken, 20000);
	cr_expect_eq(remembered, taken);
	cr_expect_eq(cut, 0);
}

Test(stack, frame_pointer_that_nobody_needs_is_not_trusted)
{
	check_every = 1;
	for (int i = 0; i < 3000; i++) {
		seed = draw(40); /* trees that come back, in another order */
		call(12);
		seed += (unsigned)i;
	}
	cr_expect_eq(wrong, 0, "%u of %u differ", wrong, taken);
}

Test(stack, same_stack_costs_no_words)
{
	uint32_t words = 0;

	for (int i = 0; i < 10; i++) {
		leaf(i);
		if (i)
			words += last.words;
	}
	cr_expect_eq(words, 0);
	cr_expect_eq(wrong, 0);
}

static NOINLINE long one(int n)
{
	return leaf(n) + 1;
}

static NOINLINE long other(int n)
{
	volatile long local[4] = { n };

	return one(n) + local[0];
}

Test(stack, hot_stacks_are_sent_as_slots)
{
	for (int i = 0; i < 1000; i++) {
		one(i);
		other(i);
		other(i);
		plain(1);
	}
	cr_expect_eq(wrong, 0);
	cr_expect_gt(by_slot, taken / 2);
}

Test(stack, slots_are_not_used_after_a_reset)
{
	for (int i = 0; i < 100; i++) {
		if (i % 3 == 0) {
			mlw_stack_reset(stack);
			forget_all();
		}
		one(i);
		cr_assert(i % 3 || (last.slot == MLW_SLOT_NONE && !last.keep));
		other(i);
	}
	cr_expect_eq(wrong, 0);
}

static NOINLINE void allocate_detached(void)
{
	mlw_stack_detached(stack, __builtin_frame_address(0), &last);
	rebuilt = rebuild();
	ask_libunwind(__builtin_frame_address(0));
	wrong += !same_as_libunwind();
}

Test(stack, detached_stacks_leave_the_cursor_alone)
{
	struct frames *before = calloc(1, sizeof(*before));

	one(1);
	copy(before, &mirror->cursor);
	allocate_detached();
	cr_expect(last.detached);
	cr_expect_eq(before->count, mirror->cursor.count);
	cr_expect_arr_eq(before->pcs, mirror->cursor.pcs, before->count * 8);
	one(1);
	cr_expect_eq(wrong, 0);
	free(before);
}

static NOINLINE long recurse(int depth)
{
	volatile long local = depth;
	long result;

	leaf(1);
	result = depth ? recurse(depth - 1) : 0;
	leaf(2);
	return result + local;
}

Test(stack, recursion_is_rebuilt)
{
	check_every = 61;
	recurse(10000);
	cr_expect_eq(wrong, 0, "%u differ", wrong);
	cr_expect_eq(cut, 0);
}

static NOINLINE long recurse_quietly(int depth)
{
	volatile long local = depth;
	long result = 0;

	if (depth % 1000 == 0)
		leaf(1);
	if (depth)
		result = recurse_quietly(depth - 1);
	if (depth % 100 == 0)
		leaf(2);
	return result + local;
}

static void *recurse_far(void *unused)
{
	recurse_quietly(100000);
	return unused;
}

Test(stack, recursion_beyond_all_rows_keeps_the_innermost_frames)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)256 << 20);
	cr_assert_eq(pthread_create(&thread, &attributes, recurse_far, NULL), 0);
	pthread_join(thread, NULL);
	cr_expect_gt(taken, 1000);
	cr_expect_eq(wrong, 0, "%u of %u differ", wrong, taken);
}

static jmp_buf back;
static volatile bool jumping = true;

static NOINLINE long jump_from(int depth)
{
	volatile long local = depth;

	leaf(depth);
	if (depth > 0)
		return jump_from(depth - 1) + local;
	if (jumping)
		longjmp(back, 1);
	return local;
}

static NOINLINE void jump_and_land(void)
{
	if (!setjmp(back))
		jump_from((int)draw(30));
	other(1);
}

Test(stack, longjmp_leaves_no_stale_frames)
{
	for (int i = 0; i < 200; i++)
		jump_and_land();
	cr_expect_eq(wrong, 0);
}

static unsigned exact_frames;

static void on_signal(int number)
{
	leaf(number);
	exact_frames = 0;
	for (uint32_t i = 0; i < rebuilt->count; i++)
		exact_frames += rebuilt->pcs[i] >> 63;
}

static void handle(int number, int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

Test(stack, signal_frames_are_crossed)
{
	handle(SIGUSR1, 0);
	one(1);
	raise(SIGUSR1);
	cr_expect(last.detached);
	cr_expect_eq(exact_frames, 1);
	cr_expect_eq(cut, 0);
	one(1);
	cr_expect_eq(wrong, 0);
}

Test(stack, signals_on_another_stack_are_crossed)
{
	stack_t other_stack = { .ss_size = 1 << 18 };

	other_stack.ss_sp = malloc(other_stack.ss_size);
	sigaltstack(&other_stack, NULL);
	handle(SIGUSR2, SA_ONSTACK);
	for (int i = 0; i < 20; i++) {
		one(i);
		raise(SIGUSR2);
		cr_assert_eq(exact_frames, 1);
	}
	cr_expect_eq(cut, 0);
	cr_expect_eq(wrong, 0);
}

static ucontext_t scheduler, coroutine;

static void run_coroutine(void)
{
	other(1);
	swapcontext(&coroutine, &scheduler);
	call(4);
	swapcontext(&coroutine, &scheduler);
}

static NOINLINE void start_coroutine(bool twice)
{
	size_t size = 1 << 18;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	getcontext(&coroutine);
	coroutine.uc_stack = (stack_t){ .ss_sp = memory, .ss_size = size };
	makecontext(&coroutine, run_coroutine, 0);
	swapcontext(&scheduler, &coroutine);
	one(1);
	if (twice)
		swapcontext(&scheduler, &coroutine);
	munmap(memory, size);
	one(2);
}

Test(stack, stacks_of_coroutines_may_vanish)
{
	for (int i = 0; i < 100; i++)
		start_coroutine(i % 2);
	cr_expect_eq(wrong, 0, "%u of %u differ", wrong, taken);
	cr_expect_eq(remembered, taken);
	cr_expect_eq(cut, 0);
}

long test_through_rbx(long (*function)(long), long value);
long test_through_expression(long (*function)(long), long value);
long test_without_cfi(long (*function)(long), long value, uintptr_t rbp);

__asm__(".text\n"
        ".type test_through_rbx,@function\n"
        "test_through_rbx:\n"
        ".cfi_startproc\n"
        "	pushq %rbx\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	.cfi_offset rbx,-16\n"
        "	movq %rsp,%rbx\n"
        "	.cfi_def_cfa_register rbx\n"
        "	subq $200,%rsp\n"
        "	andq $-64,%rsp\n"
        "	movq %rdi,%rax\n"
        "	movq %rsi,%rdi\n"
        "	call *%rax\n"
        "	movq %rbx,%rsp\n"
        "	.cfi_def_cfa_register rsp\n"
        "	popq %rbx\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	.cfi_restore rbx\n"
        "	ret\n"
        ".cfi_endproc\n"
        ".size test_through_rbx,.-test_through_rbx\n"
        ".type test_through_expression,@function\n"
        "test_through_expression:\n"
        ".cfi_startproc\n"
        "	movq %rsp,%rax\n"
        "	subq $264,%rsp\n"
        "	andq $-64,%rsp\n"
        "	movq %rax,152(%rsp)\n"
        /* breg7 152, deref, plus_uconst 8; what follows adds 0 in many ways */
        "	.cfi_escape 0x0f,0x56,0x77,0x98,0x01,0x06,0x23,0x08\n"
        "	.cfi_escape 0x33,0x35,0x1e,0x3f,0x1c,0x22\n" /* 3 * 5 - 15 */
        "	.cfi_escape 0x12,0x13\n" /* dup, drop */
        "	.cfi_escape 0x0b,0xfb,0xff,0x19,0x35,0x1c,0x22\n" /* abs(-5) - 5 */
        "	.cfi_escape 0x31,0x32,0x16,0x1c,0x31,0x1c,0x22\n" /* swap: 2 - 1 - 1 */
        "	.cfi_escape 0x34,0x32,0x24,0x40,0x1c,0x22\n" /* (4 << 2) - 16 */
        "	.cfi_escape 0x38,0x31,0x25,0x34,0x1c,0x22\n" /* (8 >> 1) - 4 */
        "	.cfi_escape 0x35,0x33,0x1a,0x31,0x1c,0x22\n" /* (5 & 3) - 1 */
        "	.cfi_escape 0x34,0x31,0x21,0x35,0x1c,0x22\n" /* (4 | 1) - 5 */
        "	.cfi_escape 0x35,0x33,0x2a,0x31,0x1c,0x22\n" /* (5 >= 3) - 1 */
        "	.cfi_escape 0x30,0x28,0x02,0x00,0x2f,0x01,0x00,0x96\n" /* no bra, skip */
        "	.cfi_escape 0x31,0x28,0x01,0x00,0x00\n" /* bra over nonsense */
        "	.cfi_escape 0x12,0x14,0x13,0x13\n" /* dup, over */
        "	.cfi_escape 0x30,0x15,0x01,0x13,0x13\n" /* pick */
        "	.cfi_escape 0x30,0x1f,0x20,0x31,0x22,0x22\n" /* ~-0 + 1 */
        "	movq %rdi,%rax\n"
        "	movq %rsi,%rdi\n"
        "	call *%rax\n"
        "	movq 152(%rsp),%rsp\n"
        "	.cfi_def_cfa rsp,8\n"
        "	ret\n"
        ".cfi_endproc\n"
        ".size test_through_expression,.-test_through_expression\n"
        ".type test_without_cfi,@function\n"
        "	nop\n"
        "test_without_cfi:\n"
        "	pushq %rbp\n"
        "	pushq %rbx\n"
        "	subq $8,%rsp\n"
        "	movq %rdx,%rbp\n"
        "	movq %rdi,%rax\n"
        "	movq %rsi,%rdi\n"
        "	call *%rax\n"
        "	addq $8,%rsp\n"
        "	popq %rbx\n"
        "	popq %rbp\n"
        "	ret\n"
        ".size test_without_cfi,.-test_without_cfi\n");

static NOINLINE long nested_rbx(long value)
{
	return test_through_rbx(leaf, value) + leaf(1);
}

Test(stack, what_rules_cannot_say_is_evaluated)
{
	test_through_rbx(leaf, 1);
	cr_expect(last.detached);
	test_through_rbx(nested_rbx, 1);
	cr_expect(last.detached);
	one(1);
	cr_expect(!last.detached);
	cr_expect_eq(cut, 0);
	cr_expect_eq(wrong, 0);
}

Test(stack, expressions_are_evaluated)
{
	test_through_expression(leaf, 1);
	cr_expect(last.detached);
	cr_expect_eq(cut, 0);
	cr_expect_eq(wrong, 0);
	test_through_expression(nested_rbx, 1);
	cr_expect_eq(cut, 0);
	cr_expect_eq(wrong, 0);
}

Test(stack, garbage_frame_pointers_cut_the_stack)
{
	static const uintptr_t garbage[] = { 0x10,           0xdeadbeef,
		                             0x7ffffffff000, UINTPTR_MAX - 7,
		                             0x800000000000, 0x123 };
	size_t count = sizeof(garbage) / sizeof(*garbage);

	check_every = UINT32_MAX;
	for (size_t i = 0; i < count; i++)
		test_without_cfi(leaf, 1, garbage[i]);
	cr_expect_eq(cut, count);
	cr_expect_eq(rebuilt->count, 2);
}

/* rbp as a compiler that keeps frame pointers would have it. */
static NOINLINE long with_frame(long value)
{
	return test_without_cfi(leaf, value, (uintptr_t)__builtin_frame_address(0));
}

Test(stack, frame_pointers_lead_through_code_without_cfi)
{
	check_every = UINT32_MAX;
	with_frame(1);
	cr_expect_eq(cut, 0);
	cr_expect_gt(rebuilt->count, 4);
	one(1);
	cr_expect_eq(rebuilt->pcs[0], mirror->detached.pcs[0],
	             "the same outermost frame");
}

Test(stack, new_generation_has_its_own_rules)
{
	one(1);
	mlw_generation++;
	mlw_stack_reset(stack);
	forget_all();
	one(1);
	cr_expect_eq(last.keep, 0);
	cr_expect_eq(wrong, 0);
}

static NOINLINE void verify_here(void)
{
	const uintptr_t *frame = __builtin_frame_address(0);
	const uint64_t *ours, *theirs;
	uint32_t our_count, their_count;

	mlw_stack_take(stack, frame, &last);
	rebuilt = rebuild();
	cr_expect(mlw_verify_stack(stack, &last, frame));
	mlw_verify_last(stack, &ours, &our_count, &theirs, &their_count);
	cr_expect_eq(our_count, their_count);
	cr_expect_gt(our_count, 3);
	cr_expect_eq(ours[0], theirs[0]);
}

static NOINLINE void verify_the_wrong_stack(void)
{
	cr_expect(!mlw_verify_stack(stack, &last, __builtin_frame_address(0)));
}

Test(stack, verification_sees_equal_and_different_stacks)
{
	cr_assert(mlw_verify_init());
	for (int i = 0; i < 5; i++)
		verify_here();
	leaf(1);
	verify_the_wrong_stack();
}

static NOINLINE void take_by_libunwind(void)
{
	const uintptr_t *frame = __builtin_frame_address(0);

	mlw_libunwind_take(stack, frame, &last);
	rebuilt = rebuild();
	ask_libunwind(frame);
	cr_expect(same_as_libunwind());
}

Test(stack, libunwind_takes_whole_stacks)
{
	cr_assert(mlw_verify_init());
	take_by_libunwind();
	cr_expect(last.detached);
}

static NOINLINE uint64_t take_by_frame_pointers(void)
{
	mlw_fp_take(stack, __builtin_frame_address(0), &last);
	rebuilt = rebuild();
	return (uint64_t)(uintptr_t)__builtin_return_address(0);
}

Test(stack, frame_pointers_begin_at_the_caller)
{
	uint64_t pc = take_by_frame_pointers();

	cr_expect(last.detached);
	cr_assert_geq(rebuilt->count, 1);
	cr_expect_eq(rebuilt->pcs[rebuilt->count - 1], pc);
}

Test(stack, quiet_threads_touch_little)
{
	for (int i = 0; i < 1000; i++)
		other(i);
	cr_expect_leq(mlw_stack_size(stack), 96 << 10);
}

Test(stack, memory_has_a_bound_for_all_threads)
{
	struct mlw_stack *many[64];
	size_t granted = 0;

	for (int i = 0; i < 64; i++) {
		many[i] = mlw_stack_new();
		while (mlw_stack_grant(many[i], 1 << 20))
			granted += 1 << 20;
	}
	cr_expect_leq(granted, 6 << 20);
	for (int i = 0; i < 64; i++)
		mlw_stack_free(many[i]);
	cr_expect(mlw_stack_grant(stack, 1 << 20), "given back");
}
