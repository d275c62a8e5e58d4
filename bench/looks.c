/* SPDX-License-Identifier: MIT */
/*
 * How long a program waits for what it asks about itself (bench/api).
 *
 *	looks PAIRS BUSY TIMES
 *
 * BUSY threads allocate and free without a pause. The first thread makes PAIRS pairs of
 * malloc and free and then looks at what is traced, TIMES times. Prints a line: median,
 * 90th and 99th percentile and maximum of the looks in microseconds, of a reset of
 * the peak and of a traceback the median, and of a peek the mean in nanoseconds.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BUSY_MAX 16
#define PEEKS    1000000

static atomic_bool ended;

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Blocks of many sizes that live for a while. */
static void *keep_busy(void *context)
{
	void *blocks[256] = { NULL };

	for (unsigned i = 0; !atomic_load_explicit(&ended, memory_order_relaxed); i++) {
		void **block = &blocks[(i * 2654435761u >> 16) % 256];

		free(*block);
		*block = malloc(16 + i % 1000);
	}
	for (int i = 0; i < 256; i++)
		free(blocks[i]);
	return context;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double *measure(int (*ask)(void), int pairs, int times)
{
	double *taken = malloc((size_t)times * sizeof(*taken));

	for (int i = 0; taken && i < times; i++) {
		double before;

		for (int pair = 0; pair < pairs; pair++)
			free(malloc((size_t)pair % 500));
		before = now_us();
		if (ask())
			exit(1);
		taken[i] = now_us() - before;
	}
	if (taken)
		qsort(taken, (size_t)times, sizeof(*taken), compare);
	return taken;
}

static int look(void)
{
	return mallow_get_traced_memory(NULL, NULL);
}

static int reset(void)
{
	return mallow_reset_peak();
}

static void *block;

static int trace(void)
{
	static struct mallow_block_traceback traceback;

	return mallow_get_traceback(MALLOW_DOMAIN_MALLOC, block, &traceback);
}

static double time_peek_ns(void)
{
	double before = now_us();
	size_t current, peak;

	for (int i = 0; i < PEEKS; i++)
		mallow_peek_traced_memory(&current, &peak);
	return (now_us() - before) * 1000 / PEEKS;
}

int main(int argc, char **argv)
{
	int pairs = argc > 1 ? atoi(argv[1]) : 0, busy = argc > 2 ? atoi(argv[2]) : 0;
	int times = argc > 3 ? atoi(argv[3]) : 1000;
	pthread_t threads[BUSY_MAX];
	double *looks, *resets, *traces, peek;

	if (busy > BUSY_MAX || times < 1 || !mallow_is_tracing())
		return 1;
	for (int i = 0; i < busy; i++)
		if (pthread_create(&threads[i], NULL, keep_busy, NULL))
			return 1;
	looks = measure(look, pairs, times);
	resets = measure(reset, pairs, times);
	block = malloc(10);
	traces = measure(trace, pairs, times);
	peek = time_peek_ns();
	atomic_store(&ended, true);
	for (int i = 0; i < busy; i++)
		pthread_join(threads[i], NULL);
	if (!looks || !resets || !traces)
		return 1;
	printf("%.1f %.1f %.1f %.1f %.1f %.1f %.1f\n", looks[times / 2],
	       looks[times * 9 / 10], looks[times * 99 / 100], looks[times - 1],
	       resets[times / 2], traces[times / 2], peek);
	free(block);
	free(traces);
	free(looks);
	free(resets);
	return 0;
}
