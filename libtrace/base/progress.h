/* SPDX-License-Identifier: MIT */
#ifndef MLW_PROGRESS_H
#define MLW_PROGRESS_H

/*
 * Whoever works for long tells how far he has come, and does not know who listens: often
 * enough for somebody who watches, and at the end, however that came, with done = total.
 */

#include <stddef.h>
#include <stdint.h>

/* A total that nobody knows: `done` says nothing then. */
#define MLW_PROGRESS_UNKNOWN UINT64_MAX

struct mlw_progress {
	void (*report)(void *context, uint64_t done, uint64_t total); /* or NULL */
	void *context;
};

/* `progress` may be NULL: nobody listens. */
static inline void mlw_progress_report(const struct mlw_progress *progress, uint64_t done,
                                       uint64_t total)
{
	if (progress && progress->report)
		progress->report(progress->context, done, total);
}

#endif /* MLW_PROGRESS_H */
