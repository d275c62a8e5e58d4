/* SPDX-License-Identifier: MIT */
#ifndef MLW_TRACEBACKS_H
#define MLW_TRACEBACKS_H

/*
 * Processes ask where a block of theirs was allocated (wire/hello.h). Each is answered
 * once all is read that it had published when it asked.
 *
 *	mlw_tracebacks_ask(&tracebacks, process, &request, guest);
 *	mlw_order_round(...);
 *	mlw_tracebacks_answer(&tracebacks, run);
 */

#include "collect/process.h"

struct mlw_tracebacks {
	struct mlw_question *asked; /* oldest first; owned */
};

void mlw_tracebacks_release(struct mlw_tracebacks *tracebacks);

/* `guest` waits for the answer, and is closed with it. */
void mlw_tracebacks_ask(struct mlw_tracebacks *tracebacks, struct mlw_process *process,
                        const struct mlw_traceback_request *request, int guest);
void mlw_tracebacks_answer(struct mlw_tracebacks *tracebacks, const struct mlw_run *run);

#endif /* MLW_TRACEBACKS_H */
