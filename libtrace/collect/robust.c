/* SPDX-License-Identifier: MIT */
#include "collect/robust.h"

#include <limits.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel finds the word at a fixed distance from the list's entry. */
void mlw_robust_hold(struct mlw_robust *robust, struct mlw_run_page *page)
{
	robust->entry.next = &robust->head.list;
	robust->head.list.next = &robust->entry;
	robust->head.futex_offset =
	        (long)((char *)page + offsetof(struct mlw_run_page, collector) -
	               (char *)&robust->entry);
	robust->head.list_op_pending = NULL;
	atomic_store(&page->collector, (uint32_t)gettid());
	syscall(SYS_set_robust_list, &robust->head, sizeof(robust->head));
}

void mlw_robust_release(struct mlw_robust *robust, struct mlw_run_page *page)
{
	robust->head.list.next = &robust->head.list;
	atomic_store(&page->collector, 0);
	syscall(SYS_futex, &page->collector, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
