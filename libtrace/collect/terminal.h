/* SPDX-License-Identifier: MIT */
#ifndef MLW_TERMINAL_H
#define MLW_TERMINAL_H

/* The launcher's signals: which come from the terminal, and who gets what. */

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct mlw_terminal {
	int fd; /* signalfd of everything that can be caught, -1: none */
	sigset_t mask; /* as we were started */
	bool child_ignored; /* SIGCHLD was ignored as we were started */
	int stop_signal; /* we were asked to stop by it, 0: not */
	bool stopped; /* the program is */
};

/* Blocks all signals and reads them from `fd` instead. */
int mlw_terminal_open(struct mlw_terminal *terminal);
/* In the child, before exec: everything as we were started. */
void mlw_terminal_restore(const struct mlw_terminal *terminal);

/* One signal that came in; the number of the one to be passed on to the program, or 0. */
int mlw_terminal_signal(struct mlw_terminal *terminal,
                        const struct signalfd_siginfo *info);

/* The program was stopped by `signal`: stops us with it where the user's shell expects
 * so, and continues the program when we are continued. */
void mlw_terminal_stopped(struct mlw_terminal *terminal, pid_t program, int signal);

/* SIGCONT came in: continues a program that is stopped, unless it was sent there, too (as
 * shells do). One that runs is left alone: it cannot be told to whom the signal went. */
void mlw_terminal_continued(struct mlw_terminal *terminal, pid_t program);

#endif /* MLW_TERMINAL_H */
