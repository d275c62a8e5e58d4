/* SPDX-License-Identifier: MIT */
#include "render/json.h"
#include "render/render.h"
#include "render/row.h"

static void write_sums(struct mlw_json *json, const struct mallow_sums *sums)
{
	mlw_json_uint(json, "size", sums->size);
	mlw_json_uint(json, "count", sums->count);
}

static void write_summary(struct mlw_json *json, const struct mallow_ranking *leaks)
{
	mlw_json_begin_object(json, "summary");
	for (unsigned kind = 0; kind < MALLOW_LEAK_KINDS; kind++) {
		mlw_json_begin_object(json, mallow_leak_kind_name(kind));
		write_sums(json, mallow_ranking_kind(leaks, kind));
		mlw_json_end_object(json);
	}
	mlw_json_end_object(json);
}

void mlw_render_leaks_json(const struct mallow_ranking *leaks, FILE *out)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(about->by));
	mlw_json_string(&json, "sort", mallow_sort_name(about->sort));
	mlw_json_string(&json, "at", about->at);
	mlw_row_json_sample(&json, about);
	write_summary(&json, leaks);
	mlw_json_begin_array(&json, "leaks");
	for (size_t i = 0; i < mallow_ranking_count(leaks); i++) {
		const struct mallow_row *row = mallow_ranking_row(leaks, i);

		mlw_json_begin_object(&json, NULL);
		mlw_json_string(&json, "kind", mallow_leak_kind_name(row->kind));
		write_sums(&json, &row->sums);
		mlw_row_json(&json, about->by, row);
		mlw_json_end_object(&json);
	}
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
