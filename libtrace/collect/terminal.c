/* SPDX-License-Identifier: MIT */
#include "collect/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTINUE_TRIES   20
#define CONTINUE_WAIT_MS 5

/* Signals of our own faults stay what they are. */
static void catchable(sigset_t *set)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(set, faults[i]);
}

/* An ignored SIGCHLD (some daemons start programs so) would reap the program for us. */
int mlw_terminal_open(struct mlw_terminal *terminal)
{
	struct sigaction old;
	sigset_t set;

	*terminal = (struct mlw_terminal){ .fd = -1 };
	catchable(&set);
	if (sigprocmask(SIG_SETMASK, &set, &terminal->mask))
		return -1;
	if (!sigaction(SIGCHLD, NULL, &old) && old.sa_handler == SIG_IGN) {
		terminal->child_ignored = true;
		signal(SIGCHLD, SIG_DFL);
	}
	terminal->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return terminal->fd < 0 ? -1 : 0;
}

void mlw_terminal_restore(const struct mlw_terminal *terminal)
{
	if (terminal->child_ignored)
		signal(SIGCHLD, SIG_IGN);
	sigprocmask(SIG_SETMASK, &terminal->mask, NULL);
}

static bool is_stop(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* si_code above zero: the kernel sent it, to our whole process group. */
int mlw_terminal_signal(struct mlw_terminal *terminal,
                        const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGCHLD || signal == SIGCONT)
		return 0;
	if (is_stop(signal))
		terminal->stop_signal = signal;
	return info->ssi_code > 0 ? 0 : signal;
}

/* Is our process group the one that the terminal belongs to? */
static bool in_foreground(void)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool foreground = tty >= 0 && tcgetpgrp(tty) == getpgrp();

	if (tty >= 0)
		close(tty);
	return foreground;
}

/* Stops this process by `number` as if it had never been blocked. */
static void stop_ourselves(int number)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static bool has_continued(pid_t program)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, (id_t)program, &info,
	               WCONTINUED | WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid == program;
}

/* A shell continues the whole group; a single SIGCONT to us is passed on. */
static void continue_program(pid_t program)
{
	for (int i = 0; i < CONTINUE_TRIES; i++) {
		if (has_continued(program))
			return;
		poll(NULL, 0, CONTINUE_WAIT_MS);
	}
	kill(program, SIGCONT);
}

void mlw_terminal_stopped(struct mlw_terminal *terminal, pid_t program, int signal)
{
	bool asked = terminal->stop_signal != 0;

	terminal->stopped = true;
	terminal->stop_signal = 0;
	if (!asked && !is_stop(signal) && !in_foreground())
		return;
	stop_ourselves(is_stop(signal) ? signal : SIGSTOP);
	continue_program(program);
	terminal->stopped = false;
}

void mlw_terminal_continued(struct mlw_terminal *terminal, pid_t program)
{
	if (terminal->stopped)
		continue_program(program);
	terminal->stopped = false;
}
