/* SPDX-License-Identifier: MIT */
#include "render/difference.h"
#include "render/render.h"
#include "render/row.h"

static void write_end(struct mlw_json *json, const char *key,
                      const struct mallow_about *end)
{
	mlw_json_begin_object(json, key);
	mlw_json_string(json, "file", end->file);
	mlw_json_string(json, "at", end->at);
	mlw_row_json_sample(json, end);
	mlw_json_end_object(json);
}

/* `row` NULL: of the total. */
static void write_changes(struct mlw_json *json, const struct mallow_changes *changes,
                          const struct mallow_change *row)
{
	const struct mallow_sums *from =
	        row ? &row->old_sums : mallow_changes_total(changes, MALLOW_OLD);
	const struct mallow_sums *to =
	        row ? &row->row.sums : mallow_changes_total(changes, MALLOW_NEW);
	enum mallow_sort sort = mallow_changes_about(changes, MALLOW_NEW)->sort;
	struct mlw_changed changed[MLW_CHANGED_MOST];
	size_t count = mlw_changed_fill(changed, sort, from, to);

	for (size_t i = 0; i < count; i++) {
		mlw_json_uint(json, changed[i].name, changed[i].value);
		mlw_json_int(json, changed[i].diff_name, changed[i].diff);
	}
	if (mlw_changes_sampled(changes))
		mlw_json_uint(json, "size_error", mallow_changes_error(changes, row));
}

static void write_row(struct mlw_json *json, const struct mallow_changes *changes,
                      const struct mallow_change *row)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);

	mlw_json_begin_object(json, NULL);
	write_changes(json, changes, row);
	mlw_json_string(json, "match", mallow_match_name(row->match));
	mlw_row_json(json, about->by, &row->row);
	if (row->match == MALLOW_MATCH_MOVED)
		mlw_row_json_stack(json, "old_traceback", row->old_traceback);
	mlw_json_end_object(json);
}

void mlw_render_difference_json(const struct mallow_changes *changes, FILE *out)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(about->by));
	mlw_json_string(&json, "sort", mallow_sort_name(about->sort));
	write_end(&json, "old", mallow_changes_about(changes, MALLOW_OLD));
	write_end(&json, "new", mallow_changes_about(changes, MALLOW_NEW));
	mlw_json_begin_object(&json, "total");
	write_changes(&json, changes, NULL);
	mlw_json_end_object(&json);
	mlw_json_begin_array(&json, "rows");
	for (size_t i = 0; i < mallow_changes_count(changes); i++)
		write_row(&json, changes, mallow_changes_row(changes, i));
	mlw_json_end_array(&json);
	mlw_json_end_answer(&json);
}
