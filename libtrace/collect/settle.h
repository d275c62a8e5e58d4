/* SPDX-License-Identifier: MIT */
#ifndef MLW_SETTLE_H
#define MLW_SETTLE_H

/* How the collector makes itself at home in a process that was a copy of the launcher. */

#define MLW_LAUNCHER_FD 3 /* where the note socket is from then on */

/* A session of its own; no descriptor but the socket, and /dev/null for the first three;
 * as many descriptors as are allowed. -1 if that cannot be. */
int mlw_settle_descriptors(int launcher);

/* On all CPUs and in the usual class, whatever the program is held to: who falls behind
 * makes the program wait. */
void mlw_settle_schedule(void);

/* What ends the program must not end its recording. */
void mlw_settle_signals(void);

#endif /* MLW_SETTLE_H */
