/* SPDX-License-Identifier: MIT */
#include "analyze/grouping.h"

struct grouping {
	struct mlw_groups *groups;
	struct mlw_recording *recording;
	enum mlw_by by;
	bool cumulative;
	struct mlw_sums *total;
	bool leaks;
	enum mlw_leak_kind kind; /* of the holding that is being added */
};

/* The group of `key` for the kind at hand. The first part of a key has 32 bits. */
static struct mlw_group *find_group(struct grouping *grouping, struct mlw_key *key,
                                    struct mlw_error *err)
{
	struct mlw_group *group;

	key->part[0] |= (uint64_t)grouping->kind << 32;
	group = mlw_groups_find(grouping->groups, key, err);
	if (group)
		group->kind = grouping->kind;
	return group;
}

/* Adds a holding to the group of `key`, once however often it is asked to. */
static struct mlw_group *add_to_group(struct grouping *grouping, struct mlw_key *key,
                                      const struct mlw_holding *holding,
                                      struct mlw_error *err)
{
	struct mlw_group *group = find_group(grouping, key, err);

	if (group && group->stamp != holding->trace) {
		group->stamp = holding->trace;
		mlw_sums_add(&group->sums, &holding->totals);
	}
	return group;
}

static int add_frame(struct grouping *grouping, const struct mlw_frame *frame,
                     const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_key key;
	struct mlw_group *group;

	mlw_group_key_of_frame(&key, grouping->by, frame);
	group = add_to_group(grouping, &key, holding, err);
	if (!group)
		return -1;
	if (frame && (!group->frame || mlw_frame_compare(frame, group->frame) < 0))
		group->frame = frame;
	return 0;
}

static int add_by_frame(struct grouping *grouping, const struct mlw_holding *holding,
                        struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	int got;

	if (mlw_walk_to_site(&walk, grouping->recording, holding->trace, err))
		return -1;
	got = mlw_walk_next(&walk, &frame, err);
	if (!got)
		return add_frame(grouping, NULL, holding, err);
	while (got > 0) {
		if (add_frame(grouping, frame, holding, err))
			return -1;
		if (!grouping->cumulative)
			return 0;
		got = mlw_walk_next(&walk, &frame, err);
	}
	return got;
}

/* Stacks that differ only in wrappers meet in the node and the frame of their site. */
static int add_by_trace(struct grouping *grouping, const struct mlw_holding *holding,
                        struct mlw_error *err)
{
	struct mlw_recording *recording = grouping->recording;
	uint32_t flags = recording->traces[holding->trace - 1].flags;
	bool truncated = flags & MLW_TRACE_TRUNCATED;
	struct mlw_group *group;
	struct mlw_key key;
	struct mlw_walk walk;

	if (mlw_walk_to_site(&walk, recording, holding->trace, err))
		return -1;
	key = (struct mlw_key){ { walk.node, walk.index, truncated } };
	group = add_to_group(grouping, &key, holding, err);
	if (!group)
		return -1;
	group->stack = walk;
	group->truncated = truncated;
	return 0;
}

static uint32_t number_of(const struct grouping *grouping,
                          const struct mlw_holding *holding)
{
	const struct mlw_recording *recording = grouping->recording;
	const struct mlw_trace_row *trace = &recording->traces[holding->trace - 1];

	switch (grouping->by) {
	case MLW_BY_THREAD:
		return trace->thread;
	case MLW_BY_PROCESS:
		return recording->threads[trace->thread - 1].process;
	case MLW_BY_DOMAIN:
		return trace->domain;
	case MLW_BY_SCOPE:
		return trace->scope;
	default:
		return holding->size_class;
	}
}

static int add_by_number(struct grouping *grouping, const struct mlw_holding *holding,
                         struct mlw_error *err)
{
	uint32_t number = number_of(grouping, holding);
	struct mlw_key key = { { number, 0, 0 } };
	struct mlw_group *group = find_group(grouping, &key, err);

	if (!group)
		return -1;
	group->id = number;
	mlw_sums_add(&group->sums, &holding->totals);
	return 0;
}

static int classify(struct grouping *grouping, const struct mlw_holding *holding,
                    struct mlw_error *err)
{
	if (mlw_leak_kind_of(grouping->recording, holding->trace, &grouping->kind, err))
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
	if (mlw_by_is_frame(grouping->by))
		return add_by_frame(grouping, holding, err);
	if (grouping->by == MLW_BY_TRACE)
		return add_by_trace(grouping, holding, err);
	return add_by_number(grouping, holding, err);
}

static int check(const struct mlw_query *query, struct mlw_error *err)
{
	if (query->cumulative && !mlw_by_is_frame(query->by))
		return mlw_fail(err,
		                "--cumulative needs --by line, function, file or module, "
		                "not %s",
		                mlw_by_name(query->by));
	return 0;
}

int mlw_group_subject(struct mlw_groups *groups, struct mlw_subject *subject,
                      const struct mlw_query *query, struct mlw_sums *total,
                      struct mlw_error *err)
{
	struct grouping grouping = {
		.groups = groups,
		.recording = subject->recording,
		.by = query->by,
		.cumulative = query->cumulative,
		.total = total,
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
                      enum mlw_by by)
{
	if (mlw_by_is_frame(by))
		return compare_frames(a->frame, b->frame);
	if (by == MLW_BY_TRACE)
		return compare_stacks(a, b);
	return compare_number(b->id, a->id);
}
