/* SPDX-License-Identifier: MIT */
/*
 * churn: temporary blocks, freed by the very next operation.
 *
 * key_make allocates and its caller frees at once: 10000 temporary allocations of 24
 * bytes. Two blocks that are held across each other (pair_hold, 1000 times) are not
 * temporary where something else happened in between: of each pair, only the second is.
 *
 *	mallow run -o churn.mallow churn
 *	mallow top --sort temporary churn.mallow
 */
#include <stdlib.h>
#include <string.h>

static __attribute__((noinline)) char *key_make(int number)
{
	char *key = malloc(24);

	if (!key)
		abort();
	memset(key, number, 24);
	return key;
}

static __attribute__((noinline)) void pair_hold(void)
{
	char *first = malloc(40);
	char *second = malloc(48);

	if (!first || !second)
		abort();
	first[0] = second[0] = 0;
	__asm__ volatile("" : : "r"(first), "r"(second) : "memory");
	free(second);
	free(first);
}

int main(void)
{
	for (int i = 0; i < 10000; i++)
		free(key_make(i));
	for (int i = 0; i < 1000; i++)
		pair_hold();
	return 0;
}
