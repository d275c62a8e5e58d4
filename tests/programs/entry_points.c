/* SPDX-License-Identifier: MIT */
/*
 * entry_points: every function that hands out memory, and what realloc can do. Each size
 * is used once, so that `top --by size` or the trace tells which one was seen.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static volatile size_t impossible = PTRDIFF_MAX;

static void all_allocators(void)
{
	void *blocks[9];

	blocks[0] = malloc(1001);
	blocks[1] = calloc(11, 92); /* 1012 */
	blocks[2] = realloc(NULL, 1003);
	blocks[3] = reallocarray(NULL, 4, 251); /* 1004 */
	if (posix_memalign(&blocks[4], 64, 1005))
		abort();
	blocks[5] = aligned_alloc(32, 1024);
	blocks[6] = memalign(256, 1007);
	blocks[7] = valloc(1008);
	blocks[8] = pvalloc(1009);
	for (int i = 0; i < 9; i++) {
		if (!blocks[i] || malloc_usable_size(blocks[i]) < 1000)
			abort();
		free(blocks[i]);
	}
}

static void all_reallocs(void)
{
	char *block = malloc(2001);
	char *between;

	block = realloc(block, 2002); /* in place */
	between = malloc(10);
	block = realloc(block, 200003); /* moving */
	if (realloc(block, impossible)) /* failing: the block stays */
		abort();
	block[200002] = 'x';
	if (realloc(block, 0)) /* a free */
		abort();
	free(between);
}

static void what_counts_nothing(void)
{
	void *nothing = malloc(impossible);

	if (nothing || calloc(impossible, 2))
		abort();
	free(nothing);
}

int main(void)
{
	void *volatile empty;

	all_allocators();
	all_reallocs();
	what_counts_nothing();
	empty = malloc(0);
	free(empty);
	return 0;
}
