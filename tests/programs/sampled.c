/* SPDX-License-Identifier: MIT */
/*
 * Blocks that go many ways, for `mallow run --sample`: what is left in the end is what
 * keep() and keep_large() hold, 4,000 blocks of 1,000 bytes and one of 8 MiB.
 */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT   4000
#define HANDED 20000

static void *kept[KEPT + 1];

static uint32_t state = 1;

static size_t some_size(size_t most)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % most;
}

/* Up and down, in place and moving, with one that fails on the way. */
static __attribute__((noinline)) void chain(void)
{
	char *volatile block = NULL;
	volatile size_t too_much = PTRDIFF_MAX;

	for (size_t size = 16; size < 60000; size = size * 3 / 2)
		block = realloc(block, size + some_size(16));
	if (realloc(block, too_much))
		puts("that much memory there is not");
	for (size_t size = 40000; size > 10; size /= 2)
		block = realloc(block, size);
	free(block);
}

static _Atomic(void *) slots[64];

static void *take(void *unused)
{
	for (int i = 0; i < HANDED; i++) {
		void *block;

		while (!(block = atomic_exchange(&slots[i % 64], NULL)))
			sched_yield();
		free(block);
	}
	return unused;
}

/* Each block is freed by the other thread. */
static __attribute__((noinline)) void hand_over(void)
{
	pthread_t taker;

	if (pthread_create(&taker, NULL, take, NULL))
		abort();
	for (int i = 0; i < HANDED; i++) {
		void *block = malloc(1 + some_size(2000)), *none = NULL;

		while (!atomic_compare_exchange_weak(&slots[i % 64], &none, block)) {
			none = NULL;
			sched_yield();
		}
	}
	pthread_join(taker, NULL);
}

/* The other entry points. */
static __attribute__((noinline)) void others(void)
{
	void *blocks[6] = { 0 };

	blocks[0] = calloc(3, some_size(1000));
	blocks[1] = memalign(64, some_size(3000));
	blocks[2] = aligned_alloc(256, 256 * (1 + some_size(10)));
	if (posix_memalign(&blocks[3], 4096, some_size(5000)))
		blocks[3] = NULL;
	blocks[4] = valloc(some_size(5000));
	blocks[5] = reallocarray(NULL, 7, some_size(700));
	for (int i = 0; i < 6; i++)
		free(blocks[i]);
}

/* The children free what they inherited, and so does the parent. */
static __attribute__((noinline)) void forked(void)
{
	void *blocks[500];

	for (int i = 0; i < 500; i++)
		blocks[i] = malloc(2000);
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();

		if (child) {
			waitpid(child, NULL, 0);
			continue;
		}
		for (int j = 0; j < 500; j++)
			free(blocks[j]);
		for (int j = 0; j < 2000; j++)
			free(malloc(3000));
		_exit(0);
	}
	for (int i = 0; i < 500; i++)
		free(blocks[i]);
}

static __attribute__((noinline)) void keep(void)
{
	for (int i = 0; i < KEPT; i++)
		kept[i] = malloc(1000);
}

static __attribute__((noinline)) void keep_large(void)
{
	kept[KEPT] = malloc(8 << 20);
}

int main(void)
{
	keep();
	keep_large();
	for (int i = 0; i < 1000; i++)
		chain();
	hand_over();
	for (int i = 0; i < 5000; i++)
		others();
	forked();
	return 0;
}
