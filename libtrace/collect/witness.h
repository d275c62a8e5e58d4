/* SPDX-License-Identifier: MIT */
#ifndef MLW_WITNESS_H
#define MLW_WITNESS_H

/*
 * Was a signal that reached the launcher sent to it alone, and is to be passed on, or to
 * its whole process group, so that the program has its own copy? The kernel does not say.
 * A witness can: a process of that group that does nothing but notice signals.
 *
 *	mlw_witness_start(&witness);
 *	...
 *	if (!mlw_witness_saw(&witness, signal))
 *		kill(program, signal);
 *	mlw_witness_stop(&witness);
 *
 * It names itself "witness" and has no command line, so that nobody who looks for
 * processes by the name of mallow or of the program finds it.
 */

#include <stdbool.h>
#include <sys/types.h>

struct mlw_witness {
	pid_t pid; /* 0: there is none */
	int socket;
};

/* All signals must be blocked. Without a process left there is no witness: it sees none.
 */
void mlw_witness_start(struct mlw_witness *witness);

/* True if the witness got `signal`, too, which this process has just got. Each is told
 * once. */
bool mlw_witness_saw(const struct mlw_witness *witness, int signal);

void mlw_witness_stop(struct mlw_witness *witness);

#endif /* MLW_WITNESS_H */
