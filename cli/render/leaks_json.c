/* SPDX-License-Identifier: MIT */
#include "render/json.h"
#include "render/render.h"
#include "render/row.h"

static void write_sums(struct mlw_json *json, const struct mlw_sums *sums)
{
	mlw_json_uint(json, "size", sums->size);
	mlw_json_uint(json, "count", sums->count);
}

static void write_summary(struct mlw_json *json, const struct mlw_statistics *leaks)
{
	mlw_json_begin_object(json, "summary");
	for (unsigned kind = 0; kind < MLW_LEAK_KINDS; kind++) {
		mlw_json_begin_object(json, mlw_leak_kind_name(kind));
		write_sums(json, &leaks->kinds[kind]);
		mlw_json_end_object(json);
	}
	mlw_json_end_object(json);
}

void mlw_render_leaks_json(const struct mlw_statistics *leaks, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mlw_by_name(leaks->by));
	mlw_json_string(&json, "sort", mlw_sort_name(leaks->sort));
	mlw_json_string(&json, "at", leaks->at);
	write_summary(&json, leaks);
	mlw_json_begin_array(&json, "leaks");
	for (size_t i = 0; i < leaks->count; i++) {
		const struct mlw_row *row = &leaks->rows[i];

		mlw_json_begin_object(&json, NULL);
		mlw_json_string(&json, "kind", mlw_leak_kind_name(row->kind));
		write_sums(&json, &row->sums);
		mlw_row_json(&json, leaks->by, row);
		mlw_json_end_object(&json);
	}
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
