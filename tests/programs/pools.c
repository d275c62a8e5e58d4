/* SPDX-License-Identifier: MIT */
/*
 * Tells of pools.
 *
 *	pools rules|threads N|fork|random SEED
 *
 * rules: what each call returns is printed; in the end "pages" has a pool of 1000 bytes
 * with blocks of 10, 20 and 30 bytes at 0, 100 and 500. threads: two threads in turn take
 * the first block of a pool, N times, each time one byte more, after the other has reset
 * it; N bytes stay. fork: the child knows nothing of its parent's pool until it has created
 * it anew; it leaves 7 bytes, the parent 100.
 *
 * random: blocks come and go in 40 pools of four classes, and so do the pools; in the end it
 * prints of each class what block takes, pools, blocks, bytes used, bytes free and the
 * largest free run, by its own books.
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
	say("too big", mallow_pool_alloc(memory, memory, ((size_t)1 << 48) + 1));
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

#define PAGE   4096u
#define UNIT   16u
#define PLACES (PAGE / UNIT)
#define PAGES  40

/* A page as the program itself keeps the books of it. */
static struct {
	int exists;
	uint32_t takes[PLACES]; /* bytes from this place on, 0: no block begins here */
	uint32_t sizes[PLACES];
} books[PAGES];

static char region[PAGES][PAGE];

/* Bytes that a block takes, 0: any. */
static uint32_t class_of(int page)
{
	return (uint32_t)page % 4 * 48;
}

static void clear(int page)
{
	memset(books[page].takes, 0, sizeof(books[page].takes));
}

static int is_free(int page, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < PLACES; i++)
		if (books[page].takes[i] && i * UNIT < to &&
		    i * UNIT + books[page].takes[i] > from)
			return 0;
	return to <= PAGE;
}

static void take_or_give(int page, uint32_t place)
{
	uint32_t size = (uint32_t)rand() % (class_of(page) ? class_of(page) + 1 : 300);
	uint32_t takes = class_of(page) ? class_of(page) : size ? size : 1;
	char *block = region[page] + place * UNIT;

	if (books[page].takes[place]) {
		mallow_pool_free(region[page], block);
		books[page].takes[place] = 0;
	} else if (size && is_free(page, place * UNIT, place * UNIT + takes)) {
		mallow_pool_alloc(region[page], block, size);
		books[page].takes[place] = takes;
		books[page].sizes[place] = size;
	}
}

static void change(int page, int what)
{
	if (!books[page].exists || what == 0) {
		mallow_pool_create(pages, region[page], region[page], PAGE,
		                   class_of(page));
		clear(page);
		books[page].exists = 1;
	} else if (what == 1) {
		mallow_pool_reset(region[page]);
		clear(page);
	} else if (what == 2) {
		mallow_pool_destroy(region[page]);
		clear(page);
		books[page].exists = 0;
	} else {
		take_or_give(page, (uint32_t)rand() % PLACES);
	}
}

/* Pools, blocks, bytes used, free bytes, the largest free run. */
static void add_page(int page, unsigned sums[5])
{
	uint32_t run = 0, taken = 0;

	sums[0]++;
	for (uint32_t at = 0; at < PAGE; at++) {
		uint32_t takes = at % UNIT ? 0 : books[page].takes[at / UNIT];

		if (takes) {
			sums[1]++;
			sums[2] += books[page].sizes[at / UNIT];
			taken = at + takes;
		}
		run = at < taken ? 0 : run + 1;
		sums[3] += at >= taken;
		if (run > sums[4])
			sums[4] = run;
	}
}

static int at_random(const char *seed)
{
	srand((unsigned)atoi(seed));
	for (int i = 0; i < 100000; i++)
		change(rand() % PAGES, rand() % 300);
	for (int class = 0; class < 4; class ++) {
		unsigned sums[5] = { 0 };

		for (int page = class; page < PAGES; page += 4)
			if (books[page].exists)
				add_page(page, sums);
		printf("[%u,%u,%u,%u,%u,%u]\n", class_of(class), sums[0], sums[1],
		       sums[2], sums[3], sums[4]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	pages = mallow_domain("pages");
	if (argc > 2 && !strcmp(argv[1], "threads"))
		return threads(argv[2]);
	if (argc > 2 && !strcmp(argv[1], "random"))
		return at_random(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "fork"))
		return forked();
	return rules();
}
