/* SPDX-License-Identifier: MIT */
/* The C API inside the program: what the wrappers of include/mallow/mallow.h call. */
#include <errno.h>

#include "record/api.h"
#include "record/domains.h"
#include "record/public.h"
#include "record/record.h"
#include "record/room.h"
#include "record/session.h"
#include "record/snapshot.h"
#include "record/start.h"
#include "record/sys.h"
#include "record/thread.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))
#define PAGE  4096u

const struct mlw_session *mlw_api_session(const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);

	if (thread)
		mlw_thread_leave(thread);
	return mlw_session_is_recording() && !mlw_session_collector_gone() ? mlw_session
	                                                                   : NULL;
}

bool mlw_api_inside_hook(const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_thread_enter(frame);
	bool inside = thread && thread->nesting > 1;

	if (thread)
		mlw_thread_leave(thread);
	return inside;
}

MLW_PUBLIC int mallow_recorder_is_tracing(void)
{
	return mlw_api_session(FRAME) != NULL;
}

MLW_PUBLIC int mallow_recorder_get_traceback_limit(void)
{
	const struct mlw_session *session = mlw_api_session(FRAME);

	return session ? (int)session->config.depth : 0;
}

/* Of shared memory: the pages that exist. */
static size_t resident(const char *base, uint64_t size)
{
	unsigned char pages[1024];
	size_t found = 0;

	for (uint64_t at = 0; at < size; at += sizeof(pages) * PAGE) {
		uint64_t rest = (size - at + PAGE - 1) / PAGE;
		uint64_t count = rest < sizeof(pages) ? rest : sizeof(pages);

		if (mlw_sys3(SYS_mincore, (long)(base + at), (long)(count * PAGE),
		             (long)pages))
			return found;
		for (uint64_t i = 0; i < count; i++)
			found += (pages[i] & 1u) * PAGE;
	}
	return found;
}

MLW_PUBLIC size_t mallow_recorder_get_tracer_memory(void)
{
	const struct mlw_session *session = mlw_api_session(FRAME);
	uint32_t slabs;
	size_t size;

	if (!session)
		return 0;
	size = atomic_load(&session->segment->tracer_size);
	slabs = atomic_load_explicit(&session->slab_count, memory_order_acquire);
	for (uint32_t i = 0; i < slabs; i++)
		size += resident(session->slabs[i].base, session->slabs[i].size);
	return size;
}

MLW_PUBLIC int mallow_recorder_domain(const char *name)
{
	return mlw_domain(name);
}

/* A process that has done nothing yet, or has just been forked, joins the recording by
 * its first event, and what names a domain comes before that. */
static int prepare(int domain, const void *block, const uintptr_t *frame)
{
	int status = mlw_domain_publish(domain);

	if (status == -ENOTCONN && mlw_api_session(frame))
		status = mlw_domain_publish(domain);
	if (!status && (uintptr_t)block >> 48)
		status = -EINVAL;
	return status;
}

MLW_PUBLIC int mallow_recorder_track(int domain, const void *block, size_t size)
{
	int status = prepare(domain, block, FRAME);

	if (status)
		return status;
	if (!block || size > MLW_SIZE_MOST)
		return -EINVAL;
	return mlw_record_map(block, size, (uint32_t)domain, FRAME);
}

MLW_PUBLIC int mallow_recorder_untrack(int domain, const void *block)
{
	int status = prepare(domain, block, FRAME);

	if (status || !block)
		return status;
	return mlw_record_unmap(block, 0, (uint32_t)domain, FRAME);
}

static bool is_address(const void *address)
{
	return address && !((uintptr_t)address >> 48);
}

static int pool_event(const void *pool, enum mlw_pool_op op, uint32_t kind,
                      uint64_t first, uint64_t second, uint64_t third,
                      const uintptr_t *frame)
{
	const uint64_t words[] = { first, second, third };

	return is_address(pool) ? mlw_record_pool(pool, op, kind, words, frame) : -EINVAL;
}

MLW_PUBLIC int mallow_recorder_pool_create(int domain, const void *pool,
                                           const void *memory, size_t size,
                                           size_t block_size)
{
	int status = prepare(domain, memory, FRAME);

	if (status)
		return status;
	if (!memory || !size || size > MLW_SIZE_MOST || block_size > size)
		return -EINVAL;
	return pool_event(pool, MLW_POOL_CREATE, (uint32_t)domain, (uintptr_t)memory,
	                  size, block_size, FRAME);
}

MLW_PUBLIC int mallow_recorder_pool_alloc(const void *pool, const void *block,
                                          size_t size)
{
	if (!is_address(block) || size > MLW_SIZE_MOST)
		return -EINVAL;
	return pool_event(pool, MLW_POOL_ALLOC, 0, (uintptr_t)block, size, 0, FRAME);
}

MLW_PUBLIC int mallow_recorder_pool_free(const void *pool, const void *block)
{
	if (!block)
		return 0;
	if (!is_address(block))
		return -EINVAL;
	return pool_event(pool, MLW_POOL_FREE, 0, (uintptr_t)block, 0, 0, FRAME);
}

MLW_PUBLIC int mallow_recorder_pool_reset(const void *pool)
{
	return pool_event(pool, MLW_POOL_RESET, 0, 0, 0, 0, FRAME);
}

MLW_PUBLIC int mallow_recorder_pool_destroy(const void *pool)
{
	return pool_event(pool, MLW_POOL_DESTROY, 0, 0, 0, 0, FRAME);
}

/*
 * What the thread is in now is told with its next event. One that is inside a hook tells
 * it at once, for that does not look again.
 */
static int scope_changed(int status, const uintptr_t *frame)
{
	struct mlw_thread *thread = mlw_local.thread;

	if (__builtin_expect(!thread || thread->user != &mlw_local || thread->nesting,
	                     0)) {
		if (!mlw_api_session(frame))
			return -ENOTCONN;
		thread = mlw_thread_enter(frame);
		if (thread) {
			mlw_thread_tell_scope(thread);
			mlw_thread_leave(thread);
		}
		return status;
	}
	thread->tick = MLW_NO_TICK;
	return mlw_session_is_recording() ? status : -ENOTCONN;
}

MLW_PUBLIC int mallow_recorder_scope_begin(const char *name)
{
	return scope_changed(mlw_scope_begin(&mlw_local.scopes, name), FRAME);
}

MLW_PUBLIC int mallow_recorder_scope_end(void)
{
	return scope_changed(mlw_scope_end(&mlw_local.scopes), FRAME);
}

MLW_PUBLIC int mallow_recorder_take_snapshot(const char *name)
{
	if (!mlw_api_session(FRAME))
		return -ENOTCONN;
	if (mlw_api_inside_hook(FRAME))
		return -EDEADLK;
	return mlw_snapshot_ask(name);
}

MLW_PUBLIC int mallow_recorder_start(int depth)
{
	return mlw_start(depth, FRAME);
}

MLW_PUBLIC int mallow_recorder_stop(void)
{
	mlw_stop();
	return 0;
}
