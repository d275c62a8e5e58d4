/* SPDX-License-Identifier: MIT */
#include "analyze/ranking.h"

#include <string.h>

#include "analyze/leak_kind.h"
#include "snapshot/query.h"

int mallow_ranking_new(struct mallow_ranking **ranking, const struct mallow_query *query,
                       struct mallow_error *err)
{
	struct mlw_query asked;
	struct mlw_error inner;

	*ranking = NULL;
	if (mlw_query_of(&asked, query, &inner) ||
	    mlw_ranking_new(ranking, &asked, &inner))
		return mlw_query_fail(err, query->place, &inner);
	return 0;
}

void mallow_ranking_free(struct mallow_ranking *ranking)
{
	mlw_ranking_free(ranking);
}

const struct mallow_about *mallow_ranking_about(const struct mallow_ranking *ranking)
{
	return &ranking->about;
}

const struct mallow_sums *mallow_ranking_total(const struct mallow_ranking *ranking)
{
	return &ranking->total;
}

const struct mallow_sums *mallow_ranking_kind(const struct mallow_ranking *ranking,
                                              enum mallow_leak_kind kind)
{
	static const struct mallow_sums nothing;

	return (unsigned)kind < MALLOW_LEAK_KINDS ? &ranking->kinds[kind] : &nothing;
}

size_t mallow_ranking_group_count(const struct mallow_ranking *ranking)
{
	return ranking->group_count;
}

size_t mallow_ranking_count(const struct mallow_ranking *ranking)
{
	return ranking->count;
}

const struct mallow_row *mallow_ranking_row(const struct mallow_ranking *ranking,
                                            size_t index)
{
	return index < ranking->count ? &ranking->rows[index] : NULL;
}

const char *mallow_leak_kind_name(enum mallow_leak_kind kind)
{
	return (unsigned)kind < MALLOW_LEAK_KINDS ? mlw_leak_kind_name(kind) : NULL;
}

uint64_t mallow_sums_value(const struct mallow_sums *sums, enum mallow_sort sort)
{
	return mlw_sums_value(sums, sort);
}

/* One without a name is malloc's. */
static bool is_sampled(const char *domain)
{
	return !domain || !strcmp(domain, "malloc");
}

uint64_t mallow_row_error(const struct mallow_row *row, const struct mallow_about *about)
{
	if (about->by == MALLOW_BY_DOMAIN && !is_sampled(row->name))
		return 0;
	return mallow_sums_error(&row->sums, about);
}

uint64_t mallow_sums_error(const struct mallow_sums *sums,
                           const struct mallow_about *about)
{
	if (!is_sampled(about->domain) && strcmp(about->domain, "all") != 0)
		return 0;
	return mlw_sums_error(sums, about->sort, about->sample_bytes);
}

void mallow_sums_add(struct mallow_sums *sums, const struct mallow_sums *more)
{
	mlw_sums_join(sums, more);
}

void mallow_sums_subtract(struct mallow_sums *sums, const struct mallow_sums *less)
{
	mlw_sums_subtract(sums, less);
}
