/* SPDX-License-Identifier: MIT */
#ifndef MLW_TICKET_H
#define MLW_TICKET_H

/*
 * The order of events on one address: from the second thread on each has a ticket from
 * the counter of its address (wire/segment.h), and is applied when it is its turn.
 */

#include "collect/ring.h"

struct mlw_event_ticket {
	uint32_t counter, number;
};

/* The ticket of a whole event; false: it has none. */
static inline bool mlw_ticket_of(const struct mlw_ring_view *view, uint64_t at,
                                 uint64_t word, struct mlw_event_ticket *ticket)
{
	enum mlw_event_type type = mlw_word_type(word);
	uint64_t map;

	if (!(mlw_word_arg(word) & MLW_ARG_TICKET))
		return false;
	switch (type) {
	case MLW_EVENT_ALLOC:
	case MLW_EVENT_REALLOC_ALLOC:
		ticket->number = (uint32_t)(mlw_ring_word(view, at + 1) >> 32);
		break;
	case MLW_EVENT_FREE:
	case MLW_EVENT_REALLOC_FREE:
	case MLW_EVENT_REALLOC_UNDO:
		ticket->number = (uint32_t)mlw_ring_word(view, at + 1);
		break;
	case MLW_EVENT_POOL:
		ticket->number = (uint32_t)mlw_ring_word(view, at + 1);
		break;
	case MLW_EVENT_MAP:
	case MLW_EVENT_UNMAP:
		map = mlw_ring_word(view, at + 2);
		ticket->number = (uint32_t)map;
		ticket->counter =
		        mlw_map_ticket_index(mlw_word_value(word), (uint32_t)(map >> 32));
		return true;
	default:
		return false;
	}
	ticket->counter = mlw_ticket_index(mlw_word_value(word));
	return true;
}

/* Tickets that were applied early fall due when all before them have come. */
void mlw_tickets_pass_early(struct mlw_process *process, uint32_t counter);
void mlw_ticket_apply_early(struct mlw_process *process,
                            const struct mlw_event_ticket *ticket);

/* Is it this event's turn? One that comes late (after a gap was given up) is. */
static inline bool mlw_ticket_is_due(struct mlw_ring_view *view,
                                     const struct mlw_event_ticket *ticket)
{
	struct mlw_process *process = view->process;
	uint32_t *next = &process->next_ticket[ticket->counter];

	if (ticket->number == *next) {
		++*next;
		if (process->early_count)
			mlw_tickets_pass_early(process, ticket->counter);
		return true;
	}
	if ((int32_t)(ticket->number - *next) < 0)
		return true;
	if (view->forced) {
		view->forced = false;
		mlw_ticket_apply_early(process, ticket);
		return true;
	}
	view->wanted_counter = ticket->counter;
	view->wanted_ticket = ticket->number;
	return false;
}

#endif /* MLW_TICKET_H */
