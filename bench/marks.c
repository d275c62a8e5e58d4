/* SPDX-License-Identifier: MIT */
/*
 * marks NAME: what one of the marks of mallow/mallow.h costs the thread that sets it.
 * Prints how many rounds there were, and nanoseconds of this thread's CPU a round.
 *
 *	heap		malloc(48), free
 *	track		mallow_track, mallow_untrack of 48 bytes
 *	heap-kept	the same of 1000 blocks in turn, each of which goes before it
 * comes again track-kept scope		mallow_scope_begin, mallow_scope_end scope-heap a
 * scope around malloc(48), free
 */
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS  1000000
#define REPEATS 7
#define DEPTH   20
#define KEPT    1000

static char memory[64 * KEPT];
static void *kept[KEPT];
static int domain;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static inline void touch(void *block)
{
	__asm__ volatile("" ::"r"(block) : "memory");
}

static void heap(void)
{
	void *block = malloc(48);

	touch(block);
	free(block);
}

static void track(void)
{
	mallow_track(domain, memory, 48);
	touch(memory);
	mallow_untrack(domain, memory);
}

static void heap_kept(void)
{
	static unsigned i;
	void **place = &kept[i++ % KEPT];

	free(*place);
	*place = malloc(48);
	touch(*place);
}

static void track_kept(void)
{
	static unsigned i;
	char *place = &memory[i++ % KEPT * 64];

	mallow_untrack(domain, place);
	mallow_track(domain, place, 48);
	touch(place);
}

static void pool_kept(void)
{
	static unsigned i;
	char *place = &memory[i++ % KEPT * 64];

	mallow_pool_free(memory, place);
	mallow_pool_alloc(memory, place, 48);
	touch(place);
}

static void scope(void)
{
	mallow_scope_begin("phase");
	touch(memory);
	mallow_scope_end();
}

static void scope_heap(void)
{
	mallow_scope_begin("phase");
	heap();
	mallow_scope_end();
}

static const struct {
	const char *name;
	void (*round)(void);
} marks[] = {
	{ "heap", heap },
	{ "track", track },
	{ "heap-kept", heap_kept },
	{ "track-kept", track_kept },
	{ "pool-kept", pool_kept },
	{ "scope", scope },
	{ "scope-heap", scope_heap },
};

static double measure(void (*round)(void))
{
	double from = now();

	for (int i = 0; i < ROUNDS; i++)
		round();
	return (now() - from) / ROUNDS;
}

/* Below a stack of some depth. The lowest of some times is what it costs. */
__attribute__((noinline, noclone)) static int run(void (*round)(void), int depth)
{
	double best = 0;

	if (depth)
		return run(round, depth - 1) + 1;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		double took = measure(round);

		if (!repeat || took < best)
			best = took;
	}
	printf("%d %.1f\n", ROUNDS * REPEATS, best);
	return 0;
}

int main(int argc, char **argv)
{
	domain = mallow_domain("marks");
	mallow_pool_create(domain, memory, memory, sizeof(memory), 64);
	for (size_t i = 0; argc == 2 && i < sizeof(marks) / sizeof(*marks); i++)
		if (!strcmp(argv[1], marks[i].name))
			return run(marks[i].round, DEPTH) != DEPTH;
	return 2;
}
