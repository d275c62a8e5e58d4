/* SPDX-License-Identifier: MIT */
/*
 * Tracks blocks in domains of its own.
 *
 *	tracks [rules|fork|race N]
 *
 * rules: what each call returns is printed, and what is live in the end is known: in
 * "one" a block of 7 bytes, one of 0 and one of 5, in "two" one of 30, at the address of
 * the first. fork: the parent leaves 100 bytes in "one"; its child unknown to it 1000 in
 * "one". race: two threads in turn track one address N times, each time one byte more, and
 * a third thread makes other blocks come and go meanwhile; N bytes stay.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char memory[4096] __attribute__((aligned(16)));
static int one;

static void say(const char *what, int result)
{
	printf("%s: %s\n", what,
	       result > 0 ? "positive"
	       : result   ? strerror(-result)
	                  : "0");
}

static void handle(int signal)
{
	(void)signal;
	mallow_track(one, memory + 1001, 5);
}

static int rules(void)
{
	char longest[65];
	int two = mallow_domain("two");

	memset(longest, 'x', sizeof(longest));
	longest[64] = '\0';
	say("domain", one);
	say("the same again", one > 0 && mallow_domain("one") != one);
	say("another", two > 0 && two == one);
	say("no name", mallow_domain(NULL));
	say("an empty one", mallow_domain(""));
	say("malloc's", mallow_domain("malloc"));
	say("64 bytes", mallow_domain(longest));
	say("63 bytes", mallow_domain(longest + 1));
	say("a line", mallow_domain("a\nb"));
	say("track", mallow_track(one, memory, 3));
	say("replace", mallow_track(one, memory, 7));
	say("the same address in another domain", mallow_track(two, memory, 30));
	say("size 0", mallow_track(one, memory + 64, 0));
	say("untrack what is unknown", mallow_untrack(one, memory + 32));
	say("untrack NULL", mallow_untrack(one, NULL));
	say("track, untrack", mallow_track(two, memory + 3, 9));
	say("and again", mallow_untrack(two, memory + 3));
	say("no domain", mallow_track(1, memory, 1));
	say("no domain yet", mallow_track(127, memory, 1));
	say("an error for a domain", mallow_track(-EINVAL, memory, 1));
	say("NULL", mallow_track(one, NULL, 1));
	say("no address", mallow_track(one, (void *)(UINTPTR_MAX / 2), 1));
	say("too big", mallow_track(one, memory, ((size_t)1 << 48) + 1));
	signal(SIGUSR1, handle);
	return raise(SIGUSR1);
}

static int forked(void)
{
	pid_t child;

	mallow_track(one, memory, 100);
	mallow_track(one, memory + 16, 10);
	child = fork();
	if (!child) {
		mallow_untrack(one, memory); /* the parent's */
		mallow_track(one, memory + 16, 1000);
		_exit(0);
	}
	mallow_untrack(one, memory + 16);
	return waitpid(child, NULL, 0) < 0;
}

static atomic_int number, ended;
static int rounds;

static void *take_turns(void *context)
{
	int own = *(const int *)context, at;

	while ((at = atomic_load(&number)) < rounds) {
		if (at % 2 != own) {
			sched_yield();
			continue;
		}
		mallow_untrack(one, memory);
		mallow_track(one, memory, (size_t)at + 1);
		atomic_store(&number, at + 1);
	}
	return NULL;
}

static void *disturb(void *context)
{
	for (int i = 0; !atomic_load(&ended); i++) {
		void *block = malloc((size_t)(i % 100 + 1));

		mallow_track(one, block, 3);
		mallow_untrack(one, block);
		free(block);
	}
	return context;
}

static int race(const char *count)
{
	static const int owns[] = { 0, 1 };
	pthread_t threads[3];

	rounds = atoi(count);
	if (pthread_create(&threads[2], NULL, disturb, NULL))
		return 1;
	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, take_turns,
		                   (void *)(uintptr_t)&owns[i]))
			return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&ended, 1);
	return pthread_join(threads[2], NULL);
}

int main(int argc, char **argv)
{
	one = mallow_domain("one");
	if (argc > 2 && !strcmp(argv[1], "race"))
		return race(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "fork"))
		return forked();
	return rules();
}
