/* SPDX-License-Identifier: MIT */
#include "analyze/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/command_line.h"
#include "analyze/groups.h"
#include "analyze/subject.h"
#include "base/strbuf.h"

/* What a row's traceback is made of: one frame, or a whole stack. */
struct backing {
	struct mlw_frame frame;
	const struct mlw_frame *pointer;
	const struct mlw_frame **stack;
};

struct mlw_statistics_store {
	struct mlw_subject subject;
	struct mlw_groups groups;
	struct backing *backings; /* one a row */
};

static bool by_frame(enum mlw_by by)
{
	return by <= MLW_BY_MODULE;
}

/* Adds a holding to the group of `key`, once however often it is asked to. */
static struct mlw_group *add_to_group(struct mlw_groups *groups,
                                      const struct mlw_group_key *key,
                                      const struct mlw_holding *holding,
                                      struct mlw_error *err)
{
	struct mlw_group *group = mlw_groups_find(groups, key, err);

	if (group && group->stamp != holding->trace) {
		group->stamp = holding->trace;
		mlw_sums_add(&group->sums, &holding->totals);
	}
	return group;
}

static int add_frame(struct mlw_groups *groups, enum mlw_by by,
                     const struct mlw_frame *frame, const struct mlw_holding *holding,
                     struct mlw_error *err)
{
	struct mlw_group_key key;
	struct mlw_group *group;

	mlw_group_key_of_frame(&key, by, frame);
	group = add_to_group(groups, &key, holding, err);
	if (!group)
		return -1;
	if (frame && (!group->frame || mlw_frame_compare(frame, group->frame) < 0))
		group->frame = frame;
	return 0;
}

static int add_by_frame(struct mlw_statistics *statistics,
                        const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_groups *groups = &statistics->store->groups;
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	int got;

	if (mlw_walk_to_site(&walk, statistics->store->subject.recording, holding->trace,
	                     err))
		return -1;
	got = mlw_walk_next(&walk, &frame, err);
	if (!got)
		return add_frame(groups, statistics->by, NULL, holding, err);
	while (got > 0) {
		if (add_frame(groups, statistics->by, frame, holding, err))
			return -1;
		if (!statistics->cumulative)
			return 0;
		got = mlw_walk_next(&walk, &frame, err);
	}
	return got;
}

/* Stacks that differ only in wrappers meet in the node and the frame of their site. */
static int add_by_trace(struct mlw_statistics *statistics,
                        const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_recording *recording = statistics->store->subject.recording;
	uint32_t flags = recording->traces[holding->trace - 1].flags;
	bool truncated = flags & MLW_TRACE_TRUNCATED;
	struct mlw_group *group;
	struct mlw_group_key key;
	struct mlw_walk walk;

	if (mlw_walk_to_site(&walk, recording, holding->trace, err))
		return -1;
	key = (struct mlw_group_key){ { walk.node, walk.index, truncated } };
	group = add_to_group(&statistics->store->groups, &key, holding, err);
	if (!group)
		return -1;
	group->stack = walk;
	group->truncated = truncated;
	return 0;
}

static uint32_t number_of(const struct mlw_statistics *statistics,
                          const struct mlw_holding *holding)
{
	const struct mlw_recording *recording = statistics->store->subject.recording;
	const struct mlw_trace_row *trace = &recording->traces[holding->trace - 1];

	switch (statistics->by) {
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

static int add_by_number(struct mlw_statistics *statistics,
                         const struct mlw_holding *holding, struct mlw_error *err)
{
	struct mlw_groups *groups = &statistics->store->groups;
	uint32_t number = number_of(statistics, holding);
	struct mlw_group_key key = { { number, 0, 0 } };
	struct mlw_group *group = mlw_groups_find(groups, &key, err);

	if (!group)
		return -1;
	group->id = number;
	mlw_sums_add(&group->sums, &holding->totals);
	return 0;
}

static int add_holding(void *context, const struct mlw_holding *holding,
                       struct mlw_error *err)
{
	struct mlw_statistics *statistics = context;

	mlw_sums_add(&statistics->total, &holding->totals);
	if (by_frame(statistics->by))
		return add_by_frame(statistics, holding, err);
	if (statistics->by == MLW_BY_TRACE)
		return add_by_trace(statistics, holding, err);
	return add_by_number(statistics, holding, err);
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

static int compare_tie(const struct mlw_group *a, const struct mlw_group *b,
                       enum mlw_by by)
{
	if (by_frame(by))
		return compare_frames(a->frame, b->frame);
	if (by == MLW_BY_TRACE)
		return compare_stacks(a, b);
	return compare_number(b->id, a->id);
}

/* Descending by the value, then size, count and the traceback, as tracemalloc. */
static int compare_groups(const void *first, const void *second, void *context)
{
	const struct mlw_statistics *statistics = context;
	const struct mlw_group *a = first, *b = second;
	int order = mlw_sums_compare(&b->sums, &a->sums, statistics->sort);

	if (!order)
		order = compare_tie(b, a, statistics->by);
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

static void fill_single(struct mlw_row *row, struct backing *backing, enum mlw_by by,
                        const struct mlw_group *group)
{
	if (!group->frame)
		return;
	mlw_group_common_frame(&backing->frame, by, group->frame);
	backing->pointer = &backing->frame;
	row->traceback = (struct mlw_traceback){ &backing->pointer, 1, false };
}

static int fill_stack(struct mlw_row *row, struct backing *backing,
                      const struct mlw_group *group, struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk = group->stack;
	size_t count = 0;
	int got;

	while ((got = mlw_walk_next(&walk, &frame, err)) > 0)
		count++;
	if (got < 0)
		return -1;
	backing->stack = calloc(count + 1, sizeof(*backing->stack));
	if (!backing->stack)
		return mlw_fail(err, "out of memory");
	walk = group->stack;
	for (size_t i = 0; i < count && mlw_walk_next(&walk, &backing->stack[i], err) > 0;
	     i++)
		;
	row->traceback =
	        (struct mlw_traceback){ backing->stack, count, group->truncated };
	return 0;
}

/* The words of a process's command with spaces between them. */
static int process_name(struct mlw_recording *recording, uint32_t id, const char **name,
                        struct mlw_error *err)
{
	struct mlw_command_line line;
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	if (mlw_command_line_init(&line, recording->processes[id - 1].command, err))
		return -1;
	for (size_t i = 0; i < line.count; i++)
		mlw_strbuf_printf(&text, "%s%s", i ? " " : "", line.words[i]);
	mlw_command_line_release(&line);
	*name = mlw_strbuf_failed(&text)
	                ? NULL
	                : mlw_intern(&recording->strings, text.text, err);
	mlw_strbuf_release(&text);
	return *name ? 0 : mlw_fail(err, "out of memory");
}

static int fill_number(struct mlw_row *row, struct mlw_recording *recording,
                       enum mlw_by by, uint32_t id, struct mlw_error *err)
{
	row->id = id;
	row->name = "";
	switch (by) {
	case MLW_BY_THREAD:
		if (recording->threads[id - 1].name)
			row->name = recording->threads[id - 1].name;
		return 0;
	case MLW_BY_PROCESS:
		return process_name(recording, id, &row->name, err);
	case MLW_BY_DOMAIN:
		row->name = mlw_recording_domain(recording, id, err);
		return row->name ? 0 : -1;
	case MLW_BY_SIZE:
		row->size_min = mlw_size_class_min(id);
		row->size_max = mlw_size_class_max(id);
		return 0;
	default:
		return 0;
	}
}

static int fill_rows(struct mlw_statistics *statistics, struct mlw_error *err)
{
	struct mlw_statistics_store *store = statistics->store;

	statistics->rows = calloc(statistics->count + 1, sizeof(*statistics->rows));
	store->backings = calloc(statistics->count + 1, sizeof(*store->backings));
	if (!statistics->rows || !store->backings)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < statistics->count; i++) {
		const struct mlw_group *group = &store->groups.rows[i];
		struct mlw_row *row = &statistics->rows[i];
		int result = 0;

		row->sums = group->sums;
		if (by_frame(statistics->by))
			fill_single(row, &store->backings[i], statistics->by, group);
		else if (statistics->by == MLW_BY_TRACE)
			result = fill_stack(row, &store->backings[i], group, err);
		else
			result = fill_number(row, store->subject.recording,
			                     statistics->by, group->id, err);
		if (result)
			return -1;
	}
	return 0;
}

static int check(const struct mlw_query *query, struct mlw_error *err)
{
	if (query->cumulative && !by_frame(query->by))
		return mlw_fail(err,
		                "--cumulative needs --by line, function, file or module, "
		                "not %s",
		                mlw_by_name(query->by));
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
	    mlw_subject_each(&store->subject, add_holding, statistics, err))
		return -1;
	describe(statistics);
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
	made->store = calloc(1, sizeof(*made->store));
	if (!made->store) {
		mlw_statistics_free(made);
		return mlw_fail(err, "out of memory");
	}
	if (check(query, err) || collect(made, query, err)) {
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
		free(store->backings[i].stack);
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
