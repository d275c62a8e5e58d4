/* SPDX-License-Identifier: MIT */
#include "analyze/difference.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/grouping.h"
#include "analyze/pairing.h"
#include "base/array.h"

struct end {
	struct mlw_query query;
	struct mlw_subject subject;
	struct mlw_groups groups;
};

/* Groups of both ends that are the same; a group is NULL where there is none. */
struct entry {
	const struct mlw_group *groups[2];
	struct mallow_sums sums[2];
	bool moved;
};

struct backings {
	struct mlw_backing shown, old_shown;
};

struct mlw_difference_store {
	struct end ends[2];
	struct mlw_pairing *pairing; /* NULL within one run */
	struct mlw_numbering keys;
	struct entry *entries; /* by number of the key - 1 */
	size_t count, capacity;
	struct backings *backings; /* one a row */
};

/* A thread that only one of the runs has is no mistake. */
static int check_absent(struct mlw_difference *difference, struct mlw_error *err)
{
	struct end *olds = &difference->store->ends[MLW_OLD];
	struct end *news = &difference->store->ends[MLW_NEW];
	struct mlw_filter_rules rules = news->query.filter;
	struct mlw_filter filter;

	if (!olds->subject.filter.absent || !news->subject.filter.absent)
		return 0;
	rules.may_be_absent = false;
	if (mlw_filter_init(&filter, &rules, news->subject.recording, err))
		return -1;
	mlw_filter_release(&filter);
	return 0;
}

/* The beginning of a sentence from below that does not say which file it is about. */
static int blame(const struct end *end, struct mlw_error *err)
{
	struct mlw_error inner = *err;
	const char *file =
	        end->subject.place.file ? end->subject.place.file : end->query.place;

	if (!strncmp(inner.text, file, strlen(file)))
		return -1;
	return mlw_fail(err, "%s: %s", end->query.place, inner.text);
}

static int open_new(struct mlw_difference *difference, struct mlw_error *err)
{
	struct end *olds = &difference->store->ends[MLW_OLD];
	struct end *news = &difference->store->ends[MLW_NEW];
	struct mlw_place place;

	if (mlw_place_init(&place, news->query.place, NULL, err))
		return -1;
	difference->one_run = !strcmp(place.file, olds->subject.place.file);
	mlw_place_release(&place);
	if (difference->one_run)
		return mlw_subject_open_beside(&news->subject, &news->query,
		                               olds->subject.recording, err);
	return mlw_subject_open(&news->subject, &news->query, err);
}

static int open_ends(struct mlw_difference *difference, struct mlw_error *err)
{
	struct end *ends = difference->store->ends;

	if (mlw_subject_open(&ends[MLW_OLD].subject, &ends[MLW_OLD].query, err))
		return blame(&ends[MLW_OLD], err);
	return open_new(difference, err) ? blame(&ends[MLW_NEW], err) : 0;
}

static void describe(const struct end *end, struct mlw_end *shown)
{
	const struct mlw_subject *subject = &end->subject;

	shown->file = subject->place.file;
	shown->at = subject->place.when;
	shown->closed = subject->recording->run->closed;
	shown->complete = mlw_recording_complete(subject->recording);
}

static int group(struct mlw_difference *difference, struct mlw_error *err)
{
	struct mlw_end *shown[] = { &difference->old_end, &difference->new_end };

	for (int side = 0; side < 2; side++) {
		struct end *end = &difference->store->ends[side];

		if (mlw_group_subject(&end->groups, &end->subject, &end->query,
		                      &shown[side]->total, err))
			return -1;
		describe(end, shown[side]);
	}
	difference->domain = difference->store->ends[MLW_OLD].subject.domain;
	return 0;
}

static int find_key(struct mlw_difference_store *store, enum mlw_side side,
                    const struct mlw_group *group, struct mlw_key *key, bool *moved,
                    struct mlw_error *err)
{
	if (store->pairing)
		return mlw_pairing_key(store->pairing, side, group, key, moved, err);
	*key = group->key;
	*moved = false;
	return 0;
}

static struct entry *find_entry(struct mlw_difference_store *store,
                                const struct mlw_key *key, struct mlw_error *err)
{
	uint32_t number;

	if (mlw_grow(&store->entries, &store->capacity, store->count + 1,
	             sizeof(*store->entries), err))
		return NULL;
	number = mlw_numbering_add(&store->keys, key, err);
	if (!number)
		return NULL;
	if (number > store->count)
		store->entries[store->count++] = (struct entry){ 0 };
	return &store->entries[number - 1];
}

/* Of several groups that are the same on the other side the least in order is shown. */
static int add_groups(struct mlw_difference *difference, enum mlw_side side,
                      struct mlw_error *err)
{
	struct mlw_difference_store *store = difference->store;
	const struct mlw_groups *groups = &store->ends[side].groups;

	for (size_t i = 0; i < groups->count; i++) {
		const struct mlw_group *group = &groups->rows[i];
		struct entry *entry;
		struct mlw_key key;
		bool moved;

		if (find_key(store, side, group, &key, &moved, err))
			return -1;
		entry = find_entry(store, &key, err);
		if (!entry)
			return -1;
		mlw_sums_join(&entry->sums[side], &group->sums);
		entry->moved |= moved;
		if (!entry->groups[side] ||
		    mlw_group_compare(group, entry->groups[side], difference->by) < 0)
			entry->groups[side] = group;
	}
	return 0;
}

/* What of sums is shown: what is sorted by, and the bytes and blocks that belong to it.
 */
struct shown {
	uint64_t value, bytes, blocks;
};

static struct shown shown_of(const struct mallow_sums *sums, enum mallow_sort sort)
{
	uint64_t value = mlw_sums_value(sums, sort);

	switch (sort) {
	case MALLOW_SORT_PEAK:
		return (struct shown){ value, sums->peak_size, sums->peak_count };
	case MALLOW_SORT_ALLOCATED:
	case MALLOW_SORT_ALLOCATIONS:
	case MALLOW_SORT_TEMPORARY:
		return (struct shown){ value, sums->allocated_size, sums->allocations };
	default:
		return (struct shown){ value, sums->size, sums->count };
	}
}

static bool is_empty(const struct shown *shown)
{
	return !shown->value && !shown->bytes && !shown->blocks;
}

static bool is_same(const struct shown *a, const struct shown *b)
{
	return a->value == b->value && a->bytes == b->bytes && a->blocks == b->blocks;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static enum mlw_match match_of(const struct entry *entry)
{
	if (!entry->groups[MLW_OLD])
		return MLW_MATCH_NEW;
	if (!entry->groups[MLW_NEW])
		return MLW_MATCH_GONE;
	return entry->moved ? MLW_MATCH_MOVED : MLW_MATCH_EXACT;
}

/* Leaves the entries that have a row. */
static void choose(struct mlw_difference *difference, uint64_t min_size,
                   bool changed_only)
{
	struct mlw_difference_store *store = difference->store;
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		const struct entry *entry = &store->entries[i];
		struct shown before = shown_of(&entry->sums[MLW_OLD], difference->sort);
		struct shown now = shown_of(&entry->sums[MLW_NEW], difference->sort);
		bool unchanged = is_same(&before, &now);

		if (is_empty(&before) && is_empty(&now))
			continue;
		difference->group_count++;
		difference->unchanged_count += unchanged;
		difference->moved_count += match_of(entry) == MLW_MATCH_MOVED;
		if (apart(before.bytes, now.bytes) >= min_size &&
		    (!unchanged || !changed_only))
			store->entries[kept++] = *entry;
	}
	store->count = kept;
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By how much it changed, then by how much there is. */
static int compare_value(const struct entry *a, const struct entry *b,
                         enum mallow_sort sort)
{
	uint64_t value_a = mlw_sums_value(&a->sums[MLW_NEW], sort);
	uint64_t value_b = mlw_sums_value(&b->sums[MLW_NEW], sort);
	int order =
	        compare_number(apart(mlw_sums_value(&a->sums[MLW_OLD], sort), value_a),
	                       apart(mlw_sums_value(&b->sums[MLW_OLD], sort), value_b));

	return order ? order : compare_number(value_a, value_b);
}

static const struct mlw_group *shown_group(const struct entry *entry)
{
	return entry->groups[MLW_NEW] ? entry->groups[MLW_NEW] : entry->groups[MLW_OLD];
}

static int compare_entries(const void *first, const void *second, void *context)
{
	const struct mlw_difference *difference = context;
	const struct entry *a = second, *b = first; /* downward */
	int order = compare_value(a, b, difference->sort);

	if (!order)
		order = compare_value(a, b, MALLOW_SORT_SIZE);
	if (!order)
		order = compare_value(a, b, MALLOW_SORT_COUNT);
	if (!order)
		order = mlw_group_compare(shown_group(a), shown_group(b), difference->by);
	return order;
}

static int fill_row(struct mlw_difference *difference, size_t index,
                    struct mlw_error *err)
{
	struct mlw_difference_store *store = difference->store;
	const struct entry *entry = &store->entries[index];
	struct backings *backings = &store->backings[index];
	struct mlw_change_row *row = &difference->rows[index];
	enum mlw_side side = entry->groups[MLW_NEW] ? MLW_NEW : MLW_OLD;
	struct mallow_row old_row = { 0 };

	row->match = match_of(entry);
	row->old_sums = entry->sums[MLW_OLD];
	if (mlw_row_fill(&row->row, &backings->shown, entry->groups[side], difference->by,
	                 store->ends[side].subject.recording, err))
		return -1;
	row->row.sums = entry->sums[MLW_NEW];
	if (row->match != MLW_MATCH_MOVED)
		return 0;
	if (mlw_row_fill(&old_row, &backings->old_shown, entry->groups[MLW_OLD],
	                 difference->by, store->ends[MLW_OLD].subject.recording, err))
		return -1;
	row->old_traceback = old_row.traceback;
	return 0;
}

static int fill_rows(struct mlw_difference *difference, size_t limit,
                     struct mlw_error *err)
{
	struct mlw_difference_store *store = difference->store;

	if (store->count)
		qsort_r(store->entries, store->count, sizeof(*store->entries),
		        compare_entries, difference);
	difference->count = limit && limit < store->count ? limit : store->count;
	difference->rows = calloc(difference->count + 1, sizeof(*difference->rows));
	store->backings = calloc(difference->count + 1, sizeof(*store->backings));
	if (!difference->rows || !store->backings)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < difference->count; i++) {
		if (fill_row(difference, i, err))
			return -1;
	}
	return 0;
}

static int compare(struct mlw_difference *difference, const struct mlw_query *query,
                   bool changed_only, struct mlw_error *err)
{
	struct mlw_difference_store *store = difference->store;
	struct end *olds = &store->ends[MLW_OLD], *news = &store->ends[MLW_NEW];

	if (check_absent(difference, err))
		return blame(news, err);
	if (group(difference, err))
		return -1;
	if (!difference->one_run && mlw_pairing_new(&store->pairing, &olds->subject,
	                                            &news->subject, query->by, err))
		return -1;
	if (add_groups(difference, MLW_OLD, err) || add_groups(difference, MLW_NEW, err))
		return -1;
	choose(difference, query->min_size, changed_only);
	return fill_rows(difference, query->limit, err);
}

static int make(struct mlw_difference *difference, const struct mlw_query *query,
                const char *new_place, bool changed_only, struct mlw_error *err)
{
	struct mlw_difference_store *store = calloc(1, sizeof(*store));

	difference->store = store;
	if (!store)
		return mlw_fail(err, "out of memory");
	for (int side = 0; side < 2; side++) {
		store->ends[side].query = *query;
		store->ends[side].query.up_to_place = true;
		store->ends[side].query.filter.may_be_absent = true;
	}
	store->ends[MLW_NEW].query.place = new_place;
	if (open_ends(difference, err))
		return -1;
	return compare(difference, query, changed_only, err);
}

int mlw_difference_new(struct mlw_difference **difference, const struct mlw_query *query,
                       const char *new_place, bool changed_only, struct mlw_error *err)
{
	struct mlw_difference *made = calloc(1, sizeof(*made));

	*difference = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->by = query->by;
	made->sort = query->sort;
	made->cumulative = query->cumulative;
	if (make(made, query, new_place, changed_only, err)) {
		mlw_difference_free(made);
		return -1;
	}
	*difference = made;
	return 0;
}

static void free_store(struct mlw_difference_store *store, size_t rows)
{
	if (!store)
		return;
	for (size_t i = 0; store->backings && i < rows; i++) {
		mlw_backing_release(&store->backings[i].shown);
		mlw_backing_release(&store->backings[i].old_shown);
	}
	free(store->backings);
	free(store->entries);
	mlw_numbering_release(&store->keys);
	mlw_pairing_free(store->pairing);
	for (int side = 1; side >= 0; side--) {
		mlw_groups_release(&store->ends[side].groups);
		mlw_subject_close(&store->ends[side].subject);
	}
	free(store);
}

void mlw_difference_free(struct mlw_difference *difference)
{
	if (!difference)
		return;
	free(difference->rows);
	free_store(difference->store, difference->count);
	free(difference);
}
