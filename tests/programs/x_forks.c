/* SPDX-License-Identifier: MIT */
/*
 * x_forks CHILDREN ALLOCATIONS [THREADS]: while THREADS threads (default 4, the main one
 * among them) allocate and free all the time, forks children that each start a thread;
 * it and the child's first thread allocate and free that often each. A child ends with
 * status 9.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x_say.h"

static atomic_int over;

static void *churn(void *argument)
{
	unsigned seed = (unsigned)(size_t)argument;

	while (!over) {
		seed = seed * 1664525u + 1013904223u;
		free(malloc(seed % 5000 + 1));
	}
	return NULL;
}

static void *allocate(void *argument)
{
	long i, n = *(long *)argument;

	for (i = 0; i < n; i++) {
		char *block = malloc((size_t)(100 + i % 50));

		if (!block)
			abort();
		memset(block, 1, 16);
		free(block);
	}
	return NULL;
}

static void child(long allocations)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, allocate, &allocations))
		_exit(8);
	/* At the same time: it began with what fork left it of the parent's thread. */
	allocate(&allocations);
	pthread_join(thread, NULL);
	_exit(9);
}

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 40, i, status, fine = 0;
	long allocations = argc > 2 ? atol(argv[2]) : 1000;
	int threads = argc > 3 ? atoi(argv[3]) : 4;
	pthread_t thread[16];
	pid_t pid;

	for (i = 1; i < threads && i < 16; i++)
		if (pthread_create(&thread[i], NULL, churn, (void *)(size_t)i))
			return 1;
	for (i = 0; i < children; i++) {
		free(malloc(10));
		pid = fork();
		if (pid == 0)
			child(allocations);
		if (pid < 0)
			return 2;
		if (i % 4 == 3)
			while (waitpid(-1, &status, WNOHANG) > 0)
				fine += WIFEXITED(status) && WEXITSTATUS(status) == 9;
	}
	while (wait(&status) > 0)
		fine += WIFEXITED(status) && WEXITSTATUS(status) == 9;
	over = 1;
	for (i = 1; i < threads && i < 16; i++)
		pthread_join(thread[i], NULL);
	x_say(1, "%d\n", fine);
	return 0;
}
