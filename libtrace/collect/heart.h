/* SPDX-License-Identifier: MIT */
#ifndef MLW_HEART_H
#define MLW_HEART_H

/*
 * Signs of life for the traced programs. The drain thread beats with every pulse
 * (collect/decode.h), but what it does between two may take long: a table of gigabytes
 * grows, a disk keeps a commit waiting. A thread of its own looks now and then and beats
 * for it if it has worked since: if it has used CPU time, or waits for a device at this
 * moment (state D, proc_pid_stat(5)). One that hangs or is stopped does neither, and the
 * programs stop waiting after --stall.
 *
 *	mlw_heart_start(&heart, page, stall_ns, err)	by the drain thread
 *	mlw_heart_rest(&heart); ... mlw_heart_work(&heart);	around a long sleep
 *	mlw_heart_stop(&heart);
 *
 * While the drain thread rests nothing runs and nothing wakes up.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/segment.h"

/* Must stay where it is between start and stop. */
struct mlw_heart {
	struct mlw_run_page *page; /* borrowed */
	pthread_t thread;
	clockid_t clock; /* CPU time of the drain thread */
	int stat; /* descriptor of its stat in /proc, -1: none */
	bool started;
	uint64_t distance_ns; /* between two looks */
	uint64_t cpu_ns; /* of the drain thread, as of the latest look */
	_Atomic uint32_t state; /* a futex */
};

/* A zeroed heart may be stopped, rested and worked too, to no effect. */
int mlw_heart_start(struct mlw_heart *heart, struct mlw_run_page *page, uint64_t stall_ns,
                    struct mlw_error *err);
void mlw_heart_stop(struct mlw_heart *heart);

/* By the drain thread: it goes to sleep for long; it has woken up. */
void mlw_heart_rest(struct mlw_heart *heart);
void mlw_heart_work(struct mlw_heart *heart);

#endif /* MLW_HEART_H */
