/* SPDX-License-Identifier: MIT */
#include "collect/order.h"

#include <stdlib.h>

#include "base/array.h"
#include "collect/ring.h"

#define GAP_PATIENCE_US    1000000u
#define LOSSY_PATIENCE_US  50000u
#define ORPHAN_PATIENCE_US 1000000u

void mlw_order_release(struct mlw_order *order)
{
	if (!order)
		return;
	free(order->active);
	*order = (struct mlw_order){ 0 };
}

static uint64_t end_of_round(const struct mlw_order *order)
{
	return order->cut_us ? order->cut_us : UINT64_MAX;
}

static bool is_read(const struct mlw_process *process)
{
	return process->met && process->blocks && !process->finished;
}

static bool is_big(const struct mlw_ring_view *view)
{
	size_t index = (size_t)(view - view->process->views);

	return index >= MLW_RINGS_FIRST && index < MLW_RINGS_FIRST + MLW_RINGS_BIG;
}

/* Has a ring of the same process, whose thread is known, something that may be a SWITCH?
 */
static bool may_switch(const struct mlw_order *order, const struct mlw_process *process)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct mlw_ring_view *other = order->active[i];

		if (other->process == process && other->tail != other->head &&
		    (other->thread || !is_big(other)))
			return true;
	}
	return false;
}

/*
 * A big ring is written only by a thread that said SWITCH: until that has been read, it
 * is not known whose it is. It comes in time, unless it was lost: of a process that is
 * gone, when no other ring has anything left.
 */
static bool is_orphan(const struct mlw_order *order, struct mlw_ring_view *view,
                      uint64_t now_us)
{
	if (view->thread || !is_big(view))
		return false;
	if (view->process->gone)
		return may_switch(order, view->process);
	if (!view->orphan_since_us)
		view->orphan_since_us = now_us;
	return now_us < view->orphan_since_us + ORPHAN_PATIENCE_US;
}

/*
 * Whoever goes on in an orphan has said so behind what its thread did before. Where that
 * is later than the cut, so is the orphan; but its SWITCH may have come after our look,
 * so that it is not believed at once.
 */
static bool is_behind_cut(const struct mlw_order *order, const struct mlw_ring_view *view,
                          uint64_t now_us)
{
	if (!order->cut_us || view->orphan_since_us == now_us)
		return false;
	for (size_t i = 0; i < order->count; i++)
		if (order->active[i]->process == view->process &&
		    order->active[i]->is_later)
			return true;
	return false;
}

static int activate(struct mlw_order *order, struct mlw_ring_view *view,
                    struct mlw_error *err)
{
	if (mlw_grow(&order->active, &order->capacity, order->count + 1,
	             sizeof(*order->active), err))
		return -1;
	order->active[order->count++] = view;
	return 0;
}

static void look_at(struct mlw_order *order, struct mlw_decoder *decoder,
                    struct mlw_ring_view *view)
{
	struct mlw_error err;

	if (!mlw_ring_look(view, &decoder->run->damaged_events))
		return;
	if (activate(order, view, &err))
		mlw_run_died(decoder->run, &err);
}

/* The first thread's ring last: what it did before the first ticket is then in sight
 * whenever a ticket is. */
static void look_at_rings(struct mlw_order *order, struct mlw_decoder *decoder,
                          struct mlw_process *process)
{
	for (uint32_t i = 0; i < process->ring_count; i++)
		if (i != process->first_ring)
			look_at(order, decoder, &process->views[i]);
	look_at(order, decoder, &process->views[process->first_ring]);
}

static void read_modules(struct mlw_run *run, struct mlw_process *process)
{
	struct mlw_error err;
	int damaged = mlw_module_map_read(&process->modules, &run->modules,
	                                  process->shared.segment, &err);

	if (damaged < 0)
		mlw_run_died(run, &err);
	else
		run->damaged_events += (uint64_t)damaged;
}

static void look(struct mlw_order *order, struct mlw_decoder *decoder,
                 struct mlw_process *processes)
{
	order->count = 0;
	for (struct mlw_process *process = processes; process; process = process->next)
		if (is_read(process))
			look_at_rings(order, decoder, process);
	for (struct mlw_process *process = processes; process; process = process->next)
		if (is_read(process))
			read_modules(decoder->run, process);
	decoder->now_us = mlw_decoder_clock(decoder);
}

/* The ring in which a thread goes on was perhaps empty when we looked. */
static void follow_switch(struct mlw_order *order, struct mlw_decoder *decoder,
                          struct mlw_process *process)
{
	for (uint32_t i = MLW_RINGS_FIRST; i < process->ring_count; i++) {
		struct mlw_ring_view *view = &process->views[i];
		bool known = view->head != view->tail;

		if (view->thread && !known)
			look_at(order, decoder, view);
	}
	read_modules(decoder->run, process);
	decoder->now_us = mlw_decoder_clock(decoder);
}

static bool has_company(const struct mlw_order *order, const struct mlw_process *process)
{
	size_t count = 0;

	for (size_t i = 0; i < order->count; i++)
		count += order->active[i]->process == process;
	return count > 1;
}

/* What the first thread did alone. */
static void read_prelude(struct mlw_order *order, struct mlw_decoder *decoder,
                         struct mlw_process *process)
{
	enum mlw_stop stop;

	do {
		stop = mlw_decode(decoder, &process->views[process->first_ring],
		                  end_of_round(order), true);
		if (stop == MLW_STOP_SWITCH)
			follow_switch(order, decoder, process);
	} while (stop == MLW_STOP_SWITCH);
	process->ticketed = stop == MLW_STOP_TICKET;
}

static void read_preludes(struct mlw_order *order, struct mlw_decoder *decoder,
                          struct mlw_process *processes)
{
	for (struct mlw_process *process = processes; process; process = process->next)
		if (is_read(process) && !process->ticketed && has_company(order, process))
			read_prelude(order, decoder, process);
}

/* The bound of the peak over what has been done since the last call. */
static void close_interval(struct mlw_order *order, uint64_t live)
{
	uint64_t bound = live;
	size_t threads = 0;

	for (size_t i = 0; i < order->count; i++) {
		struct mlw_thread *thread = order->active[i]->thread;

		if (!thread || !thread->pass_active)
			continue;
		threads++;
		bound += (uint64_t)thread->pass_peak;
		thread->pass_size = thread->pass_peak = 0;
		thread->pass_active = false;
	}
	if (threads > 1 && bound > order->peak_bound)
		order->peak_bound = bound;
}

/* All that happened by `horizon`; `next` becomes the time of what comes first after it
 * (UINT64_MAX: nothing). True if anything was read. */
static bool pass(struct mlw_order *order, struct mlw_decoder *decoder, uint64_t horizon,
                 uint64_t *next)
{
	bool moved = false;

	*next = UINT64_MAX;
	order->waiting = 0;
	for (size_t i = 0; i < order->count; i++) {
		struct mlw_ring_view *view = order->active[i];
		uint64_t before = view->tail;
		enum mlw_stop stop;

		if (is_orphan(order, view, decoder->now_us)) {
			order->waiting += !is_behind_cut(order, view, decoder->now_us);
			continue;
		}
		stop = mlw_decode(decoder, view, horizon, false);
		view->is_later = stop == MLW_STOP_TIME;
		if (stop == MLW_STOP_TIME && decoder->next_us < *next)
			*next = decoder->next_us;
		if (stop == MLW_STOP_SWITCH)
			follow_switch(order, decoder, view->process);
		order->waiting += stop == MLW_STOP_TICKET;
		moved |= view->tail != before;
	}
	return moved;
}

static void read_in_order(struct mlw_order *order, struct mlw_decoder *decoder)
{
	uint64_t end = end_of_round(order);
	uint64_t horizon = order->count == 1 ? end : 0, next = 0;

	order->waiting = 0;
	while (next != UINT64_MAX && next <= end) {
		uint64_t live, count;

		mlw_heap_held(decoder->run->heap, &live, &count);
		while (pass(order, decoder, horizon, &next))
			;
		close_interval(order, live);
		horizon = next;
	}
}

/* The event interrupted itself: the ticket that it waits for is behind it. Each state of
 * a ring is searched once. */
static bool waits_for_itself(struct mlw_ring_view *view)
{
	uint32_t counter = view->wanted_counter;

	if (view->searched_head == view->head && view->blocked_tail == view->tail)
		return false;
	view->searched_head = view->head;
	view->blocked_tail = view->tail;
	return mlw_decode_holds(view, counter, view->process->next_ticket[counter]);
}

static bool is_patient(struct mlw_ring_view *view, uint64_t now_us)
{
	uint64_t patience = view->process->lossy ? LOSSY_PATIENCE_US : GAP_PATIENCE_US;

	if (!view->blocked_since_us)
		view->blocked_since_us = now_us;
	return !view->process->gone && now_us < view->blocked_since_us + patience;
}

static uint32_t ticket_distance(const struct mlw_ring_view *view)
{
	return view->wanted_ticket - view->process->next_ticket[view->wanted_counter];
}

/* What waits too long; of several, what is nearest to its turn. */
static struct mlw_ring_view *find_gap(struct mlw_order *order, uint64_t now_us)
{
	struct mlw_ring_view *nearest = NULL;

	for (size_t i = 0; i < order->count; i++) {
		struct mlw_ring_view *view = order->active[i];

		if (!view->blocked)
			view->blocked_since_us = 0;
		else if (!is_patient(view, now_us) &&
		         (!nearest || ticket_distance(view) < ticket_distance(nearest)))
			nearest = view;
	}
	return nearest;
}

/* After all that could be read: may a ring that waits go on all the same? */
static bool resolve_waiting(struct mlw_order *order, uint64_t now_us)
{
	struct mlw_ring_view *gap;
	bool forced = false;

	for (size_t i = 0; i < order->count; i++) {
		struct mlw_ring_view *view = order->active[i];

		if (view->blocked && waits_for_itself(view))
			forced = view->forced = true;
	}
	if (forced)
		return true;
	gap = find_gap(order, now_us);
	if (gap)
		gap->process->next_ticket[gap->wanted_counter] = gap->wanted_ticket;
	return gap != NULL;
}

/* A forked child of which its parent has not told yet: what it did by now is to come. */
static bool is_awaited(const struct mlw_process *process)
{
	return process->met && !process->blocks && !process->finished;
}

static void free_done_rings(struct mlw_decoder *decoder, struct mlw_process *process)
{
	for (uint32_t i = 0; i < process->ring_count; i++) {
		struct mlw_ring_view *view = &process->views[i];

		if (mlw_process_ring_is_over(process, view))
			mlw_process_free_ring(process, decoder->run, view,
			                      decoder->now_us);
	}
}

uint64_t mlw_order_round(struct mlw_order *order, struct mlw_decoder *decoder,
                         struct mlw_process *processes)
{
	uint64_t words = decoder->words;

	look(order, decoder, processes);
	read_preludes(order, decoder, processes);
	do {
		read_in_order(order, decoder);
	} while (resolve_waiting(order, decoder->now_us));
	for (size_t i = 0; i < order->count; i++)
		mlw_ring_tell(order->active[i]);
	for (struct mlw_process *process = processes; process; process = process->next) {
		order->waiting += is_awaited(process);
		if (is_read(process) && !process->gone)
			free_done_rings(decoder, process);
	}
	return decoder->words - words;
}

bool mlw_order_pending(const struct mlw_process *processes)
{
	for (; processes; processes = processes->next)
		for (uint32_t i = 0; is_read(processes) && i < processes->ring_count; i++)
			if (atomic_load(&processes->views[i].ring->head) !=
			    processes->views[i].tail)
				return true;
	return false;
}
