/* SPDX-License-Identifier: MIT */
#ifndef MLW_THREAD_H
#define MLW_THREAD_H

/*
 * A traced thread as the writer of its ring.
 *
 *	struct mlw_thread *thread = mlw_thread_enter(__builtin_frame_address(0));
 *
 *	if (thread) {
 *		words = mlw_thread_reserve(thread, count);
 *		if (words)
 *			... fill them
 *		mlw_thread_leave(thread);
 *	}
 *
 * A signal handler may interrupt a hook anywhere and run hooks of its own. So words are
 * reserved by one instruction (xadd without a lock prefix: atomic towards signals of the
 * same thread), before they are written; the interrupting events come after the
 * interrupted one, and whoever is outermost publishes them all. A hook that has to wait
 * for the reader gives its words back first, so that what interrupts it there can be
 * published at once.
 *
 * Invariants between events: nesting == 0, head == ring->head, and
 * limit <= min(ring->tail + capacity - MLW_RING_SPARE, end of the lap that head is in).
 */

#include <stdbool.h>
#include <stdint.h>

#include "record/hidden.h"
#include "record/modules.h"
#include "record/scopes.h"
#include "record/session.h"
#include "record/stack.h"
#include "wire/event.h"

#define MLW_RING_SPARE    8u /* words kept back: room for a SWITCH in a full ring */
#define MLW_NESTED_STACKS 3u
#define MLW_NO_SCOPE      UINT32_MAX
#define MLW_NO_ENTRY      ((const uintptr_t *)NULL) /* every frame is older */

/*
 * Lives in memory that is wiped in a forked child: `user` is NULL there. A thread owns
 * its struct from its first event until it is gone, which nobody says: then its ring is
 * free, or another thread's. The ring may change (SWITCH).
 *
 * A forked child's first thread still points at the struct that was its own in the
 * parent. In the child that may soon be another thread's: it is only ours if it names us.
 */
enum mlw_thread_owned {
	MLW_THREAD_FREE = 0,
	MLW_THREAD_TAKEN = 1, /* by a thread that is about to start or to give it up */
	MLW_THREAD_OWNED = 2,
};

struct mlw_thread_local;

struct mlw_thread {
	_Atomic uint32_t owned; /* enum mlw_thread_owned */
	uint32_t tid;
	const struct mlw_thread_local *user; /* &mlw_local of the thread that writes */
	uint32_t nesting;
	uint64_t head; /* reserved up to here */
	uint64_t limit; /* reservations beyond it take the slow way */
	uint64_t *data; /* borrowed: the ring's words */
	uint64_t mask; /* capacity - 1 */
	struct mlw_ring *ring;
	const struct mlw_run_page *run;
	struct mlw_segment *segment;
	uint64_t tick; /* the run page's, when we last looked; MLW_NO_TICK: look again */
	uint64_t told_tick; /* the one whose time we told last */
	struct mlw_stack *stack;
	uint32_t generation;
	uint32_t scope; /* told last; MLW_NO_SCOPE: it has to be told again */
	uint32_t special; /* verify_every, or another unwinder: see record.c */
	uint32_t ring_index;
	uint32_t exits_left; /* rounds of thread-specific destructors before the end */
	uint64_t lost; /* events dropped since the ring was full: told when there is room
	                */
	uint64_t skipped_block; /* whose free is not recorded, or 0 */
	uint32_t verify_count;
	size_t counted; /* of mlw_stack_size, in segment->tracer_size */
	bool lossy;
	/* Nesting of the level that waits without holding words. */
	uint32_t waiting_level;
	/* Frame of the outermost hook, MLW_NO_ENTRY outside of one. */
	const uintptr_t *entry;
	/* Hooks that found us inside of one that has no frame, while this was published. */
	uint32_t strangers;
	uint64_t strangers_at;
	struct mlw_stack *nested[MLW_NESTED_STACKS];
};

/* What a thread draws under --sample (record/sample.h). Zeroed: nothing yet. */
struct mlw_sampler {
	uint64_t left; /* bytes up to and with the next one that is marked */
	uint64_t next; /* and from there on, drawn ahead: see mlw_sample_reached */
	uint64_t state; /* 0: nothing was drawn yet */
};

struct mlw_thread_local {
	struct mlw_thread *thread;
	uint64_t last_block; /* address of the latest allocation, see record.h */
	struct mlw_sampler sampler;
	/* Inside mlw_thread_start: what it allocates is not recorded. */
	uint32_t starting;
	uint32_t fork_sequence; /* of the fork under way, and in its child: 0 no fork */
	struct mlw_scopes scopes; /* it is in, recorded or not */
};

extern MLW_HIDDEN _Thread_local struct mlw_thread_local mlw_local
        __attribute__((tls_model("initial-exec")));

/* The slow parts. */
struct mlw_thread *mlw_thread_start(void);
/* False: the program has stopped the recording, and the thread has left again. */
bool mlw_thread_refresh(struct mlw_thread *thread);
/* Tells what scope the thread is in, if that is news. Called inside a hook. */
void mlw_thread_tell_scope(struct mlw_thread *thread);
uint64_t *mlw_thread_reserve_slow(struct mlw_thread *thread, uint64_t start,
                                  uint32_t count);

/* Adds without a lock prefix: one instruction, so no signal handler of this thread can
 * come between. Returns the value before. */
static inline uint64_t mlw_local_add(uint64_t *counter, uint64_t amount)
{
	__asm__ volatile("xaddq %0, %1"
	                 : "+r"(amount), "+m"(*counter)
	                 :
	                 : "memory", "cc");
	return amount;
}

/* Compare and swap, with the same promise. */
static inline bool mlw_local_swap(uint64_t *counter, uint64_t expected, uint64_t desired)
{
	bool swapped;

	__asm__ volatile("cmpxchgq %3, %1"
	                 : "=@ccz"(swapped), "+m"(*counter), "+a"(expected)
	                 : "r"(desired)
	                 : "memory");
	return swapped;
}

static inline uint32_t mlw_current_generation(void)
{
	return atomic_load_explicit(&mlw_generation, memory_order_relaxed);
}

/*
 * A handler may leave a hook for good by longjmp. Then nesting would never come back to
 * zero: a hook entered from an older frame than the one under way finds that out. Called
 * with nesting raised above one. One that was left before its frame was noted, or after,
 * looks like one that a handler has interrupted there, but stays so for more than a few
 * hooks.
 */
void mlw_thread_recover(struct mlw_thread *thread, const uintptr_t *frame);

/* The thread, with nesting raised, or NULL if it is not recorded. `frame`: of the hook.
 */
static inline struct mlw_thread *mlw_thread_enter(const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_local.thread;

	if (__builtin_expect(!thread || thread->user != &mlw_local, 0)) {
		thread = mlw_thread_start();
		if (!thread)
			return NULL;
	}
	if (__builtin_expect(thread->nesting++ == 0, 1)) {
		uint64_t tick =
		        atomic_load_explicit(&thread->run->tick, memory_order_relaxed);

		thread->entry = frame;
		atomic_signal_fence(memory_order_seq_cst);
		if (__builtin_expect(tick != thread->tick ||
		                             thread->generation !=
		                                     mlw_current_generation(),
		                     0) &&
		    !mlw_thread_refresh(thread))
			return NULL;
	} else if (__builtin_expect(frame > thread->entry, 0)) {
		mlw_thread_recover(thread, frame);
	}
	atomic_signal_fence(memory_order_seq_cst);
	return thread;
}

/* The same for what has to be said even while the recording is stopped. */
struct mlw_thread *mlw_thread_enter_stopped(const uintptr_t *frame);

/* `count` words in a row, to be filled before mlw_thread_leave; NULL: the event is lost,
 * and counted. */
static inline uint64_t *mlw_thread_reserve(struct mlw_thread *thread, uint32_t count)
{
	uint64_t start = mlw_local_add(&thread->head, count);

	if (__builtin_expect(start + count > thread->limit, 0))
		return mlw_thread_reserve_slow(thread, start, count);
	return thread->data + (start & thread->mask);
}

/*
 * The outermost publishes. A handler that interrupts between the load of head and the
 * store of nesting leaves its events to us: head has moved then, and we go round again.
 */
static inline void mlw_thread_leave(struct mlw_thread *thread)
{
	uint64_t head;

	atomic_signal_fence(memory_order_seq_cst);
	if (__builtin_expect(thread->nesting > 1, 0)) {
		if (thread->nesting == thread->waiting_level + 1)
			atomic_store_explicit(&thread->ring->head, thread->head,
			                      memory_order_release);
		thread->nesting--;
		return;
	}
	for (;;) {
		head = *(volatile uint64_t *)&thread->head;
		atomic_store_explicit(&thread->ring->head, head, memory_order_release);
		thread->entry = MLW_NO_ENTRY;
		atomic_signal_fence(memory_order_seq_cst);
		*(volatile uint32_t *)&thread->nesting = 0;
		if (__builtin_expect(*(volatile uint64_t *)&thread->head == head, 1))
			return;
		*(volatile uint32_t *)&thread->nesting = 1;
	}
}

/* Does this event need a ticket? To be asked when the event is written. */
static inline bool mlw_thread_ticketed(const struct mlw_thread *thread)
{
	return __builtin_expect(
	        atomic_load_explicit(&thread->segment->threaded, memory_order_relaxed),
	        0);
}

static inline uint32_t mlw_thread_ticket(struct mlw_thread *thread, uint32_t counter)
{
	return atomic_fetch_add_explicit(&thread->segment->tickets[counter].next, 1,
	                                 memory_order_relaxed);
}

#endif /* MLW_THREAD_H */
