/* SPDX-License-Identifier: MIT */
/*
 * x_churn OPERATIONS: allocates, reallocates and frees blocks of random sizes; more and
 * more are live until four fifths of the way, then fewer. Some of its stacks appear in
 * the second half only. The same on every run.
 */
#include <stdint.h>
#include <stdlib.h>

#define BLOCKS 4096

static void *blocks[BLOCKS];
static uint64_t seed = 1;

static unsigned draw(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % limit;
}

static __attribute__((noinline)) void *early(void)
{
	return malloc(draw(5000));
}

static __attribute__((noinline)) void *late(void)
{
	return calloc(1 + draw(10), 1 + draw(300));
}

static __attribute__((noinline)) void *again(void *block)
{
	return realloc(block, 1 + draw(9000));
}

static __attribute__((noinline)) void *deep(int depth)
{
	void *block = depth ? deep(depth - 1) : early();

	__asm__ volatile("");
	return block;
}

static void *allocate(long i, long operations)
{
	if (i > operations / 2 && draw(3) == 0)
		return draw(2) ? late() : deep((int)draw(20));
	return early();
}

int main(int argc, char **argv)
{
	long operations = argc > 1 ? atol(argv[1]) : 1000;

	for (long i = 0; i < operations; i++) {
		unsigned share = i < operations / 5 * 4 ? 55 : 35;
		void **block = &blocks[draw(BLOCKS)];

		if (*block && draw(8) == 0) {
			*block = again(*block);
		} else if (*block && draw(100) >= share) {
			free(*block);
			*block = NULL;
		} else if (!*block && draw(100) < share) {
			*block = allocate(i, operations);
		}
	}
	return 0;
}
