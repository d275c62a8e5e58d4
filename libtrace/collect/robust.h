/* SPDX-License-Identifier: MIT */
#ifndef MLW_ROBUST_H
#define MLW_ROBUST_H

/*
 * How the traced processes learn of the collector's death without a descriptor or a
 * thread: the run page's `collector` is a robust futex (set_robust_list(2)), held by the
 * drain thread. The kernel marks it with FUTEX_OWNER_DIED when that thread ends, however
 * it ends.
 */

#include <linux/futex.h>

#include "wire/segment.h"

/* Must stay where it is while it is held. */
struct mlw_robust {
	struct robust_list_head head;
	struct robust_list entry;
};

/* By the drain thread. */
void mlw_robust_hold(struct mlw_robust *robust, struct mlw_run_page *page);

/* Says that the recording is over, and wakes whoever waits for the word. */
void mlw_robust_release(struct mlw_robust *robust, struct mlw_run_page *page);

#endif /* MLW_ROBUST_H */
