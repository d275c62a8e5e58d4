/* SPDX-License-Identifier: MIT */
#include "record/environment.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/sandbox.h"
#include "record/session.h"
#include "record/sys.h"
#include "wire/hello.h"

#define PRELOAD      "LD_PRELOAD="
#define SOCKET       MLW_ENV_SOCKET "="
#define SCRIPT_DEPTH 4
#define HEAD_SIZE    256

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static char *const *find(char *const *envp, const char *start)
{
	for (; *envp; envp++)
		if (starts_with(*envp, start))
			return envp;
	return NULL;
}

/* Is `item` one of the entries of a list divided by spaces and colons? */
static bool list_has(const char *list, const char *item)
{
	size_t size = strlen(item);
	const char *at = list;

	while ((at = strstr(at, item))) {
		bool begins = at == list || at[-1] == ':' || at[-1] == ' ';

		if (begins && (!at[size] || at[size] == ':' || at[size] == ' '))
			return true;
		at += size;
	}
	return false;
}

static size_t read_head(const char *path, char *head)
{
	long fd = mlw_sys3(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC);
	long size;

	if (fd < 0)
		return 0;
	size = mlw_sys3(SYS_read, fd, (long)head, HEAD_SIZE - 1);
	mlw_sys3(SYS_close, fd, 0, 0);
	if (size < 0)
		size = 0;
	head[size] = '\0';
	return (size_t)size;
}

/* The interpreter of a script: cuts it out of its first line, in place. */
static char *interpreter(char *head)
{
	char *path = head + 2 + strspn(head + 2, " \t");

	path[strcspn(path, " \t\r\n")] = '\0';
	return path;
}

/* A file that we cannot read is taken for one that can be preloaded. */
static bool can_preload(const char *path)
{
	char head[HEAD_SIZE], script[HEAD_SIZE];

	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		size_t size = read_head(path, head);
		uint16_t machine;

		if (size > 2 && head[0] == '#' && head[1] == '!') {
			strcpy(script, interpreter(head));
			path = script;
			continue;
		}
		if (size < 20 || memcmp(head, ELFMAG, SELFMAG))
			return true;
		memcpy(&machine, head + 18, sizeof(machine));
		return head[EI_CLASS] == ELFCLASS64 && machine == EM_X86_64;
	}
	return true;
}

/* The first executable of that name in PATH, in `path`; NULL if there is none. */
static const char *search_path(const char *program, char *path)
{
	const char *list = getenv("PATH");

	for (list = list ? list : "/bin:/usr/bin"; *list; list += *list == ':') {
		size_t size = strcspn(list, ":");

		if (size + strlen(program) + 2 <= PATH_MAX) {
			memcpy(path, list, size);
			path[size] = '/';
			strcpy(path + (size ? size + 1 : 0), program);
			if (!mlw_sys3(SYS_access, (long)path, X_OK, 0))
				return path;
		}
		list += size;
	}
	return NULL;
}

static bool program_can_preload(const char *program, bool search)
{
	char path[PATH_MAX];

	if (program && search && !strchr(program, '/'))
		program = search_path(program, path);
	return !program || can_preload(program);
}

static bool make_room(struct mlw_environment *environment, char *const *envp)
{
	size_t count = 0;

	while (envp[count])
		count++;
	environment->variables = environment->slots;
	if (count + 3 <= MLW_ENVIRONMENT_SLOTS)
		return true;
	environment->mapped = (count + 3) * sizeof(char *);
	environment->variables = mlw_sys_map(environment->mapped);
	return environment->variables != NULL;
}

/* "LD_PRELOAD=" + ours + ":" + what was there. */
static char *with_library(struct mlw_environment *environment, char *variable)
{
	const char *library = mlw_session_library();
	const char *old = variable ? variable + strlen(PRELOAD) : "";

	if (variable && list_has(old, library))
		return variable;
	if (strlen(PRELOAD) + strlen(library) + strlen(old) + 2 >
	    sizeof(environment->preload))
		return variable;
	strcpy(environment->preload, PRELOAD);
	strcat(environment->preload, library);
	if (*old) {
		strcat(environment->preload, ":");
		strcat(environment->preload, old);
	}
	return environment->preload;
}

/* The same without ours; NULL when nothing is left. */
static char *without_library(struct mlw_environment *environment, char *variable)
{
	const char *library = mlw_session_library();
	const char *at = variable + strlen(PRELOAD);
	char *end = environment->preload + strlen(PRELOAD);

	if (!list_has(at, library) || strlen(variable) >= sizeof(environment->preload))
		return variable;
	strcpy(environment->preload, PRELOAD);
	while (*at) {
		size_t size = strcspn(at, ": ");

		if (size && (strncmp(at, library, size) || library[size])) {
			if (end > environment->preload + strlen(PRELOAD))
				*end++ = ':';
			memcpy(end, at, size);
			end += size;
		}
		at += size + (at[size] != '\0');
	}
	*end = '\0';
	return end > environment->preload + strlen(PRELOAD) ? environment->preload : NULL;
}

static char *socket_variable(struct mlw_environment *environment)
{
	strcpy(environment->socket, SOCKET);
	strcat(environment->socket, mlw_session_socket());
	return environment->socket;
}

static void fill(struct mlw_environment *environment, char *const *envp, bool preload)
{
	char *const *old = find(envp, PRELOAD);
	char **next = environment->variables;
	char *changed = preload ? with_library(environment, old ? *old : NULL)
	                : old   ? without_library(environment, *old)
	                        : NULL;

	for (; *envp; envp++)
		if (!starts_with(*envp, PRELOAD) && !starts_with(*envp, SOCKET))
			*next++ = *envp;
	if (changed)
		*next++ = changed;
	*next++ = socket_variable(environment);
	*next = NULL;
}

static bool is_complete(char *const *envp)
{
	char *const *preload = find(envp, PRELOAD), *const *socket = find(envp, SOCKET);

	return preload && socket &&
	       list_has(*preload + strlen(PRELOAD), mlw_session_library()) &&
	       !strcmp(*socket + strlen(SOCKET), mlw_session_socket());
}

/*
 * Most programs hand down the environment that they got: then only the program's class
 * can call for a change.
 */
char *const *mlw_environment_make(struct mlw_environment *environment,
                                  const char *program, bool search, char *const *envp)
{
	static char *const none[] = { NULL };
	bool preload;

	environment->mapped = 0;
	if (!mlw_session_socket() || !mlw_session_follows())
		return envp;
	if (!envp) /* Linux takes this for an empty one */
		envp = none;
	preload = !mlw_sandboxed && program_can_preload(program, search);
	if (preload && is_complete(envp))
		return envp;
	if (!make_room(environment, envp))
		return envp;
	fill(environment, envp, preload);
	return environment->variables;
}

void mlw_environment_release(struct mlw_environment *environment)
{
	if (environment->mapped)
		mlw_sys_unmap(environment->variables, environment->mapped);
	environment->mapped = 0;
}

/*
 * What `environ` is set to stays in memory for ever: other threads may be reading it, and
 * setenv copies its pointers. Two arrays are enough to go on with, whatever the program
 * does, because only one of them can be in use when the next is wanted.
 */
struct kept {
	char **variables;
	size_t room;
};

static struct kept kept[2];
static char kept_socket[sizeof(((struct mlw_environment *)0)->socket)];
static char *kept_preload;

static bool keep_preload(const char *variable)
{
	if (kept_preload && !strcmp(kept_preload, variable))
		return true;
	kept_preload = mlw_sys_map(strlen(variable) + 1);
	if (kept_preload)
		strcpy(kept_preload, variable);
	return kept_preload != NULL;
}

static char **keep(struct kept *into, char *const *variables)
{
	size_t count = 0;

	while (variables[count])
		count++;
	if (into->room <= count) {
		into->room = 2 * count + 16;
		into->variables = mlw_sys_map(into->room * sizeof(char *));
	}
	if (!into->variables) {
		into->room = 0;
		return NULL;
	}
	memcpy(into->variables, variables, (count + 1) * sizeof(char *));
	return into->variables;
}

static void complete(char **old)
{
	struct mlw_environment made;
	char *const *variables = mlw_environment_make(&made, NULL, false, old);
	struct kept *free_one = &kept[old && old == kept[0].variables];
	char **all;

	if (variables == old || !keep_preload(*find(variables, PRELOAD)))
		return;
	strcpy(kept_socket, made.socket);
	all = keep(free_one, variables);
	if (all) {
		*(char **)(uintptr_t)find(all, PRELOAD) = kept_preload;
		*(char **)(uintptr_t)find(all, SOCKET) = kept_socket;
		__atomic_compare_exchange_n(&environ, &old, all, false, __ATOMIC_ACQ_REL,
		                            __ATOMIC_RELAXED);
	}
	mlw_environment_release(&made);
}

/* Two threads at once: the second one's child finds what the first put in, or is not
 * recorded. None waits for the other. */
void mlw_environment_complete(void)
{
	static bool busy;

	if (mlw_sandboxed || __atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
		return;
	complete(environ);
	__atomic_clear(&busy, __ATOMIC_RELEASE);
}
