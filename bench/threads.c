/* SPDX-License-Identifier: MIT */
/*
 * Programs of one or more threads, and the wall time that they took:
 *
 *	threads pairs THREADS PAIRS	each thread makes that many pairs of malloc and
 * free threads server THREADS PAIRS	blocks of random sizes in tables that go from
 * thread to thread, so that most are freed by another one (after Larson and Krishnan, ISMM
 *1998) threads live BLOCKS		that many live blocks of 48 bytes at one time
 *
 * Prints the nanoseconds between the start and the end of the work.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS_MOST 64
#define TABLE        1000
#define ROUND        10000 /* pairs before the tables go on to the next thread */

struct worker {
	pthread_t thread;
	long number;
	uint32_t seed;
};

static long pairs, threads;
static void *tables[THREADS_MOST][TABLE];
static pthread_barrier_t barrier;

static uint32_t draw(struct worker *worker)
{
	worker->seed = worker->seed * 1664525u + 1013904223u;
	return worker->seed >> 8;
}

static void touch(void *block)
{
	__asm__ volatile("" ::"r"(block) : "memory");
}

static void *make_pairs(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	for (long i = 0; i < pairs; i++) {
		void *block = malloc(48);

		touch(block);
		free(block);
	}
	return NULL;
}

static void *serve(void *arg)
{
	struct worker *worker = arg;

	pthread_barrier_wait(&barrier);
	for (long done = 0; done < pairs; done += ROUND) {
		void **table = tables[(worker->number + done / ROUND) % threads];

		for (long i = 0; i < ROUND; i++) {
			void **place = &table[draw(worker) % TABLE];

			free(*place);
			*place = malloc(16 + draw(worker) % 480);
		}
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void hold(void)
{
	void ***blocks = malloc((size_t)pairs * sizeof(*blocks));

	for (long i = 0; blocks && i < pairs; i++)
		blocks[i] = malloc(48);
	for (long i = 0; blocks && i < pairs; i++)
		free(blocks[i]);
	free(blocks);
}

static void work(void *(*run)(void *))
{
	struct worker workers[THREADS_MOST];

	pthread_barrier_init(&barrier, NULL, (unsigned)threads);
	for (long i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .number = i, .seed = (uint32_t)i };
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			exit(1);
	}
	for (long i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	long long begin;

	if (argc < 3)
		return 2;
	threads = argc > 3 ? atol(argv[2]) : 1;
	pairs = atol(argv[argc - 1]);
	if (threads < 1 || threads > THREADS_MOST || pairs < 1)
		return 2;
	begin = now();
	if (!strcmp(argv[1], "pairs"))
		work(make_pairs);
	else if (!strcmp(argv[1], "server"))
		work(serve);
	else
		hold();
	printf("%lld\n", now() - begin);
	return 0;
}
