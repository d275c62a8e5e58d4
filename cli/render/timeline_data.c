/* SPDX-License-Identifier: MIT */

/* A timeline for programs: JSON and CSV. */

#include "render/csv.h"
#include "render/json.h"
#include "render/render.h"
#include "render/snapshots.h"

static void write_point(struct mlw_json *json, const struct mlw_point *point)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_uint(json, "at_ns", point->at_ns);
	mlw_json_uint(json, "size", point->size);
	mlw_json_uint(json, "count", point->count);
	mlw_json_uint(json, "rss", point->rss);
	mlw_json_uint(json, "allocations", point->allocations);
	mlw_json_end_object(json);
}

static void write_peak(struct mlw_json *json, const struct mlw_timeline *timeline)
{
	mlw_json_begin_object(json, "peak");
	mlw_json_uint(json, "at_ns", timeline->peak.at_ns);
	mlw_json_uint(json, "size", timeline->peak.size);
	mlw_json_uint(json, "count", timeline->peak.count);
	mlw_json_end_object(json);
}

void mlw_render_timeline_json(const struct mlw_timeline *timeline, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_uint(&json, "duration_ns", timeline->duration_ns);
	write_peak(&json, timeline);
	mlw_json_begin_array(&json, "points");
	for (size_t i = 0; i < timeline->count; i++)
		write_point(&json, &timeline->points[i]);
	mlw_json_end_array(&json);
	mlw_json_snapshots(&json, timeline->snapshots, timeline->snapshot_count);
	mlw_json_end_answer(&json);
}

void mlw_render_timeline_csv(const struct mlw_timeline *timeline, FILE *out)
{
	static const char *const names[] = { "at_ns", "size", "count", "rss",
		                             "allocations" };
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		mlw_csv_text(&csv, names[i]);
	mlw_csv_end_line(&csv);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct mlw_point *point = &timeline->points[i];

		mlw_csv_uint(&csv, point->at_ns);
		mlw_csv_uint(&csv, point->size);
		mlw_csv_uint(&csv, point->count);
		mlw_csv_uint(&csv, point->rss);
		mlw_csv_uint(&csv, point->allocations);
		mlw_csv_end_line(&csv);
	}
}
