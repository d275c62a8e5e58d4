/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/render.h"
#include "render/site.h"
#include "render/table.h"

/* What a row shows depends on what it was sorted by: words, numbers, percentage. */
struct view {
	const char *size_word;
	const char *count_word;
	uint64_t size, count;
	uint64_t share;
};

static struct view view_of(enum mlw_sort sort, const struct mlw_sums *sums)
{
	switch (sort) {
	case MLW_SORT_COUNT:
		return (struct view){ "size", "count", sums->size, sums->count,
			              sums->count };
	case MLW_SORT_PEAK:
		return (struct view){ "peak", "count", sums->peak_size, sums->peak_count,
			              sums->peak_size };
	case MLW_SORT_ALLOCATED:
		return (struct view){ "allocated", "allocations", sums->allocated_size,
			              sums->allocations, sums->allocated_size };
	case MLW_SORT_ALLOCATIONS:
		return (struct view){ "allocated", "allocations", sums->allocated_size,
			              sums->allocations, sums->allocations };
	case MLW_SORT_TEMPORARY:
		return (struct view){ "allocated", "allocations", sums->allocated_size,
			              sums->allocations, sums->temporary_count };
	default:
		return (struct view){ "size", "count", sums->size, sums->count,
			              sums->size };
	}
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static uint64_t average(uint64_t size, uint64_t count)
{
	return count ? size / count : 0;
}

/* "size=640 KiB, count=1034, average=634 B", as tracemalloc writes it. */
static void write_sums(FILE *out, enum mlw_sort sort, const struct mlw_sums *sums)
{
	char size[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	struct view view = view_of(sort, sums);

	fprintf(out, "%s=%s, %s=%" PRIu64 ", average=%s", view.size_word,
	        mlw_size_text(view.size, size), view.count_word, view.count,
	        mlw_size_text(average(view.size, view.count), each));
	if (sort == MLW_SORT_TEMPORARY)
		fprintf(out, ", temporary=%" PRIu64, sums->temporary_count);
}

/* The same in cells, so that rows line up. */
static void add_cells(struct mlw_table *table, const struct mlw_statistics *statistics,
                      const struct mlw_sums *sums)
{
	char size[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	struct view view = view_of(statistics->sort, sums);
	struct view total = view_of(statistics->sort, &statistics->total);

	mlw_table_addf(table, "%.1f%%", percent(view.share, total.share));
	if (statistics->sort == MLW_SORT_TEMPORARY)
		mlw_table_addf(table, "temporary=%" PRIu64 ",", sums->temporary_count);
	mlw_table_addf(table, "%s=%s,", view.size_word, mlw_size_text(view.size, size));
	mlw_table_addf(table, "%s=%" PRIu64 ",", view.count_word, view.count);
	mlw_table_addf(table, "average=%s",
	               mlw_size_text(average(view.size, view.count), each));
}

static void write_group(FILE *out, const char *kind, const struct mlw_row *row)
{
	fprintf(out, "%s %" PRIu32, kind, row->id);
	if (row->name && *row->name) {
		fputs("  ", out);
		mlw_style_name(out, row->name, 60);
	}
}

static void write_size_class(FILE *out, const struct mlw_row *row)
{
	char min[MLW_UNIT_TEXT], max[MLW_UNIT_TEXT];

	if (row->size_min == row->size_max)
		fprintf(out, "blocks of %s", mlw_size_text(row->size_min, min));
	else
		fprintf(out, "blocks of %s to %s", mlw_size_text(row->size_min, min),
		        mlw_size_text(row->size_max, max));
}

static void write_label(FILE *out, const struct mlw_style *style, enum mlw_by by,
                        const struct mlw_row *row, unsigned width)
{
	const struct mlw_traceback *traceback = &row->traceback;

	switch (by) {
	case MLW_BY_THREAD:
		write_group(out, "thread", row);
		break;
	case MLW_BY_PROCESS:
		write_group(out, "process", row);
		break;
	case MLW_BY_DOMAIN:
		mlw_style_name(out, row->name, 0);
		break;
	case MLW_BY_SCOPE:
		if (row->id)
			write_group(out, "scope", row);
		else
			fputs("(no scope)", out);
		break;
	case MLW_BY_SIZE:
		write_size_class(out, row);
		break;
	default:
		mlw_site_write(out, style, traceback->count ? traceback->frames[0] : NULL,
		               width);
		break;
	}
}

static void write_stack(FILE *out, const struct mlw_style *style,
                        const struct mlw_traceback *traceback)
{
	unsigned width = style->width > 20 ? style->width - 16 : 4;

	if (!traceback->count)
		fputs("      (no stack)\n", out);
	for (size_t i = 0; i < traceback->count; i++) {
		fputs("      ", out);
		mlw_site_write(out, style, traceback->frames[i], width);
		fputs(traceback->frames[i]->inlined ? "  (inlined)\n" : "\n", out);
	}
	if (traceback->truncated)
		fputs("      ...  (the outermost frames were not recorded)\n", out);
	fputc('\n', out);
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
	struct view view = view_of(statistics->sort, &row->sums);
	struct view total = view_of(statistics->sort, &statistics->total);

	fputs(heat(style, percent(view.share, total.share)), out);
	mlw_table_row(table, index, out);
	fputs(mlw_style_plain(style), out);
	if (statistics->by == MLW_BY_TRACE) {
		fputc('\n', out);
		write_stack(out, style, &row->traceback);
		return;
	}
	fprintf(out, "%*s",
	        (int)(table->widths[table->columns - 1] + 2 -
	              mlw_style_columns(table->cells[(index + 1) * table->columns - 1])),
	        "");
	write_label(out, style, statistics->by, row,
	            style->width > used ? style->width - used : 0);
	fputc('\n', out);
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
	write_sums(out, statistics->sort, &statistics->total);
	fprintf(out, "%s by %s\n", statistics->cumulative ? ", cumulative" : ",",
	        mlw_by_name(statistics->by));
}

static void subtract(struct mlw_sums *from, const struct mlw_sums *sums)
{
	from->size -= sums->size;
	from->count -= sums->count;
	from->allocated_size -= sums->allocated_size;
	from->allocations -= sums->allocations;
	from->peak_size -= sums->peak_size;
	from->peak_count -= sums->peak_count;
	from->temporary_count -= sums->temporary_count;
}

static bool is_empty(enum mlw_sort sort, const struct mlw_sums *sums)
{
	struct view view = view_of(sort, sums);

	if (sort == MLW_SORT_TEMPORARY)
		return !view.share;
	return !view.size && !view.count;
}

/* Rows that have something of what is shown; these come first. */
static size_t filled_rows(const struct mlw_statistics *statistics)
{
	size_t count = statistics->count;

	while (count && is_empty(statistics->sort, &statistics->rows[count - 1].sums))
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
		subtract(&rest, &statistics->rows[i].sums);
	if (!hidden || is_empty(statistics->sort, &rest))
		return;
	if (statistics->by != MLW_BY_TRACE)
		fputc('\n', out);
	fprintf(out, "%zu more", hidden);
	if (!statistics->cumulative) {
		fputs(": ", out);
		write_sums(out, statistics->sort, &rest);
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
