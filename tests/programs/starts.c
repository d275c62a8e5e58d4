/* SPDX-License-Identifier: MIT */
/*
 * Starts and stops its own recording.
 *
 *	starts rules | quiet | fork | race SECONDS [stay] | closed | nothing
 *
 * rules: what the functions say before, between and after, and what is live. quiet: the
 * program looks after itself as without Mallow: no signal, no child, no descriptor more
 * than before. fork: children of a program that records, that has stopped, and one that
 * starts again. race: a thread starts and stops while four others track, untrack,
 * allocate and free; with a further word these are still there in the end. closed: with
 * descriptors 0 to 2 closed. nothing: only allocates 100 bytes and keeps them.
 */
#include <dirent.h>
#include <errno.h>
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result ? strerror(-result) : "0");
}

static void say_state(const char *what)
{
	size_t current, peak;
	int result = mallow_get_traced_memory(&current, &peak);

	printf("%s: tracing %d, depth %d, live %zu, peak %zu", what, mallow_is_tracing(),
	       mallow_get_traceback_limit(), current, peak);
	printf(result ? " (%s)\n" : "\n", strerror(-result));
}

static int rules(void)
{
	void *before = malloc(500), *first, *between, *last;

	say_state("before");
	say("stop", mallow_stop());
	say("start 0", mallow_start(0));
	say("start 1025", mallow_start(1025));
	say("start 20", mallow_start(20));
	say_state("started");
	say("start 5", mallow_start(5));
	first = malloc(1000);
	say_state("1000 bytes");
	free(before);
	free(malloc(0));
	say_state("freed what was there before");
	say("stop", mallow_stop());
	say("stop", mallow_stop());
	say_state("stopped");
	say("track", mallow_track(mallow_domain("own"), first, 1));
	say("snapshot", mallow_take_snapshot("stopped"));
	say("clear", mallow_clear_traces());
	between = malloc(77);
	say("start 5", mallow_start(5));
	say_state("started again");
	free(first);
	free(between);
	last = malloc(333);
	say_state("333 bytes");
	say("snapshot", mallow_take_snapshot("again"));
	say("stop", mallow_stop());
	free(last);
	return 7;
}

static atomic_int signals;

static void count(int signal)
{
	(void)signal;
	atomic_fetch_add(&signals, 1);
}

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int number = 0;

	while (folder && readdir(folder))
		number++;
	if (folder)
		closedir(folder);
	return number;
}

static int quiet(void)
{
	struct timespec moment = { .tv_nsec = 100000000 };
	int before = count_descriptors();
	pid_t group = getpgrp(), waited;

	signal(SIGCHLD, count);
	errno = 0;
	say("start", mallow_start(20));
	printf("errno %d\n", errno);
	nanosleep(&moment, NULL);
	waited = waitpid(-1, NULL, WNOHANG);
	printf("children: %s\n",
	       waited < 0 && errno == ECHILD ? "none" : "there are some");
	printf("signals %d, descriptors %+d, group %s\n", atomic_load(&signals),
	       count_descriptors() - before, group == getpgrp() ? "the same" : "another");
	return 0;
}

static int child(const char *name, bool starts, const void *inherited)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		free((void *)(uintptr_t)inherited);
		if (starts)
			say("start in a child", mallow_start(20));
		if (malloc(11))
			say_state(name);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int forked(void)
{
	void *before = malloc(400), *after;

	say("start", mallow_start(20));
	after = malloc(500);
	child("a child", false, after);
	child("one that frees what is older", false, before);
	mallow_stop();
	child("one of a program that has stopped", false, after);
	child("and one that starts", true, after);
	say("start", mallow_start(20));
	return child("a child after that", false, NULL);
}

static atomic_bool ended;
static int own;
static char memory[64];

static void *track(void *context)
{
	while (!atomic_load(&ended)) {
		mallow_track(own, memory, 10);
		mallow_untrack(own, memory);
	}
	return context;
}

static void *allocate(void *context)
{
	void *blocks[64] = { NULL };

	for (unsigned i = 0; !atomic_load(&ended); i++) {
		void **block = &blocks[i * 7 % 64];

		*block = realloc(*block, i % 1000 + 1);
		if (i % 3 == 0) {
			free(*block);
			*block = NULL;
		}
	}
	for (int i = 0; i < 64; i++)
		free(blocks[i]);
	return context;
}

/* One round; what went wrong. */
static int start_and_stop(void)
{
	int failures = mallow_start(20) != 0;

	failures += !mallow_is_tracing();
	failures += mallow_get_traced_memory(NULL, NULL) != 0;
	failures += mallow_stop() != 0;
	return failures + mallow_is_tracing();
}

static int race(const char *seconds, bool stays)
{
	time_t end = time(NULL) + atoi(seconds);
	pthread_t threads[4];
	int failures = 0, rounds = 0;
	size_t current;

	own = mallow_domain("own");
	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, i % 2 ? allocate : track, NULL))
			return 1;
	for (; time(NULL) < end; rounds++)
		failures += start_and_stop();
	printf("rounds %s, failures %d\n", rounds > 4 ? "many" : "few", failures);
	if (stays)
		_exit(fflush(stdout));
	atomic_store(&ended, true);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	say("the last start", mallow_start(20));
	mallow_get_traced_memory(&current, NULL);
	printf("live %zu\n", current);
	return 0;
}

static int closed(void)
{
	int status;

	close(0);
	close(1);
	close(2);
	status = mallow_start(20);
	return status || write(1, "", 1) >= 0 || write(3, "", 1) >= 0;
}

int main(int argc, char **argv)
{
	static char buffer[4096];
	const char *what = argc > 1 ? argv[1] : "rules";

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	if (!strcmp(what, "nothing"))
		return !malloc(100);
	if (!strcmp(what, "quiet"))
		return quiet();
	if (!strcmp(what, "fork"))
		return forked();
	if (!strcmp(what, "closed"))
		return closed();
	if (!strcmp(what, "race"))
		return race(argv[2], argc > 3);
	return rules();
}
