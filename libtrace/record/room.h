/* SPDX-License-Identifier: MIT */
#ifndef MLW_ROOM_H
#define MLW_ROOM_H

/*
 * Room in a thread's ring: what happens when a reservation goes beyond what is known to
 * be free (mlw_thread_reserve_slow). Then the thread looks again, goes on in a big ring,
 * or waits for the reader; and if that makes no progress for --stall, counts what it
 * loses.
 */

#include "record/thread.h"

#define MLW_NO_TICK UINT64_MAX /* the next event tells the time */

/* The thread writes ring `index` from now on. False: it is not mapped here. */
bool mlw_room_attach(struct mlw_thread *thread, uint32_t index);

#endif /* MLW_ROOM_H */
