/* SPDX-License-Identifier: MIT */
#include "collect/ticket.h"

void mlw_tickets_pass_early(struct mlw_process *process, uint32_t counter)
{
	for (uint32_t i = 0; i < process->early_count;) {
		struct mlw_early_ticket *early = &process->early[i];

		if (early->counter == counter &&
		    early->ticket == process->next_ticket[counter]) {
			process->next_ticket[counter]++;
			*early = process->early[--process->early_count];
			i = 0;
		} else {
			i++;
		}
	}
}

void mlw_ticket_apply_early(struct mlw_process *process,
                            const struct mlw_event_ticket *ticket)
{
	if (process->early_count < MLW_EARLY_TICKETS)
		process->early[process->early_count++] =
		        (struct mlw_early_ticket){ .counter = ticket->counter,
			                           .ticket = ticket->number };
}
