/* SPDX-License-Identifier: MIT */
/*
 * x_cross THREADS ITERATIONS: threads exchange blocks through shared places, free and
 * reallocate what others allocated, and leave nothing behind. Prints its own count of
 * successful allocations, frees and reallocations, as Mallow counts them: a realloc is
 * an allocation, a reallocation, and a free if there was a block before.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x_say.h"

#define PLACES 256

struct counts {
	uint64_t allocations;
	uint64_t frees;
	uint64_t reallocations;
	uint64_t size;
};

struct worker {
	pthread_t thread;
	unsigned seed;
	long iterations;
	struct counts counts;
};

static _Atomic(char *) places[PLACES];

static unsigned draw(struct worker *w)
{
	w->seed = w->seed * 1664525u + 1013904223u;
	return w->seed >> 8;
}

static char *own_malloc(struct worker *w, size_t size)
{
	char *block = malloc(size);

	if (!block)
		abort();
	w->counts.allocations++;
	w->counts.size += size;
	memset(block, 1, size < 16 ? size : 16);
	return block;
}

static char *own_realloc(struct worker *w, char *old, size_t size)
{
	char *block = realloc(old, size);

	if (!block)
		abort();
	w->counts.allocations++;
	w->counts.size += size;
	w->counts.reallocations++;
	if (old)
		w->counts.frees++;
	return block;
}

static void own_free(struct worker *w, char *block)
{
	if (block)
		w->counts.frees++;
	free(block);
}

static void *work(void *argument)
{
	struct worker *w = argument;
	char *mine, *theirs;
	long i;

	for (i = 0; i < w->iterations; i++) {
		unsigned r = draw(w);
		_Atomic(char *) *place = &places[r % PLACES];
		size_t size = 16 + (r >> 9) % 2000;

		switch ((r >> 20) % 4) {
		case 0:
			mine = own_malloc(w, size);
			theirs = atomic_exchange(place, mine);
			own_free(w, theirs);
			break;
		case 1:
			own_free(w, atomic_exchange(place, NULL));
			break;
		default:
			theirs = atomic_exchange(place, NULL);
			mine = own_realloc(w, theirs, size);
			own_free(w, atomic_exchange(place, mine));
			break;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 4;
	long iterations = argc > 2 ? atol(argv[2]) : 1000000;
	static struct worker workers[64];
	struct counts sum = { 0, 0, 0, 0 };
	int i;

	for (i = 0; i < n && i < 64; i++) {
		workers[i].seed = 77u + (unsigned)i;
		workers[i].iterations = iterations;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			abort();
	}
	for (i = 0; i < n && i < 64; i++)
		pthread_join(workers[i].thread, NULL);
	for (i = 0; i < PLACES; i++)
		own_free(&workers[0], atomic_exchange(&places[i], NULL));
	for (i = 0; i < n && i < 64; i++) {
		sum.allocations += workers[i].counts.allocations;
		sum.frees += workers[i].counts.frees;
		sum.reallocations += workers[i].counts.reallocations;
		sum.size += workers[i].counts.size;
	}
	x_say(1, "%lu %lu %lu %lu\n", sum.allocations, sum.frees, sum.reallocations,
	      sum.size);
	return 0;
}
