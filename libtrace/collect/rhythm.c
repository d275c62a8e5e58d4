/* SPDX-License-Identifier: MIT */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "collect/collector_state.h"

#define BUSY_US       20000u /* after the last event we look every SLEEP_US */
#define SLEEP_US      1000u
#define LONG_SLEEP_US 4000u
#define SLEEP_SHARE   100u
#define IDLE_US       1000000u

/* Until `word` changes from what it was, or the time is over. */
static void wait_for_doorbell(struct mlw_collector *collector, uint64_t sleep_us)
{
	struct mlw_run_page *page = collector->memory.page;
	const struct timespec time = { .tv_sec = (time_t)(sleep_us / 1000000),
		                       .tv_nsec = (long)(sleep_us % 1000000) * 1000 };

	atomic_store(&page->sleeping, 1);
	if (atomic_load(&page->doorbell) == collector->doorbell)
		syscall(SYS_futex, &page->doorbell, FUTEX_WAIT, collector->doorbell,
		        &time, NULL, 0);
	atomic_store(&page->sleeping, 0);
}

static uint64_t earlier(uint64_t sleep_us, uint64_t now_us, uint64_t due_us)
{
	uint64_t left = due_us > now_us ? due_us - now_us : SLEEP_US;

	return left < sleep_us ? left : sleep_us;
}

/* Until the next thing that is to be done without the program's help. */
static uint64_t idle_time(const struct mlw_collector *collector, bool unsaved,
                          uint64_t now_us)
{
	uint64_t sleep_us = IDLE_US;

	if (unsaved)
		sleep_us = earlier(sleep_us, now_us, collector->next_commit_us);
	return mlw_moments_sleep(&collector->moments, sleep_us, now_us);
}

/*
 * How long until the next look at rings that events flow into: to that times are known.
 * The order of events of several threads hangs on it, so that they are looked at every
 * millisecond; those of a single thread only need times, to about a hundredth of the run,
 * and waking up costs more than reading what came in the meantime.
 */
static uint64_t rhythm(const struct mlw_collector *collector, uint64_t now_us)
{
	uint64_t sleep_us = now_us / SLEEP_SHARE;

	if (collector->order.count > 1 || sleep_us < SLEEP_US)
		return SLEEP_US;
	return sleep_us < LONG_SLEEP_US ? sleep_us : LONG_SLEEP_US;
}

/*
 * While events flow we look every few milliseconds; a writer that has filled a quarter of
 * its ring wakes us earlier. After a while of silence the tick is marked as stale, and
 * the next event rings.
 */
void mlw_collector_sleep(struct mlw_collector *collector, bool ending, bool unsaved,
                         uint64_t now_us)
{
	struct mlw_run_page *page = collector->memory.page;

	if (now_us < collector->busy_us + BUSY_US || ending) {
		wait_for_doorbell(collector,
		                  ending ? SLEEP_US : rhythm(collector, now_us));
		return;
	}
	atomic_fetch_or(&page->tick, MLW_TICK_IDLE);
	if (!mlw_order_pending(collector->household.processes)) {
		mlw_heart_rest(&collector->heart);
		wait_for_doorbell(collector, idle_time(collector, unsaved, now_us));
		mlw_heart_work(&collector->heart);
	}
	collector->decoder.last_tick_us = 0;
}
