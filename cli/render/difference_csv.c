/* SPDX-License-Identifier: MIT */
#include "render/difference.h"
#include "render/render.h"
#include "render/row.h"

static void write_header(struct mlw_csv *csv, const struct mallow_changes *changes)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	struct mlw_changed changed[MLW_CHANGED_MOST];
	size_t count = mlw_changed_fill(changed, about->sort,
	                                mallow_changes_total(changes, MALLOW_OLD),
	                                mallow_changes_total(changes, MALLOW_NEW));

	for (size_t i = 0; i < count; i++) {
		mlw_csv_text(csv, changed[i].name);
		mlw_csv_text(csv, changed[i].diff_name);
	}
	if (mlw_changes_sampled(changes))
		mlw_csv_text(csv, "size_error");
	mlw_csv_text(csv, "match");
	mlw_csv_text(csv, "old_file");
	mlw_csv_text(csv, "old_line");
	mlw_row_csv_header(csv, about->by);
	mlw_csv_end_line(csv);
}

/* Where the site was, if it moved. */
static void write_old_place(struct mlw_csv *csv, const struct mallow_change *row)
{
	const struct mallow_traceback *old = row->old_traceback;
	struct mallow_frame site;

	if (old && mallow_traceback_count(old)) {
		site = mallow_traceback_frame(old, 0);
		mlw_csv_text(csv, site.file);
		mlw_csv_uint(csv, site.line);
	} else {
		mlw_csv_text(csv, NULL);
		mlw_csv_text(csv, NULL);
	}
}

static void write_row(struct mlw_csv *csv, const struct mallow_changes *changes,
                      const struct mallow_change *row)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	struct mlw_changed changed[MLW_CHANGED_MOST];
	size_t count =
	        mlw_changed_fill(changed, about->sort, &row->old_sums, &row->row.sums);

	for (size_t i = 0; i < count; i++) {
		mlw_csv_uint(csv, changed[i].value);
		mlw_csv_int(csv, changed[i].diff);
	}
	if (mlw_changes_sampled(changes))
		mlw_csv_uint(csv, mallow_changes_error(changes, row));
	mlw_csv_text(csv, mallow_match_name(row->match));
	write_old_place(csv, row);
	mlw_row_csv(csv, about->by, &row->row);
	mlw_csv_end_line(csv);
}

void mlw_render_difference_csv(const struct mallow_changes *changes, FILE *out)
{
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	write_header(&csv, changes);
	for (size_t i = 0; i < mallow_changes_count(changes); i++)
		write_row(&csv, changes, mallow_changes_row(changes, i));
}
