/* SPDX-License-Identifier: MIT */
/*
 * x_stacks THREADS ALLOCATIONS [LIVE]: each thread makes that many allocations (in all,
 * divided among the threads) from random stacks of up to 60 frames, hundreds of thousands
 * of different ones, keeping LIVE blocks in all. Then prints "ready" and waits, threads
 * alive, until its standard input ends.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "x_say.h"

#define MOST 1024

struct worker {
	pthread_t thread;
	uint64_t seed;
	long allocations;
	long live;
};

typedef void *step(struct worker *w, int depth);

static pthread_barrier_t done;
static step *const steps[8];

static unsigned draw(struct worker *w)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(w->seed >> 33);
}

static void *next(struct worker *w, int depth)
{
	if (depth == 0)
		return malloc(16 + draw(w) % 100);
	return steps[draw(w) % 8](w, depth - 1);
}

/* Four calls each, so that a return address tells which way was taken. */
#define STEP(name)                                                             \
	static __attribute__((noinline, noclone)) void *name(struct worker *w, \
	                                                     int depth)        \
	{                                                                      \
		volatile char pad[16 + __LINE__ % 7 * 16];                     \
		void *block;                                                   \
                                                                               \
		pad[0] = (char)depth;                                          \
		switch (draw(w) % 4) {                                         \
		case 0:                                                        \
			block = next(w, depth);                                \
			break;                                                 \
		case 1:                                                        \
			block = next(w, depth);                                \
			pad[1] = 1;                                            \
			break;                                                 \
		case 2:                                                        \
			block = next(w, depth);                                \
			pad[2] = 1;                                            \
			break;                                                 \
		default:                                                       \
			block = next(w, depth);                                \
			pad[3] = 1;                                            \
			break;                                                 \
		}                                                              \
		pad[4] = pad[0];                                               \
		return block;                                                  \
	}

STEP(step_a)
STEP(step_b)
STEP(step_c)
STEP(step_d)
STEP(step_e)
STEP(step_f)
STEP(step_g)
STEP(step_h)

static step *const steps[8] = { step_a, step_b, step_c, step_d,
	                        step_e, step_f, step_g, step_h };

static void *work(void *argument)
{
	struct worker *w = argument;
	long i, slots = w->live > 0 ? w->live : 1;
	void **kept = calloc((size_t)slots, sizeof(*kept));

	if (!kept)
		abort();
	for (i = 0; i < w->allocations; i++) {
		void **slot = &kept[draw(w) % (unsigned long)slots];

		free(*slot);
		*slot = next(w, 1 + (int)(draw(w) % 60));
	}
	pthread_barrier_wait(&done);
	pthread_barrier_wait(&done);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[MOST];
	int n = argc > 1 ? atoi(argv[1]) : 1, i;
	long allocations = argc > 2 ? atol(argv[2]) : 200000;
	long live = argc > 3 ? atol(argv[3]) : 10000;
	char byte;

	if (n < 1 || n > MOST)
		return 1;
	pthread_barrier_init(&done, NULL, (unsigned)n + 1);
	for (i = 0; i < n; i++) {
		workers[i].seed = (uint64_t)i * 977 + 5;
		workers[i].allocations = allocations / n;
		workers[i].live = live / n;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 2;
	}
	pthread_barrier_wait(&done);
	x_say(1, "ready\n");
	while (read(0, &byte, 1) > 0)
		;
	pthread_barrier_wait(&done);
	for (i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	return 0;
}
