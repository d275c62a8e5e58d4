/* SPDX-License-Identifier: MIT */
#include "record/readable.h"

#include <errno.h>

#include "record/sys.h"

#define PAGE UINT64_C(4096)
#define NEAR (UINT64_C(1) << 20) /* a gap that is worth asking about page by page */

static uintptr_t page_of(uintptr_t address)
{
	return address & ~(PAGE - 1);
}

/* A set at NULL is no set: the kernel would not read it. */
static bool page_is_readable(uintptr_t page)
{
	return page &&
	       mlw_sys6(SYS_rt_sigprocmask, -1, (long)page, 0, 8, 0, 0) == -EINVAL;
}

static bool widen_up(struct mlw_readable *range, uintptr_t page)
{
	for (; range->hi <= page; range->hi += PAGE)
		if (!page_is_readable(range->hi))
			return false;
	return true;
}

static bool widen_down(struct mlw_readable *range, uintptr_t page)
{
	for (; range->lo > page; range->lo -= PAGE)
		if (!page_is_readable(range->lo - PAGE))
			return false;
	return true;
}

void mlw_readable_anew(struct mlw_readable *range, uintptr_t sp)
{
	uintptr_t page = page_of(sp);

	/* Nobody can be asked: a stack that grew is believed, another one is not read. */
	if (mlw_sandboxed) {
		if (page < range->lo && range->lo - page <= NEAR)
			range->lo = page;
		return;
	}
	if (page < range->lo && range->lo - page <= NEAR && widen_down(range, page))
		return;
	range->lo = page;
	range->hi = page_is_readable(page) ? page + PAGE : page;
}

bool mlw_readable_ask(struct mlw_readable *range, uintptr_t address)
{
	uintptr_t page = page_of(address);

	if (page >= range->hi && page - range->hi < NEAR && widen_up(range, page))
		return true;
	return page_is_readable(page);
}
