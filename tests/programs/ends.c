/* SPDX-License-Identifier: MIT */
/*
 * ends HOW: allocates 3 blocks of 111 bytes, frees one, and ends: a number is the status
 * of exit; _exit and quick_exit end with 5; abort, segv, kill, term as they say; thread
 * by exit in another thread.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile blocks[3];

static void *exit_here(void *unused)
{
	(void)unused;
	exit(6);
}

static void end_by_signal(int signal)
{
	kill(getpid(), signal);
	for (;;)
		pause();
}

static void end(const char *how)
{
	int *volatile nowhere = NULL;
	pthread_t thread;

	if (!strcmp(how, "_exit"))
		_exit(5);
	if (!strcmp(how, "quick_exit"))
		quick_exit(5);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "segv"))
		*nowhere = 1;
	if (!strcmp(how, "kill"))
		end_by_signal(SIGKILL);
	if (!strcmp(how, "term"))
		end_by_signal(SIGTERM);
	if (!strcmp(how, "thread")) {
		pthread_create(&thread, NULL, exit_here, NULL);
		pthread_join(thread, NULL);
	}
	exit(atoi(how));
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 99;
	for (int i = 0; i < 3; i++)
		blocks[i] = malloc(111);
	free(blocks[1]);
	end(argv[1]);
}
