/* SPDX-License-Identifier: MIT */
#ifndef MLW_ORDER_H
#define MLW_ORDER_H

/*
 * One round over all rings of all processes, in the order in which things happened, as
 * far as that is known:
 *
 *	1. What a process did before it took tickets comes before everything with one. So
 *	   the ring of its first thread is looked at last, and read first.
 *	2. Events of one counter are applied in ticket order, exactly. A ring whose next
 *	   event is not its counter's next waits until the others have come so far.
 *	3. Between threads, in the order of the ticks that their TIME events tell.
 *
 * A ticket that never comes (its thread was killed, or lost the event) is given up after
 * a second; at once when the process is dead. A signal handler that allocates inside a
 * hook writes its event behind the one that it interrupted, with an earlier ticket: a
 * ring that waits for a ticket which it holds itself goes on.
 *
 * Peak. Between two ticks any interleaving of the threads is possible. Their highest
 * common point is at most the live size before, plus the highest point of each thread's
 * own changes: `peak_bound` is the highest such sum of the run.
 */

#include "collect/decode.h"

struct mlw_order {
	struct mlw_ring_view **active;
	size_t count, capacity;
	uint64_t peak_bound;
	uint64_t cut_us; /* later events are left where they are; 0: none are */
	uint64_t cut_until_us; /* by the clock: what is not there by then stays out */
	size_t waiting; /* after a round: rings whose next event has to wait for others,
	                   and forked processes that cannot be read before their parents
	                 */
};

void mlw_order_release(struct mlw_order *order);

/* Reads what has come since the last round. Returns the number of words read, or, when
 * memory is out, what was skipped. */
uint64_t mlw_order_round(struct mlw_order *order, struct mlw_decoder *decoder,
                         struct mlw_process *processes);

/* Is anything published that has not been read? Only heads are looked at. */
bool mlw_order_pending(const struct mlw_process *processes);

#endif /* MLW_ORDER_H */
