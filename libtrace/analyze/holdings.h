/* SPDX-License-Identifier: MIT */
#ifndef MLW_HOLDINGS_H
#define MLW_HOLDINGS_H

/*
 * What each trace held at a moment: the numbers that every statistic adds up. A holding's
 * live_size and live_count are those of the moment; all else (allocations, peak, ...) is
 * of the whole run, wherever the moment lies, or counts up to it if that is asked for.
 *
 *	mlw_holdings_read(&holdings, recording, &moment, 0, err);
 *	mlw_holdings_get(&holdings, i, &holding);	i < holdings.count
 *	mlw_holdings_release(&holdings);
 */

#include "analyze/place.h"

struct mlw_holding {
	uint32_t trace;
	uint32_t size_class; /* of struct mlw_histogram, when asked for by size */
	struct mlw_trace_totals totals;
};

struct mlw_size_replay;

/* The models are asked when a holding is: a table of all would be as big as they are. */
struct mlw_holdings {
	size_t count;
	struct mlw_heap *heap; /* what is not live at the moment; NULL by size */
	struct mlw_heap *then; /* what is, where `heap` does not say it; or NULL */
	struct mlw_size_replay *replay; /* by size */
	bool at_peak; /* live is what was at the peak */
};

enum mlw_holdings_flag {
	/* A row for each trace and class of requested size, by replaying the run, which
	 * fails when only totals by site were recorded. */
	MLW_HOLDINGS_BY_SIZE = 1,
	/* All numbers count up to the moment. At MLW_MOMENT_PEAK only what is live does.
	 */
	MLW_HOLDINGS_UP_TO = 2,
};

/* `flags`: of the above. There is a row for each trace of the recording. */
int mlw_holdings_read(struct mlw_holdings *holdings, struct mlw_recording *recording,
                      const struct mlw_moment *moment, unsigned flags,
                      struct mlw_error *err);
void mlw_holdings_release(struct mlw_holdings *holdings); /* NULL is fine */

void mlw_holdings_get(const struct mlw_holdings *holdings, size_t index,
                      struct mlw_holding *holding);

/* The class of struct mlw_histogram that `size` belongs to. */
uint32_t mlw_size_class(uint64_t size);
/* The smallest and the largest size of a class. */
uint64_t mlw_size_class_min(uint32_t size_class);
uint64_t mlw_size_class_max(uint32_t size_class);

#endif /* MLW_HOLDINGS_H */
