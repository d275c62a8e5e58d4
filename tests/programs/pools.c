/* SPDX-License-Identifier: MIT */
/*
 * Tells of pools.
 *
 *	pools rules|threads N|fork
 *
 * rules: what each call returns is printed; in the end "pages" has a pool of 1000 bytes
 *with blocks of 10, 20 and 30 bytes at 0, 100 and 500. threads: two threads in turn take
 *the first block of a pool, N times, each time one byte more, after the other has reset
 *it; N bytes stay. fork: the child knows nothing of its parent's pool until it has
 *created it anew; it leaves 7 bytes, the parent 100.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char memory[4096] __attribute__((aligned(4096)));
static int pages;

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result ? strerror(-result) : "0");
}

static int rules(void)
{
	void *wild = (void *)(UINTPTR_MAX / 2);

	say("create", mallow_pool_create(pages, memory, memory, 1000, 0));
	say("alloc", mallow_pool_alloc(memory, memory, 10));
	say("another", mallow_pool_alloc(memory, memory + 100, 5));
	say("in its place", mallow_pool_alloc(memory, memory + 100, 20));
	say("a third", mallow_pool_alloc(memory, memory + 500, 30));
	say("a fourth", mallow_pool_alloc(memory, memory + 900, 40));
	say("free", mallow_pool_free(memory, memory + 900));
	say("again", mallow_pool_free(memory, memory + 900));
	say("NULL", mallow_pool_free(memory, NULL));
	say("unknown pool", mallow_pool_alloc(memory + 1, memory, 10));
	say("reset of it", mallow_pool_reset(memory + 1));
	say("destroy of it", mallow_pool_destroy(memory + 1));
	say("create one", mallow_pool_create(pages, wild, memory, 10, 0));
	say("no memory", mallow_pool_create(pages, memory, NULL, 10, 0));
	say("of no bytes", mallow_pool_create(pages, memory, memory, 0, 0));
	say("blocks that do not fit", mallow_pool_create(pages, memory, memory, 10, 11));
	say("no domain", mallow_pool_create(5, memory, memory, 10, 0));
	say("no block", mallow_pool_alloc(memory, NULL, 1));
	say("too big", mallow_pool_alloc(memory, memory, SIZE_MAX));
	say("create another", mallow_pool_create(pages, &pages, memory + 2048, 64, 16));
	say("with a block", mallow_pool_alloc(&pages, memory + 2048, 9));
	say("destroy it", mallow_pool_destroy(&pages));
	return 0;
}

static atomic_int number;
static int rounds;

static void *take_turns(void *context)
{
	int own = *(const int *)context, at;

	while ((at = atomic_load(&number)) < rounds) {
		if (at % 2 != own) {
			sched_yield();
			continue;
		}
		mallow_pool_reset(&pages);
		mallow_pool_alloc(&pages, memory, (size_t)at + 1);
		atomic_store(&number, at + 1);
	}
	return NULL;
}

static int threads(const char *count)
{
	static const int owns[] = { 0, 1 };
	pthread_t made[2];

	rounds = atoi(count);
	mallow_pool_create(pages, &pages, memory, sizeof(memory), 0);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&made[i], NULL, take_turns,
		                   (void *)(uintptr_t)&owns[i]))
			return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(made[i], NULL);
	return 0;
}

static int forked(void)
{
	pid_t child;

	mallow_pool_create(pages, memory, memory, sizeof(memory), 0);
	mallow_pool_alloc(memory, memory, 100);
	child = fork();
	if (!child) {
		mallow_pool_alloc(memory, memory + 200, 1000);
		mallow_pool_create(pages, memory, memory, sizeof(memory), 0);
		mallow_pool_alloc(memory, memory + 200, 7);
		_exit(0);
	}
	return waitpid(child, NULL, 0) < 0;
}

int main(int argc, char **argv)
{
	pages = mallow_domain("pages");
	if (argc > 2 && !strcmp(argv[1], "threads"))
		return threads(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "fork"))
		return forked();
	return rules();
}
