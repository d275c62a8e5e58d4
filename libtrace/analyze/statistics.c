/* SPDX-License-Identifier: MIT */
#include "analyze/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/grouping.h"

struct mlw_statistics_store {
	struct mlw_subject subject;
	struct mlw_groups groups;
	struct mlw_backing *backings; /* one a row */
};

/* By kind of leak, then descending by the value, then size, count and the traceback, as
 * tracemalloc. */
static int compare_groups(const void *first, const void *second, void *context)
{
	const struct mlw_statistics *statistics = context;
	const struct mlw_group *a = first, *b = second;
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (!order)
		order = mlw_sums_compare(&b->sums, &a->sums, statistics->sort);
	if (!order)
		order = mlw_group_compare(b, a, statistics->by);
	return order;
}

static size_t drop_small(struct mlw_groups *groups, enum mlw_sort sort, uint64_t min_size)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++) {
		if (mlw_sums_bytes(&groups->rows[i].sums, sort) >= min_size)
			groups->rows[kept++] = groups->rows[i];
	}
	return kept;
}

static int fill_rows(struct mlw_statistics *statistics, struct mlw_error *err)
{
	struct mlw_statistics_store *store = statistics->store;

	statistics->rows = calloc(statistics->count + 1, sizeof(*statistics->rows));
	store->backings = calloc(statistics->count + 1, sizeof(*store->backings));
	if (!statistics->rows || !store->backings)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < statistics->count; i++) {
		if (mlw_row_fill(&statistics->rows[i], &store->backings[i],
		                 &store->groups.rows[i], statistics->by,
		                 store->subject.recording, err))
			return -1;
	}
	return 0;
}

/* Says of the recording what a reader of the answer wants to know. */
static void describe(struct mlw_statistics *statistics)
{
	const struct mlw_subject *subject = &statistics->store->subject;

	statistics->domain = subject->domain;
	statistics->file = subject->place.file;
	statistics->at = subject->place.when;
	statistics->closed = subject->recording->run->closed;
	statistics->complete = mlw_recording_complete(subject->recording);
}

static int collect(struct mlw_statistics *statistics, const struct mlw_query *query,
                   struct mlw_error *err)
{
	struct mlw_statistics_store *store = statistics->store;

	if (mlw_subject_open(&store->subject, query, err) ||
	    mlw_group_subject(&store->groups, &store->subject, query, &statistics->total,
	                      err))
		return -1;
	describe(statistics);
	memcpy(statistics->kinds, store->groups.kinds, sizeof(statistics->kinds));
	statistics->group_count = store->groups.count;
	store->groups.count = drop_small(&store->groups, query->sort, query->min_size);
	if (store->groups.count)
		qsort_r(store->groups.rows, store->groups.count,
		        sizeof(*store->groups.rows), compare_groups, statistics);
	statistics->count = store->groups.count;
	if (query->limit && query->limit < statistics->count)
		statistics->count = query->limit;
	return fill_rows(statistics, err);
}

int mlw_statistics_new(struct mlw_statistics **statistics, const struct mlw_query *query,
                       struct mlw_error *err)
{
	struct mlw_statistics *made = calloc(1, sizeof(*made));

	*statistics = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->by = query->by;
	made->sort = query->sort;
	made->cumulative = query->cumulative;
	made->leaks = query->leaks;
	made->store = calloc(1, sizeof(*made->store));
	if (!made->store) {
		mlw_statistics_free(made);
		return mlw_fail(err, "out of memory");
	}
	if (collect(made, query, err)) {
		mlw_statistics_free(made);
		return -1;
	}
	*statistics = made;
	return 0;
}

static void free_store(struct mlw_statistics_store *store, size_t rows)
{
	if (!store)
		return;
	for (size_t i = 0; store->backings && i < rows; i++)
		mlw_backing_release(&store->backings[i]);
	free(store->backings);
	mlw_groups_release(&store->groups);
	mlw_subject_close(&store->subject);
	free(store);
}

void mlw_statistics_free(struct mlw_statistics *statistics)
{
	if (!statistics)
		return;
	free(statistics->rows);
	free_store(statistics->store, statistics->count);
	free(statistics);
}
