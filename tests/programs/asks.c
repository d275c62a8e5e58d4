/* SPDX-License-Identifier: MIT */
/*
 * Asks Mallow about itself, from wherever a program can: a constructor, a thread, a
 * handler, a forked child, an atexit handler. Each line: where, is it tracing, the limit
 * of tracebacks, whether Mallow holds memory here, and whether errno is still what it
 * was.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void ask(const char *where)
{
	char text[128];
	int tracing, limit, kept;
	size_t memory;

	errno = ENOTTY;
	tracing = mallow_is_tracing();
	limit = mallow_get_traceback_limit();
	memory = mallow_get_tracer_memory();
	kept = errno == ENOTTY;
	snprintf(text, sizeof(text), "%s: %d %d %d%s\n", where, tracing, limit,
	         memory >= 4096 && memory < 64 << 20, kept ? "" : " errno!");
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static __attribute__((constructor)) void construct(void)
{
	ask("constructor");
}

static void handle(int signal)
{
	(void)signal;
	ask("handler");
}

static void *run(void *context)
{
	ask("thread");
	return context;
}

static void at_exit(void)
{
	ask("atexit");
}

int main(void)
{
	pthread_t thread;
	pid_t child;

	signal(SIGUSR1, handle);
	ask("main");
	raise(SIGUSR1);
	if (pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL))
		return 1;
	child = fork();
	if (!child) {
		ask("child");
		_exit(0);
	}
	if (waitpid(child, NULL, 0) < 0)
		return 1;
	return atexit(at_exit) != 0;
}
