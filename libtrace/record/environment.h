/* SPDX-License-Identifier: MIT */
#ifndef MLW_ENVIRONMENT_H
#define MLW_ENVIRONMENT_H

/*
 * The environment of a program that is about to be executed: LD_PRELOAD and Mallow's
 * variables are put in where the program has built an environment of its own, and
 * LD_PRELOAD is left out for a program that the loader could not preload us into (another
 * ELF class), because it would complain. No malloc, safe in a vfork child.
 *
 *	struct mlw_environment environment;
 *
 *	real_execve(path, argv, mlw_environment_make(&environment, path, search, envp));
 *	mlw_environment_release(&environment);	 if exec came back
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define MLW_ENVIRONMENT_SLOTS 256

struct mlw_environment {
	char preload[2 * PATH_MAX];
	char socket[160];
	char *slots[MLW_ENVIRONMENT_SLOTS];
	char **variables; /* slots, or mapped memory when there are more */
	size_t mapped; /* bytes */
};

/*
 * The environment to execute `program` with; `search`: look it up in PATH, as execvp
 * does. Returns `envp` itself when nothing needs to change or nothing can be done. NULL
 * `program`: unknown, taken for one that can be preloaded.
 */
char *const *mlw_environment_make(struct mlw_environment *environment,
                                  const char *program, bool search, char *const *envp);
void mlw_environment_release(struct mlw_environment *environment);

/*
 * The same for `environ` itself, where libc executes something with it by ways of its own
 * (system, popen): an environment from which the program removed Mallow's variables has
 * them again.
 */
void mlw_environment_complete(void);

#endif /* MLW_ENVIRONMENT_H */
