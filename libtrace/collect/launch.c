/* SPDX-License-Identifier: MIT */
#include "collect/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/collector.h"
#include "collect/folder.h"
#include "collect/terminal.h"
#include "collect/witness.h"
#include "symbol/executable.h"
#include "wire/hello.h"

#define PRELOAD "LD_PRELOAD"

/* How the program finds the collector: what passes the gate. */
struct way {
	char socket[sizeof(((struct mlw_note *)0)->socket)];
	char library[sizeof(((struct mlw_note *)0)->library)];
};

struct launcher {
	const struct mlw_run_options *options;
	struct mlw_launch *launch;
	struct mlw_terminal terminal;
	struct mlw_witness witness;
	int collector; /* note socket, -1: it is gone */
	pid_t collector_pid;
	pid_t program;
	int gate[2]; /* the program waits for a byte from it before it executes */
	int failure[2]; /* it says why it could not */
	struct way way;
	bool ended; /* the program has */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start_collector(struct launcher *launcher, struct mlw_error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return mlw_fail(err, "no socket: %s", strerror(errno));
	launcher->collector_pid = fork();
	if (launcher->collector_pid == 0)
		_exit(mlw_collect(launcher->options, ends[1]));
	close(ends[1]);
	launcher->collector = ends[0];
	if (launcher->collector_pid < 0)
		return mlw_fail(err, "no process: %s", strerror(errno));
	return 0;
}

/* In the child. Old entries of LD_PRELOAD stay behind ours. */
static int set_environment(const struct launcher *launcher)
{
	const char *library = launcher->way.library[0] ? launcher->way.library
	                                               : launcher->options->library;
	const char *old = getenv(PRELOAD);
	char *preload = NULL;
	int result;

	if (asprintf(&preload, "%s%s%s", library, old && *old ? ":" : "",
	             old ? old : "") < 0)
		return -1;
	result = setenv(PRELOAD, preload, 1) ||
	         setenv(MLW_ENV_SOCKET, launcher->way.socket, 1);
	free(preload);
	return result;
}

/* The gate gives the way, which is not known before the collector has started; its end
 * without one means that the launcher has given up. */
static void become_program(struct launcher *launcher)
{
	char *const *command = launcher->options->command;
	ssize_t size;
	int error;

	close(launcher->gate[1]);
	size = read(launcher->gate[0], &launcher->way, sizeof(launcher->way));
	if (size != (ssize_t)sizeof(launcher->way))
		_exit(MLW_LAUNCH_FAILED);
	mlw_terminal_restore(&launcher->terminal);
	if (set_environment(launcher))
		errno = ENOMEM;
	else
		execvp(command[0], command);
	error = errno;
	if (write(launcher->failure[1], &error, sizeof(error)) < 0)
		_exit(MLW_LAUNCH_FAILED);
	_exit(error == ENOENT ? MLW_LAUNCH_NOT_FOUND : MLW_LAUNCH_NOT_EXECUTABLE);
}

static int fork_program(struct launcher *launcher, struct mlw_error *err)
{
	if (pipe2(launcher->gate, O_CLOEXEC) || pipe2(launcher->failure, O_CLOEXEC))
		return mlw_fail(err, "no pipe: %s", strerror(errno));
	launcher->program = fork();
	if (launcher->program < 0)
		return mlw_fail(err, "no process: %s", strerror(errno));
	if (launcher->program == 0)
		become_program(launcher);
	close_fd(&launcher->gate[0]);
	close_fd(&launcher->failure[1]);
	return 0;
}

static int await_collector(struct launcher *launcher, struct mlw_error *err)
{
	struct mlw_note note = { .kind = MLW_NOTE_PROGRAM, .value = launcher->program };

	if (!mlw_note_send(launcher->collector, &note) ||
	    mlw_note_receive(launcher->collector, &note, true) != 1)
		return mlw_fail(err, "the collector could not be started");
	if (note.kind != MLW_NOTE_READY)
		return mlw_fail(err, "%.*s", (int)sizeof(err->text) - 1, note.text);
	memcpy(launcher->way.socket, note.socket, sizeof(note.socket));
	memcpy(launcher->way.library, note.library, sizeof(note.library));
	snprintf(launcher->launch->path, sizeof(launcher->launch->path), "%s", note.text);
	return 0;
}

/* The child's end of the failure pipe closes when the program has been executed. */
static int open_gate(struct launcher *launcher, struct mlw_error *err)
{
	const char *name = launcher->options->command[0];
	int error;

	if (write(launcher->gate[1], &launcher->way, sizeof(launcher->way)) < 0)
		return mlw_fail(err, "%s: %s", name, strerror(errno));
	if (read(launcher->failure[0], &error, sizeof(error)) != (ssize_t)sizeof(error)) {
		launcher->launch->started = true;
		return 0;
	}
	launcher->launch->status =
	        error == ENOENT ? MLW_LAUNCH_NOT_FOUND : MLW_LAUNCH_NOT_EXECUTABLE;
	return mlw_fail(err, "%s: %s", name, strerror(error));
}

/* Before anything is made: a name that cannot be executed costs nobody a file. */
static int find_program(struct launcher *launcher, struct mlw_error *err)
{
	char *path = NULL;
	int status = mlw_executable_find(launcher->options->command[0], &path, err);

	free(path);
	if (status)
		launcher->launch->status = status == -ENOENT ? MLW_LAUNCH_NOT_FOUND
		                                             : MLW_LAUNCH_NOT_EXECUTABLE;
	return status ? -1 : 0;
}

static int start(struct launcher *launcher, struct mlw_error *err)
{
	if (find_program(launcher, err))
		return -1;
	if (mlw_terminal_open(&launcher->terminal))
		return mlw_fail(err, "no signals: %s", strerror(errno));
	mlw_witness_start(&launcher->witness);
	if (start_collector(launcher, err) || fork_program(launcher, err) ||
	    await_collector(launcher, err))
		return -1;
	return open_gate(launcher, err);
}

static void tell_end(struct launcher *launcher, int status, const struct rusage *usage)
{
	struct mlw_note note = { .kind = MLW_NOTE_ENDED,
		                 .value = status,
		                 .peak_rss = (uint64_t)usage->ru_maxrss * 1024 };

	launcher->ended = true;
	launcher->launch->status =
	        WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (launcher->collector >= 0)
		mlw_note_send(launcher->collector, &note);
}

static void wait_for_program(struct launcher *launcher)
{
	struct rusage usage = { 0 };
	int status;

	while (!launcher->ended &&
	       wait4(launcher->program, &status, WNOHANG | WUNTRACED, &usage) > 0) {
		if (WIFSTOPPED(status))
			mlw_terminal_stopped(&launcher->terminal, launcher->program,
			                     WSTOPSIG(status));
		else
			tell_end(launcher, status, &usage);
	}
}

static void handle_signal(struct launcher *launcher, const struct signalfd_siginfo *info)
{
	const struct mlw_note snapshot = { .kind = MLW_NOTE_SNAPSHOT };
	int signal = mlw_terminal_signal(&launcher->terminal, info);

	if (signal && signal == launcher->options->snapshot_signal) {
		if (launcher->collector >= 0)
			mlw_note_send(launcher->collector, &snapshot);
	} else if (signal && !launcher->ended &&
	           !mlw_witness_saw(&launcher->witness, signal)) {
		kill(launcher->program, signal);
	}
	if (info->ssi_signo == SIGCONT)
		mlw_terminal_continued(&launcher->terminal, launcher->program);
	if (launcher->terminal.stopped && launcher->terminal.stop_signal)
		mlw_terminal_stopped(&launcher->terminal, launcher->program,
		                     launcher->terminal.stop_signal);
}

/* After the program's end the recording goes on without us if need be. */
static bool is_impatient(const struct signalfd_siginfo *info)
{
	return info->ssi_signo == SIGTERM || info->ssi_signo == SIGHUP;
}

/* False: the user does not want to wait for the recording any more. */
static bool handle_signals(struct launcher *launcher)
{
	struct signalfd_siginfo info;

	while (read(launcher->terminal.fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (launcher->ended && is_impatient(&info))
			return false;
		handle_signal(launcher, &info);
	}
	wait_for_program(launcher);
	return true;
}

static void hear_collector(struct launcher *launcher)
{
	struct mlw_note note;
	int status = mlw_note_receive(launcher->collector, &note, false);

	if (status < 0)
		return;
	if (status == 0) {
		close_fd(&launcher->collector);
	} else if (note.kind == MLW_NOTE_SUMMARY) {
		launcher->launch->summary = note.summary;
		launcher->launch->reported = true;
	}
}

/* A collector that has nobody left to watch ends at once: it is waited for, so that
 * neither it nor its folder is left behind us. */
static bool is_waiting(const struct launcher *launcher)
{
	const struct mlw_launch *launch = launcher->launch;

	if (!launcher->ended)
		return true;
	return launcher->collector >= 0 &&
	       !(launch->reported && launch->summary.surviving);
}

static void watch(struct launcher *launcher)
{
	while (is_waiting(launcher)) {
		struct pollfd polls[2] = {
			{ .fd = launcher->terminal.fd, .events = POLLIN },
			{ .fd = launcher->collector, .events = POLLIN },
		};

		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			return;
		if (polls[1].revents)
			hear_collector(launcher);
		if (!handle_signals(launcher))
			return;
	}
	if (launcher->collector >= 0)
		return;
	waitpid(launcher->collector_pid, NULL, 0);
	if (!launcher->launch->reported)
		mlw_folder_remove(launcher->way.socket);
}

/* What was started before the failure must not stay behind. */
static void call_off(struct launcher *launcher)
{
	const struct mlw_note note = { .kind = MLW_NOTE_CALLED_OFF };

	close_fd(&launcher->gate[1]);
	if (launcher->collector >= 0)
		mlw_note_send(launcher->collector, &note);
	if (launcher->program > 0)
		waitpid(launcher->program, NULL, 0);
	close_fd(&launcher->collector);
	if (launcher->collector_pid > 0)
		waitpid(launcher->collector_pid, NULL, 0);
}

static void release(struct launcher *launcher)
{
	for (int i = 0; i < 2; i++) {
		close_fd(&launcher->gate[i]);
		close_fd(&launcher->failure[i]);
	}
	close_fd(&launcher->collector);
	close_fd(&launcher->terminal.fd);
	mlw_witness_stop(&launcher->witness);
}

int mlw_launch(const struct mlw_run_options *options, struct mlw_launch *launch,
               struct mlw_error *err)
{
	struct launcher launcher = { .options = options,
		                     .launch = launch,
		                     .terminal = { .fd = -1 },
		                     .witness = { .socket = -1 },
		                     .collector = -1,
		                     .gate = { -1, -1 },
		                     .failure = { -1, -1 } };
	int result;

	*launch = (struct mlw_launch){ .status = MLW_LAUNCH_FAILED };
	result = start(&launcher, err);
	if (result)
		call_off(&launcher);
	else
		watch(&launcher);
	release(&launcher);
	return result;
}
