/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

static void write_row(struct mlw_json *json, const struct mallow_ranking *ranking,
                      const struct mallow_row *row)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);

	mlw_json_begin_object(json, NULL);
	mlw_row_json_sums(json, &row->sums, about);
	mlw_row_json_error(json, mallow_row_error(row, about), about);
	mlw_row_json(json, about->by, row);
	mlw_json_end_object(json);
}

void mlw_render_ranking_json(const struct mallow_ranking *ranking, FILE *out)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(about->by));
	mlw_json_string(&json, "sort", mallow_sort_name(about->sort));
	mlw_json_string(&json, "at", about->at);
	mlw_row_json_sample(&json, about);
	mlw_json_begin_object(&json, "total");
	mlw_json_uint(&json, "size", mallow_ranking_total(ranking)->size);
	mlw_json_uint(&json, "count", mallow_ranking_total(ranking)->count);
	mlw_row_json_error(&json, mallow_sums_error(mallow_ranking_total(ranking), about),
	                   about);
	mlw_json_end_object(&json);
	mlw_json_begin_array(&json, "rows");
	for (size_t i = 0; i < mallow_ranking_count(ranking); i++)
		write_row(&json, ranking, mallow_ranking_row(ranking, i));
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
