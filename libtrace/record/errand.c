/* SPDX-License-Identifier: MIT */
#include "record/errand.h"

#include <errno.h>
#include <linux/futex.h>

#include "record/session.h"
#include "record/sys.h"

#define SLICE_NS 20000000

/* Numbers go round. */
static bool is_done(const struct mlw_errand_word *word, uint32_t number, uint32_t *done)
{
	*done = atomic_load_explicit(&word->done, memory_order_acquire);
	return (int32_t)(*done - number) >= 0;
}

static int wait(struct mlw_errand_word *word, uint32_t number)
{
	const struct timespec slice = { .tv_nsec = SLICE_NS };
	uint64_t deadline = mlw_sys_now_ns() + mlw_session->config.stall_ns;
	uint32_t done;

	while (!is_done(word, number, &done)) {
		if (mlw_session_collector_gone())
			return -ENOTCONN;
		if (mlw_sys_now_ns() > deadline)
			return -ETIMEDOUT;
		mlw_sys6(SYS_futex, (long)&word->done, FUTEX_WAIT, done, (long)&slice, 0,
		         0);
	}
	return 0;
}

int mlw_errand(enum mlw_errand errand)
{
	struct mlw_errand_word *word = &mlw_session->segment->errands[errand];
	uint32_t number;

	if (mlw_sandboxed)
		return -EPERM;
	number = atomic_fetch_add(&word->asked, 1) + 1;
	mlw_session_wake();
	return wait(word, number);
}
