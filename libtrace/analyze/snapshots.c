/* SPDX-License-Identifier: MIT */
#include "analyze/snapshots.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/place.h"
#include "analyze/recording.h"

#define NS_PER_US UINT64_C(1000)

struct mlw_snapshots_store {
	struct mlw_place place;
	struct mlw_recording *recording;
	struct mallow_taken *rows;
	const struct mallow_taken **sorted; /* by name, then as taken */
};

static int compare_names(const void *first, const void *second)
{
	const struct mallow_taken *a = *(const struct mallow_taken *const *)first;
	const struct mallow_taken *b = *(const struct mallow_taken *const *)second;
	int order = strcmp(a->name, b->name);

	return order ? order : (a > b) - (a < b);
}

/* A run may have thousands under the few names of its triggers. */
static void number_names(struct mlw_snapshots_store *store, size_t count)
{
	uint64_t nth = 0;

	for (size_t i = 0; i < count; i++)
		store->sorted[i] = &store->rows[i];
	if (count)
		qsort(store->sorted, count, sizeof(*store->sorted), compare_names);
	for (size_t i = 0; i < count; i++) {
		bool same =
		        i && !strcmp(store->sorted[i]->name, store->sorted[i - 1]->name);

		nth = same ? nth + 1 : 1;
		store->rows[store->sorted[i] - store->rows].nth = nth;
	}
}

static int copy_rows(struct mallow_snapshots *snapshots, struct mlw_recording *recording,
                     struct mlw_error *err)
{
	struct mlw_snapshots_store *store = snapshots->store;
	const struct mlw_snapshot_row *rows;

	if (mlw_reader_snapshots(recording->reader, &rows, &snapshots->count, err))
		return -1;
	store->rows = calloc(snapshots->count + 1, sizeof(*store->rows));
	store->sorted = calloc(snapshots->count + 1, sizeof(*store->sorted));
	if (!store->rows || !store->sorted)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < snapshots->count; i++)
		store->rows[i] =
		        (struct mallow_taken){ .name = rows[i].name,
			                       .at_ns = rows[i].at_us * NS_PER_US,
			                       .size = rows[i].size,
			                       .count = rows[i].count };
	number_names(store, snapshots->count);
	snapshots->rows = store->rows;
	return 0;
}

static int load(struct mallow_snapshots *snapshots, const char *place,
                struct mlw_error *err)
{
	struct mallow_run_options options = { 0 };
	struct mlw_snapshots_store *store = snapshots->store;

	if (mlw_place_init(&store->place, place, NULL, err))
		return -1;
	if (store->place.kind != MLW_PLACE_END)
		return mlw_fail(err, "snapshots are those of the whole run, not of '@%s'",
		                store->place.when);
	if (mlw_recording_open(&store->recording, store->place.file, &options, err))
		return -1;
	snapshots->about.domain = "malloc";
	mlw_place_describe(&store->place, store->recording, &snapshots->about);
	return copy_rows(snapshots, store->recording, err);
}

/* NULL without memory. */
static struct mallow_snapshots *make(struct mlw_error *err)
{
	struct mallow_snapshots *made = calloc(1, sizeof(*made));

	if (made)
		made->store = calloc(1, sizeof(*made->store));
	if (made && made->store)
		return made;
	free(made);
	mlw_fail(err, "out of memory");
	return NULL;
}

/* Hands over what was made if all went well. */
static int finish(struct mallow_snapshots **snapshots, struct mallow_snapshots *made,
                  int result)
{
	if (result) {
		mlw_snapshots_free(made);
		made = NULL;
	}
	*snapshots = made;
	return result;
}

int mlw_snapshots_new(struct mallow_snapshots **snapshots, const char *place,
                      struct mlw_error *err)
{
	struct mallow_snapshots *made = make(err);

	*snapshots = NULL;
	if (!made)
		return -1;
	return finish(snapshots, made, load(made, place, err));
}

int mlw_snapshots_of(struct mallow_snapshots **snapshots, struct mlw_recording *recording,
                     struct mlw_error *err)
{
	struct mallow_snapshots *made = make(err);

	*snapshots = NULL;
	if (!made)
		return -1;
	return finish(snapshots, made, copy_rows(made, recording, err));
}

void mlw_snapshots_free(struct mallow_snapshots *snapshots)
{
	if (!snapshots)
		return;
	free(snapshots->store->rows);
	free(snapshots->store->sorted);
	mlw_recording_close(snapshots->store->recording);
	mlw_place_release(&snapshots->store->place);
	free(snapshots->store);
	free(snapshots);
}
