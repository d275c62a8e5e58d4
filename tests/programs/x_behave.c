/* SPDX-License-Identifier: MIT */
/*
 * x_behave: prints what a process can see of its own state: descriptors, signal mask and
 * dispositions, limits, umask, threads, children, timers, environment names, working
 * folder, errno at the start of main; after it has allocated, started a thread and loaded
 * a library. Two runs, one of them traced, must print the same (but for the environment).
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *work(void *nothing)
{
	free(malloc(100));
	return nothing;
}

static int count_of(const char *folder)
{
	DIR *directory = opendir(folder);
	int n = 0;

	if (!directory)
		return -1;
	while (readdir(directory))
		n++;
	closedir(directory);
	return n - 2;
}

static void print_descriptors(void)
{
	int fd;

	printf("descriptors:");
	for (fd = 0; fd < 256; fd++) {
		struct stat status;

		if (fstat(fd, &status) == 0)
			printf(" %d(%o)", fd, (unsigned)status.st_mode & S_IFMT);
	}
	printf("\n");
}

static void print_signals(void)
{
	struct sigaction action;
	sigset_t mask;
	int n;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (n = 1; n < 65; n++) {
		if (sigismember(&mask, n) == 1)
			printf("blocked %d\n", n);
		if (sigaction(n, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
			printf("handled %d\n", n);
	}
}

static void print_limits(void)
{
	struct rlimit limit;
	int n;

	for (n = 0; n < RLIM_NLIMITS; n++)
		if (getrlimit((__rlimit_resource_t)n, &limit) == 0)
			printf("limit %d: %lu %lu\n", n, limit.rlim_cur, limit.rlim_max);
}

int main(int argc, char **argv)
{
	int at_start = errno, i;
	char folder[4096];
	pthread_t thread;
	void *library;

	free(malloc(100));
	pthread_create(&thread, NULL, work, NULL);
	pthread_join(thread, NULL);
	library = dlopen("libm.so.6", RTLD_NOW);
	printf("errno %d argc %d argv0 %s dlopen %d\n", at_start, argc,
	       strrchr(argv[0], '/') + 1, library != NULL);
	printf("folder %s umask %o dumpable %d nice %d\n", getcwd(folder, sizeof(folder)),
	       umask(022), prctl(PR_GET_DUMPABLE), getpriority(PRIO_PROCESS, 0));
	printf("threads %d children %d subreaper %d pdeathsig %d\n",
	       count_of("/proc/self/task"), waitpid(-1, NULL, WNOHANG),
	       prctl(PR_GET_CHILD_SUBREAPER, &i) + i, prctl(PR_GET_PDEATHSIG, &i) + i);
	printf("session %d group %d foreground %d\n", getsid(0) == getpid(),
	       getpgrp() == getpid(), tcgetpgrp(0) == getpgrp());
	print_descriptors();
	print_signals();
	print_limits();
	for (i = 0; environ[i]; i++)
		fprintf(stderr, "%s\n", environ[i]);
	return 0;
}
