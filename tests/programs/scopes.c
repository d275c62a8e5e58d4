/* SPDX-License-Identifier: MIT */
/*
 * Is in scopes.
 *
 *	scopes rules|threads|fork|many|deep|handler|stopped|edges
 *
 * rules: what each call returns is printed. threads: four threads are 1000 times in a
 * scope of their own and in one that all share, and leave 7 bytes in each. fork: a child
 * goes on in the scopes of the thread that forked, and leaves 30 bytes in the inner, 20 in
 * the outer one. many: 1030 names, of which 1024 are told apart; 1 byte each. deep: 6000
 * levels, a block of 1 byte in each on the way in, and of 10 on the way out, 10 names in
 * turn. handler: a signal's handler is in a scope of its own, again and again, while the
 * thread allocates 1 byte at a time in another. stopped: scopes begin and end while the
 * recording is stopped; 1 byte is forgotten, 2 are not recorded, 4 are in the scope that
 * began meanwhile and forgotten, 8 in the outer one. edges: 21 bytes in a scope that a
 * constructor began and main ends, 22 in one of a destructor of a thread's storage, 23 of an
 * atexit handler, 24 of a destructor of the program.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDLED 200

/* Blocks stay; so do their addresses, out of the optimizer's sight. */
static void *volatile kept;

static void keep(size_t size)
{
	kept = malloc(size);
}

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result ? strerror(-result) : "0");
}

static int rules(void)
{
	char longest[65];

	memset(longest, 'x', sizeof(longest));
	longest[64] = '\0';
	say("end of nothing", mallow_scope_end());
	say("begin", mallow_scope_begin("outer"));
	say("no name", mallow_scope_begin(NULL));
	keep(1); /* in outer */
	say("an empty one", mallow_scope_begin(""));
	say("64 bytes", mallow_scope_begin(longest));
	say("a line", mallow_scope_begin("a\nb"));
	keep(2); /* in outer */
	say("63 bytes", mallow_scope_begin(longest + 1));
	keep(4); /* in xxx... */
	strcpy(longest, "reused");
	say("another text at that address", mallow_scope_begin(longest));
	keep(8); /* in reused */
	longest[0] = 'R';
	say("and another", mallow_scope_begin(longest));
	keep(16); /* in Reused */
	for (int i = 0; i < 7; i++)
		say("end", mallow_scope_end());
	keep(32); /* in outer */
	mallow_track(mallow_domain("own"), longest, 64);
	say("end", mallow_scope_end());
	keep(128); /* in none */
	say("end", mallow_scope_end());
	return 0;
}

static void *work(void *name)
{
	for (int i = 0; i < 1000; i++) {
		MALLOW_SCOPE(name);

		free(malloc(3));
		mallow_scope_begin("shared");
		if (i == 500)
			keep(7);
		mallow_scope_end();
		if (i == 500)
			keep(7);
	}
	return NULL;
}

static int threads(void)
{
	static const char *const names[] = { "one", "two", "three", "four" };
	pthread_t made[4];

	mallow_scope_begin("none of theirs");
	for (int i = 0; i < 4; i++)
		if (pthread_create(&made[i], NULL, work, (void *)(uintptr_t)names[i]))
			return 1;
	for (int i = 0; i < 4; i++)
		pthread_join(made[i], NULL);
	return 0;
}

static int forked(void)
{
	pid_t child;

	mallow_scope_begin("outer");
	mallow_scope_begin("inner");
	child = fork();
	if (!child) {
		keep(30);
		mallow_scope_end();
		keep(20);
		_exit(0);
	}
	return waitpid(child, NULL, 0) < 0;
}

static int many(void)
{
	int refused = 0;
	char name[32];

	for (int i = 0; i < 1030; i++) {
		snprintf(name, sizeof(name), "scope %d", i);
		refused += mallow_scope_begin(name) == -ENOSPC;
		keep(1);
		mallow_scope_end();
	}
	printf("%d refused\n", refused);
	return 0;
}

static int deep(void)
{
	char name[32];

	for (int i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "level %d", i % 10);
		if (mallow_scope_begin(name))
			return 1;
		keep(1);
	}
	for (int i = 0; i < 6000; i++) {
		keep(10);
		mallow_scope_end();
	}
	return mallow_scope_end() != -EINVAL;
}

static volatile sig_atomic_t handled;

static void handle(int signal)
{
	MALLOW_SCOPE("handler");
	(void)signal;
	mallow_track(mallow_domain("signals"), (void *)(uintptr_t)(4096 + handled), 1);
	handled++;
}

/* The handler tracks what it makes, since malloc may be what it interrupts. */
static int in_handlers(void)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { 0 };

	signal(SIGALRM, handle);
	mallow_scope_begin("work");
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < HANDLED) {
		mallow_scope_begin("piece");
		free(malloc(1));
		mallow_scope_end();
		free(malloc(2));
	}
	setitimer(ITIMER_REAL, &never, NULL);
	return 0;
}

static int stopped(void)
{
	mallow_scope_begin("outer");
	keep(1);
	mallow_stop();
	say("begin while stopped", mallow_scope_begin("inner"));
	keep(2);
	say("start", mallow_start(1));
	keep(4);
	mallow_stop();
	say("end while stopped", mallow_scope_end());
	mallow_start(1);
	keep(8);
	return mallow_scope_end();
}

static int at_edges;

__attribute__((constructor)) static void early(int argc, char **argv)
{
	at_edges = argc > 1 && !strcmp(argv[1], "edges");
	if (!at_edges)
		return;
	mallow_scope_begin("constructor");
	keep(21);
}

__attribute__((destructor)) static void late(void)
{
	MALLOW_SCOPE("destructor");

	if (at_edges)
		keep(24);
}

static void end_of_storage(void *value)
{
	MALLOW_SCOPE("storage");

	(void)value;
	keep(22);
}

static void at_exit(void)
{
	MALLOW_SCOPE("atexit");

	keep(23);
}

static pthread_key_t key;

static void *with_storage(void *value)
{
	pthread_setspecific(key, value);
	return value;
}

static int edges(void)
{
	pthread_t thread;

	if (mallow_scope_end() || atexit(at_exit) ||
	    pthread_key_create(&key, end_of_storage) ||
	    pthread_create(&thread, NULL, with_storage, &key))
		return 1;
	return pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} parts[] = { { "rules", rules },     { "threads", threads },
		      { "fork", forked },     { "many", many },
		      { "deep", deep },       { "handler", in_handlers },
		      { "stopped", stopped }, { "edges", edges } };

	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(*parts); i++)
		if (!strcmp(argv[1], parts[i].name))
			return parts[i].run();
	return 2;
}
