/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

void mlw_render_leaks_csv(const struct mallow_ranking *leaks, FILE *out)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	mlw_csv_text(&csv, "kind");
	mlw_csv_text(&csv, "size");
	mlw_csv_text(&csv, "count");
	mlw_row_csv_header(&csv, about->by);
	mlw_csv_end_line(&csv);
	for (size_t i = 0; i < mallow_ranking_count(leaks); i++) {
		const struct mallow_row *row = mallow_ranking_row(leaks, i);

		mlw_csv_text(&csv, mallow_leak_kind_name(row->kind));
		mlw_csv_uint(&csv, row->sums.size);
		mlw_csv_uint(&csv, row->sums.count);
		mlw_row_csv(&csv, about->by, row);
		mlw_csv_end_line(&csv);
	}
}
