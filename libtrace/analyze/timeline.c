/* SPDX-License-Identifier: MIT */
#include "analyze/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/live_replay.h"
#include "analyze/place.h"
#include "analyze/subject.h"

#define NS_PER_US   UINT64_C(1000)
#define GRID        200u /* points that a replay makes at least */
#define CHEAP_LIMIT UINT64_C(5000000) /* changes that are replayed unasked */

struct mlw_timeline_store {
	struct mlw_place place;
	struct mlw_recording *recording;
	struct mlw_filter filter;
	struct mallow_snapshots *snapshots;
	struct mallow_point *points;
	struct mallow_ranking *ranking;
	struct mlw_members members;
	struct mlw_series_set series;
};

static bool is_selected(const struct mlw_filter_rules *rules)
{
	return rules->include_count || rules->exclude_count || rules->thread_count ||
	       rules->process_count ||
	       (rules->domain && strcmp(rules->domain, "malloc") != 0);
}

/* `what` has its timeline from the events. */
static int check_kept(const struct mlw_recording *recording, const char *what,
                      struct mlw_error *err)
{
	if (!recording->run->keeps_events)
		return mlw_fail(err, "a %s has no timeline, because %s", what,
		                mlw_recording_lacks_events(recording));
	if (recording->run->cut_changes)
		return mlw_fail(err,
		                "a %s has no timeline, because not all events were kept "
		                "(--max-size)",
		                what);
	return 0;
}

/* Every event is there, and going through them takes a moment. */
static bool is_cheap(struct mlw_recording *recording)
{
	return recording->run->keeps_events && !recording->run->cut_changes &&
	       mlw_reader_change_count(recording->reader) <= CHEAP_LIMIT;
}

/* Times of the stored points are in order in a file that is sound, and within the run. */
static void copy_points(struct mallow_timeline *timeline,
                        const struct mlw_timeline_row *rows, size_t count)
{
	struct mallow_point *points = timeline->store->points;
	uint64_t last_ns = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t at_ns = rows[i].at_us * NS_PER_US;

		if (at_ns > timeline->duration_ns)
			at_ns = timeline->duration_ns;
		if (at_ns > last_ns)
			last_ns = at_ns;
		points[i] = (struct mallow_point){ last_ns, rows[i].size, rows[i].count,
			                           rows[i].rss, rows[i].allocations };
	}
	timeline->count = count;
}

static int compare_points(const void *first, const void *second)
{
	const struct mallow_point *a = first, *b = second;

	return (a->at_ns > b->at_ns) - (a->at_ns < b->at_ns);
}

/* Adds points in equal distances. What is resident there is what was found last. */
static void add_grid(struct mallow_timeline *timeline)
{
	struct mallow_point *points = timeline->store->points;
	uint64_t rss = 0;

	for (unsigned i = 0; i <= GRID; i++)
		points[timeline->count++] =
		        (struct mallow_point){ .at_ns = timeline->duration_ns / GRID * i +
			                                timeline->duration_ns % GRID * i /
			                                        GRID };
	qsort(points, timeline->count, sizeof(*points), compare_points);
	for (size_t i = 0; i < timeline->count; i++) {
		if (points[i].rss)
			rss = points[i].rss;
		else if (points[i].at_ns < timeline->duration_ns)
			points[i].rss = rss;
	}
}

/* The series begin at nothing; the replay fills them. */
static int begin_series(struct mallow_timeline *timeline, struct mlw_error *err)
{
	struct mlw_timeline_store *store = timeline->store;

	if (mlw_ranking_members(store->ranking, &store->members, err) ||
	    mlw_series_set_init(&store->series, store->recording, &store->members,
	                        store->ranking->count, timeline->count, err))
		return -1;
	timeline->ranking = store->ranking;
	timeline->series = store->series.rows;
	return 0;
}

static int replay(struct mallow_timeline *timeline, struct mlw_error *err)
{
	struct mlw_timeline_store *store = timeline->store;
	struct mlw_series_set *series = store->ranking ? &store->series : NULL;
	struct mlw_live_peak peak;

	if (timeline->count < GRID)
		add_grid(timeline);
	if (series && begin_series(timeline, err))
		return -1;
	if (mlw_live_replay(store->recording, &store->filter, store->points,
	                    timeline->count, &peak, series, err))
		return -1;
	timeline->peak =
	        (struct mallow_highest){ peak.at_us * NS_PER_US, peak.size, peak.count };
	if (timeline->count)
		timeline->allocations = store->points[timeline->count - 1].allocations;
	return 0;
}

/* The peak of the run, as the model has it. */
static int read_peak(struct mallow_timeline *timeline, struct mlw_error *err)
{
	const struct mlw_recording *recording = timeline->store->recording;
	const struct mlw_totals *totals;
	struct mlw_heap *heap;

	if (mlw_reader_heap(recording->reader, UINT64_MAX, &heap, err))
		return -1;
	totals = mlw_heap_totals(heap);
	timeline->peak.at_ns = totals->peak_at_us * NS_PER_US;
	timeline->peak.size = totals->peak_size;
	timeline->allocations = totals->allocations;
	for (uint32_t i = 1; i <= mlw_heap_trace_count(heap); i++) {
		struct mlw_trace_totals trace;

		mlw_heap_trace(heap, i, &trace);
		if (recording->traces[i - 1].domain == MLW_DOMAIN_MALLOC)
			timeline->peak.count += trace.peak_count;
	}
	mlw_heap_free(heap);
	return 0;
}

static int read_points(struct mallow_timeline *timeline, struct mlw_error *err)
{
	struct mlw_timeline_store *store = timeline->store;
	const struct mlw_timeline_row *rows;
	size_t count;

	if (mlw_reader_timeline(store->recording->reader, &rows, &count, err))
		return -1;
	store->points = calloc(count + GRID + 1, sizeof(*store->points));
	if (!store->points)
		return mlw_fail(err, "out of memory");
	timeline->points = store->points;
	copy_points(timeline, rows, count);
	if (timeline->selected || store->ranking ||
	    (timeline->count < GRID && is_cheap(store->recording)))
		return replay(timeline, err);
	return read_peak(timeline, err);
}

static void find_peak_rss(struct mallow_timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++) {
		if (timeline->points[i].rss > timeline->peak_rss)
			timeline->peak_rss = timeline->points[i].rss;
	}
}

/* Behind a name that has an '@', "@end" is how the file is written, and no moment. */
static bool names_moment(const struct mlw_place *place, const struct mlw_query *query)
{
	if (query->at || place->kind != MLW_PLACE_END)
		return true;
	return strchr(query->place, '@') && !strchr(place->file, '@');
}

/* In the order of what they held at the place, or at the peak. */
static int open_groups(struct mlw_timeline_store *store, const struct mlw_query *query,
                       struct mlw_error *err)
{
	struct mlw_query asked = *query;

	/* The recording is open: only WHEN is read here. */
	asked.place = "run";
	asked.at = names_moment(&store->place, query) ? store->place.when : "peak";
	if (check_kept(store->recording, "group", err))
		return -1;
	if (mlw_ranking_new_beside(&store->ranking, &asked, store->recording, err))
		return -1;
	store->ranking->about.file = store->place.file;
	return 0;
}

static int open_all(struct mallow_timeline *timeline, const struct mlw_query *query,
                    struct mlw_error *err)
{
	struct mlw_timeline_store *store = timeline->store;
	struct mlw_filter_rules rules = query->filter;

	rules.domain = mlw_query_domain(query);
	timeline->selected = is_selected(&rules);
	if (mlw_place_init(&store->place, query->place, query->at, err) ||
	    mlw_recording_open(&store->recording, store->place.file, &query->recording,
	                       err) ||
	    mlw_filter_init(&store->filter, &rules, store->recording, err) ||
	    mlw_snapshots_of(&store->snapshots, store->recording, err))
		return -1;
	if (store->recording->run->saved)
		return mlw_fail(err, "%s: there is no timeline, because %s",
		                store->place.file,
		                mlw_recording_lacks_events(store->recording));
	if (query->groups || names_moment(&store->place, query))
		return open_groups(store, query, err);
	return timeline->selected ? check_kept(store->recording, "selection", err) : 0;
}

static int load(struct mallow_timeline *timeline, const struct mlw_query *query,
                struct mlw_error *err)
{
	const struct mlw_timeline_store *store = timeline->store;

	if (open_all(timeline, query, err))
		return -1;
	mlw_query_describe(query, &timeline->about);
	mlw_place_describe(&store->place, store->recording, &timeline->about);
	timeline->duration_ns = store->recording->run->duration_ns;
	timeline->snapshots = store->snapshots;
	if (read_points(timeline, err))
		return -1;
	find_peak_rss(timeline);
	return 0;
}

int mlw_timeline_new(struct mallow_timeline **timeline, const struct mlw_query *query,
                     struct mlw_error *err)
{
	struct mallow_timeline *made = calloc(1, sizeof(*made));

	*timeline = NULL;
	if (made)
		made->store = calloc(1, sizeof(*made->store));
	if (!made || !made->store) {
		free(made);
		return mlw_fail(err, "out of memory");
	}
	if (load(made, query, err)) {
		mlw_timeline_free(made);
		return -1;
	}
	*timeline = made;
	return 0;
}

void mlw_timeline_free(struct mallow_timeline *timeline)
{
	if (!timeline)
		return;
	mlw_series_set_release(&timeline->store->series);
	mlw_members_release(&timeline->store->members);
	mlw_ranking_free(timeline->store->ranking);
	mlw_snapshots_free(timeline->store->snapshots);
	mlw_filter_release(&timeline->store->filter);
	mlw_recording_close(timeline->store->recording);
	mlw_place_release(&timeline->store->place);
	free(timeline->store->points);
	free(timeline->store);
	free(timeline);
}
