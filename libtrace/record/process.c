/* SPDX-License-Identifier: MIT */
/*
 * fork, exec, posix_spawn, system, popen and exit. vfork is not wrapped (it returns
 * twice): its child runs these hooks in the parent's memory, finds that its pid is not
 * the session's, and leaves the parent's recording alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "record/environment.h"
#include "record/public.h"
#include "record/real.h"
#include "record/record.h"
#include "record/session.h"
#include "record/thread.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))

static _Atomic uint32_t fork_count;

/* The child tells the collector this number when it first has something to record. */
MLW_PUBLIC pid_t fork(void)
{
	pid_t child;

	mlw_real_ready();
	mlw_local.fork_sequence = atomic_fetch_add(&fork_count, 1) + 1;
	mlw_record_control(MLW_CONTROL_FORK, mlw_local.fork_sequence, FRAME);
	child = mlw_real.fork();
	if (child == 0)
		return child;
	mlw_local.fork_sequence = 0;
	if (child > 0) {
		int saved = errno;

		mlw_record_control(MLW_CONTROL_CHILD, (uint64_t)child, FRAME);
		errno = saved;
	}
	return child;
}

/* What libc has, which means this device and no other file of that name. */
static int silence(void)
{
	int fd = open("/dev/null", O_RDWR);
	struct stat null;

	if (fd < 0)
		return -1;
	if (fstat(fd, &null) || !S_ISCHR(null.st_mode) || null.st_rdev != makedev(1, 3)) {
		close(fd);
		errno = ENODEV;
		return -1;
	}
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		dup2(fd, stream);
	if (fd > STDERR_FILENO)
		close(fd);
	return 0;
}

/* As libc's, but by our fork: the collector has to wait for the child's first word, and
 * the parent is gone by then. */
MLW_PUBLIC int daemon(int keep_directory, int keep_streams)
{
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child > 0)
		_exit(0);
	if (setsid() < 0)
		return -1;
	if (!keep_directory && chdir("/") < 0)
		(void)errno; /* as in libc, that is no failure */
	return keep_streams ? 0 : silence();
}

static void announce_exec(enum mlw_control control, const uintptr_t *frame)
{
	if (mlw_session_is_own())
		mlw_record_control(control, 0, frame);
}

/* The common frame of all execs. `function` does the real one. */
struct exec_call {
	const char *program;
	bool search;
	bool relative; /* to fd: we do not look into it */
	int fd, flags;
	char *const *argv;
	char *const *envp;
	int (*function)(const struct exec_call *call, char *const *envp);
};

static int execute(const struct exec_call *call, const uintptr_t *frame)
{
	struct mlw_environment environment;
	char *const *envp;
	int status, saved;

	mlw_real_ready();
	envp = mlw_environment_make(&environment, call->relative ? NULL : call->program,
	                            call->search, call->envp);
	announce_exec(MLW_CONTROL_EXEC, frame);
	status = call->function(call, envp);
	saved = errno;
	announce_exec(MLW_CONTROL_EXEC_FAILED, frame);
	mlw_environment_release(&environment);
	errno = saved;
	return status;
}

static int by_path(const struct exec_call *call, char *const *envp)
{
	return mlw_real.execve(call->program, call->argv, envp);
}

static int by_search(const struct exec_call *call, char *const *envp)
{
	return mlw_real.execvpe(call->program, call->argv, envp);
}

static int by_descriptor(const struct exec_call *call, char *const *envp)
{
	return mlw_real.fexecve(call->fd, call->argv, envp);
}

static int by_path_at(const struct exec_call *call, char *const *envp)
{
	return mlw_real.execveat(call->fd, call->program, call->argv, envp, call->flags);
}

MLW_PUBLIC int execve(const char *path, char *const argv[], char *const envp[])
{
	struct exec_call call = {
		.program = path, .argv = argv, .envp = envp, .function = by_path
	};

	return execute(&call, FRAME);
}

MLW_PUBLIC int execv(const char *path, char *const argv[])
{
	struct exec_call call = {
		.program = path, .argv = argv, .envp = environ, .function = by_path
	};

	return execute(&call, FRAME);
}

MLW_PUBLIC int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct exec_call call = { .program = file,
		                  .search = true,
		                  .argv = argv,
		                  .envp = envp,
		                  .function = by_search };

	return execute(&call, FRAME);
}

MLW_PUBLIC int execvp(const char *file, char *const argv[])
{
	struct exec_call call = { .program = file,
		                  .search = true,
		                  .argv = argv,
		                  .envp = environ,
		                  .function = by_search };

	return execute(&call, FRAME);
}

MLW_PUBLIC int fexecve(int fd, char *const argv[], char *const envp[])
{
	struct exec_call call = {
		.fd = fd, .argv = argv, .envp = envp, .function = by_descriptor
	};

	return execute(&call, FRAME);
}

MLW_PUBLIC int execveat(int fd, const char *path, char *const argv[], char *const envp[],
                        int flags)
{
	struct exec_call call = { .program = path,
		                  .relative = path[0] != '/',
		                  .fd = fd,
		                  .flags = flags,
		                  .argv = argv,
		                  .envp = envp,
		                  .function = by_path_at };

	return execute(&call, FRAME);
}

/* The arguments of an execl-like call up to its NULL. */
static size_t count_arguments(va_list arguments)
{
	size_t count = 1;

	while (va_arg(arguments, char *))
		count++;
	return count + 1;
}

static void collect_arguments(char **argv, const char *first, size_t count,
                              va_list arguments)
{
	argv[0] = (char *)(uintptr_t)first;
	for (size_t i = 1; i < count; i++)
		argv[i] = va_arg(arguments, char *);
}

/*
 * execl and its kin have to gather their arguments on the stack, as glibc does: a vfork
 * child must not leave memory behind in its parent.
 */
#define GATHER(argv, first)                                       \
	do {                                                      \
		va_list list_;                                    \
		size_t count_;                                    \
		va_start(list_, first);                           \
		count_ = count_arguments(list_);                  \
		va_end(list_);                                    \
		argv = __builtin_alloca(count_ * sizeof(char *)); \
		va_start(list_, first);                           \
		collect_arguments(argv, first, count_, list_);    \
	} while (0)

MLW_PUBLIC int execl(const char *path, const char *first, ...)
{
	char **argv;

	GATHER(argv, first);
	return execv(path, argv);
}

MLW_PUBLIC int execlp(const char *file, const char *first, ...)
{
	char **argv;

	GATHER(argv, first);
	return execvp(file, argv);
}

MLW_PUBLIC int execle(const char *path, const char *first, ...)
{
	char **argv, **envp;
	va_list arguments;

	GATHER(argv, first);
	va_start(arguments, first);
	while (va_arg(arguments, char *))
		;
	envp = va_arg(arguments, char **);
	va_end(arguments);
	return execve(path, argv, envp);
}

MLW_PUBLIC int posix_spawn(pid_t *pid, const char *path,
                           const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const argv[],
                           char *const envp[])
{
	struct mlw_environment environment;
	int status;

	mlw_real_ready();
	status = mlw_real.posix_spawn(
	        pid, path, actions, attributes, argv,
	        mlw_environment_make(&environment, path, false, envp));
	mlw_environment_release(&environment);
	return status;
}

MLW_PUBLIC int posix_spawnp(pid_t *pid, const char *file,
                            const posix_spawn_file_actions_t *actions,
                            const posix_spawnattr_t *attributes, char *const argv[],
                            char *const envp[])
{
	struct mlw_environment environment;
	int status;

	mlw_real_ready();
	status = mlw_real.posix_spawnp(
	        pid, file, actions, attributes, argv,
	        mlw_environment_make(&environment, file, true, envp));
	mlw_environment_release(&environment);
	return status;
}

MLW_PUBLIC int system(const char *command)
{
	mlw_real_ready();
	mlw_environment_complete();
	return mlw_real.system(command);
}

/* FILE, without stdio.h: nothing here may use that. */
MLW_PUBLIC struct _IO_FILE *popen(const char *command, const char *type);
MLW_PUBLIC struct _IO_FILE *popen(const char *command, const char *type)
{
	mlw_real_ready();
	mlw_environment_complete();
	return mlw_real.popen(command, type);
}

static void announce_exit(int status, const uintptr_t *frame)
{
	mlw_real_ready();
	if (mlw_session_is_own())
		mlw_record_control(MLW_CONTROL_EXIT, (uint64_t)(status & 0xff), frame);
}

MLW_PUBLIC void exit(int status)
{
	announce_exit(status, FRAME);
	mlw_real.exit(status);
	__builtin_unreachable();
}

MLW_PUBLIC void _exit(int status)
{
	announce_exit(status, FRAME);
	mlw_real.exit_now(status);
	__builtin_unreachable();
}

MLW_PUBLIC void _Exit(int status)
{
	announce_exit(status, FRAME);
	mlw_real.exit_now(status);
	__builtin_unreachable();
}

MLW_PUBLIC void quick_exit(int status)
{
	announce_exit(status, FRAME);
	mlw_real.quick_exit(status);
	__builtin_unreachable();
}
