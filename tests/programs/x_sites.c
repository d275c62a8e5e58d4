/* SPDX-License-Identifier: MIT */
/*
 * x_sites: allocations at known places, compiled with inlining: through two inlined
 * functions, an inlined function of a header, recursion, a function pointer, qsort's
 * callback, a tail call, a thread, a loop with two calls on one line. Each is made once,
 * in this order.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "x_sites.h"

#pragma GCC optimize("O2")

static void *kept[64];
static int used;

static inline __attribute__((always_inline)) void *inner(size_t size)
{
	return malloc(size);
}

static inline __attribute__((always_inline)) void *outer(size_t size)
{
	void *block = inner(size + 1);

	memset(block, 1, size);
	return block;
}

static __attribute__((noinline)) void *through_inlines(void)
{
	return outer(100);
}

static __attribute__((noinline)) void *through_header(void)
{
	void *block = header_allocate(200);

	kept[used++] = block;
	return block;
}

static __attribute__((noinline)) void *recurse(int depth)
{
	void *block;

	if (depth == 0)
		return malloc(300);
	block = recurse(depth - 1);
	kept[used++] = block;
	return block;
}

static __attribute__((noinline)) void *by_pointer(void *(*allocate)(size_t))
{
	void *block = allocate(400);

	kept[used++] = block;
	return block;
}

static int compare(const void *a, const void *b)
{
	if (used < 40)
		kept[used++] = malloc(500);
	return *(const int *)a - *(const int *)b;
}

static __attribute__((noinline)) void two_on_a_line(void)
{
	/* clang-format off */
	kept[used++] = malloc(600); kept[used++] = outer(601);
	/* clang-format on */
}

static __attribute__((noinline)) void *tail(size_t size)
{
	return malloc(size);
}

static void *thread_body(void *argument)
{
	kept[used++] = outer(700);
	return argument;
}

int main(void)
{
	int numbers[] = { 3, 1, 2 };
	pthread_t thread;

	kept[used++] = through_inlines();
	through_header();
	recurse(3);
	by_pointer(malloc);
	by_pointer(header_allocate);
	qsort(numbers, 3, sizeof(int), compare);
	two_on_a_line();
	kept[used++] = tail(800);
	if (pthread_create(&thread, NULL, thread_body, NULL) == 0)
		pthread_join(thread, NULL);
	return used > 60;
}
