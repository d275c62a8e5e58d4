/* SPDX-License-Identifier: MIT */
#include "record/begin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/sys.h"
#include "wire/segment.h"

#define DEPTH         "MALLOW_DEPTH"
#define OUTPUT        "MALLOW_OUTPUT"
#define COLLECTOR     "MALLOW_COLLECTOR"
#define STACK_SIZE    65536u
#define PATIENCE_S    10
#define STATUS_FAILED 125
#define SENTENCE_SIZE 512u
#define WORD_COUNT    7u
#define NUMBER_SIZE   12u

static void say(const char *const *parts)
{
	char sentence[SENTENCE_SIZE] = "mallow: ";

	for (; *parts; parts++)
		strncat(sentence, *parts, sizeof(sentence) - strlen(sentence) - 2);
	strcat(sentence, "\n");
	mlw_sys3(SYS_write, STDERR_FILENO, (long)sentence, (long)strlen(sentence));
}

void mlw_begin_complain(const char *text)
{
	const char *const parts[] = { "this program is not recorded: ", text, NULL };

	say(parts);
}

/* 0: it is no number of frames. */
static uint32_t parse_depth(const char *text)
{
	uint32_t depth = 0;

	for (; *text >= '0' && *text <= '9' && depth <= MLW_DEPTH_MOST; text++)
		depth = depth * 10 + (uint32_t)(*text - '0');
	return *text || depth > MLW_DEPTH_MOST ? 0 : depth;
}

uint32_t mlw_begin_wanted(void)
{
	const char *text = secure_getenv(DEPTH);
	uint32_t depth;

	if (!text || !*text || !strcmp(text, "0"))
		return 0;
	depth = parse_depth(text);
	if (!depth) {
		const char *const parts[] = { DEPTH " is '", text,
			                      "', and a depth is a number from 1 to 1024",
			                      NULL };

		say(parts);
		mlw_sys3(SYS_exit_group, STATUS_FAILED, 0, 0);
	}
	return depth;
}

/* All that the processes in between need; they share our memory. */
struct starting {
	char path[PATH_MAX];
	char pid[NUMBER_SIZE], depth[NUMBER_SIZE];
	const char *words[WORD_COUNT + 1];
	char **variables;
	int pipe[2];
	char *stacks; /* two */
	int error; /* of execve */
};

static void write_number(char *text, uint32_t number)
{
	char digits[NUMBER_SIZE];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*text++ = digits[--count];
	*text = '\0';
}

/* `folder` of the library, then `way` from there; false: there is no such program. */
static bool try_way(char *path, const char *library, const char *way)
{
	const char *slash = strrchr(library, '/');
	size_t size = slash ? (size_t)(slash - library) + 1 : 0;

	if (size + strlen(way) >= PATH_MAX)
		return false;
	memcpy(path, library, size);
	strcpy(path + size, way);
	return !mlw_sys3(SYS_access, (long)path, X_OK, 0);
}

static bool find_collector(char *path, const char *library)
{
	const char *named = secure_getenv(COLLECTOR);

	if (named && *named && strlen(named) < PATH_MAX) {
		strcpy(path, named);
		return true;
	}
	return try_way(path, library, "../bin/mallow") ||
	       try_way(path, library, "../../bin/mallow");
}

static bool is_kept(const char *variable)
{
	static const char *const dropped[] = { "LD_PRELOAD=", MLW_ENV_SOCKET "=",
		                               DEPTH "=", OUTPUT "=" };

	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
		if (!strncmp(variable, dropped[i], strlen(dropped[i])))
			return false;
	return true;
}

/* The collector must not be recorded. Another thread may change the environment: it is
 * looked at once, and read no further than it was counted. `*size`: of the memory, for
 * mlw_sys_unmap. */
static char **make_variables(size_t *size)
{
	char *volatile const *all = environ;
	size_t count = 0, kept = 0;
	char **variables;

	while (all && all[count])
		count++;
	*size = (count + 1) * sizeof(char *);
	variables = mlw_sys_map(*size);
	for (size_t i = 0; variables && i < count; i++) {
		char *variable = all[i];

		if (!variable)
			break;
		if (is_kept(variable))
			variables[kept++] = variable;
	}
	return variables;
}

/*
 * A process that shares our memory, and for which this thread waits until it ends or
 * executes: on a stack of its own, with the same thread pointer, so that it may do
 * nothing but make system calls. No signal says that it has ended.
 */
static long spawn(int (*function)(struct starting *), struct starting *starting,
                  char *stack)
{
	uintptr_t top = ((uintptr_t)stack + STACK_SIZE) & ~(uintptr_t)15;
	long flags = CLONE_VM | CLONE_VFORK, result;

	__asm__ volatile("mov %[function], %%r12\n\t"
	                 "mov %[starting], %%r13\n\t"
	                 "xor %%edx, %%edx\n\t"
	                 "xor %%r10d, %%r10d\n\t"
	                 "xor %%r8d, %%r8d\n\t"
	                 "syscall\n\t"
	                 "test %%rax, %%rax\n\t"
	                 "jnz 1f\n\t"
	                 "xor %%ebp, %%ebp\n\t"
	                 "mov %%r13, %%rdi\n\t"
	                 "call *%%r12\n\t"
	                 "mov %%eax, %%edi\n\t"
	                 "mov %[exit], %%eax\n\t"
	                 "syscall\n\t"
	                 "hlt\n"
	                 "1:"
	                 : "=a"(result)
	                 : "a"(SYS_clone), "D"(flags), "S"(top), [function] "r"(function),
	                   [starting] "r"(starting), [exit] "i"(SYS_exit)
	                 : "rcx", "r11", "rdx", "r10", "r8", "r12", "r13", "memory",
	                   "cc");
	return result;
}

/* The pipe's end where it is expected, open after the execve. */
static bool place_pipe(const struct starting *starting)
{
	int end = starting->pipe[1];

	if (end != MLW_BEGIN_FD)
		return mlw_sys3(SYS_dup3, end, MLW_BEGIN_FD, 0) == MLW_BEGIN_FD;
	return !mlw_sys3(SYS_fcntl, end, F_SETFD, 0);
}

/* In a session of its own, so that the terminal's keys are not for it. */
static int become_collector(struct starting *starting)
{
	long error = -EBADF;

	mlw_sys3(SYS_setsid, 0, 0, 0);
	if (place_pipe(starting))
		error = mlw_sys3(SYS_execve, (long)starting->path, (long)starting->words,
		                 (long)starting->variables);
	starting->error = (int)-error;
	return STATUS_FAILED;
}

/* Its end makes an orphan of the collector: nobody here can wait for that. */
static int start_collector(struct starting *starting)
{
	long child = spawn(become_collector, starting, starting->stacks + STACK_SIZE);

	if (child < 0)
		starting->error = (int)-child;
	return 0;
}

static int fail(struct mlw_begun *begun, int error, const char *text, const char *name)
{
	begun->error = -error;
	begun->text[0] = '\0';
	strncat(begun->text, text, sizeof(begun->text) - 1);
	strncat(begun->text, name, sizeof(begun->text) - strlen(begun->text) - 1);
	return begun->error;
}

static int hear(int fd, struct mlw_begun *begun)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	struct timespec patience = { .tv_sec = PATIENCE_S };

	if (mlw_sys6(SYS_ppoll, (long)&poll, 1, (long)&patience, 0, 8, 0) != 1)
		return fail(begun, ETIMEDOUT, "the collector has not answered", "");
	if (mlw_sys3(SYS_read, fd, (long)begun, sizeof(*begun)) != (long)sizeof(*begun) ||
	    begun->magic != MLW_WIRE_MAGIC || begun->version != MLW_WIRE_VERSION)
		return fail(begun, EIO, "the collector could not be started", "");
	begun->socket[sizeof(begun->socket) - 1] = '\0';
	begun->library[sizeof(begun->library) - 1] = '\0';
	begun->text[sizeof(begun->text) - 1] = '\0';
	return begun->error;
}

/*
 * What executes the collector, which becomes an orphan by the end of that: init is to
 * adopt it, not this program, which for so long adopts nobody. Returns as spawn.
 */
static long start_orphan(struct starting *starting)
{
	int adopts = 0;
	long child;

	mlw_sys3(SYS_prctl, PR_GET_CHILD_SUBREAPER, (long)&adopts, 0);
	if (adopts)
		mlw_sys3(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0);
	child = spawn(start_collector, starting, starting->stacks);
	if (child > 0)
		mlw_sys6(SYS_wait4, child, 0, (long)__WCLONE, 0, 0, 0);
	if (adopts)
		mlw_sys3(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0);
	return child;
}

static int start_and_hear(struct starting *starting, struct mlw_begun *begun)
{
	long child;
	int status;

	if (mlw_sys3(SYS_pipe2, (long)starting->pipe, O_CLOEXEC, 0))
		return fail(begun, EMFILE, "there is no descriptor left", "");
	child = start_orphan(starting);
	mlw_sys3(SYS_close, starting->pipe[1], 0, 0);
	if (child < 0 || starting->error)
		status = fail(begun, child < 0 ? (int)-child : starting->error,
		              "the collector cannot be executed: ", starting->path);
	else
		status = hear(starting->pipe[0], begun);
	mlw_sys3(SYS_close, starting->pipe[0], 0, 0);
	return status;
}

static void fill_words(struct starting *starting, uint32_t depth, const char *library)
{
	const char *output = secure_getenv(OUTPUT), **words = starting->words;

	write_number(starting->pid, (uint32_t)mlw_sys3(SYS_getpid, 0, 0, 0));
	write_number(starting->depth, depth);
	*words++ = "mallow";
	*words++ = MLW_BEGIN_COMMAND;
	*words++ = starting->pid;
	*words++ = starting->depth;
	*words++ = library;
	if (output && *output)
		*words++ = output;
	*words = NULL;
}

int mlw_begin(uint32_t depth, const char *library, struct mlw_begun *begun)
{
	struct starting starting = { .error = 0 };
	size_t variables = 0;
	int status;

	if (!find_collector(starting.path, library))
		return fail(begun, ENOENT, "there is no mallow beside ", library);
	fill_words(&starting, depth, library);
	starting.variables = make_variables(&variables);
	starting.stacks = mlw_sys_map(2 * STACK_SIZE);
	if (starting.variables && starting.stacks)
		status = start_and_hear(&starting, begun);
	else
		status = fail(begun, ENOMEM, "out of memory", "");
	if (starting.stacks)
		mlw_sys_unmap(starting.stacks, 2 * STACK_SIZE);
	if (starting.variables)
		mlw_sys_unmap(starting.variables, variables);
	return status;
}
