/* SPDX-License-Identifier: MIT */

/* A timeline for programs: JSON and CSV. */

#include "render/csv.h"
#include "render/json.h"
#include "render/render.h"
#include "render/row.h"
#include "render/snapshots.h"

static void write_point(struct mlw_json *json, const struct mallow_point *point)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, "at_ns", point->at_ns);
	mlw_json_uint(json, "size", point->size);
	mlw_json_uint(json, "count", point->count);
	mlw_json_uint(json, "rss", point->rss);
	mlw_json_uint(json, "allocations", point->allocations);
	mlw_json_end_object(json);
}

static void write_peak(struct mlw_json *json, const struct mallow_timeline *timeline)
{
	mlw_json_begin_object(json, "peak");
	mlw_json_uint(json, "at_ns", mallow_timeline_peak(timeline)->at_ns);
	mlw_json_uint(json, "size", mallow_timeline_peak(timeline)->size);
	mlw_json_uint(json, "count", mallow_timeline_peak(timeline)->count);
	mlw_json_end_object(json);
}

/* A row of `mallow top`, with what was live there at each point. */
static void write_series(struct mlw_json *json, const struct mallow_timeline *timeline,
                         size_t row)
{
	const struct mallow_ranking *ranking = mallow_timeline_ranking(timeline);
	const struct mallow_series *series = mallow_timeline_series(timeline, row);

	mlw_json_begin_object(json, NULL);
	mlw_row_json_sums(json, &mallow_ranking_row(ranking, row)->sums,
	                  mallow_ranking_about(ranking));
	mlw_row_json(json, mallow_ranking_about(ranking)->by,
	             mallow_ranking_row(ranking, row));
	mlw_json_begin_object(json, "highest");
	mlw_json_uint(json, "at_ns", series->highest.at_ns);
	mlw_json_uint(json, "size", series->highest.size);
	mlw_json_uint(json, "count", series->highest.count);
	mlw_json_end_object(json);
	mlw_json_begin_array(json, "points");
	for (size_t i = 0; i < mallow_timeline_count(timeline); i++) {
		mlw_json_begin_object(json, NULL);
		mlw_json_uint(json, "at_ns", mallow_timeline_point(timeline, i)->at_ns);
		mlw_json_uint(json, "size", series->levels[i].size);
		mlw_json_uint(json, "count", series->levels[i].count);
		mlw_json_uint(json, "allocations", series->levels[i].allocations);
		mlw_json_end_object(json);
	}
	mlw_json_end_array(json);
	mlw_json_end_object(json);
}

static void write_groups(struct mlw_json *json, const struct mallow_timeline *timeline)
{
	const struct mallow_ranking *ranking = mallow_timeline_ranking(timeline);

	mlw_json_string(json, "by", mallow_key_name(mallow_ranking_about(ranking)->by));
	mlw_json_string(json, "sort",
	                mallow_sort_name(mallow_ranking_about(ranking)->sort));
	mlw_json_string(json, "at", mallow_ranking_about(ranking)->at);
	mlw_json_begin_array(json, "series");
	for (size_t i = 0; i < mallow_ranking_count(ranking); i++)
		write_series(json, timeline, i);
	mlw_json_end_array(json);
}

void mlw_render_timeline_json(const struct mallow_timeline *timeline, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_uint(&json, "duration_ns", mallow_timeline_duration_ns(timeline));
	mlw_row_json_sample(&json, mallow_timeline_about(timeline));
	write_peak(&json, timeline);
	mlw_json_begin_array(&json, "points");
	for (size_t i = 0; i < mallow_timeline_count(timeline); i++)
		write_point(&json, mallow_timeline_point(timeline, i));
	mlw_json_end_array(&json);
	if (mallow_timeline_ranking(timeline))
		write_groups(&json, timeline);
	mlw_json_begin_array(&json, "snapshots");
	for (size_t i = 0; i < mallow_timeline_taken_count(timeline); i++)
		mlw_json_taken(&json, mallow_timeline_taken(timeline, i));
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}

static void write_names(struct mlw_csv *csv, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mlw_csv_text(csv, names[i]);
	mlw_csv_end_line(csv);
}

static void write_whole(struct mlw_csv *csv, const struct mallow_timeline *timeline)
{
	static const char *const names[] = { "at_ns", "size", "count", "rss",
		                             "allocations" };

	write_names(csv, names, sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < mallow_timeline_count(timeline); i++) {
		const struct mallow_point *point = mallow_timeline_point(timeline, i);

		mlw_csv_uint(csv, point->at_ns);
		mlw_csv_uint(csv, point->size);
		mlw_csv_uint(csv, point->count);
		mlw_csv_uint(csv, point->rss);
		mlw_csv_uint(csv, point->allocations);
		mlw_csv_end_line(csv);
	}
}

/* A line for each point of each group, which stands in front. */
static void write_each(struct mlw_csv *csv, const struct mallow_timeline *timeline)
{
	static const char *const names[] = { "at_ns", "size", "count", "allocations" };
	const struct mallow_ranking *ranking = mallow_timeline_ranking(timeline);

	mlw_row_csv_header(csv, mallow_ranking_about(ranking)->by);
	write_names(csv, names, sizeof(names) / sizeof(*names));
	for (size_t row = 0; row < mallow_ranking_count(ranking); row++) {
		for (size_t i = 0; i < mallow_timeline_count(timeline); i++) {
			const struct mallow_level *level =
			        &mallow_timeline_series(timeline, row)->levels[i];

			mlw_row_csv(csv, mallow_ranking_about(ranking)->by,
			            mallow_ranking_row(ranking, row));
			mlw_csv_uint(csv, mallow_timeline_point(timeline, i)->at_ns);
			mlw_csv_uint(csv, level->size);
			mlw_csv_uint(csv, level->count);
			mlw_csv_uint(csv, level->allocations);
			mlw_csv_end_line(csv);
		}
	}
}

void mlw_render_timeline_csv(const struct mallow_timeline *timeline, FILE *out)
{
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	if (mallow_timeline_ranking(timeline))
		write_each(&csv, timeline);
	else
		write_whole(&csv, timeline);
}
