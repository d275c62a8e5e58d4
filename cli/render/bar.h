/* SPDX-License-Identifier: MIT */
#ifndef MLW_BAR_H
#define MLW_BAR_H

/*
 * A progress bar on a terminal, for what takes longer than a second.
 *
 *	mlw_bar_init(&bar, stderr);
 *	progress = (struct mlw_progress){ mlw_bar_report, &bar };
 *
 * It is drawn ten times a second at most, as a block that wanders where nobody knows how
 * much there is to do, and wiped away at the end of the work, so that nothing is left of
 * it in front of the answer. Elsewhere than on a terminal it is never drawn.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct mlw_bar {
	FILE *out; /* borrowed; NULL: no terminal */
	uint64_t started_ns; /* of CLOCK_MONOTONIC */
	uint64_t drawn_ns; /* 0: nothing is there to be wiped away */
};

void mlw_bar_init(struct mlw_bar *bar, FILE *out);

/* A struct mlw_progress's report; `context` is the bar. */
void mlw_bar_report(void *context, uint64_t done, uint64_t total);

/* The same at a given time. */
void mlw_bar_report_at(struct mlw_bar *bar, uint64_t now_ns, uint64_t done,
                       uint64_t total);

/* Wipes it away, and draws nothing any more: what follows is the answer. */
void mlw_bar_stop(struct mlw_bar *bar);

#endif /* MLW_BAR_H */
