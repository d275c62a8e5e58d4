/* SPDX-License-Identifier: MIT */
#include "collect/decode.h"

#include <time.h>

#include "collect/pairs.h"
#include "collect/resolve.h"
#include "collect/ring.h"
#include "collect/scopes.h"
#include "collect/stacks.h"
#include "collect/ticket.h"

#define PULSE_US   500u
#define CUT_US     5u
#define FAR_WORDS  16u
#define NEAR_WORDS 8u
#define DAMAGED    (-1)

void mlw_decoder_init(struct mlw_decoder *decoder, struct mlw_run *run,
                      struct mlw_run_page *page, uint64_t start_ns)
{
	*decoder = (struct mlw_decoder){ .run = run, .page = page, .start_ns = start_ns };
}

uint64_t mlw_decoder_clock(const struct mlw_decoder *decoder)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec -
	        decoder->start_ns) /
	       1000;
}

/*
 * The resolution of time: two events of different threads between two ticks cannot be
 * told apart. Ticks between which nothing was recorded separate nothing.
 */
void mlw_decoder_pulse(struct mlw_decoder *decoder)
{
	uint64_t now = mlw_decoder_clock(decoder);
	uint64_t distance = now - decoder->last_tick_us;

	if (decoder->run->events != decoder->tick_events && decoder->last_tick_us &&
	    distance > decoder->resolution_us)
		decoder->resolution_us = distance;
	decoder->tick_events = decoder->run->events;
	decoder->last_tick_us = now;
	if (!decoder->page)
		return;
	atomic_store_explicit(&decoder->page->tick, now << 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&decoder->page->heartbeat, 1, memory_order_relaxed);
}

/*
 * A tick of the near future is published, and only then the clock is looked at: if it has
 * not come so far yet, then neither had that of a thread that went by its own (because
 * the tick was idle). The fence puts the look at the rings behind the tick.
 */
uint64_t mlw_decoder_cut(struct mlw_decoder *decoder)
{
	uint64_t tick;

	do {
		tick = mlw_decoder_clock(decoder) + CUT_US;
		if (decoder->page)
			atomic_store(&decoder->page->tick, tick << 1);
		atomic_thread_fence(memory_order_seq_cst);
	} while (mlw_decoder_clock(decoder) >= tick);
	while (mlw_decoder_clock(decoder) < tick)
		; /* a time in the future would not be believed */
	decoder->last_tick_us = tick;
	return tick - 1;
}

/* How many words an event of each type has; `ticket`: one more when it has a ticket. What
 * says by itself how long it is, and what is no event, has 0 here. */
static const struct {
	uint8_t words, ticket;
} shapes[16] = {
	[MLW_EVENT_ALLOC] = { 2, 0 },        [MLW_EVENT_REALLOC_ALLOC] = { 2, 0 },
	[MLW_EVENT_FREE] = { 1, 1 },         [MLW_EVENT_REALLOC_FREE] = { 1, 1 },
	[MLW_EVENT_REALLOC_UNDO] = { 1, 1 }, [MLW_EVENT_MAP] = { 3, 0 },
	[MLW_EVENT_UNMAP] = { 3, 0 },        [MLW_EVENT_TIME] = { 1, 0 },
	[MLW_EVENT_GENERATION] = { 1, 0 },   [MLW_EVENT_LOST] = { 1, 0 },
	[MLW_EVENT_SWITCH] = { 1, 0 },       [MLW_EVENT_SIZE] = { 1, 0 },
	[MLW_EVENT_CONTROL] = { 1, 0 },      [MLW_EVENT_POOL] = { 5, 0 },
};

/* How many words an event has, by its first; 0: no event begins like this. */
static inline uint64_t event_words(uint64_t word)
{
	enum mlw_event_type type = mlw_word_type(word);
	uint64_t words = shapes[type].words;

	if (words)
		return words +
		       (mlw_word_arg(word) & MLW_ARG_TICKET ? shapes[type].ticket : 0);
	if (type == MLW_EVENT_STACK)
		return 1 + (mlw_word_value(word) >> 16 & 0xffff);
	return type == MLW_EVENT_PAD ? mlw_word_value(word) : 0;
}

/* Does an event that begins with `word` lie whole before head and before the ring's end?
 * What a PAD skips is never read, so only head limits it. */
static bool is_whole(const struct mlw_ring_view *view, uint64_t at, uint64_t word,
                     uint64_t words)
{
	if (!words || words > view->head - at)
		return false;
	return mlw_word_type(word) == MLW_EVENT_PAD ||
	       (at & view->mask) + words <= view->mask + UINT64_C(1);
}

static inline int take_alloc(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                             uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	struct mlw_memo *stack = mlw_stack_of(thread, mlw_word_arg(word));
	uint32_t trace = mlw_trace_of(run, thread, stack);
	uint64_t size = thread->size_high << 32 | (uint32_t)mlw_ring_word(view, at + 1);

	if (!trace || !mlw_heap_has_room(run->heap, trace) || !mlw_run_counts(run, size))
		return DAMAGED;
	thread->size_high = 0;
	thread->detached.valid = false;
	if (mlw_word_type(word) == MLW_EVENT_ALLOC)
		mlw_resolve_alloc(run, thread, mlw_word_value(word), size, trace);
	else
		mlw_resolve_realloc_alloc(run, thread, mlw_word_value(word), size, trace);
	return 0;
}

static int take_map(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                    uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	const struct mlw_memo stack = *mlw_stack_of(thread, mlw_word_arg(word));
	uint64_t size = mlw_ring_word(view, at + 1), address = mlw_word_value(word);
	uint32_t kind = (uint32_t)(mlw_ring_word(view, at + 2) >> 32), trace;

	thread->detached.valid = false;
	if (kind >= MLW_MAP_TRACKED)
		return mlw_domains_track(run, thread, kind, &stack, address, size)
		               ? 0
		               : DAMAGED;
	if (!size || size > UINT64_MAX - address ||
	    (kind != MLW_MAP_MMAP && kind != MLW_MAP_BRK))
		return DAMAGED;
	mlw_resolve_unmap(run, thread, address, size);
	trace = mlw_run_trace(run, stack.node, stack.truncated || !stack.valid,
	                      thread->context,
	                      kind == MLW_MAP_BRK ? MLW_DOMAIN_BRK : MLW_DOMAIN_MMAP);
	if (!trace || !mlw_run_counts(run, size))
		return DAMAGED;
	mlw_resolve_map(run, thread, address, size, trace);
	return 0;
}

static int take_unmap(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                      uint64_t word)
{
	uint64_t size = mlw_ring_word(view, at + 1), address = mlw_word_value(word);
	uint32_t kind = (uint32_t)(mlw_ring_word(view, at + 2) >> 32);

	if (kind >= MLW_MAP_TRACKED)
		return mlw_domains_untrack(run, view->thread, kind, address) ? 0
		                                                             : DAMAGED;
	if (size > UINT64_MAX - address)
		return DAMAGED;
	mlw_resolve_unmap(run, view->thread, address, size);
	return 0;
}

static int take_pool(struct mlw_run *run, struct mlw_ring_view *view, uint64_t at,
                     uint64_t word)
{
	struct mlw_thread *thread = view->thread;
	uint64_t op = mlw_ring_word(view, at + 1) >> 32;
	const struct mlw_memo stack = *mlw_stack_of(thread, mlw_word_arg(word));
	const struct mlw_pool_event event = {
		.pool = mlw_word_value(word),
		.op = op & 0xff,
		.kind = op >> 8 & 0xffff,
		.address = mlw_ring_word(view, at + 2),
		.size = mlw_ring_word(view, at + 3),
		.block_size = mlw_ring_word(view, at + 4),
	};

	if (event.op == MLW_POOL_ALLOC)
		thread->detached.valid = false;
	return mlw_pools_take(run, thread, &stack, &event) ? 0 : DAMAGED;
}

static int take_switch(struct mlw_ring_view *view, uint64_t index)
{
	struct mlw_process *process = view->process;
	struct mlw_ring_view *target;

	if (index >= process->ring_count)
		return DAMAGED;
	target = &process->views[index];
	if (target == view || target->thread)
		return DAMAGED;
	if (&process->views[process->first_ring] == view)
		process->first_ring = (uint32_t)index;
	target->thread = view->thread;
	view->thread = NULL;
	return 0;
}

static void take_lost(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                      uint64_t count)
{
	decoder->run->lost_events += count;
	view->process->lost_events += count;
	view->process->lossy = true;
	mlw_thread_reset(view->thread);
}

/* Of one thread this very place is the snapshot's; of several it is not a moment. */
static void take_signal(struct mlw_run *run, const struct mlw_process *process)
{
	if (process->ticketed)
		run->snapshot_signalled = true;
	else
		mlw_run_snapshot(run, "signal", run->time_us);
}

static int take_control(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                        uint32_t control, uint64_t value)
{
	struct mlw_process *process = view->process;

	switch (control) {
	case MLW_CONTROL_FORK:
		view->thread->fork_sequence = value;
		mlw_process_forked(process, decoder->run, value, decoder->now_us);
		return 0;
	case MLW_CONTROL_CHILD:
		mlw_process_fork_child(process, view->thread->fork_sequence,
		                       (int32_t)value);
		return 0;
	case MLW_CONTROL_EXEC:
		process->exec_tried = true;
		process->exec_us = decoder->now_us;
		return 0;
	case MLW_CONTROL_EXEC_FAILED:
		process->exec_tried = false;
		return 0;
	case MLW_CONTROL_EXIT:
		process->exit_value = (int)(value & 0xff);
		return 0;
	case MLW_CONTROL_THREAD_EXIT:
		view->thread->ended = true;
		return 0;
	case MLW_CONTROL_SNAPSHOT:
		take_signal(decoder->run, process);
		return 0;
	case MLW_CONTROL_REALLOC_END:
		mlw_resolve_realloc_end(decoder->run, view->thread);
		return 0;
	case MLW_CONTROL_SCOPE:
		return mlw_scopes_enter(decoder->run, view->thread, value) ? 0 : DAMAGED;
	}
	return DAMAGED;
}

static int take_generation(struct mlw_ring_view *view, uint64_t generation)
{
	mlw_thread_reset(view->thread);
	view->thread->generation = (uint32_t)generation;
	return generation > UINT32_MAX ? DAMAGED : 0;
}

/* What is not allocated or freed: rare, but for STACK. */
static int take_other(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                      uint64_t at, uint64_t word)
{
	struct mlw_run *run = decoder->run;
	uint64_t value = mlw_word_value(word);

	switch (mlw_word_type(word)) {
	case MLW_EVENT_STACK:
		return mlw_stack_event_take(run, view, at, word);
	case MLW_EVENT_GENERATION:
		return take_generation(view, value);
	case MLW_EVENT_LOST:
		take_lost(decoder, view, value);
		return 0;
	case MLW_EVENT_MAP:
		return take_map(run, view, at, word);
	case MLW_EVENT_UNMAP:
		return take_unmap(run, view, at, word);
	case MLW_EVENT_POOL:
		return take_pool(run, view, at, word);
	case MLW_EVENT_SIZE:
		if (value > MLW_SIZE_MOST >> 32)
			return DAMAGED;
		view->thread->size_high = value;
		return 0;
	case MLW_EVENT_CONTROL:
		return take_control(decoder, view, mlw_word_arg(word), value);
	default:
		return 0;
	}
}

static inline int take(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                       uint64_t at, uint64_t word)
{
	switch (mlw_word_type(word)) {
	case MLW_EVENT_ALLOC:
	case MLW_EVENT_REALLOC_ALLOC:
		return take_alloc(decoder->run, view, at, word);
	case MLW_EVENT_FREE:
		mlw_resolve_free(decoder->run, view->thread, mlw_word_value(word));
		return 0;
	case MLW_EVENT_REALLOC_FREE:
		mlw_resolve_realloc_free(decoder->run, view->thread,
		                         mlw_word_value(word));
		return 0;
	case MLW_EVENT_REALLOC_UNDO:
		mlw_resolve_realloc_undo(decoder->run, view->thread);
		return 0;
	default:
		return take_other(decoder, view, at, word);
	}
}

static void skip_damage(struct mlw_run *run, struct mlw_ring_view *view)
{
	run->damaged_events++;
	view->tail = view->head;
	if (view->thread)
		mlw_thread_reset(view->thread);
}

/* Room for a writer that is far ahead, and signs of life for one that waits. */
static void advance(struct mlw_decoder *decoder, struct mlw_ring_view *view, uint64_t at)
{
	view->tail = at;
	if (!mlw_ring_should_tell(view, at))
		return;
	mlw_ring_tell(view);
	if (mlw_decoder_clock(decoder) > decoder->last_tick_us + PULSE_US)
		mlw_decoder_pulse(decoder);
}

/* A TIME event beyond the horizon stays where it is. The future is not believed. */
static bool take_time(struct mlw_decoder *decoder, struct mlw_thread *thread,
                      uint64_t time_us, uint64_t horizon_us)
{
	if (time_us > decoder->now_us)
		time_us = decoder->now_us;
	if (time_us > horizon_us) {
		decoder->next_us = time_us;
		return false;
	}
	if (time_us > thread->time_us)
		thread->time_us = time_us;
	return true;
}

/*
 * Asks the processor for what events will need that are some way behind the one at `at`:
 * first where a block is or goes, then what is known of it. The words there are addresses
 * more often than not; a wrong guess costs nothing.
 */
static inline void prefetch(const struct mlw_ring_view *view, uint64_t at)
{
	const struct mlw_blocks *blocks = view->process->blocks;
	uint64_t near;

	if (at + FAR_WORDS >= view->head || !mlw_blocks_are_many(blocks))
		return;
	near = mlw_ring_word(view, at + NEAR_WORDS);
	mlw_blocks_prefetch(blocks, mlw_word_value(mlw_ring_word(view, at + FAR_WORDS)));
	if (mlw_word_type(near) == MLW_EVENT_FREE)
		mlw_blocks_prefetch_block(blocks, mlw_word_value(near));
}

/* One event at `at`: MLW_STOP_EMPTY to go on behind it. */
static inline enum mlw_stop step(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                                 uint64_t at, uint64_t word, uint64_t horizon_us,
                                 bool unticketed)
{
	struct mlw_event_ticket ticket;

	if (mlw_ticket_of(view, at, word, &ticket)) {
		if (unticketed || !mlw_ticket_is_due(view, &ticket))
			return MLW_STOP_TICKET;
	} else if (mlw_word_type(word) == MLW_EVENT_TIME &&
	           !take_time(decoder, view->thread, mlw_word_value(word), horizon_us)) {
		return MLW_STOP_TIME;
	}
	if (mlw_word_type(word) == MLW_EVENT_SWITCH) {
		if (!take_switch(view, mlw_word_value(word)))
			return MLW_STOP_SWITCH;
		skip_damage(decoder->run, view);
	} else if (take(decoder, view, at, word)) {
		skip_damage(decoder->run, view);
	}
	return MLW_STOP_EMPTY;
}

/*
 * An allocation or a free without a ticket, as nearly all are: the words that it has, of
 * an allocation whose block is freed at once both together. 0, and nothing was done: it is
 * something else.
 */
static inline uint64_t take_plain(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                                  uint64_t at, uint64_t word)
{
	uint64_t kind = word & (MLW_ARG_TICKET << 4 | 15), left = view->head - at;

	if (kind == MLW_EVENT_FREE) {
		prefetch(view, at);
		mlw_resolve_free(decoder->run, view->thread, mlw_word_value(word));
		return 1;
	}
	if (kind != MLW_EVENT_ALLOC || left < 2 || (at & view->mask) == view->mask)
		return 0;
	if (left > 2 &&
	    mlw_ring_word(view, at + 2) == mlw_word(MLW_EVENT_FREE, 0, word >> 16) &&
	    mlw_pair_take_malloc(decoder->run, view, at, word))
		return PAIR_WORDS;
	prefetch(view, at);
	return take_alloc(decoder->run, view, at, word) ? 0 : 2;
}

static enum mlw_stop decode_events(struct mlw_decoder *decoder,
                                   struct mlw_ring_view *view, uint64_t horizon_us,
                                   bool unticketed)
{
	while (view->tail != view->head) {
		uint64_t at = view->tail, word = mlw_ring_word(view, at);
		uint64_t words = take_plain(decoder, view, at, word), pair;
		enum mlw_stop stop;

		if (words) {
			advance(decoder, view, at + words);
			if (decoder->run->dead)
				break;
			continue;
		}
		words = event_words(word);
		if (!is_whole(view, at, word, words)) {
			skip_damage(decoder->run, view);
			break;
		}
		pair = mlw_pair_take(decoder->run, view, at, word, unticketed);
		if (pair) {
			advance(decoder, view, at + pair);
			continue;
		}
		prefetch(view, at);
		stop = step(decoder, view, at, word, horizon_us, unticketed);
		if (stop == MLW_STOP_TIME || stop == MLW_STOP_TICKET)
			return stop;
		if (view->tail == at)
			advance(decoder, view, at + words);
		if (stop == MLW_STOP_SWITCH)
			return stop;
		if (decoder->run->dead)
			break;
	}
	return MLW_STOP_EMPTY;
}

enum mlw_stop mlw_decode(struct mlw_decoder *decoder, struct mlw_ring_view *view,
                         uint64_t horizon_us, bool unticketed)
{
	uint64_t before = view->tail;
	struct mlw_thread *thread;
	enum mlw_stop stop;

	if (view->tail == view->head)
		return MLW_STOP_EMPTY;
	thread = mlw_process_thread(view->process, decoder->run, view, decoder->now_us);
	if (!thread || decoder->run->dead) {
		view->tail = view->head;
		return MLW_STOP_EMPTY;
	}
	if (thread->time_us > horizon_us) {
		decoder->next_us = thread->time_us;
		return MLW_STOP_TIME;
	}
	stop = decode_events(decoder, view, horizon_us, unticketed);
	view->blocked = stop == MLW_STOP_TICKET && !unticketed;
	view->forced = false;
	if (view->tail != before)
		view->blocked_since_us = 0;
	decoder->words += view->tail - before;
	return stop;
}

bool mlw_decode_holds(const struct mlw_ring_view *view, uint32_t counter, uint32_t number)
{
	struct mlw_event_ticket ticket;

	for (uint64_t at = view->tail; at != view->head;) {
		uint64_t word = mlw_ring_word(view, at), words = event_words(word);

		if (!is_whole(view, at, word, words))
			return false;
		if (mlw_ticket_of(view, at, word, &ticket) && ticket.counter == counter &&
		    ticket.number == number)
			return true;
		at += words;
	}
	return false;
}
