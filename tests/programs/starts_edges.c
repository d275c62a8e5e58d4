/* SPDX-License-Identifier: MIT */
/*
 * Starts its own recording where something else is under way.
 *
 *	starts_edges dlopen PLUGIN | resume | fork | subreaper | inside | asks COMMAND
 *
 * dlopen: another thread loads PLUGIN (this file again), whose constructor takes its time
 * and allocates. resume: children are forked while another thread stops and starts.
 * fork: children are forked while another thread starts for the first time. subreaper:
 * the program adopts orphans. inside: a handler that interrupts malloc stops and starts.
 * asks: runs COMMAND while it records.
 */
#include <dlfcn.h>
#include <errno.h>
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_TOO_LONG 5

static void pause_for(long nanoseconds)
{
	nanosleep(&(struct timespec){ .tv_nsec = nanoseconds }, NULL);
}

#ifdef PLUGIN
__attribute__((constructor)) static void construct(void)
{
	for (int i = 0; i < 50; i++) {
		pause_for(10000000);
		free(malloc(10));
	}
}
#else

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result ? strerror(-result) : "0");
}

static void *load(void *path)
{
	return dlopen(path, RTLD_NOW);
}

static int with_dlopen(char *plugin)
{
	time_t begin = time(NULL);
	pthread_t thread;
	void *handle;

	if (pthread_create(&thread, NULL, load, plugin))
		return 1;
	pause_for(100000000);
	say("start", mallow_start(20));
	pthread_join(thread, &handle);
	printf("loaded %d, in time %d\n", handle != NULL,
	       time(NULL) < begin + SECONDS_TOO_LONG);
	return 0;
}

static atomic_bool ended;

static void *stop_and_start(void *context)
{
	while (!atomic_load(&ended)) {
		mallow_stop();
		if (mallow_start(20))
			exit(1);
	}
	return context;
}

/* How many of the children have ended otherwise. */
static int wait_for_children(void)
{
	int status, bad = 0;

	while (wait(&status) > 0)
		bad += status != 0;
	return bad;
}

/* A child is stopped by mallow_stop, at once, whatever its parent was doing. */
static void stop_in_child(void)
{
	time_t begin = time(NULL);

	mallow_stop();
	_exit(mallow_is_tracing() || time(NULL) >= begin + SECONDS_TOO_LONG);
}

static int while_resuming(void)
{
	pthread_t thread;

	say("start", mallow_start(20));
	if (pthread_create(&thread, NULL, stop_and_start, NULL))
		return 1;
	for (int i = 0; i < 40; i++) {
		if (!fork())
			stop_in_child();
		pause_for(1000000);
	}
	atomic_store(&ended, true);
	pthread_join(thread, NULL);
	printf("children that could not stop: %d\n", wait_for_children());
	return 0;
}

static atomic_int children;

static void *fork_children(void *context)
{
	while (!atomic_load(&ended) && atomic_load(&children) < 300) {
		if (!fork()) {
			free(malloc(5));
			_exit(0);
		}
		atomic_fetch_add(&children, 1);
	}
	return context;
}

static int while_forking(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fork_children, NULL))
		return 1;
	while (!atomic_load(&children))
		;
	say("start", mallow_start(20));
	atomic_store(&ended, true);
	pthread_join(thread, NULL);
	printf("children that failed: %d\n", wait_for_children());
	return 0;
}

static int subreaper(void)
{
	int adopts = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	say("start", mallow_start(20));
	prctl(PR_GET_CHILD_SUBREAPER, &adopts);
	printf("children: %s, adopts %d\n",
	       waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? "none"
	                                                         : "there are some",
	       adopts);
	return 0;
}

static volatile sig_atomic_t refused, others, answered;

static void interrupt(int signal)
{
	int status;

	(void)signal;
	mallow_stop();
	status = mallow_start(20);
	answered++;
	if (status == -EDEADLK)
		refused++;
	else if (status)
		others++;
}

static int inside(void)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };

	say("start", mallow_start(20));
	signal(SIGALRM, interrupt);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; answered < 500 && i < 300000000; i++)
		free(malloc((size_t)i % 100));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	printf("inside malloc: %s, other failures: %d\n",
	       refused ? "refused" : "never refused", (int)others);
	say("outside", mallow_start(20));
	return 0;
}

static int asks(const char *command)
{
	int status = mallow_start(20);

	return status ? -status : system(command);
}

int main(int argc, char **argv)
{
	static char buffer[4096];
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	if (!strcmp(what, "dlopen"))
		return with_dlopen(argv[2]);
	if (!strcmp(what, "resume"))
		return while_resuming();
	if (!strcmp(what, "fork"))
		return while_forking();
	if (!strcmp(what, "subreaper"))
		return subreaper();
	if (!strcmp(what, "inside"))
		return inside();
	return strcmp(what, "asks") ? 2 : asks(argv[2]);
}
#endif
