/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "record/objects.h"
#include "record/sys.h"
#include "record/verify.h"

/* Below this, pthread_setspecific keeps the value in the thread itself: no malloc. */
#define INLINE_KEYS     32u
#define WAIT_SLICE_NS   20000000
#define SPIN_PAUSES     4096
#define SPIN_NS         100000u /* what so many pauses take, or a little more */
#define KERNEL_SIGSET   8
#define LAST_EXIT_ROUND 3u
#define NO_TICK         UINT64_MAX
#define STUCK_MULTIPLE  3u

_Thread_local struct mlw_thread_local mlw_local;

/* Both survive a fork: the memory (wiped, so it can be used again) and the key. */
static struct mlw_thread *threads;
static pthread_key_t exit_key;
static bool exit_key_made;

static uint64_t now_ns(void)
{
	struct timespec now = { 0 };

	mlw_sys3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void block_signals(uint64_t *old)
{
	uint64_t all = UINT64_MAX;

	mlw_sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)old, KERNEL_SIGSET, 0,
	         0);
}

static void restore_signals(const uint64_t *old)
{
	mlw_sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)old, 0, KERNEL_SIGSET, 0, 0);
}

static struct mlw_thread *thread_memory(void)
{
	size_t size = MLW_RING_MAX * sizeof(struct mlw_thread);
	void *memory;

	if (threads)
		return threads;
	memory = mlw_sys_map(size);
	if (!memory)
		return NULL;
	if (mlw_sys3(SYS_madvise, (long)memory, (long)size, MADV_WIPEONFORK)) {
		mlw_sys_unmap(memory, size);
		return NULL;
	}
	threads = memory;
	return memory;
}

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

	thread->limit = limit < quarter ? limit : quarter;
}

static bool attach_ring(struct mlw_thread *thread, uint32_t index)
{
	struct mlw_ring *ring = &mlw_session->segment->rings[index];
	uint64_t *data = mlw_session_ring_data(index);
	uint32_t capacity = ring->capacity;

	if (!data || !capacity || (capacity & (capacity - 1)))
		return false;
	thread->tid = (uint32_t)mlw_sys3(SYS_gettid, 0, 0, 0);
	ring->tid = thread->tid;
	atomic_signal_fence(memory_order_seq_cst); /* see is_stale */
	thread->ring = ring;
	thread->ring_index = index;
	thread->data = data;
	thread->mask = capacity - 1;
	thread->head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	refresh_limit(thread, thread->head);
	return true;
}

/* From the second thread on, events take tickets. */
static void count_thread(struct mlw_session *session)
{
	if (atomic_fetch_add(&session->threads, 1) > 0)
		atomic_store(&session->segment->threaded, 1);
}

static void watch_exit(struct mlw_thread *thread)
{
	thread->exits_left = LAST_EXIT_ROUND;
	if (exit_key_made && exit_key < INLINE_KEYS)
		pthread_setspecific(exit_key, thread);
}

static bool prepare_stack(struct mlw_thread *thread)
{
	if (thread->stack)
		mlw_stack_reset(thread->stack);
	else
		thread->stack = mlw_stack_new();
	return thread->stack != NULL;
}

static void count_memory(struct mlw_thread *thread)
{
	size_t size = mlw_stack_size(thread->stack) + sizeof(*thread);

	atomic_fetch_add(&mlw_session->segment->tracer_size, size - thread->counted);
	thread->counted = size;
}

/* The thread of a struct is gone when its ring is free again, or another thread's. A
 * thread that changes its ring puts its tid there first. */
static bool is_stale(const struct mlw_thread *thread)
{
	const struct mlw_ring *ring = thread->ring;

	return !ring || ring->tid != thread->tid ||
	       atomic_load_explicit(&ring->state, memory_order_acquire) == MLW_RING_FREE;
}

/* Two may find the same one stale: who takes it looks again. */
static bool take_stale(struct mlw_thread *thread)
{
	uint32_t owned = MLW_THREAD_OWNED;

	if (!is_stale(thread) ||
	    !atomic_compare_exchange_strong(&thread->owned, &owned, MLW_THREAD_TAKEN))
		return false;
	if (is_stale(thread))
		return true;
	atomic_store(&thread->owned, MLW_THREAD_OWNED);
	return false;
}

static bool take_free(struct mlw_thread *thread)
{
	uint32_t owned = MLW_THREAD_FREE;

	return atomic_compare_exchange_strong(&thread->owned, &owned, MLW_THREAD_TAKEN);
}

static struct mlw_thread *take_used(struct mlw_thread *memory)
{
	uint32_t used = atomic_load(&mlw_session->thread_structs);

	for (uint32_t i = 0; i < used && i < MLW_RING_MAX; i++)
		if (take_free(&memory[i]) || take_stale(&memory[i]))
			return &memory[i];
	return NULL;
}

/* A struct for a thread that starts; it is TAKEN. A fresh one may be snatched away by
 * somebody who looks through the used ones. */
static struct mlw_thread *claim_struct(void)
{
	struct mlw_thread *memory = thread_memory();
	struct mlw_thread *found = NULL;

	while (memory && !found) {
		uint32_t index;

		found = take_used(memory);
		if (found)
			break;
		index = atomic_fetch_add(&mlw_session->thread_structs, 1);
		if (index >= MLW_RING_MAX)
			break;
		if (take_free(&memory[index]))
			found = &memory[index];
	}
	return found;
}

static void start_writing(struct mlw_thread *thread)
{
	const struct mlw_session *session = mlw_session;

	thread->run = session->run;
	thread->segment = session->segment;
	thread->special = session->config.verify_every || session->config.unwinder;
	thread->tick = NO_TICK;
	thread->generation = 0;
	thread->nesting = 0;
	thread->lost = 0;
	thread->lossy = false;
	thread->waiting_level = 0;
	thread->entry = MLW_NO_ENTRY;
}

static struct mlw_thread *make_thread(void)
{
	struct mlw_session *session = mlw_session;
	int index = mlw_session_claim(false);
	struct mlw_thread *thread;

	if (index < 0)
		return NULL;
	thread = claim_struct();
	if (!thread || !attach_ring(thread, (uint32_t)index) || !prepare_stack(thread)) {
		atomic_store(&session->segment->rings[index].state, MLW_RING_DONE);
		if (thread)
			atomic_store(&thread->owned, MLW_THREAD_FREE);
		return NULL;
	}
	start_writing(thread);
	count_thread(session);
	count_memory(thread);
	watch_exit(thread);
	atomic_store(&thread->owned, MLW_THREAD_OWNED);
	thread->user = &mlw_local;
	return thread;
}

static void thread_gone(void *value);
static void take_snapshot(int signal);

/* Only where the program has left the signal alone. */
static void watch_snapshot_signal(uint32_t number)
{
	struct sigaction old,
	        action = { .sa_handler = take_snapshot, .sa_flags = SA_RESTART };

	if (!number || sigaction((int)number, NULL, &old) || old.sa_handler != SIG_DFL)
		return;
	sigaction((int)number, &action, NULL);
}

/* What has to be done before any thread of the process records something, and takes no
 * lock: others may be waiting. */
static void prepare_session(void)
{
	/* The rules that a forked child inherited name modules that its collector has not
	 * been told of. */
	atomic_fetch_add(&mlw_generation, 1);
	if (!exit_key_made)
		exit_key_made = pthread_key_create(&exit_key, thread_gone) == 0;
}

/* What a process does once, after it met the collector. */
static void start_session_parts(void)
{
	const struct mlw_config *config = &mlw_session->config;

	mlw_objects_init();
	if (config->verify_every || config->unwinder == MLW_UNWINDER_LIBUNWIND)
		mlw_verify_init();
	watch_snapshot_signal(config->snapshot_signal);
}

static struct mlw_thread *start_blocked(void)
{
	struct mlw_thread *thread;
	bool first;

	if (!mlw_session_open(prepare_session, &first))
		return NULL;
	if (first)
		start_session_parts();
	thread = make_thread();
	if (!thread)
		mlw_session_lost(1);
	return thread;
}

static bool session_is_off(void)
{
	return mlw_session &&
	       atomic_load_explicit(&mlw_session->state, memory_order_relaxed) ==
	               MLW_SESSION_OFF;
}

/* Behind a filter nobody can join any more; what a process that is recorded does not
 * record is counted. */
static struct mlw_thread *unheard(void)
{
	if (mlw_session && atomic_load(&mlw_session->state) == MLW_SESSION_READY)
		mlw_session_lost(1);
	return NULL;
}

struct mlw_thread *mlw_thread_start(void)
{
	uint64_t mask;

	if (session_is_off() || mlw_local.starting)
		return NULL;
	if (mlw_sandboxed)
		return unheard();
	block_signals(&mask);
	mlw_local.starting = 1;
	mlw_local.thread = start_blocked();
	mlw_local.starting = 0;
	restore_signals(&mask);
	return mlw_local.thread;
}

/* One word, from the outermost level. */
static void put(struct mlw_thread *thread, enum mlw_event_type type, uint32_t arg,
                uint64_t value)
{
	uint64_t *word = mlw_thread_reserve(thread, 1);

	if (word)
		*word = mlw_word(type, arg, value);
}

/*
 * The time, where the collector's tick has moved on. A collector that sleeps has let its
 * tick go stale: then we look at the clock ourselves, and wake it.
 */
static void tell_time(struct mlw_thread *thread, uint64_t tick)
{
	uint64_t now = tick >> 1;

	if ((tick & MLW_TICK_IDLE) && !mlw_sandboxed) {
		now = (now_ns() - thread->run->start_ns) / 1000;
		mlw_session_wake();
	}
	put(thread, MLW_EVENT_TIME, 0, now);
	thread->tick = tick;
}

void mlw_thread_refresh(struct mlw_thread *thread)
{
	uint64_t tick = atomic_load_explicit(&thread->run->tick, memory_order_relaxed);
	uint32_t generation = mlw_current_generation();

	if (generation != thread->generation) {
		mlw_stack_reset(thread->stack);
		put(thread, MLW_EVENT_GENERATION, 0, generation);
		thread->generation = generation;
	}
	if (tick != thread->tick)
		tell_time(thread, tick);
	if (mlw_stack_size(thread->stack) + sizeof(*thread) != thread->counted)
		count_memory(thread);
}

static void drop_unpublished(struct mlw_thread *thread)
{
	thread->head = atomic_load_explicit(&thread->ring->head, memory_order_relaxed);
	thread->lost++;
	thread->lossy = true;
	thread->limit = 0;
	mlw_session_lost(1);
}

/* Where it cannot be asked it is: nothing is given up then. */
static bool on_signal_stack(void)
{
	stack_t current = { .ss_flags = SS_ONSTACK };

	mlw_sys3(SYS_sigaltstack, 0, (long)&current, 0);
	return current.ss_flags & SS_ONSTACK;
}

void mlw_thread_recover(struct mlw_thread *thread, const uintptr_t *frame)
{
	if (on_signal_stack())
		return;
	drop_unpublished(thread);
	thread->entry = frame;
	thread->waiting_level = 0;
	thread->nesting = 1;
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
	uint64_t now = mlw_sandboxed ? patience->spun_ns += SPIN_NS : now_ns();
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
	block_signals(&mask);
	if (thread->nesting == 1 && thread->head == start + count &&
	    thread->mask + 1 < MLW_RING_BIG_WORDS)
		index = mlw_session_claim(true);
	if (index >= 0 && attach_ring(thread, (uint32_t)index)) {
		old_data[start & old_mask] =
		        mlw_word(MLW_EVENT_SWITCH, 0, (uint64_t)index);
		atomic_store_explicit(&old->head, start + 1, memory_order_release);
		atomic_store_explicit(&old->state, MLW_RING_DONE, memory_order_release);
	} else {
		index = -1;
	}
	restore_signals(&mask);
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

	block_signals(&mask);
	waited = wait_for_room(thread, end);
	restore_signals(&mask);
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
	thread->tick = NO_TICK;
	mlw_stack_reset(thread->stack);
	refresh_limit(thread, start + 1);
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

static void take_snapshot(int signal)
{
	struct mlw_thread *thread = mlw_thread_enter(__builtin_frame_address(0));

	(void)signal;
	if (!thread)
		return;
	put(thread, MLW_EVENT_CONTROL, MLW_CONTROL_SNAPSHOT, 0);
	mlw_thread_leave(thread);
}

/*
 * Other destructors of thread-specific values may still allocate and free: we come back
 * as often as POSIX promises. After that libc frees what it keeps for the thread itself
 * (strerror's text, the resolver's state), which no hook of ours comes behind: the thread
 * keeps its ring, and the collector takes it back when the thread is gone.
 */
static void thread_gone(void *value)
{
	struct mlw_thread *thread = value;

	if (thread != mlw_local.thread || thread->user != &mlw_local)
		return;
	if (thread->exits_left-- > 0) {
		pthread_setspecific(exit_key, thread);
		return;
	}
	thread = mlw_thread_enter(__builtin_frame_address(0));
	if (!thread)
		return;
	put(thread, MLW_EVENT_CONTROL, MLW_CONTROL_THREAD_EXIT, 0);
	mlw_thread_leave(thread);
	atomic_store_explicit(&thread->ring->state, MLW_RING_LINGERING,
	                      memory_order_release);
}
