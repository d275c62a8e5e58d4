/* SPDX-License-Identifier: MIT */
#ifndef MLW_LAUNCH_H
#define MLW_LAUNCH_H

/*
 * The launcher: parent of the program, and nothing else. It starts the collector, then
 * the program with libmallow.so preloaded and otherwise exactly as it was started itself
 * (descriptors, signals, terminal, limits), waits, and hands on what its own parent and
 * the user do to it:
 *
 *	- what the terminal sends (Ctrl-C) reaches the program without us: same group
 *	- what another process sends to us is passed on, once
 *	- a program that is stopped stops us, so that the shell gets its terminal back;
 *	  what continues us continues the program
 */

#include "collect/note.h"
#include "collect/options.h"

enum mlw_launch_status {
	MLW_LAUNCH_FAILED = 125, /* before the program started */
	MLW_LAUNCH_NOT_EXECUTABLE = 126,
	MLW_LAUNCH_NOT_FOUND = 127,
};

struct mlw_launch {
	int status; /* what to exit with: the program's, 128 + signal, or the above */
	bool started; /* the program was */
	bool reported; /* summary is filled: the collector lived to the end */
	char path[512]; /* of the file */
	struct mlw_summary summary;
};

/* Returns -1 with a sentence when the program was not started; launch->status says what
 * to exit with either way. */
int mlw_launch(const struct mlw_run_options *options, struct mlw_launch *launch,
               struct mlw_error *err);

#endif /* MLW_LAUNCH_H */
