/* SPDX-License-Identifier: MIT */
#include "collect/ring.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

bool mlw_ring_look(struct mlw_ring_view *view, uint64_t *damaged)
{
	uint64_t head = atomic_load_explicit(&view->ring->head, memory_order_acquire);

	if (head < view->tail || head > view->tail + view->mask + 1) {
		++*damaged;
		if (view->thread)
			mlw_thread_reset(view->thread);
		view->tail = head;
	}
	view->head = head;
	return view->tail != head;
}

/* Pairs with the writer's: waiting = 1, look at tail, futex wait on tail. */
void mlw_ring_tell(struct mlw_ring_view *view)
{
	if (view->told == view->tail)
		return;
	view->told = view->tail;
	atomic_store(&view->ring->tail, view->tail);
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&view->ring->waiting, memory_order_relaxed))
		return;
	atomic_store(&view->ring->waiting, 0);
	syscall(SYS_futex, &view->ring->tail, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
