/* SPDX-License-Identifier: MIT */
#include "collect/heart.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOKS_IN_STALL 8u
#define DISTANCE_MOST  UINT64_C(500000000)
#define DISTANCE_LEAST UINT64_C(1000000)

enum state {
	STATE_WORK = 0, /* look again after a while */
	STATE_REST = 1, /* the drain thread sleeps; we have not noticed yet */
	STATE_PARKED = 2, /* we sleep as well, until we are woken */
	STATE_STOP = 3,
};

static void wake(struct mlw_heart *heart)
{
	syscall(SYS_futex, &heart->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* While the state is `state`, at most `limit` (NULL: for ever). */
static void wait_while(struct mlw_heart *heart, enum state state,
                       const struct timespec *limit)
{
	syscall(SYS_futex, &heart->state, FUTEX_WAIT_PRIVATE, state, limit, NULL, 0);
}

static bool has_used_cpu(struct mlw_heart *heart)
{
	struct timespec used;
	uint64_t cpu_ns;
	bool more;

	if (clock_gettime(heart->clock, &used))
		return false;
	cpu_ns = (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
	more = cpu_ns != heart->cpu_ns;
	heart->cpu_ns = cpu_ns;
	return more;
}

/* The state follows the name, which stands in parentheses and may hold some itself. */
static bool waits_for_device(const struct mlw_heart *heart)
{
	char text[128];
	ssize_t size = pread(heart->stat, text, sizeof(text) - 1, 0);
	const char *end;

	if (size <= 0)
		return false;
	text[size] = '\0';
	end = strrchr(text, ')');
	return end && !strncmp(end, ") D", 3);
}

static void look(struct mlw_heart *heart)
{
	if (has_used_cpu(heart) || waits_for_device(heart))
		atomic_fetch_add_explicit(&heart->page->heartbeat, 1,
		                          memory_order_relaxed);
}

static void *watch(void *argument)
{
	struct mlw_heart *heart = argument;
	const struct timespec distance = { .tv_sec = 0,
		                           .tv_nsec = (long)heart->distance_ns };
	uint32_t state;

	while ((state = atomic_load(&heart->state)) != STATE_STOP) {
		if (state == STATE_REST) {
			atomic_compare_exchange_strong(&heart->state, &state,
			                               STATE_PARKED);
		} else if (state == STATE_PARKED) {
			wait_while(heart, STATE_PARKED, NULL);
		} else {
			wait_while(heart, STATE_WORK, &distance);
			look(heart);
		}
	}
	return NULL;
}

static uint64_t distance_for(uint64_t stall_ns)
{
	uint64_t distance = stall_ns / LOOKS_IN_STALL;

	if (distance > DISTANCE_MOST)
		return DISTANCE_MOST;
	return distance > DISTANCE_LEAST ? distance : DISTANCE_LEAST;
}

static int open_stat(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)gettid());
	return open(path, O_RDONLY | O_CLOEXEC);
}

int mlw_heart_start(struct mlw_heart *heart, struct mlw_run_page *page, uint64_t stall_ns,
                    struct mlw_error *err)
{
	int error;

	*heart = (struct mlw_heart){ .page = page,
		                     .distance_ns = distance_for(stall_ns),
		                     .stat = open_stat() };
	error = pthread_getcpuclockid(pthread_self(), &heart->clock);
	if (!error)
		error = pthread_create(&heart->thread, NULL, watch, heart);
	heart->started = !error;
	if (!error)
		return 0;
	if (heart->stat >= 0)
		close(heart->stat);
	return mlw_fail(err, "no thread: %s", strerror(error));
}

void mlw_heart_stop(struct mlw_heart *heart)
{
	if (!heart || !heart->started)
		return;
	atomic_store(&heart->state, STATE_STOP);
	wake(heart);
	pthread_join(heart->thread, NULL);
	if (heart->stat >= 0)
		close(heart->stat);
	heart->started = false;
}

void mlw_heart_rest(struct mlw_heart *heart)
{
	atomic_store(&heart->state, STATE_REST);
}

void mlw_heart_work(struct mlw_heart *heart)
{
	if (atomic_exchange(&heart->state, STATE_WORK) == STATE_PARKED)
		wake(heart);
}
