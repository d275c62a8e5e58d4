/* SPDX-License-Identifier: MIT */
/*
 * x_spawn HOW PROGRAM [ARGS]: starts PROGRAM by system, popen, posix_spawn, posix_spawnp,
 * vfork, fork, execle (an environment of its own, with one variable), empty (no
 * environment at all), chain (exec of itself three times, then of PROGRAM) or execvp, and
 * ends with its status. cleared-system and cleared-popen clear the environment and put
 * one variable into it before, unset-system takes all of ours out one by one and does so
 * three times, set-system sets another environment of 300 variables.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 90;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 91;
}

/* The words as a line for the shell. */
static const char *quoted(char **program)
{
	static char line[8192];
	size_t used = 0;

	for (; *program && used < sizeof(line); program++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "'%s' ",
		                         *program);
	return line;
}

static int by_system(char **program)
{
	int status = system(quoted(program));

	return WIFEXITED(status) ? WEXITSTATUS(status) : 92;
}

static int by_popen(char **program)
{
	FILE *pipe = popen(quoted(program), "r");
	char text[256];
	size_t n;

	if (!pipe)
		return 93;
	while ((n = fread(text, 1, sizeof(text), pipe)) > 0)
		fwrite(text, 1, n, stdout);
	return WEXITSTATUS(pclose(pipe));
}

static int by_cleared(char **program, int (*by)(char **))
{
	clearenv();
	setenv("LANG", "C", 1);
	return by(program);
}

static int by_unset(char **program)
{
	for (int i = 0; i < 2; i++) {
		unsetenv("LD_PRELOAD");
		unsetenv("MALLOW_SOCKET");
		if (by_system(program))
			return 97;
	}
	unsetenv("LD_PRELOAD");
	unsetenv("MALLOW_SOCKET");
	return by_system(program);
}

static int by_set(char **program)
{
	static char text[300][16];
	static char *variables[301];

	for (int i = 0; i < 300; i++) {
		snprintf(text[i], sizeof(text[i]), "V%d=%d", i, i);
		variables[i] = text[i];
	}
	environ = variables;
	if (by_system(program) || setenv("V300", "300", 1) || !getenv("V299"))
		return 98;
	return strcmp(getenv("V300"), "300") ? 99 : 0;
}

static int by_spawn(char **program, int search)
{
	pid_t pid;
	int error = search ? posix_spawnp(&pid, *program, NULL, NULL, program, environ)
	                   : posix_spawn(&pid, *program, NULL, NULL, program, environ);

	return error ? 94 : status_of(pid);
}

static int by_vfork(char **program)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(*program, program, environ);
		_exit(95);
	}
	return status_of(pid);
}

static int by_fork(char **program)
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(*program, program);
		_exit(95);
	}
	return status_of(pid);
}

static int with_environment(char **program, char **environment)
{
	pid_t pid = fork();

	if (pid == 0) {
		execve(*program, program, environment);
		_exit(95);
	}
	return status_of(pid);
}

static int by_execle(char **program)
{
	pid_t pid = fork();
	char *environment[] = { "LANG=C", NULL };

	if (pid == 0) {
		execle(program[0], program[0], program[1], program[1] ? program[2] : NULL,
		       NULL, environment);
		_exit(95);
	}
	return status_of(pid);
}

static int by_chain(char **argv, int left)
{
	char next[16];

	free(malloc(1000));
	if (left == 0)
		execv(argv[2], argv + 2);
	snprintf(next, sizeof(next), "chain%d", left - 1);
	argv[1] = next;
	execv("/proc/self/exe", argv);
	return 95;
}

int main(int argc, char **argv)
{
	char *nothing[] = { NULL };
	const char *how = argc > 2 ? argv[1] : "";

	if (!strcmp(how, "system"))
		return by_system(argv + 2);
	if (!strcmp(how, "popen"))
		return by_popen(argv + 2);
	if (!strcmp(how, "cleared-system"))
		return by_cleared(argv + 2, by_system);
	if (!strcmp(how, "cleared-popen"))
		return by_cleared(argv + 2, by_popen);
	if (!strcmp(how, "unset-system"))
		return by_unset(argv + 2);
	if (!strcmp(how, "set-system"))
		return by_set(argv + 2);
	if (!strcmp(how, "posix_spawn"))
		return by_spawn(argv + 2, 0);
	if (!strcmp(how, "posix_spawnp"))
		return by_spawn(argv + 2, 1);
	if (!strcmp(how, "vfork"))
		return by_vfork(argv + 2);
	if (!strcmp(how, "fork"))
		return by_fork(argv + 2);
	if (!strcmp(how, "execle"))
		return by_execle(argv + 2);
	if (!strcmp(how, "empty"))
		return with_environment(argv + 2, nothing);
	if (!strncmp(how, "chain", 5))
		return by_chain(argv, how[5] ? how[5] - '0' : 3);
	if (!strcmp(how, "execvp"))
		execvp(argv[2], argv + 2);
	return 96;
}
