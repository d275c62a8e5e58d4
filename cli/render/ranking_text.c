/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/render.h"
#include "render/row.h"
#include "render/site.h"
#include "render/sums.h"
#include "render/table.h"

/* The same in cells, so that rows line up. */
static void add_cells(struct mlw_table *table, const struct mallow_ranking *ranking,
                      const struct mlw_style *style, const struct mallow_row *row)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	char size[MLW_UNIT_TEXT], error[MLW_ERROR_TEXT], each[MLW_UNIT_TEXT];
	const struct mallow_sums *sums = &row->sums;
	struct mlw_view view = mlw_view_of(about->sort, sums);

	mlw_table_addf(
	        table, "%.1f%%",
	        mlw_view_percent(about->sort, sums, mallow_ranking_total(ranking)));
	if (about->sort == MALLOW_SORT_TEMPORARY)
		mlw_table_addf(table, "temporary=%" PRIu64 ",", sums->temporary_count);
	mlw_table_addf(table, "%s=%s%s,", view.size_word, mlw_size_text(view.size, size),
	               mlw_error_text(style, mallow_row_error(row, about), error));
	mlw_table_addf(table, "%s=%" PRIu64 ",", view.count_word, view.count);
	mlw_table_addf(table, "average=%s",
	               mlw_size_text(mlw_average(view.size, view.count), each));
}

static const char *heat(const struct mlw_style *style, double share)
{
	return share >= 20 ? mlw_style_warning(style) : "";
}

static void write_row(FILE *out, const struct mallow_ranking *ranking,
                      const struct mlw_style *style, const struct mlw_table *table,
                      size_t index)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	const struct mallow_row *row = mallow_ranking_row(ranking, index);
	unsigned used = mlw_table_width(table) + 3;
	struct mallow_frame site;
	double share =
	        mlw_view_percent(about->sort, &row->sums, mallow_ranking_total(ranking));

	fputs(heat(style, share), out);
	mlw_table_row(table, index, out);
	fputs(mlw_style_plain(style), out);
	if (about->by == MALLOW_BY_TRACEBACK) {
		fputc('\n', out);
		mlw_row_stack(out, style, row->traceback);
		return;
	}
	mlw_table_fill(table, index, out);
	mlw_row_label(out, style, about->by, row,
	              style->width > used ? style->width - used : 0);
	fputc('\n', out);
	site = mallow_traceback_frame(row->traceback, 0);
	if (mallow_traceback_count(row->traceback))
		mlw_site_source(out, style, &site, 8);
}

static void write_header(FILE *out, const struct mallow_ranking *ranking,
                         const struct mlw_style *style)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);

	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, about->file, 0);
	fputs("@", out);
	mlw_style_name(out, about->at, 0);
	fputs(mlw_style_plain(style), out);
	fputs(": ", out);
	mlw_sums_write(out, style, about, mallow_ranking_total(ranking));
	fprintf(out, "%s by %s\n", about->cumulative ? ", cumulative" : ",",
	        mallow_key_name(about->by));
	mlw_sample_write(out, about);
}

/* Rows that have something of what is shown; these come first. */
static size_t filled_rows(const struct mallow_ranking *ranking)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	size_t count = mallow_ranking_count(ranking);

	while (count && mlw_view_is_empty(about->sort,
	                                  &mallow_ranking_row(ranking, count - 1)->sums))
		count--;
	return count;
}

/* What the rows above do not show, if it is anything. Cumulative rows overlap: no sum is
 * left then. */
static void write_rest(FILE *out, const struct mallow_ranking *ranking,
                       const struct mlw_style *style, size_t shown)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	size_t hidden = mallow_ranking_group_count(ranking) - shown;
	struct mallow_sums rest = *mallow_ranking_total(ranking);

	for (size_t i = 0; !about->cumulative && i < shown; i++)
		mallow_sums_subtract(&rest, &mallow_ranking_row(ranking, i)->sums);
	if (!hidden || mlw_view_is_empty(about->sort, &rest))
		return;
	mlw_row_hidden(out, style, about, hidden, &rest);
}

int mlw_render_ranking_text(const struct mallow_ranking *ranking,
                            const struct mlw_style *style, FILE *out,
                            struct mlw_error *err)
{
	const struct mallow_about *about = mallow_ranking_about(ranking);
	bool temporary = about->sort == MALLOW_SORT_TEMPORARY;
	struct mlw_table table = { .columns = temporary ? 5 : 4, .right = 1 };
	size_t count = filled_rows(ranking);
	bool failed;

	for (size_t i = 0; i < count; i++)
		add_cells(&table, ranking, style, mallow_ranking_row(ranking, i));
	failed = mlw_table_failed(&table);
	if (!failed) {
		write_header(out, ranking, style);
		if (count)
			fputc('\n', out);
		for (size_t i = 0; i < count; i++)
			write_row(out, ranking, style, &table, i);
		write_rest(out, ranking, style, count);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}
