/* SPDX-License-Identifier: MIT */
#include "analyze/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/grouping.h"
#include "analyze/membership.h"

struct mlw_ranking_store {
	struct mlw_subject subject;
	struct mlw_groups groups;
	struct mlw_backing *backings; /* one a row */
};

/* By kind of leak, then descending by the value, then size, count and the traceback, as
 * tracemalloc. */
static int compare_groups(const void *first, const void *second, void *context)
{
	const struct mallow_ranking *ranking = context;
	const struct mlw_group *a = first, *b = second;
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (!order)
		order = mlw_sums_compare(&b->sums, &a->sums, ranking->about.sort);
	if (!order)
		order = mlw_group_compare(b, a, ranking->about.by);
	return order;
}

static size_t drop_small(struct mlw_groups *groups, enum mallow_sort sort,
                         uint64_t min_size)
{
	size_t kept = 0;

	for (size_t i = 0; i < groups->count; i++) {
		if (mlw_sums_bytes(&groups->rows[i].sums, sort) >= min_size)
			groups->rows[kept++] = groups->rows[i];
	}
	return kept;
}

static int fill_rows(struct mallow_ranking *ranking, struct mlw_error *err)
{
	struct mlw_ranking_store *store = ranking->store;

	ranking->rows = calloc(ranking->count + 1, sizeof(*ranking->rows));
	store->backings = calloc(ranking->count + 1, sizeof(*store->backings));
	if (!ranking->rows || !store->backings)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < ranking->count; i++) {
		if (mlw_row_fill(&ranking->rows[i], &store->backings[i],
		                 &store->groups.rows[i], ranking->about.by,
		                 store->subject.recording, err))
			return -1;
	}
	return 0;
}

static int open_subject(struct mlw_subject *subject, const struct mlw_query *query,
                        struct mlw_recording *recording, struct mlw_error *err)
{
	return recording ? mlw_subject_open_beside(subject, query, recording, err)
	                 : mlw_subject_open(subject, query, err);
}

/* `recording`: NULL to open it. */
static int collect(struct mallow_ranking *ranking, const struct mlw_query *query,
                   struct mlw_recording *recording, struct mlw_error *err)
{
	struct mlw_ranking_store *store = ranking->store;

	if (open_subject(&store->subject, query, recording, err) ||
	    mlw_group_subject(&store->groups, &store->subject, query, &ranking->total,
	                      err))
		return -1;
	mlw_subject_describe(&store->subject, query, &ranking->about);
	memcpy(ranking->kinds, store->groups.kinds, sizeof(ranking->kinds));
	ranking->group_count = store->groups.count;
	store->groups.count = drop_small(&store->groups, query->sort, query->min_size);
	if (store->groups.count)
		qsort_r(store->groups.rows, store->groups.count,
		        sizeof(*store->groups.rows), compare_groups, ranking);
	ranking->count = store->groups.count;
	if (query->limit && query->limit < ranking->count)
		ranking->count = query->limit;
	return fill_rows(ranking, err);
}

int mlw_ranking_new_beside(struct mallow_ranking **ranking, const struct mlw_query *query,
                           struct mlw_recording *recording, struct mlw_error *err)
{
	struct mallow_ranking *made = calloc(1, sizeof(*made));

	*ranking = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->store = calloc(1, sizeof(*made->store));
	if (!made->store) {
		mlw_ranking_free(made);
		return mlw_fail(err, "out of memory");
	}
	if (collect(made, query, recording, err)) {
		mlw_ranking_free(made);
		return -1;
	}
	*ranking = made;
	return 0;
}

int mlw_ranking_new(struct mallow_ranking **ranking, const struct mlw_query *query,
                    struct mlw_error *err)
{
	return mlw_ranking_new_beside(ranking, query, NULL, err);
}

/* Looks for the rows that holdings count in. */
struct search {
	const struct mlw_groups *groups;
	uint32_t *rows; /* by number of a group's key - 1: its row + 1, 0: none */
	struct mlw_memberships memberships;
	struct mlw_members *members;
};

static int note_row(void *context, const struct mlw_holding *holding,
                    const struct mlw_membership *as, struct mlw_error *err)
{
	const struct search *search = context;
	uint32_t number = mlw_numbering_find(&search->groups->keys, &as->key);
	uint32_t row = number ? search->rows[number - 1] : 0;

	if (!row)
		return 0;
	if (!search->members->by_size)
		return mlw_members_add(search->members, holding->trace, row - 1, err);
	mlw_members_add_class(search->members, holding->size_class, row - 1);
	return 0;
}

static int note_rows(void *context, const struct mlw_holding *holding,
                     struct mlw_error *err)
{
	struct search *search = context;

	return mlw_membership_each(&search->memberships, holding, note_row, search, err);
}

int mlw_ranking_members(const struct mallow_ranking *ranking, struct mlw_members *members,
                        struct mlw_error *err)
{
	struct mlw_ranking_store *store = ranking->store;
	struct mlw_recording *recording = store->subject.recording;
	struct search search = {
		.groups = &store->groups,
		.rows = calloc(ranking->group_count + 1, sizeof(*search.rows)),
		.memberships = { recording, ranking->about.by,
		                 ranking->about.cumulative },
		.members = members,
	};
	int result;

	*members = (struct mlw_members){ 0 };
	if (!search.rows)
		return mlw_fail(err, "out of memory");
	for (uint32_t i = 0; i < ranking->count; i++)
		search.rows[mlw_numbering_find(&store->groups.keys,
		                               &store->groups.rows[i].key) -
		            1] = i + 1;
	result =
	        mlw_members_init(members, recording, ranking->about.by, err) ||
	                        mlw_subject_each(&store->subject, note_rows, &search, err)
	                ? -1
	                : 0;
	if (!result)
		mlw_members_end(members);
	free(search.rows);
	return result;
}

static void free_store(struct mlw_ranking_store *store, size_t rows)
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

void mlw_ranking_free(struct mallow_ranking *ranking)
{
	if (!ranking)
		return;
	free(ranking->rows);
	free_store(ranking->store, ranking->count);
	free(ranking);
}
