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
static void add_cells(struct mlw_table *table, const struct mlw_statistics *statistics,
                      const struct mlw_sums *sums)
{
	char size[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	struct mlw_view view = mlw_view_of(statistics->sort, sums);

	mlw_table_addf(table, "%.1f%%",
	               mlw_view_percent(statistics->sort, sums, &statistics->total));
	if (statistics->sort == MLW_SORT_TEMPORARY)
		mlw_table_addf(table, "temporary=%" PRIu64 ",", sums->temporary_count);
	mlw_table_addf(table, "%s=%s,", view.size_word, mlw_size_text(view.size, size));
	mlw_table_addf(table, "%s=%" PRIu64 ",", view.count_word, view.count);
	mlw_table_addf(table, "average=%s",
	               mlw_size_text(mlw_average(view.size, view.count), each));
}

static const char *heat(const struct mlw_style *style, double share)
{
	return share >= 20 ? mlw_style_warning(style) : "";
}

static void write_row(FILE *out, const struct mlw_statistics *statistics,
                      const struct mlw_style *style, const struct mlw_table *table,
                      size_t index)
{
	const struct mlw_row *row = &statistics->rows[index];
	unsigned used = mlw_table_width(table) + 3;
	double share = mlw_view_percent(statistics->sort, &row->sums, &statistics->total);

	fputs(heat(style, share), out);
	mlw_table_row(table, index, out);
	fputs(mlw_style_plain(style), out);
	if (statistics->by == MLW_BY_TRACE) {
		fputc('\n', out);
		mlw_row_stack(out, style, &row->traceback);
		return;
	}
	fprintf(out, "%*s",
	        (int)(table->widths[table->columns - 1] + 2 -
	              mlw_style_columns(table->cells[(index + 1) * table->columns - 1])),
	        "");
	mlw_row_label(out, style, statistics->by, row,
	              style->width > used ? style->width - used : 0);
	fputc('\n', out);
	if (row->traceback.count)
		mlw_site_source(out, style, row->traceback.frames[0], 8);
}

static void write_header(FILE *out, const struct mlw_statistics *statistics,
                         const struct mlw_style *style)
{
	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, statistics->file, 0);
	fputs("@", out);
	mlw_style_name(out, statistics->at, 0);
	fputs(mlw_style_plain(style), out);
	fputs(": ", out);
	mlw_sums_write(out, statistics->sort, &statistics->total);
	fprintf(out, "%s by %s\n", statistics->cumulative ? ", cumulative" : ",",
	        mlw_by_name(statistics->by));
}

/* Rows that have something of what is shown; these come first. */
static size_t filled_rows(const struct mlw_statistics *statistics)
{
	size_t count = statistics->count;

	while (count &&
	       mlw_view_is_empty(statistics->sort, &statistics->rows[count - 1].sums))
		count--;
	return count;
}

/* What the rows above do not show, if it is anything. Cumulative rows overlap: no sum is
 * left then. */
static void write_rest(FILE *out, const struct mlw_statistics *statistics, size_t shown)
{
	size_t hidden = statistics->group_count - shown;
	struct mlw_sums rest = statistics->total;

	for (size_t i = 0; !statistics->cumulative && i < shown; i++)
		mlw_sums_subtract(&rest, &statistics->rows[i].sums);
	if (!hidden || mlw_view_is_empty(statistics->sort, &rest))
		return;
	if (statistics->by != MLW_BY_TRACE)
		fputc('\n', out);
	fprintf(out, "%zu more", hidden);
	if (!statistics->cumulative) {
		fputs(": ", out);
		mlw_sums_write(out, statistics->sort, &rest);
	}
	fputc('\n', out);
}

int mlw_render_statistics_text(const struct mlw_statistics *statistics,
                               const struct mlw_style *style, FILE *out,
                               struct mlw_error *err)
{
	bool temporary = statistics->sort == MLW_SORT_TEMPORARY;
	struct mlw_table table = { .columns = temporary ? 5 : 4, .right = 1 };
	size_t count = filled_rows(statistics);
	bool failed;

	for (size_t i = 0; i < count; i++)
		add_cells(&table, statistics, &statistics->rows[i].sums);
	failed = mlw_table_failed(&table);
	if (!failed) {
		write_header(out, statistics, style);
		if (count)
			fputc('\n', out);
		for (size_t i = 0; i < count; i++)
			write_row(out, statistics, style, &table, i);
		write_rest(out, statistics, count);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}
