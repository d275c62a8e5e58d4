/* SPDX-License-Identifier: MIT */
#include "render/render.h"
#include "render/row.h"

static const char *const sum_names[] = {
	"size",      "count",      "allocated_size",  "allocations",
	"peak_size", "peak_count", "temporary_count",
};

/* The error is there where there is one. */
static void write_header(struct mlw_csv *csv, const struct mallow_about *about)
{
	for (size_t i = 0; i < sizeof(sum_names) / sizeof(*sum_names); i++)
		mlw_csv_text(csv, sum_names[i]);
	if (about->sample_bytes)
		mlw_csv_text(csv, "size_error");
	mlw_row_csv_header(csv, about->by);
	mlw_csv_end_line(csv);
}

/* What is not known is empty. */
static void write_known(struct mlw_csv *csv, uint64_t value, bool known)
{
	if (known)
		mlw_csv_uint(csv, value);
	else
		mlw_csv_text(csv, NULL);
}

static void write_sums(struct mlw_csv *csv, const struct mallow_row *row,
                       const struct mallow_about *about)
{
	const struct mallow_sums *sums = &row->sums;
	bool known = !about->live_only;

	mlw_csv_uint(csv, sums->size);
	mlw_csv_uint(csv, sums->count);
	write_known(csv, sums->allocated_size, known);
	write_known(csv, sums->allocations, known);
	write_known(csv, sums->peak_size, known);
	write_known(csv, sums->peak_count, known);
	write_known(csv, sums->temporary_count, known && !about->sample_bytes);
	if (about->sample_bytes)
		mlw_csv_uint(csv, mallow_row_error(row, about));
}

void mlw_render_ranking_csv(const struct mallow_ranking *ranking, FILE *out)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	write_header(&csv, about);
	for (size_t i = 0; i < mallow_ranking_count(ranking); i++) {
		write_sums(&csv, mallow_ranking_row(ranking, i), about);
		mlw_row_csv(&csv, about->by, mallow_ranking_row(ranking, i));
		mlw_csv_end_line(&csv);
	}
}
