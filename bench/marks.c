/* SPDX-License-Identifier: MIT */
/*
 * marks: what the marks of mallow/mallow.h cost the thread that sets them. Each line is
 * "NAME NANOSECONDS", CPU time of this thread for one round.
 *
 *	heap		malloc(48), free
 *	track		mallow_track, mallow_untrack of 48 bytes
 *	scope		mallow_scope_begin, mallow_scope_end
 *	scope heap	a scope around malloc(48), free
 */
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS  1000000
#define REPEATS 7
#define DEPTH   20

static char memory[64];
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
	{ "scope", scope },
	{ "scope heap", scope_heap },
};

#define MARKS (sizeof(marks) / sizeof(*marks))

static double measure(void (*round)(void))
{
	double from = now();

	for (int i = 0; i < ROUNDS; i++)
		round();
	return (now() - from) / ROUNDS;
}

/* The same depth of stack for all; the lowest of some times is what it costs. */
__attribute__((noinline, noclone)) static int run(int depth)
{
	double best[MARKS] = { 0 };

	if (depth)
		return run(depth - 1) + 1;
	for (int repeat = 0; repeat < REPEATS; repeat++) {
		for (size_t i = 0; i < MARKS; i++) {
			double took = measure(marks[i].round);

			if (!repeat || took < best[i])
				best[i] = took;
		}
	}
	for (size_t i = 0; i < MARKS; i++)
		printf("%s\t%.1f\n", marks[i].name, best[i]);
	return 0;
}

int main(void)
{
	domain = mallow_domain("marks");
	return run(DEPTH) != DEPTH;
}
