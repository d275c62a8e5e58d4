/* SPDX-License-Identifier: MIT */
#include "render/difference.h"
#include "render/render.h"
#include "render/row.h"

static void write_end(struct mlw_json *json, const char *key, const struct mlw_end *end)
{
	mlw_json_begin_object(json, key);
	mlw_json_string(json, "file", end->file);
	mlw_json_string(json, "at", end->at);
	mlw_json_end_object(json);
}

static void write_changes(struct mlw_json *json, enum mallow_sort sort,
                          const struct mallow_sums *from, const struct mallow_sums *to)
{
	struct mlw_changed changed[MLW_CHANGED_MOST];
	size_t count = mlw_changed_fill(changed, sort, from, to);

	for (size_t i = 0; i < count; i++) {
		mlw_json_uint(json, changed[i].name, changed[i].value);
		mlw_json_int(json, changed[i].diff_name, changed[i].diff);
	}
}

static void write_row(struct mlw_json *json, const struct mlw_difference *difference,
                      const struct mlw_change_row *row)
{
	mlw_json_begin_object(json, NULL);
	write_changes(json, difference->sort, &row->old_sums, &row->row.sums);
	mlw_json_string(json, "match", mlw_match_name(row->match));
	mlw_row_json(json, difference->by, &row->row);
	if (row->match == MLW_MATCH_MOVED)
		mlw_row_json_stack(json, "old_traceback", row->old_traceback);
	mlw_json_end_object(json);
}

void mlw_render_difference_json(const struct mlw_difference *difference, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(difference->by));
	mlw_json_string(&json, "sort", mallow_sort_name(difference->sort));
	write_end(&json, "old", &difference->old_end);
	write_end(&json, "new", &difference->new_end);
	mlw_json_begin_object(&json, "total");
	write_changes(&json, difference->sort, &difference->old_end.total,
	              &difference->new_end.total);
	mlw_json_end_object(&json);
	mlw_json_begin_array(&json, "rows");
	for (size_t i = 0; i < difference->count; i++)
		write_row(&json, difference, &difference->rows[i]);
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
