/* SPDX-License-Identifier: MIT */
#include "analyze/subject.h"

int mlw_subject_open(struct mlw_subject *subject, const struct mlw_query *query,
                     struct mlw_error *err)
{
	struct mlw_filter_rules rules = query->filter;
	struct mlw_moment moment;

	*subject = (struct mlw_subject){ 0 };
	/* Blocks inside a mapping or a pool would count twice beside it. */
	if (!rules.domain)
		rules.domain = query->by == MLW_BY_DOMAIN ? "all" : "malloc";
	subject->domain = rules.domain;
	if (mlw_place_init(&subject->place, query->place, query->at, err) ||
	    mlw_recording_open(&subject->recording, subject->place.file,
	                       &query->recording, err) ||
	    mlw_place_find(&subject->place, subject->recording, &moment, err) ||
	    mlw_holdings_read(&subject->holdings, subject->recording, &moment,
	                      query->by == MLW_BY_SIZE, err))
		return -1;
	return mlw_filter_init(&subject->filter, &rules, subject->recording, err);
}

void mlw_subject_close(struct mlw_subject *subject)
{
	mlw_filter_release(&subject->filter);
	mlw_holdings_release(&subject->holdings);
	mlw_recording_close(subject->recording);
	mlw_place_release(&subject->place);
	*subject = (struct mlw_subject){ 0 };
}

static bool is_nothing(const struct mlw_trace_totals *totals)
{
	return !totals->allocations && !totals->live_count && !totals->peak_count;
}

int mlw_subject_each(struct mlw_subject *subject,
                     int (*visit)(void *context, const struct mlw_holding *holding,
                                  struct mlw_error *err),
                     void *context, struct mlw_error *err)
{
	for (size_t i = 0; i < subject->holdings.count; i++) {
		const struct mlw_holding *holding = &subject->holdings.rows[i];
		int passes;

		if (is_nothing(&holding->totals))
			continue;
		passes = mlw_filter_passes(&subject->filter, holding->trace, err);
		if (passes < 0 || (passes && visit(context, holding, err)))
			return -1;
	}
	return 0;
}
