/* SPDX-License-Identifier: MIT */
/*
 * Takes snapshots of itself: "one" with 100 blocks of 10 bytes live, "two" with 30 of
 * them, "thread" by a thread with 40, "handler" by a signal handler with 41, "child" by a
 * forked child that has 5 of its own beside those 41. `takes busy N`: N snapshots while
 * two threads allocate, at which the main thread has so many blocks as their number; the
 * time of the slowest goes to standard error, in microseconds.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *blocks[1000];
static int count;

static __attribute__((noinline)) void hold(int wanted)
{
	while (count < wanted)
		blocks[count++] = malloc(10);
	while (count > wanted)
		free(blocks[--count]);
}

static void take(const char *name)
{
	char text[200];
	int result = mallow_take_snapshot(name);

	snprintf(text, sizeof(text), "%.20s: %s\n", name ? name : "NULL",
	         result ? strerror(-result) : "0");
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static void *run(void *context)
{
	hold(40);
	take("thread");
	return context;
}

static void handle(int signal)
{
	(void)signal;
	take("handler");
}

static void try_names(void)
{
	char longest[129];

	memset(longest, 'x', sizeof(longest));
	longest[128] = '\0';
	take(longest);
	longest[0] = '\0';
	take(longest);
	take(NULL);
	take("end");
	take("a@b");
	take("25%");
}

static int concepts(void)
{
	pthread_t thread;
	pid_t child;

	signal(SIGUSR1, handle);
	hold(100);
	take("one");
	hold(30);
	take("two");
	if (pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL))
		return 1;
	hold(41);
	raise(SIGUSR1);
	child = fork();
	if (!child) {
		hold(46);
		take("child");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	try_names();
	return 0;
}

static atomic_bool ended;

static void *keep_busy(void *context)
{
	while (!atomic_load(&ended))
		free(malloc(100));
	return context;
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int busy(int wanted)
{
	pthread_t threads[2];
	long slowest = 0;

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, keep_busy, NULL))
			return 1;
	for (int i = 1; i <= wanted; i++) {
		long before = now_us();

		hold(i);
		if (mallow_take_snapshot("busy"))
			return 1;
		if (now_us() - before > slowest)
			slowest = now_us() - before;
	}
	atomic_store(&ended, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	fprintf(stderr, "%ld\n", slowest);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return busy(atoi(argv[2]));
	return concepts();
}
