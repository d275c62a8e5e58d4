/* SPDX-License-Identifier: MIT */
/*
 * handover MILLISECONDS: two threads in turn, each from an arena of its own:
 *
 *	main	first()		allocates 1000 bytes
 *	helper	second()	then allocates 10 bytes
 *	helper			frees them
 *	main			then frees its own
 *
 * So at no moment are the 10 bytes live without the 1000. Says `ready` at the start, and
 * ends when the time is over; 0: after a line on standard input. Threads that do nothing
 * stand between the two, so that whoever looks at all threads in turn sees them apart.
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define IDLERS 50

static _Atomic int turn; /* 0 main allocates, 1 helper, 2 main frees; -1 over */

static __attribute__((noinline)) char *first(void)
{
	char *volatile block = malloc(1000);

	return block;
}

static __attribute__((noinline)) char *second(void)
{
	char *volatile block = malloc(10);

	return block;
}

static void *help(void *unused)
{
	int now;

	while ((now = atomic_load(&turn)) >= 0) {
		if (now != 1)
			continue;
		free(second());
		atomic_store(&turn, 2);
	}
	return unused;
}

static void *idle(void *lock)
{
	free(malloc(1));
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int is_over(long long end)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	return end ? milliseconds() >= end : poll(&input, 1, 0) != 0;
}

int main(int argc, char **argv)
{
	long long patience = argc > 1 ? atoi(argv[1]) : 0;
	long long end = patience ? milliseconds() + patience : 0;
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t helper, idlers[IDLERS];

	pthread_mutex_lock(&lock);
	if (pthread_create(&helper, NULL, help, NULL))
		return 1;
	for (int i = 0; i < IDLERS; i++) {
		if (pthread_create(&idlers[i], NULL, idle, &lock))
			return 1;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (!is_over(end)) {
		char *block = first();

		atomic_store(&turn, 1);
		while (atomic_load(&turn) != 2)
			;
		free(block);
	}
	atomic_store(&turn, -1);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < IDLERS; i++)
		pthread_join(idlers[i], NULL);
	return pthread_join(helper, NULL);
}
