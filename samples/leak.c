/* SPDX-License-Identifier: MIT */
/*
 * leak: a cache that forgets to free what it replaces.
 *
 * 100 entries are stored in 10 places, each one a copy of its name: 200 allocations,
 * 20 of them freed at the end. Still live: 90 entries of 64 bytes and their names, all
 * from entry_new, called by cache_put.
 *
 *	mallow run -o leak.mallow leak
 *	mallow top leak.mallow
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	char *name;
	char value[56];
};

static struct entry *cache[10];

static __attribute__((noinline)) struct entry *entry_new(int number)
{
	struct entry *entry = malloc(sizeof(*entry));
	char *name = malloc(32);

	if (!entry || !name)
		abort();
	snprintf(name, 32, "entry %d", number);
	memset(entry->value, number, sizeof(entry->value));
	entry->name = name;
	return entry;
}

static __attribute__((noinline)) void cache_put(int number)
{
	/* The mistake: what stood here is lost. */
	cache[number % 10] = entry_new(number);
}

static __attribute__((noinline)) void cache_clear(void)
{
	for (int i = 0; i < 10; i++) {
		free(cache[i]->name);
		free(cache[i]);
	}
}

int main(void)
{
	for (int i = 0; i < 100; i++)
		cache_put(i);
	cache_clear();
	return 0;
}
