/* SPDX-License-Identifier: MIT */
#include "record/start.h"

#include <errno.h>
#include <sys/auxv.h>

#include "record/api.h"
#include "record/begin.h"
#include "record/errand.h"
#include "record/objects.h"
#include "record/session.h"
#include "record/sys.h"
#include "record/thread.h"

#define PAUSE_NS 200000
#define AWAIT_NS UINT64_C(20000000000) /* longer than the other may */

_Atomic uint32_t mlw_pause;

static bool has_session(void)
{
	return mlw_session && atomic_load(&mlw_session->state) == MLW_SESSION_READY;
}

static bool is_resuming(void)
{
	return mlw_session && atomic_load(&mlw_session->resuming);
}

/* While another thread starts the recording again. It waits for the collector alone. */
static int await_other(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	uint64_t deadline = mlw_sys_now_ns() + AWAIT_NS;

	while (is_resuming()) {
		if (mlw_sys_now_ns() > deadline)
			return -ETIMEDOUT;
		mlw_sys3(SYS_nanosleep, (long)&pause, 0, 0);
	}
	return mlw_session_is_recording() ? 0 : -ENOTCONN;
}

/*
 * All threads record again, and then what the collector knows is forgotten, at one
 * moment: before it ends may have been missed, behind it none is. Where that fails the
 * threads find that there is a new generation, which is not for them.
 */
static int end_pause(void)
{
	int status;

	if (atomic_load(&mlw_pause) != MLW_PAUSE_STOPPED) {
		atomic_store(&mlw_session->resuming, 0); /* another was faster */
		return 0;
	}
	mlw_session_set_late();
	status = mlw_errand(MLW_ERRAND_CLEAR);
	if (!status)
		atomic_store(&mlw_pause, MLW_PAUSE_NONE);
	atomic_store(&mlw_session->resuming, 0);
	if (status)
		atomic_fetch_add(&mlw_generation, 1);
	return status;
}

/* Signals are blocked, so that no handler waits here for the thread that it interrupted.
 */
static int resume(const uintptr_t *frame)
{
	uint32_t none = 0;
	uint64_t mask;
	int status;

	if (mlw_session_collector_gone())
		return -ENOTCONN;
	if (mlw_api_inside_hook(frame))
		return -EDEADLK;
	mlw_sys_block_signals(&mask);
	if (atomic_compare_exchange_strong(&mlw_session->resuming, &none, 1))
		status = end_pause();
	else
		status = await_other();
	mlw_sys_restore_signals(&mask);
	return status;
}

/* The thread's first event makes the session. */
static int begin(uint32_t depth, const uintptr_t *frame)
{
	bool stopped = atomic_exchange(&mlw_pause, MLW_PAUSE_NONE);
	int status = mlw_session_want(depth, stopped);
	struct mlw_thread *thread;

	if (status)
		return status;
	mlw_objects_init();
	thread = mlw_thread_enter(frame);
	if (thread)
		mlw_thread_leave(thread);
	status = mlw_session_wanted();
	return mlw_session_is_recording() ? 0 : status;
}

int mlw_start(int depth, const uintptr_t *frame)
{
	if (depth < 1 || depth > (int)MLW_DEPTH_MOST)
		return -EINVAL;
	if (mlw_sandboxed || getauxval(AT_SECURE))
		return -EPERM;
	if (has_session())
		return atomic_load(&mlw_pause)        ? resume(frame)
		       : mlw_session_collector_gone() ? -ENOTCONN
		                                      : 0;
	return begin((uint32_t)depth, frame);
}

/* The threads find that there is a new generation, which is not for them. A thread that
 * is inside a hook tells its event still. A forked child that has not met the collector
 * yet does not do so any more. */
void mlw_stop(void)
{
	uint32_t none = MLW_PAUSE_NONE;

	if (is_resuming())
		await_other();
	if (atomic_compare_exchange_strong(&mlw_pause, &none, MLW_PAUSE_STOPPED))
		atomic_fetch_add(&mlw_generation, 1);
}
