/* SPDX-License-Identifier: MIT */
/*
 * children HOW: allocates 2 blocks of 1000 bytes and starts children in the way that is
 * asked for. A child that executes this program again, as `children leaf N`, allocates N
 * blocks of 10 bytes and returns N.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char self[4096];
static char *own_environment[] = { "OWN=1", "PATH=/usr/bin:/bin", NULL };

static void allocate(int count, size_t size)
{
	for (int i = 0; i < count; i++) {
		void *volatile block = malloc(size);

		free(block);
	}
}

static int leaf(int count)
{
	allocate(count, 10);
	return count;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int wait_for(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid ? status_of(status) : 98;
}

static int by_fork(int generations)
{
	pid_t pid = fork();

	if (pid == 0) {
		allocate(generations, 20);
		if (generations > 1)
			by_fork(generations - 1);
		exit(generations);
	}
	return wait_for(pid);
}

static int by_exec(char *count, char **environment)
{
	char *argv[] = { self, "leaf", count, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve(self, argv, environment);
		_exit(97);
	}
	return wait_for(pid);
}

static int by_vfork(char *count)
{
	char *argv[] = { self, "leaf", count, NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(self, argv, environ);
		_exit(97);
	}
	return wait_for(pid);
}

static int by_spawn(char *count, char **environment)
{
	char *argv[] = { self, "leaf", count, NULL };
	pid_t pid;

	if (posix_spawn(&pid, self, NULL, NULL, argv, environment))
		return 97;
	return wait_for(pid);
}

static int by_shell(int through_pipe)
{
	char command[5000];
	FILE *pipe;

	snprintf(command, sizeof(command), "exec '%s' leaf 6", self);
	if (!through_pipe)
		return status_of(system(command));
	pipe = popen(command, "r");
	return pipe ? status_of(pclose(pipe)) : 97;
}

static int in_place(char *count)
{
	execl(self, self, "leaf", count, (char *)NULL);
	return 97;
}

static int start(const char *how)
{
	if (!strcmp(how, "fork"))
		return by_fork(3);
	if (!strcmp(how, "exec"))
		return by_exec("7", environ);
	if (!strcmp(how, "own-environment"))
		return by_exec("8", own_environment);
	if (!strcmp(how, "no-environment"))
		return by_exec("9", NULL);
	if (!strcmp(how, "vfork"))
		return by_vfork("7");
	if (!strcmp(how, "spawn"))
		return by_spawn("7", environ);
	if (!strcmp(how, "spawn-own-environment"))
		return by_spawn("8", own_environment);
	if (!strcmp(how, "system"))
		return by_shell(0);
	if (!strcmp(how, "popen"))
		return by_shell(1);
	if (!strcmp(how, "in-place"))
		return in_place("7");
	return 99;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "leaf"))
		return leaf(atoi(argv[2]));
	if (argc != 2 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 99;
	allocate(2, 1000);
	return start(argv[1]);
}
