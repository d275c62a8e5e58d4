/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

static void write_row(struct mlw_json *json, const struct mallow_ranking *ranking,
                      const struct mallow_row *row)
{
	mlw_json_begin_object(json, NULL);
	mlw_row_json_sums(json, &row->sums, mallow_ranking_about(ranking)->live_only);
	mlw_row_json(json, mallow_ranking_about(ranking)->by, row);
	mlw_json_end_object(json);
}

void mlw_render_ranking_json(const struct mallow_ranking *ranking, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(mallow_ranking_about(ranking)->by));
	mlw_json_string(&json, "sort",
	                mallow_sort_name(mallow_ranking_about(ranking)->sort));
	mlw_json_string(&json, "at", mallow_ranking_about(ranking)->at);
	mlw_json_begin_object(&json, "total");
	mlw_json_uint(&json, "size", mallow_ranking_total(ranking)->size);
	mlw_json_uint(&json, "count", mallow_ranking_total(ranking)->count);
	mlw_json_end_object(&json);
	mlw_json_begin_array(&json, "rows");
	for (size_t i = 0; i < mallow_ranking_count(ranking); i++)
		write_row(&json, ranking, mallow_ranking_row(ranking, i));
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
