/* SPDX-License-Identifier: MIT */
#include "analyze/series.h"

#include <stdlib.h>

#include "analyze/holdings.h"
#include "analyze/weights.h"

#define NS_PER_US UINT64_C(1000)

/* Of one row in one process. */
struct mlw_held {
	uint64_t size, count;
};

int mlw_series_set_init(struct mlw_series_set *set, const struct mlw_recording *recording,
                        const struct mlw_members *members, size_t rows, size_t points,
                        struct mlw_error *err)
{
	*set = (struct mlw_series_set){
		.rows = calloc(rows + 1, sizeof(*set->rows)),
		.count = rows,
		.points = points,
		.members = members,
		.recording = recording,
		.levels = calloc(rows + 1, (points + 1) * sizeof(*set->levels)),
		.now = calloc(rows + 1, sizeof(*set->now)),
		.processes =
		        calloc(recording->process_count + 1, sizeof(struct mlw_held *)),
	};
	if (!set->rows || !set->levels || !set->now || !set->processes)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < rows; i++)
		set->rows[i].levels = set->levels + i * points;
	return 0;
}

void mlw_series_set_release(struct mlw_series_set *set)
{
	for (size_t i = 0; set->processes && i <= set->recording->process_count; i++)
		free(set->processes[i]);
	free(set->processes);
	free(set->now);
	free(set->levels);
	free(set->rows);
	mlw_cuts_release(&set->cuts);
	*set = (struct mlw_series_set){ 0 };
}

/* What the trace's process holds, by row; NULL without memory. */
static struct mlw_held *held_by(struct mlw_series_set *set, uint32_t trace,
                                struct mlw_error *err)
{
	const struct mlw_recording *recording = set->recording;
	uint32_t thread = recording->traces[trace - 1].thread;
	struct mlw_held **held = &set->processes[recording->threads[thread - 1].process];

	if (!*held)
		*held = calloc(set->count, sizeof(**held));
	if (!*held)
		mlw_fail(err, "out of memory");
	return *held;
}

static int take_away(struct mlw_held *held, struct mallow_level *now,
                     struct mlw_weight gone, struct mlw_error *err)
{
	if (held->size < gone.size || held->count < gone.count)
		return mlw_fail(err, "damaged: an event frees more than is live");
	held->size -= gone.size;
	held->count -= gone.count;
	now->size -= gone.size;
	now->count -= gone.count;
	return 0;
}

int mlw_series_remove(struct mlw_series_set *set, const struct mlw_change *change,
                      struct mlw_error *err)
{
	bool by_size = set->members->by_size;
	uint32_t size_class = by_size ? mlw_cuts_class(&set->cuts, change) : 0;
	const struct mlw_weight gone = mlw_weigh_gone(set->recording, change);
	struct mlw_held *held;
	const uint32_t *rows;
	size_t count;

	if (by_size && change->op == MLW_OP_SHRINK &&
	    mlw_cuts_note(&set->cuts, change, err))
		return -1;
	rows = mlw_members_of(set->members, change->old.trace, size_class, &count);
	if (!count)
		return 0;
	held = held_by(set, change->old.trace, err);
	if (!held)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (take_away(&held[rows[i]], &set->now[rows[i]], gone, err))
			return -1;
	}
	return 0;
}

static void put(struct mallow_series *row, struct mlw_held *held,
                struct mallow_level *now, struct mlw_weight more, uint64_t time_us)
{
	held->size += more.size;
	held->count += more.count;
	now->size += more.size;
	now->count += more.count;
	now->allocations += more.count;
	if (now->size <= row->highest.size)
		return;
	row->highest.at_ns = time_us * NS_PER_US;
	row->highest.size = now->size;
	row->highest.count = now->count;
}

int mlw_series_add(struct mlw_series_set *set, const struct mlw_change *change,
                   struct mlw_error *err)
{
	const struct mlw_weight more = mlw_weigh_new(set->recording, change);
	struct mlw_held *held;
	const uint32_t *rows;
	size_t count;

	rows = mlw_members_of(set->members, change->trace, mlw_size_class(change->size),
	                      &count);
	if (!count)
		return 0;
	held = held_by(set, change->trace, err);
	if (!held)
		return -1;
	for (size_t i = 0; i < count; i++)
		put(&set->rows[rows[i]], &held[rows[i]], &set->now[rows[i]], more,
		    change->time_us);
	return 0;
}

void mlw_series_end_process(struct mlw_series_set *set, uint32_t process)
{
	struct mlw_held *held = set->processes[process];

	for (size_t i = 0; held && i < set->count; i++) {
		set->now[i].size -= held[i].size;
		set->now[i].count -= held[i].count;
	}
	free(held);
	set->processes[process] = NULL;
}

void mlw_series_mark(struct mlw_series_set *set, size_t point)
{
	for (size_t i = 0; i < set->count; i++)
		set->levels[i * set->points + point] = set->now[i];
}
