/* SPDX-License-Identifier: MIT */
#ifndef MLW_SESSION_H
#define MLW_SESSION_H

/*
 * The process's half of the treaty: meeting the collector, its mappings, its rings.
 *
 * All state that must not survive a fork lies in memory that the kernel wipes in the
 * child (MADV_WIPEONFORK), and the shared mappings are absent there (MADV_DONTFORK): a
 * child, made by fork, clone or anything else, finds an empty session and meets the
 * collector anew. Nothing is locked across a fork because nothing is locked.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/hidden.h"
#include "wire/segment.h"

enum mlw_session_state {
	MLW_SESSION_NEW = 0, /* also: just forked */
	MLW_SESSION_STARTING = 1,
	MLW_SESSION_READY = 2,
	MLW_SESSION_OFF = 3, /* not recorded, or not any more */
};

#define MLW_SLAB_MAX 40u

struct mlw_slab {
	uint64_t offset, size; /* within the segment */
	char *base;
};

struct mlw_session {
	_Atomic uint32_t state;
	struct mlw_run_page *run;
	struct mlw_segment *segment;
	int32_t pid;
	struct mlw_config config; /* our copy: the segment can be scribbled on */
	_Atomic uint32_t ring_count;
	_Atomic uint32_t resuming; /* a thread is ending the pause: record/start.c */
	_Atomic uint32_t slab_count;
	_Atomic uint32_t slab_lock; /* try-lock of the thread that asks for more rings */
	_Atomic uint32_t threads; /* that ever registered */
	_Atomic uint32_t thread_structs; /* of struct mlw_thread, ever used */
	_Atomic uint32_t samplers; /* threads that have drawn numbers */
	struct mlw_slab slabs[MLW_SLAB_MAX];
};

/* The session, or NULL before mlw_session_open. Never NULL afterwards. */
extern MLW_HIDDEN struct mlw_session *_Atomic mlw_session;

/*
 * Meets the collector if that was not done. True when the session is READY. *first: it
 * was this call that made it so, after `prepare`. A thread that comes while another meets
 * the collector waits for it, for a bounded time: what that waits for is the collector
 * alone. Called with signals blocked.
 */
bool mlw_session_open(void (*prepare)(void), bool *first);

/* Ends the recording in this process; the program goes on. */
void mlw_session_off(void);

/*
 * The next mlw_session_open may start a collector of this program's own, which keeps
 * `depth` frames. `late`: something was not recorded before. 0; -ENOTCONN: there was a
 * collector, and it has refused us or is gone; -ENOMEM. After it mlw_session_wanted says
 * what has come of it where the session is not READY: a negative errno.
 */
int mlw_session_want(uint32_t depth, bool late);
int mlw_session_wanted(void);

/* From here on what the collector does not know is of the time before. */
void mlw_session_set_late(void);

/* Has the program stopped the recording (record/start.h)? Survives a fork. */
enum mlw_pause {
	MLW_PAUSE_NONE = 0,
	MLW_PAUSE_STOPPED = 1,
};

extern MLW_HIDDEN _Atomic uint32_t mlw_pause;

/* While a thread starts it again events are recorded. In this order: the pause is over
 * before `resuming` is 0. In a child that is forked meanwhile that thread is not there,
 * and it is stopped. */
static inline bool mlw_session_is_stopped(void)
{
	return !(mlw_session && atomic_load(&mlw_session->resuming)) &&
	       atomic_load(&mlw_pause) == MLW_PAUSE_STOPPED;
}

/* Has the collector died, or closed the recording? */
bool mlw_session_collector_gone(void);

/* Claims a free ring, asking for more when all are taken: its index, or -1. With `big`
 * one of the rings to switch to, never asking. */
int mlw_session_claim(bool big);

/* The data of ring `index`, or NULL if that is not mapped here. */
uint64_t *mlw_session_ring_data(uint32_t index);

/* A connection to the collector, -1: there is none. The caller closes it. */
int mlw_session_connect(void);

/* Tells the collector that there is something to read, if it sleeps. */
void mlw_session_wake(void);

/* Counts events that could not be recorded. */
void mlw_session_lost(uint64_t events);

/* Are we the process that opened the session (not its vfork child)? */
bool mlw_session_is_own(void);

/* Are programs that this one executes to be recorded? Also true in a forked child that
 * has not met the collector yet. */
bool mlw_session_follows(void);

/* The values to give to programs that this one executes. */
const char *mlw_session_socket(void); /* NULL: none */
const char *mlw_session_library(void);

/* Is what this process does being recorded, as long as there is a collector? */
static inline bool mlw_session_is_recording(void)
{
	return mlw_session &&
	       atomic_load_explicit(&mlw_session->state, memory_order_acquire) ==
	               MLW_SESSION_READY &&
	       !mlw_session_is_stopped();
}

#endif /* MLW_SESSION_H */
