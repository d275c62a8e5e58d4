/* SPDX-License-Identifier: MIT */
#include "analyze/changes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

struct mlw_changes_store {
	struct end ends[2];
	struct mlw_pairing *pairing; /* NULL within one run */
	struct mlw_numbering keys;
	struct entry *entries; /* by number of the key - 1 */
	size_t count, capacity;
	struct backings *backings; /* one a row */
};

/* A thread that only one of the runs has is no mistake. */
static int check_absent(struct mallow_changes *changes, struct mlw_error *err)
{
	struct end *olds = &changes->store->ends[MALLOW_OLD];
	struct end *news = &changes->store->ends[MALLOW_NEW];
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

/* However they are named. */
static bool is_one_file(const char *first, const char *second)
{
	struct stat a, b;

	if (!strcmp(first, second))
		return true;
	return !stat(first, &a) && !stat(second, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static int open_new(struct mallow_changes *changes, struct mlw_error *err)
{
	struct end *olds = &changes->store->ends[MALLOW_OLD];
	struct end *news = &changes->store->ends[MALLOW_NEW];
	struct mlw_place place;

	if (mlw_place_init(&place, news->query.place, NULL, err))
		return -1;
	changes->one_run = is_one_file(place.file, olds->subject.place.file);
	mlw_place_release(&place);
	if (changes->one_run)
		return mlw_subject_open_beside(&news->subject, &news->query,
		                               olds->subject.recording, err);
	return mlw_subject_open(&news->subject, &news->query, err);
}

static int open_ends(struct mallow_changes *changes, struct mlw_error *err)
{
	struct end *ends = changes->store->ends;

	if (mlw_subject_open(&ends[MALLOW_OLD].subject, &ends[MALLOW_OLD].query, err))
		return blame(&ends[MALLOW_OLD], err);
	return open_new(changes, err) ? blame(&ends[MALLOW_NEW], err) : 0;
}

static int group(struct mallow_changes *changes, struct mlw_error *err)
{
	for (int side = 0; side < 2; side++) {
		struct end *end = &changes->store->ends[side];

		if (mlw_group_subject(&end->groups, &end->subject, &end->query,
		                      &changes->totals[side], err))
			return -1;
		mlw_subject_describe(&end->subject, &end->query, &changes->about[side]);
	}
	return 0;
}

static int find_key(struct mlw_changes_store *store, enum mallow_side side,
                    const struct mlw_group *group, struct mlw_key *key, bool *moved,
                    struct mlw_error *err)
{
	if (store->pairing)
		return mlw_pairing_key(store->pairing, side, group, key, moved, err);
	*key = group->key;
	*moved = false;
	return 0;
}

static struct entry *find_entry(struct mlw_changes_store *store,
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
static int add_groups(struct mallow_changes *changes, enum mallow_side side,
                      struct mlw_error *err)
{
	struct mlw_changes_store *store = changes->store;
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
		    mlw_group_compare(group, entry->groups[side],
		                      changes->about[MALLOW_NEW].by) < 0)
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

static enum mallow_match match_of(const struct entry *entry)
{
	if (!entry->groups[MALLOW_OLD])
		return MALLOW_MATCH_NEW;
	if (!entry->groups[MALLOW_NEW])
		return MALLOW_MATCH_GONE;
	return entry->moved ? MALLOW_MATCH_MOVED : MALLOW_MATCH_EXACT;
}

/* Leaves the entries that have a row. */
static void choose(struct mallow_changes *changes, uint64_t min_size, bool changed_only)
{
	struct mlw_changes_store *store = changes->store;
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		const struct entry *entry = &store->entries[i];
		struct shown before = shown_of(&entry->sums[MALLOW_OLD],
		                               changes->about[MALLOW_NEW].sort);
		struct shown now = shown_of(&entry->sums[MALLOW_NEW],
		                            changes->about[MALLOW_NEW].sort);
		bool unchanged = is_same(&before, &now);

		if (is_empty(&before) && is_empty(&now))
			continue;
		changes->group_count++;
		changes->unchanged_count += unchanged;
		changes->moved_count += match_of(entry) == MALLOW_MATCH_MOVED;
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
	uint64_t value_a = mlw_sums_value(&a->sums[MALLOW_NEW], sort);
	uint64_t value_b = mlw_sums_value(&b->sums[MALLOW_NEW], sort);
	int order = compare_number(
	        apart(mlw_sums_value(&a->sums[MALLOW_OLD], sort), value_a),
	        apart(mlw_sums_value(&b->sums[MALLOW_OLD], sort), value_b));

	return order ? order : compare_number(value_a, value_b);
}

static const struct mlw_group *shown_group(const struct entry *entry)
{
	return entry->groups[MALLOW_NEW] ? entry->groups[MALLOW_NEW]
	                                 : entry->groups[MALLOW_OLD];
}

static int compare_entries(const void *first, const void *second, void *context)
{
	const struct mallow_changes *changes = context;
	const struct entry *a = second, *b = first; /* downward */
	int order = compare_value(a, b, changes->about[MALLOW_NEW].sort);

	if (!order)
		order = compare_value(a, b, MALLOW_SORT_SIZE);
	if (!order)
		order = compare_value(a, b, MALLOW_SORT_COUNT);
	if (!order)
		order = mlw_group_compare(shown_group(a), shown_group(b),
		                          changes->about[MALLOW_NEW].by);
	return order;
}

static int fill_row(struct mallow_changes *changes, size_t index, struct mlw_error *err)
{
	struct mlw_changes_store *store = changes->store;
	const struct entry *entry = &store->entries[index];
	struct backings *backings = &store->backings[index];
	struct mallow_change *row = &changes->rows[index];
	enum mallow_side side = entry->groups[MALLOW_NEW] ? MALLOW_NEW : MALLOW_OLD;
	struct mallow_row old_row = { 0 };

	row->match = match_of(entry);
	row->old_sums = entry->sums[MALLOW_OLD];
	if (mlw_row_fill(&row->row, &backings->shown, entry->groups[side],
	                 changes->about[MALLOW_NEW].by,
	                 store->ends[side].subject.recording, err))
		return -1;
	row->row.sums = entry->sums[MALLOW_NEW];
	if (row->match != MALLOW_MATCH_MOVED)
		return 0;
	if (mlw_row_fill(&old_row, &backings->old_shown, entry->groups[MALLOW_OLD],
	                 changes->about[MALLOW_NEW].by,
	                 store->ends[MALLOW_OLD].subject.recording, err))
		return -1;
	row->old_traceback = old_row.traceback;
	return 0;
}

static int fill_rows(struct mallow_changes *changes, size_t limit, struct mlw_error *err)
{
	struct mlw_changes_store *store = changes->store;

	if (store->count)
		qsort_r(store->entries, store->count, sizeof(*store->entries),
		        compare_entries, changes);
	changes->count = limit && limit < store->count ? limit : store->count;
	changes->rows = calloc(changes->count + 1, sizeof(*changes->rows));
	store->backings = calloc(changes->count + 1, sizeof(*store->backings));
	if (!changes->rows || !store->backings)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < changes->count; i++) {
		if (fill_row(changes, i, err))
			return -1;
	}
	return 0;
}

static int compare(struct mallow_changes *changes, const struct mlw_query *query,
                   bool changed_only, struct mlw_error *err)
{
	struct mlw_changes_store *store = changes->store;
	struct end *olds = &store->ends[MALLOW_OLD], *news = &store->ends[MALLOW_NEW];

	if (check_absent(changes, err))
		return blame(news, err);
	if (group(changes, err))
		return -1;
	if (!changes->one_run && mlw_pairing_new(&store->pairing, &olds->subject,
	                                         &news->subject, query->by, err))
		return -1;
	if (add_groups(changes, MALLOW_OLD, err) || add_groups(changes, MALLOW_NEW, err))
		return -1;
	choose(changes, query->min_size, changed_only);
	return fill_rows(changes, query->limit, err);
}

static int make(struct mallow_changes *changes, const struct mlw_query *query,
                const char *new_place, bool changed_only, struct mlw_error *err)
{
	struct mlw_changes_store *store = calloc(1, sizeof(*store));

	changes->store = store;
	if (!store)
		return mlw_fail(err, "out of memory");
	for (int side = 0; side < 2; side++) {
		store->ends[side].query = *query;
		store->ends[side].query.up_to_place = true;
		store->ends[side].query.filter.may_be_absent = true;
	}
	store->ends[MALLOW_NEW].query.place = new_place;
	if (open_ends(changes, err))
		return -1;
	return compare(changes, query, changed_only, err);
}

int mlw_changes_new(struct mallow_changes **changes, const struct mlw_query *query,
                    const char *new_place, bool changed_only, struct mlw_error *err)
{
	struct mallow_changes *made = calloc(1, sizeof(*made));

	*changes = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	if (make(made, query, new_place, changed_only, err)) {
		mlw_changes_free(made);
		return -1;
	}
	*changes = made;
	return 0;
}

static void free_store(struct mlw_changes_store *store, size_t rows)
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

void mlw_changes_free(struct mallow_changes *changes)
{
	if (!changes)
		return;
	free(changes->rows);
	free_store(changes->store, changes->count);
	free(changes);
}
