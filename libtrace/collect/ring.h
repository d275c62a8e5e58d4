/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_RING_H
#define MLW_COLLECT_RING_H

/* A ring seen from its reader. Nothing that stands in it is believed. */

#include "collect/process.h"

/* One word; the writer may change it under our eyes, so it is read once. */
static inline uint64_t mlw_ring_word(const struct mlw_ring_view *view, uint64_t at)
{
	return __atomic_load_n(&view->data[at & view->mask], __ATOMIC_RELAXED);
}

/*
 * Looks how far the writer has come: true when there is something to read. A head that
 * cannot be is counted in `damaged`, and what it may have meant is skipped.
 */
bool mlw_ring_look(struct mlw_ring_view *view, uint64_t *damaged);

/* Tells the writer how far we have read, and wakes it if it waits for room. */
void mlw_ring_tell(struct mlw_ring_view *view);

static inline bool mlw_ring_should_tell(const struct mlw_ring_view *view, uint64_t at)
{
	return at - view->told > view->step;
}

#endif /* MLW_COLLECT_RING_H */
