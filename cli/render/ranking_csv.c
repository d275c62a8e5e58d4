/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

static const char *const sum_names[] = {
	"size",      "count",      "allocated_size",  "allocations",
	"peak_size", "peak_count", "temporary_count",
};

static void write_header(struct mlw_csv *csv, enum mallow_key by)
{
	for (size_t i = 0; i < sizeof(sum_names) / sizeof(*sum_names); i++)
		mlw_csv_text(csv, sum_names[i]);
	mlw_row_csv_header(csv, by);
	mlw_csv_end_line(csv);
}

static void write_sums(struct mlw_csv *csv, const struct mallow_sums *sums,
                       bool live_only)
{
	mlw_csv_uint(csv, sums->size);
	mlw_csv_uint(csv, sums->count);
	for (int i = 0; live_only && i < 5; i++)
		mlw_csv_text(csv, NULL);
	if (live_only)
		return;
	mlw_csv_uint(csv, sums->allocated_size);
	mlw_csv_uint(csv, sums->allocations);
	mlw_csv_uint(csv, sums->peak_size);
	mlw_csv_uint(csv, sums->peak_count);
	mlw_csv_uint(csv, sums->temporary_count);
}

void mlw_render_ranking_csv(const struct mallow_ranking *ranking, FILE *out)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	write_header(&csv, about->by);
	for (size_t i = 0; i < mallow_ranking_count(ranking); i++) {
		write_sums(&csv, &mallow_ranking_row(ranking, i)->sums, about->live_only);
		mlw_row_csv(&csv, about->by, mallow_ranking_row(ranking, i));
		mlw_csv_end_line(&csv);
	}
}
