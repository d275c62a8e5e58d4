/* SPDX-License-Identifier: MIT */
#include "record/room.h"

#include <linux/futex.h>
#include <time.h>

#include "record/sys.h"

#define WAIT_SLICE_NS  20000000
#define SPIN_PAUSES    4096
#define SPIN_NS        100000u /* what so many pauses take, or a little more */
#define STUCK_MULTIPLE 3u
#define MOMENT_NS      1000000

/* How far head may go before we must look again: the room that the reader has left us,
 * the end of this lap, and a quarter of the ring, when a sleeping reader is woken. */
static void refresh_limit(struct mlw_thread *thread, uint64_t head)
{
	uint64_t capacity = thread->mask + 1;
	uint64_t tail = atomic_load_explicit(&thread->ring->tail, memory_order_acquire);
	uint64_t room = tail + capacity - MLW_RING_SPARE;
	uint64_t lap_end = (head | thread->mask) + 1;
	uint64_t quarter = head + capacity / 4;
	uint64_t limit = room < lap_end ? room : lap_end;
	uint32_t window =
	        atomic_load_explicit(&mlw_session->segment->window, memory_order_relaxed);

	if (window && window < capacity)
		quarter = head + window / 4;
	thread->limit = limit < quarter ? limit : quarter;
}

bool mlw_room_attach(struct mlw_thread *thread, uint32_t index)
{
	struct mlw_ring *ring = &mlw_session->segment->rings[index];
	uint64_t *data = mlw_session_ring_data(index);
	uint32_t capacity = ring->capacity, tid;

	if (!data || !capacity || (capacity & (capacity - 1)))
		return false;
	tid = (uint32_t)mlw_sys3(SYS_gettid, 0, 0, 0);
	__atomic_store_n(&thread->tid, tid, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->tid, tid, __ATOMIC_RELAXED);
	__atomic_store_n(&thread->ring, ring, __ATOMIC_RELEASE); /* see is_stale */
	thread->ring_index = index;
	thread->data = data;
	thread->mask = capacity - 1;
	thread->head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	refresh_limit(thread, thread->head);
	return true;
}

static void recording_ended(struct mlw_thread *thread)
{
	thread->user = NULL;
	mlw_session_off();
}

/* Waiting for the reader: how long it has shown no sign of life. */
struct patience {
	uint64_t heartbeat, tail;
	uint64_t alive_ns, moved_ns; /* when either last changed */
	uint64_t spun_ns; /* about how long, where no clock may be asked */
};

static bool out_of_patience(struct mlw_thread *thread, struct patience *patience)
{
	uint64_t stall = mlw_session->config.stall_ns;
	uint64_t now = mlw_sandboxed ? patience->spun_ns += SPIN_NS : mlw_sys_now_ns();
	uint64_t beat =
	        atomic_load_explicit(&thread->run->heartbeat, memory_order_relaxed);
	uint64_t tail = atomic_load_explicit(&thread->ring->tail, memory_order_relaxed);

	if (!patience->alive_ns || beat != patience->heartbeat)
		patience->alive_ns = now;
	if (!patience->moved_ns || tail != patience->tail)
		patience->moved_ns = now;
	patience->heartbeat = beat;
	patience->tail = tail;
	return now - patience->alive_ns > stall ||
	       now - patience->moved_ns > STUCK_MULTIPLE * stall;
}

static bool has_room(const struct mlw_thread *thread, uint64_t end)
{
	uint64_t tail = atomic_load_explicit(&thread->ring->tail, memory_order_acquire);

	return end <= tail + thread->mask + 1 - MLW_RING_SPARE;
}

static void spin(void)
{
	for (int i = 0; i < SPIN_PAUSES; i++)
		__builtin_ia32_pause();
}

static void wait_slice(struct mlw_thread *thread, uint64_t end)
{
	const struct timespec slice = { .tv_nsec = WAIT_SLICE_NS };
	struct mlw_ring *ring = thread->ring;
	uint32_t tail = (uint32_t)atomic_load(&ring->tail);

	atomic_store(&ring->waiting, 1);
	mlw_session_wake();
	if (mlw_sandboxed)
		spin();
	else if (!has_room(thread, end))
		mlw_sys6(SYS_futex, (long)&ring->tail, FUTEX_WAIT, tail, (long)&slice, 0,
		         0);
}

/* The reader can only read what is published; an interrupted hook publishes later. */
static bool can_ever_fit(const struct mlw_thread *thread, uint64_t end)
{
	uint64_t published =
	        atomic_load_explicit(&thread->ring->head, memory_order_relaxed);

	return end <= published + thread->mask + 1 - MLW_RING_SPARE;
}

/* False: the recording is over, or the reader has stalled. */
static bool wait_for_room(struct mlw_thread *thread, uint64_t end)
{
	struct patience patience = { 0 };

	if (has_room(thread, end))
		return true;
	if (thread->lossy || !can_ever_fit(thread, end))
		return false;
	while (!has_room(thread, end)) {
		if (thread->head > end && thread->waiting_level)
			return true; /* what interrupted us took the room: start again */
		if (mlw_session_collector_gone()) {
			recording_ended(thread);
			return false;
		}
		if (out_of_patience(thread, &patience))
			return false;
		wait_slice(thread, end);
	}
	return true;
}

/*
 * A thread that fills its ring goes on in a big one. The reservation [start, start +
 * count) is given back first; the SWITCH goes into the words that are always kept free.
 */
static bool switch_ring(struct mlw_thread *thread, uint64_t start, uint32_t count)
{
	struct mlw_ring *old = thread->ring;
	uint64_t *old_data = thread->data, old_mask = thread->mask, mask;
	int index = -1;

	if (mlw_sandboxed)
		return false;
	mlw_sys_block_signals(&mask);
	if (thread->nesting == 1 && thread->head == start + count &&
	    thread->mask + 1 < MLW_RING_BIG_WORDS)
		index = mlw_session_claim(true);
	if (index >= 0 && mlw_room_attach(thread, (uint32_t)index)) {
		old_data[start & old_mask] =
		        mlw_word(MLW_EVENT_SWITCH, 0, (uint64_t)index);
		atomic_store_explicit(&old->head, start + 1, memory_order_release);
		atomic_store_explicit(&old->state, MLW_RING_DONE, memory_order_release);
	} else {
		index = -1;
	}
	mlw_sys_restore_signals(&mask);
	return index >= 0;
}

/*
 * Gives back the words [start, start + count), unless a handler has taken more behind
 * them or a level below holds some: then we wait with ours in hand.
 */
static bool give_back(struct mlw_thread *thread, uint64_t start, uint32_t count)
{
	return thread->waiting_level + 1 == thread->nesting &&
	       mlw_local_swap(&thread->head, start + count, start);
}

/* What cannot give its words back keeps everybody's events from being published: no
 * further handler may come on top. */
static bool wait_with_words(struct mlw_thread *thread, uint64_t end)
{
	uint64_t mask = 0;
	bool waited;

	mlw_sys_block_signals(&mask);
	waited = wait_for_room(thread, end);
	mlw_sys_restore_signals(&mask);
	return waited;
}

/* Waits and reserves again, from *start on; false if waiting was in vain. */
static bool wait_in_turn(struct mlw_thread *thread, uint64_t *start, uint32_t count)
{
	uint32_t below = thread->waiting_level;
	bool waited;

	if (!give_back(thread, *start, count))
		return wait_with_words(thread, *start + count);
	thread->waiting_level = thread->nesting;
	waited = wait_for_room(thread, *start + count);
	thread->waiting_level = below;
	*start = mlw_local_add(&thread->head, count);
	return waited;
}

static void give_up(struct mlw_thread *thread, uint32_t count)
{
	mlw_local_add(&thread->head, -(uint64_t)count);
	thread->lossy = true;
	thread->limit = 0;
	thread->lost++;
	mlw_session_lost(1);
}

/*
 * There is room again after a loss: say how much is missing and start afresh. The event
 * at hand was made for a cursor that the reader no longer has, so it is lost as well.
 */
static void end_loss(struct mlw_thread *thread, uint64_t start, uint32_t count)
{
	uint64_t lost = thread->lost + 1;

	mlw_local_add(&thread->head, -(uint64_t)count);
	if (thread->nesting != 1 || thread->head != start ||
	    !has_room(thread, start + (thread->mask + 1) / 4)) {
		thread->lost++;
		mlw_session_lost(1);
		return;
	}
	thread->data[start & thread->mask] = mlw_word(MLW_EVENT_LOST, 0, lost);
	mlw_local_add(&thread->head, 1);
	atomic_fetch_sub(&mlw_session->segment->lost_events, thread->lost);
	thread->lost = 0;
	thread->lossy = false;
	thread->tick = thread->told_tick = MLW_NO_TICK;
	thread->scope = MLW_NO_SCOPE;
	mlw_stack_reset(thread->stack);
	refresh_limit(thread, start + 1);
}

/*
 * Somebody looks often, and a reader that is far behind would keep him waiting. `end`: of
 * the words in hand. It is a courtesy: once, and not for long.
 */
static void give_way(struct mlw_thread *thread, uint64_t end)
{
	const struct timespec moment = { .tv_nsec = MOMENT_NS };
	struct mlw_ring *ring = thread->ring;
	uint32_t window =
	        atomic_load_explicit(&thread->segment->window, memory_order_relaxed);
	uint64_t tail;

	if (!window || thread->nesting != 1 || mlw_sandboxed)
		return;
	atomic_store(&ring->waiting, 1);
	tail = atomic_load(&ring->tail);
	if (end - tail <= window)
		return;
	mlw_session_wake();
	mlw_sys6(SYS_futex, (long)&ring->tail, FUTEX_WAIT, (uint32_t)tail, (long)&moment,
	         0, 0);
}

static void pad(struct mlw_thread *thread, uint64_t start, uint64_t count)
{
	if (count)
		thread->data[start & thread->mask] = mlw_word(MLW_EVENT_PAD, 0, count);
}

uint64_t *mlw_thread_reserve_slow(struct mlw_thread *thread, uint64_t start,
                                  uint32_t count)
{
	for (;;) {
		uint64_t lap_end = (start | thread->mask) + 1;

		if (thread->lossy) {
			end_loss(thread, start, count);
			return NULL;
		}
		if (!has_room(thread, start + count) &&
		    switch_ring(thread, start, count)) {
			start = mlw_local_add(&thread->head, count);
			continue;
		}
		if (!wait_in_turn(thread, &start, count)) {
			give_up(thread, count);
			return NULL;
		}
		if (!has_room(thread, start + count))
			continue;
		lap_end = (start | thread->mask) + 1;
		if (atomic_load_explicit(&thread->run->sleeping, memory_order_relaxed))
			mlw_session_wake();
		give_way(thread, start + count);
		if (start + count <= lap_end) {
			refresh_limit(thread, start + count);
			return thread->data + (start & thread->mask);
		}
		pad(thread, start, lap_end - start);
		pad(thread, lap_end, start + count - lap_end);
		start = mlw_local_add(&thread->head, count);
		if (start + count <= thread->limit)
			return thread->data + (start & thread->mask);
	}
}
