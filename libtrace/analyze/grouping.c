/* SPDX-License-Identifier: MIT */
#include "analyze/grouping.h"

#include "analyze/membership.h"

struct grouping {
	struct mlw_groups *groups;
	struct mlw_memberships memberships;
	struct mallow_sums *total;
	enum mallow_sort sort;
	bool leaks;
	enum mallow_leak_kind kind; /* of the holding that is being added */
};

/* The group of `key` for the kind at hand. The first part of a key has 32 bits. */
static struct mlw_group *find_group(struct grouping *grouping, struct mlw_key key,
                                    struct mlw_error *err)
{
	struct mlw_group *group;

	key.part[0] |= (uint64_t)grouping->kind << 32;
	group = mlw_groups_find(grouping->groups, &key, err);
	if (group)
		group->kind = grouping->kind;
	return group;
}

/* Has the trace blocks of the kind that is sorted by? Their bytes may be 0. */
static bool counts(const struct mlw_trace_totals *totals, enum mallow_sort sort)
{
	switch (sort) {
	case MALLOW_SORT_PEAK:
		return totals->peak_count;
	case MALLOW_SORT_ALLOCATED:
	case MALLOW_SORT_ALLOCATIONS:
		return totals->allocations;
	case MALLOW_SORT_TEMPORARY:
		return totals->temporary_count;
	default:
		return totals->live_count;
	}
}

/* A line may be in several functions: what has nothing here does not name the group. */
static void offer_frame(struct mlw_group *group, const struct mlw_frame *frame,
                        bool counts)
{
	bool better = counts && !group->frame_counts;

	if (group->frame_counts == counts)
		better = !group->frame || mlw_frame_compare(frame, group->frame) < 0;
	if (!better)
		return;
	group->frame = frame;
	group->frame_counts = counts;
}

/* Adds a holding to a group, once however often it is asked to. */
static int join(void *context, const struct mlw_holding *holding,
                const struct mlw_membership *as, struct mlw_error *err)
{
	struct grouping *grouping = context;
	struct mlw_group *group = find_group(grouping, as->key, err);

	if (!group)
		return -1;
	group->id = as->id;
	group->stack = as->stack;
	group->truncated = as->truncated;
	if (as->frame)
		offer_frame(group, as->frame, counts(&holding->totals, grouping->sort));
	if (group->stamp != holding->trace) {
		group->stamp = holding->trace;
		mlw_sums_add(&group->sums, &holding->totals);
	}
	return 0;
}

static int classify(struct grouping *grouping, const struct mlw_holding *holding,
                    struct mlw_error *err)
{
	if (mlw_leak_kind_of(grouping->memberships.recording, holding->trace,
	                     &grouping->kind, err))
		return -1;
	mlw_sums_add(&grouping->groups->kinds[grouping->kind], &holding->totals);
	return 0;
}

static int add_holding(void *context, const struct mlw_holding *holding,
                       struct mlw_error *err)
{
	struct grouping *grouping = context;

	if (grouping->leaks && !holding->totals.live_count)
		return 0;
	if (grouping->leaks && classify(grouping, holding, err))
		return -1;
	mlw_sums_add(grouping->total, &holding->totals);
	return mlw_membership_each(&grouping->memberships, holding, join, grouping, err);
}

static int check(const struct mlw_query *query, struct mlw_error *err)
{
	if (query->cumulative && !mlw_key_is_frame(query->by))
		return mlw_fail(err,
		                "--cumulative needs --by line, function, file or module, "
		                "not %s",
		                mlw_key_name(query->by));
	return 0;
}

int mlw_group_subject(struct mlw_groups *groups, struct mlw_subject *subject,
                      const struct mlw_query *query, struct mallow_sums *total,
                      struct mlw_error *err)
{
	struct grouping grouping = {
		.groups = groups,
		.memberships = { subject->recording, query->by, query->cumulative },
		.total = total,
		.sort = query->sort,
		.leaks = query->leaks,
	};

	if (check(query, err))
		return -1;
	return mlw_subject_each(subject, add_holding, &grouping, err);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* As mlw_traceback_compare, without building them: most never tie. A failing walk ends
 * the comparison; building the traceback will meet the same failure and report it. */
static int compare_stacks(const struct mlw_group *a, const struct mlw_group *b)
{
	struct mlw_walk walks[2] = { a->stack, b->stack };
	const struct mlw_frame *frames[2];
	struct mlw_error ignored;

	for (;;) {
		int got = mlw_walk_next(&walks[0], &frames[0], &ignored);
		int other = mlw_walk_next(&walks[1], &frames[1], &ignored);
		int order;

		if (got <= 0 || other <= 0)
			return got != other ? compare_number((uint64_t)(got > 0),
			                                     (uint64_t)(other > 0))
			                    : compare_number(a->truncated, b->truncated);
		order = mlw_frame_compare(frames[0], frames[1]);
		if (order)
			return order;
	}
}

static int compare_frames(const struct mlw_frame *a, const struct mlw_frame *b)
{
	if (!a || !b)
		return compare_number(a != NULL, b != NULL);
	return mlw_frame_compare(a, b);
}

int mlw_group_compare(const struct mlw_group *a, const struct mlw_group *b,
                      enum mallow_key by)
{
	if (mlw_key_is_frame(by))
		return compare_frames(a->frame, b->frame);
	if (by == MALLOW_BY_TRACEBACK)
		return compare_stacks(a, b);
	return compare_number(b->id, a->id);
}
