/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "analyze/groups.h"
#include "snapshot/label.h"
#include "snapshot/tally.h"

/* A difference begins as a statistic does: both are one row. */
union result {
	struct mallow_statistic statistic;
	struct mallow_difference difference;
};

_Static_assert(offsetof(struct mallow_statistic, count) ==
                       offsetof(struct mallow_difference, count),
               "a difference begins as a statistic");

/* What a row points to, besides the origins. */
struct backing {
	struct mlw_frame frame;
	const struct mlw_frame *pointer;
	struct mallow_traceback traceback;
	char *label;
};

struct results {
	struct mlw_origin *origins[2];
	union result *rows;
	struct backing *backings;
	size_t count;
};

struct mallow_statistics {
	struct results results;
};

struct mallow_differences {
	struct results results;
};

static void release(struct results *results)
{
	for (size_t i = 0; results->backings && i < results->count; i++)
		free(results->backings[i].label);
	free(results->backings);
	free(results->rows);
	for (int side = 0; side < 2; side++)
		mlw_origin_drop(results->origins[side]);
}

/* The one frame of what a group by frame has in common, or none. */
static const struct mallow_traceback *make_traceback(struct backing *backing,
                                                     enum mallow_key key,
                                                     const struct mlw_tally_row *row)
{
	if (row->frame) {
		mlw_group_common_frame(&backing->frame, key, row->frame);
		backing->pointer = &backing->frame;
		backing->traceback = (struct mallow_traceback){
			.frames = &backing->pointer, .count = 1, .total_frames = 1
		};
	}
	return &backing->traceback;
}

static int make_label(struct backing *backing, enum mallow_key key,
                      const struct mlw_tally_row *row, struct mlw_recording *recording,
                      struct mlw_error *err)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	mlw_label_row(&text, key, row, recording);
	backing->label = mlw_strbuf_detach(&text);
	mlw_strbuf_release(&text);
	return backing->label ? 0 : mlw_fail(err, "out of memory");
}

static int fill_row(struct results *results, size_t index, enum mallow_key key,
                    const struct mlw_tally_row *row, struct mlw_error *err)
{
	struct backing *backing = &results->backings[index];
	enum mallow_side named = row->count[MALLOW_NEW] || !results->origins[MALLOW_OLD]
	                                 ? MALLOW_NEW
	                                 : MALLOW_OLD;

	if (make_label(backing, key, row, results->origins[named]->recording, err))
		return -1;
	results->rows[index].difference = (struct mallow_difference){
		.traceback = row->traceback ? row->traceback
		                            : make_traceback(backing, key, row),
		.label = backing->label,
		.id = row->id,
		.size = row->size[MALLOW_NEW],
		.count = row->count[MALLOW_NEW],
		.size_diff = (int64_t)(row->size[MALLOW_NEW] - row->size[MALLOW_OLD]),
		.count_diff = (int64_t)(row->count[MALLOW_NEW] - row->count[MALLOW_OLD]),
	};
	return 0;
}

static int fill(struct results *results, const struct mlw_tally *tally,
                struct mlw_error *err)
{
	results->rows = calloc(tally->count + 1, sizeof(*results->rows));
	results->backings = calloc(tally->count + 1, sizeof(*results->backings));
	if (!results->rows || !results->backings)
		return mlw_fail(err, "out of memory");
	results->count = tally->count;
	for (size_t i = 0; i < tally->count; i++) {
		if (fill_row(results, i, tally->key, &tally->rows[i], err))
			return -1;
	}
	return 0;
}

/* `old` may be NULL. */
static int answer(struct results *results, const struct mallow_snapshot *now,
                  const struct mallow_snapshot *old, enum mallow_key key, bool cumulative,
                  struct mlw_error *err)
{
	struct mlw_tally tally = { .key = key, .cumulative = cumulative };
	int result;

	results->origins[MALLOW_NEW] = mlw_origin_hold(now->origin);
	results->origins[MALLOW_OLD] = old ? mlw_origin_hold(old->origin) : NULL;
	result = old ? mlw_tally_add(&tally, old, MALLOW_OLD, err) : 0;
	if (!result)
		result = mlw_tally_add(&tally, now, MALLOW_NEW, err);
	if (!result) {
		mlw_tally_sort(&tally);
		result = fill(results, &tally, err);
	}
	mlw_tally_release(&tally);
	return result;
}

int mallow_snapshot_statistics(const struct mallow_snapshot *snapshot,
                               enum mallow_key key, bool cumulative,
                               struct mallow_statistics **statistics,
                               struct mallow_error *err)
{
	struct mallow_statistics *made = calloc(1, sizeof(*made));
	struct mlw_error inner = { "out of memory" };

	*statistics = NULL;
	if (!made || answer(&made->results, snapshot, NULL, key, cumulative, &inner)) {
		mallow_statistics_free(made);
		return mlw_snapshot_fail(err, &inner);
	}
	*statistics = made;
	return 0;
}

void mallow_statistics_free(struct mallow_statistics *statistics)
{
	if (statistics)
		release(&statistics->results);
	free(statistics);
}

size_t mallow_statistics_count(const struct mallow_statistics *statistics)
{
	return statistics->results.count;
}

const struct mallow_statistic *mallow_statistics_get(
        const struct mallow_statistics *statistics, size_t index)
{
	return index < statistics->results.count
	               ? &statistics->results.rows[index].statistic
	               : NULL;
}

int mallow_snapshot_compare_to(const struct mallow_snapshot *snapshot,
                               const struct mallow_snapshot *old, enum mallow_key key,
                               bool cumulative, struct mallow_differences **differences,
                               struct mallow_error *err)
{
	struct mallow_differences *made = calloc(1, sizeof(*made));
	struct mlw_error inner = { "out of memory" };

	*differences = NULL;
	if (!made || answer(&made->results, snapshot, old, key, cumulative, &inner)) {
		mallow_differences_free(made);
		return mlw_snapshot_fail(err, &inner);
	}
	*differences = made;
	return 0;
}

void mallow_differences_free(struct mallow_differences *differences)
{
	if (differences)
		release(&differences->results);
	free(differences);
}

size_t mallow_differences_count(const struct mallow_differences *differences)
{
	return differences->results.count;
}

const struct mallow_difference *mallow_differences_get(
        const struct mallow_differences *differences, size_t index)
{
	return index < differences->results.count
	               ? &differences->results.rows[index].difference
	               : NULL;
}
