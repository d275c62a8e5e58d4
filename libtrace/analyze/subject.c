/* SPDX-License-Identifier: MIT */
#include "analyze/subject.h"

/* What stands at the peak has no number of its own where all must count up to it. */
static int find_moment(struct mlw_subject *subject, const struct mlw_query *query,
                       struct mlw_moment *moment, struct mlw_error *err)
{
	if (mlw_place_find(&subject->place, subject->recording, moment, err))
		return -1;
	if (moment->kind != MLW_MOMENT_PEAK || !query->up_to_place ||
	    query->sort < MALLOW_SORT_ALLOCATED)
		return 0;
	return mlw_place_find_peak(subject->recording, moment, err);
}

/* Blocks inside a mapping or a pool would count twice beside it. */
const char *mlw_query_domain(const struct mlw_query *query)
{
	if (query->filter.domain)
		return query->filter.domain;
	return query->by == MALLOW_BY_DOMAIN ? "all" : "malloc";
}

static int check_sort(const struct mlw_recording *recording, enum mallow_sort sort,
                      struct mlw_error *err)
{
	if (recording->run->sample_bytes && sort == MALLOW_SORT_TEMPORARY)
		return mlw_fail(err,
		                "--sort %s cannot be answered, because blocks were "
		                "sampled, and what their threads did next is not known",
		                mlw_sort_name(sort));
	if (!recording->run->saved || sort <= MALLOW_SORT_COUNT)
		return 0;
	return mlw_fail(err,
	                "--sort %s cannot be answered, because a saved snapshot knows "
	                "only what was live",
	                mlw_sort_name(sort));
}

static int load(struct mlw_subject *subject, const struct mlw_query *query,
                struct mlw_error *err)
{
	struct mlw_filter_rules rules = query->filter;
	struct mlw_moment moment;
	unsigned flags = query->by == MALLOW_BY_SIZE ? MLW_HOLDINGS_BY_SIZE : 0;

	rules.domain = mlw_query_domain(query);
	subject->domain = rules.domain;
	subject->whole = query->up_to_place;
	if (query->up_to_place)
		flags |= MLW_HOLDINGS_UP_TO;
	if (check_sort(subject->recording, query->sort, err) ||
	    find_moment(subject, query, &moment, err) ||
	    mlw_holdings_read(&subject->holdings, subject->recording, &moment, flags,
	                      err))
		return -1;
	return mlw_filter_init(&subject->filter, &rules, subject->recording, err);
}

int mlw_subject_open(struct mlw_subject *subject, const struct mlw_query *query,
                     struct mlw_error *err)
{
	*subject = (struct mlw_subject){ 0 };
	if (mlw_place_init(&subject->place, query->place, query->at, err) ||
	    mlw_recording_open(&subject->recording, subject->place.file,
	                       &query->recording, err))
		return -1;
	return load(subject, query, err);
}

int mlw_subject_open_beside(struct mlw_subject *subject, const struct mlw_query *query,
                            struct mlw_recording *recording, struct mlw_error *err)
{
	*subject = (struct mlw_subject){ .shared = true };
	if (mlw_place_init(&subject->place, query->place, query->at, err))
		return -1;
	subject->recording = recording;
	return load(subject, query, err);
}

void mlw_subject_close(struct mlw_subject *subject)
{
	mlw_filter_release(&subject->filter);
	mlw_holdings_release(&subject->holdings);
	if (!subject->shared)
		mlw_recording_close(subject->recording);
	mlw_place_release(&subject->place);
	*subject = (struct mlw_subject){ 0 };
}

void mlw_query_describe(const struct mlw_query *query, struct mallow_about *about)
{
	about->domain = mlw_query_domain(query);
	about->by = query->by;
	about->sort = query->sort;
	about->cumulative = query->cumulative;
	about->leaks = query->leaks;
	about->inverted = query->invert;
	about->min_size = query->min_size;
	about->limit = query->limit;
}

void mlw_subject_describe(const struct mlw_subject *subject,
                          const struct mlw_query *query, struct mallow_about *about)
{
	mlw_query_describe(query, about);
	mlw_place_describe(&subject->place, subject->recording, about);
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
	struct mlw_holding holding;

	for (size_t i = 0; i < subject->holdings.count; i++) {
		int passes;

		mlw_holdings_get(&subject->holdings, i, &holding);
		if (!subject->whole && is_nothing(&holding.totals))
			continue;
		passes = mlw_filter_passes(&subject->filter, holding.trace, err);
		if (passes < 0 || (passes && visit(context, &holding, err)))
			return -1;
	}
	return 0;
}
