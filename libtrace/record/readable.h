/* SPDX-License-Identifier: MIT */
#ifndef MLW_READABLE_H
#define MLW_READABLE_H

/*
 * Which memory may be read without a fault.
 *
 * A plain walk follows return addresses and saved registers that a broken program may
 * have overwritten, so each address that it reads must be known readable: inside a range
 * of pages around the stack pointer, each of which the kernel was asked about once. The
 * question is rt_sigprocmask with an impossible `how`: the kernel copies the set first
 * (EFAULT: unreadable) and rejects `how` then (EINVAL: readable), so nothing changes. It
 * is not asked behind a seccomp filter (record/sandbox.h).
 *
 *	lo and hi are page boundaries, lo <= hi; all of [lo, hi) was readable when asked.
 *
 * A range belongs to the stack that is being walked: when the stack pointer is outside,
 * the thread has moved to another stack and the range begins anew.
 */

#include <stdbool.h>
#include <stdint.h>

struct mlw_readable {
	uintptr_t lo, hi;
};

/* The thread stands on another stack than before. */
void mlw_readable_anew(struct mlw_readable *range, uintptr_t sp);

/* Asks the kernel; widens the range if `address` is near. */
bool mlw_readable_ask(struct mlw_readable *range, uintptr_t address);

static inline bool mlw_readable_known(const struct mlw_readable *range, uintptr_t address)
{
	return address - range->lo < range->hi - range->lo;
}

/* Before a walk that begins at `sp`, or goes on there after a signal frame. */
static inline void mlw_readable_move(struct mlw_readable *range, uintptr_t sp)
{
	if (__builtin_expect(!mlw_readable_known(range, sp), 0))
		mlw_readable_anew(range, sp);
}

/* May the aligned word at `address` be read? False for one that is not aligned. */
static inline bool mlw_readable(struct mlw_readable *range, uintptr_t address)
{
	if (__builtin_expect(address & 7, 0))
		return false;
	return __builtin_expect(mlw_readable_known(range, address), 1) ||
	       mlw_readable_ask(range, address);
}

#endif /* MLW_READABLE_H */
