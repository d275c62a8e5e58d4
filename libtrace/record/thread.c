/* SPDX-License-Identifier: MIT */
#include "record/thread.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "record/objects.h"
#include "record/room.h"
#include "record/sample.h"
#include "record/sys.h"
#include "record/verify.h"

/* Below this, pthread_setspecific keeps the value in the thread itself: no malloc. */
#define INLINE_KEYS     32u
#define LAST_EXIT_ROUND 3u

/* Hooks in a handler that came between a hook and the note of its frame. */
#define STRANGERS_MOST 32u

_Thread_local struct mlw_thread_local mlw_local;

/* Both survive a fork: the memory (wiped, so it can be used again) and the key. */
static struct mlw_thread *_Atomic threads;
static pthread_key_t exit_key;
static bool exit_key_made;

static struct mlw_thread *thread_memory(void)
{
	size_t size = MLW_RING_MAX * sizeof(struct mlw_thread);
	struct mlw_thread *memory = threads, *none = NULL;

	if (memory)
		return memory;
	memory = mlw_sys_map_wiped(size);
	if (!memory || atomic_compare_exchange_strong(&threads, &none, memory))
		return memory;
	mlw_sys_unmap(memory, size); /* another thread was faster */
	return none;
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
 * thread that changes its ring puts its tid there first. Of a struct that is OWNED:
 * others are still being made. */
static bool is_stale(const struct mlw_thread *thread)
{
	const struct mlw_ring *ring = __atomic_load_n(&thread->ring, __ATOMIC_ACQUIRE);
	uint32_t tid = __atomic_load_n(&thread->tid, __ATOMIC_RELAXED);

	return !ring || __atomic_load_n(&ring->tid, __ATOMIC_RELAXED) != tid ||
	       atomic_load_explicit(&ring->state, memory_order_acquire) == MLW_RING_FREE;
}

/* Two may find the same one stale: who takes it looks again. */
static bool take_stale(struct mlw_thread *thread)
{
	uint32_t owned = MLW_THREAD_OWNED;

	if (atomic_load(&thread->owned) != MLW_THREAD_OWNED || !is_stale(thread) ||
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
	thread->tick = thread->told_tick = MLW_NO_TICK;
	thread->scope = 0;
	thread->generation = 0;
	thread->nesting = 0;
	thread->lost = 0;
	thread->lossy = false;
	thread->waiting_level = 0;
	thread->entry = MLW_NO_ENTRY;
	thread->strangers = 0;
}

static struct mlw_thread *make_thread(void)
{
	struct mlw_session *session = mlw_session;
	int index = mlw_session_claim(false);
	struct mlw_thread *thread;

	if (index < 0)
		return NULL;
	thread = claim_struct();
	if (!thread || !mlw_room_attach(thread, (uint32_t)index) ||
	    !prepare_stack(thread)) {
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
	mlw_sample_prepare();
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
	return (mlw_session &&
	        atomic_load_explicit(&mlw_session->state, memory_order_relaxed) ==
	                MLW_SESSION_OFF) ||
	       mlw_session_is_stopped();
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
	mlw_sys_block_signals(&mask);
	mlw_local.starting = 1;
	mlw_local.thread = start_blocked();
	mlw_local.starting = 0;
	mlw_sys_restore_signals(&mask);
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
		now = (mlw_sys_now_ns() - thread->run->start_ns) / 1000;
		mlw_session_wake();
	}
	thread->told_tick = tick;
	put(thread, MLW_EVENT_TIME, 0, now);
}

/* What is told is noted first: whoever loses it wants it told again. */
void mlw_thread_tell_scope(struct mlw_thread *thread)
{
	uint32_t scope = mlw_scope_current(&mlw_local.scopes);

	if (scope == thread->scope)
		return;
	thread->scope = scope;
	atomic_signal_fence(memory_order_seq_cst);
	mlw_scope_publish(scope, thread->segment);
	put(thread, MLW_EVENT_CONTROL, MLW_CONTROL_SCOPE, scope);
}

bool mlw_thread_refresh(struct mlw_thread *thread)
{
	uint64_t tick = atomic_load_explicit(&thread->run->tick, memory_order_relaxed);
	uint32_t generation = mlw_current_generation();

	/* Whoever stops the recording makes a new generation, which we do not take. */
	if (mlw_session_is_stopped()) {
		mlw_thread_leave(thread);
		return false;
	}
	/* A handler that changes something from here on says so by its own tick. */
	thread->tick = tick;
	atomic_signal_fence(memory_order_seq_cst);
	if (generation != thread->generation) {
		mlw_stack_reset(thread->stack);
		put(thread, MLW_EVENT_GENERATION, 0, generation);
		thread->generation = generation;
	}
	if (tick != thread->told_tick)
		tell_time(thread, tick);
	mlw_thread_tell_scope(thread);
	if (mlw_stack_size(thread->stack) + sizeof(*thread) != thread->counted)
		count_memory(thread);
	return true;
}

struct mlw_thread *mlw_thread_enter_stopped(const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_local.thread;

	if (!mlw_session_is_stopped() || !thread || thread->user != &mlw_local)
		return mlw_thread_enter(frame);
	if (thread->nesting++ == 0)
		thread->entry = frame;
	else if (frame > thread->entry)
		mlw_thread_recover(thread, frame);
	atomic_signal_fence(memory_order_seq_cst);
	return thread;
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

/* What a handler has interrupted publishes when it goes on. */
static bool is_interrupted(struct mlw_thread *thread)
{
	uint64_t head = atomic_load_explicit(&thread->ring->head, memory_order_relaxed);

	if (thread->entry != MLW_NO_ENTRY)
		return false;
	if (thread->strangers_at != head)
		thread->strangers = 0;
	thread->strangers_at = head;
	return ++thread->strangers < STRANGERS_MOST;
}

void mlw_thread_recover(struct mlw_thread *thread, const uintptr_t *frame)
{
	if (is_interrupted(thread))
		return;
	if (on_signal_stack())
		return;
	drop_unpublished(thread);
	thread->entry = frame;
	thread->waiting_level = 0;
	thread->nesting = 1;
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
	thread = mlw_thread_enter_stopped(__builtin_frame_address(0));
	if (!thread)
		return;
	put(thread, MLW_EVENT_CONTROL, MLW_CONTROL_THREAD_EXIT, 0);
	mlw_thread_leave(thread);
	atomic_store_explicit(&thread->ring->state, MLW_RING_LINGERING,
	                      memory_order_release);
}
