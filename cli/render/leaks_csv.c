/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

void mlw_render_leaks_csv(const struct mlw_statistics *leaks, FILE *out)
{
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	mlw_csv_text(&csv, "kind");
	mlw_csv_text(&csv, "size");
	mlw_csv_text(&csv, "count");
	mlw_row_csv_header(&csv, leaks->by);
	mlw_csv_end_line(&csv);
	for (size_t i = 0; i < leaks->count; i++) {
		const struct mlw_row *row = &leaks->rows[i];

		mlw_csv_text(&csv, mlw_leak_kind_name(row->kind));
		mlw_csv_uint(&csv, row->sums.size);
		mlw_csv_uint(&csv, row->sums.count);
		mlw_row_csv(&csv, leaks->by, row);
		mlw_csv_end_line(&csv);
	}
}
