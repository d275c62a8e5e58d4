/* SPDX-License-Identifier: MIT */
#ifndef MLW_DECODE_H
#define MLW_DECODE_H

/*
 * Ring words become operations: the reader's half of wire/event.h. Every type, length,
 * index and id is checked; what makes no sense is counted as damaged, and the rest of
 * what its writer has published by then is skipped.
 */

#include "collect/process.h"
#include "collect/run.h"

/* Why decoding stopped. */
enum mlw_stop {
	MLW_STOP_EMPTY = 0, /* all that was published has been read */
	MLW_STOP_TICKET = 1, /* the next event is not next in its counter (or has a
	                        ticket at all, when only those without were wanted) */
	MLW_STOP_TIME = 2, /* the next event happened after the horizon */
	MLW_STOP_SWITCH = 3, /* the thread goes on in another ring */
};

struct mlw_decoder {
	struct mlw_run *run; /* borrowed */
	struct mlw_run_page *page; /* borrowed; NULL: nobody looks at the time */
	uint64_t start_ns;
	uint64_t now_us; /* as of the latest look at the heads */
	uint64_t next_us; /* after MLW_STOP_TIME: when the next event happened */
	uint64_t last_tick_us, tick_events; /* when the tick was last stored, and
	                                       run->events then */
	uint64_t resolution_us; /* longest distance between two ticks so far */
	uint64_t words; /* read so far */
};

void mlw_decoder_init(struct mlw_decoder *decoder, struct mlw_run *run,
                      struct mlw_run_page *page, uint64_t start_ns);

/* Microseconds since the start of the run. */
uint64_t mlw_decoder_clock(const struct mlw_decoder *decoder);

/* Publishes time and heartbeat. */
void mlw_decoder_pulse(struct mlw_decoder *decoder);

/*
 * Divides time. Returns a time such that every event that any thread begins from now on
 * tells a later one, and every event that was published before tells this or an earlier
 * one. So what has happened by then, as a look at the rings after this call sees it, is a
 * state that all threads can agree upon: if an event is in it, then so is everything that
 * the event's thread can have known of.
 */
uint64_t mlw_decoder_cut(struct mlw_decoder *decoder);

/*
 * Applies the events of `view` up to its head that happened by `horizon_us`. With
 * `unticketed` it stops at the first event that has a ticket.
 */
enum mlw_stop mlw_decode(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                         uint64_t horizon_us, bool unticketed);

/* Is there an event with this ticket in what `view` has published? */
bool mlw_decode_holds(const struct mlw_ring_view *view, uint32_t counter,
                      uint32_t ticket);

#endif /* MLW_DECODE_H */
