/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

static void write_row(struct mlw_json *json, const struct mlw_statistics *statistics,
                      const struct mlw_row *row)
{
	mlw_json_begin_object(json, NULL);
	mlw_row_json_sums(json, &row->sums, statistics->live_only);
	mlw_row_json(json, statistics->by, row);
	mlw_json_end_object(json);
}

void mlw_render_statistics_json(const struct mlw_statistics *statistics, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mlw_by_name(statistics->by));
	mlw_json_string(&json, "sort", mlw_sort_name(statistics->sort));
	mlw_json_string(&json, "at", statistics->at);
	mlw_json_begin_object(&json, "total");
	mlw_json_uint(&json, "size", statistics->total.size);
	mlw_json_uint(&json, "count", statistics->total.count);
	mlw_json_end_object(&json);
	mlw_json_begin_array(&json, "rows");
	for (size_t i = 0; i < statistics->count; i++)
		write_row(&json, statistics, &statistics->rows[i]);
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
