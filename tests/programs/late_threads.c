/* SPDX-License-Identifier: MIT */
/*
 * late_threads COUNT [AT_ONCE]: starts COUNT threads, AT_ONCE at a time, each of which
 * allocates in its last destructor of thread-specific values and leaves a block that libc
 * frees when all destructors are through (strerror's buffer)..
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 256

static pthread_key_t key;
static _Thread_local int rounds;

static void destructor(void *value)
{
	free(value);
	if (++rounds < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific(key, malloc(33));
}

static void *work(void *argument)
{
	(void)argument;
	pthread_setspecific(key, malloc(32));
	return strerror(12345) ? NULL : &key;
}

int main(int argc, char **argv)
{
	int left = argc > 1 ? atoi(argv[1]) : 1, at_once = argc > 2 ? atoi(argv[2]) : 1;
	pthread_t threads[MOST];

	if (at_once < 1 || at_once > MOST || pthread_key_create(&key, destructor))
		return 2;
	while (left > 0) {
		int count = left < at_once ? left : at_once;

		for (int i = 0; i < count; i++)
			if (pthread_create(&threads[i], NULL, work, NULL))
				return 3;
		for (int i = 0; i < count; i++)
			pthread_join(threads[i], NULL);
		left -= count;
	}
	return 0;
}
