/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/units.h"
#include "render/render.h"
#include "render/row.h"
#include "render/sums.h"
#include "render/table.h"

static int64_t change(uint64_t from, uint64_t to)
{
	return (int64_t)(to - from);
}

/*
 * "size=5002 B (+5000 B),", "count=2 (+1),", "average=2501 B", as tracemalloc writes
 * them: there is no average of nothing.
 */
static void add_cells(struct mlw_table *table, enum mallow_sort sort,
                      const struct mallow_sums *from, const struct mallow_sums *to)
{
	char size[MLW_UNIT_TEXT], more[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	struct mlw_view before = mlw_view_of(sort, from), now = mlw_view_of(sort, to);

	if (sort == MALLOW_SORT_TEMPORARY)
		mlw_table_addf(table, "temporary=%" PRIu64 " (%+" PRId64 "),",
		               to->temporary_count,
		               change(from->temporary_count, to->temporary_count));
	mlw_table_addf(table, "%s=%s (%s),", now.size_word, mlw_size_text(now.size, size),
	               mlw_size_change_text(change(before.size, now.size), more));
	mlw_table_addf(table, "%s=%" PRIu64 " (%+" PRId64 ")%s", now.count_word,
	               now.count, change(before.count, now.count), now.count ? "," : "");
	if (now.count)
		mlw_table_addf(table, "average=%s",
		               mlw_size_text(mlw_average(now.size, now.count), each));
	else
		mlw_table_add(table, "");
}

static void write_end(FILE *out, const struct mlw_style *style, const struct mlw_end *end)
{
	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, end->file, 0);
	fputs("@", out);
	mlw_style_name(out, end->at, 0);
	fputs(mlw_style_plain(style), out);
}

/* Row 0 of the table is the sum of all: it stands alone and is not padded. */
static void write_header(FILE *out, const struct mlw_difference *difference,
                         const struct mlw_style *style, const struct mlw_table *table)
{
	write_end(out, style, &difference->old_end);
	fputs(" -> ", out);
	write_end(out, style, &difference->new_end);
	fputs(": ", out);
	for (size_t i = 0; i < table->columns; i++) {
		const char *cell = table->cells[i] ? table->cells[i] : "";

		fputs(i && *cell ? " " : "", out);
		fputs(cell, out);
	}
	fprintf(out, "%s by %s\n", difference->cumulative ? ", cumulative" : ",",
	        mallow_key_name(difference->by));
}

static const char *heat(const struct mlw_style *style, enum mallow_sort sort,
                        const struct mlw_change_row *row)
{
	int64_t more = change(mallow_sums_value(&row->old_sums, sort),
	                      mallow_sums_value(&row->row.sums, sort));

	if (!more)
		return "";
	return more > 0 ? mlw_style_warning(style) : mlw_style_good(style);
}

/* What is to be said of how a row's groups were found to be the same. */
static void write_match(FILE *out, const struct mlw_change_row *row, enum mallow_key by)
{
	switch (row->match) {
	case MLW_MATCH_MOVED:
		if (by == MALLOW_BY_LINE && mallow_traceback_count(row->old_traceback))
			fprintf(out, "  (moved, was line %" PRIu32 ")",
			        mallow_traceback_frame(row->old_traceback, 0).line);
		else
			fputs("  (moved)", out);
		break;
	case MLW_MATCH_NEW:
		fputs("  (new)", out);
		break;
	case MLW_MATCH_GONE:
		fputs("  (gone)", out);
		break;
	case MLW_MATCH_EXACT:
		break;
	}
}

/* Columns for what write_match writes, at its longest. */
#define MATCH_COLUMNS 26u

static void write_row(FILE *out, const struct mlw_difference *difference,
                      const struct mlw_style *style, const struct mlw_table *table,
                      size_t index)
{
	const struct mlw_change_row *row = &difference->rows[index];
	unsigned used = mlw_table_width(table) + 3;
	const char *last;

	if (row->match == MLW_MATCH_MOVED)
		used += MATCH_COLUMNS;
	fputs(heat(style, difference->sort, row), out);
	mlw_table_row(table, index, out);
	fputs(mlw_style_plain(style), out);
	if (difference->by == MALLOW_BY_TRACEBACK) {
		write_match(out, row, difference->by);
		fputc('\n', out);
		mlw_row_stack(out, style, row->row.traceback);
		return;
	}
	last = table->cells[(index + 1) * table->columns - 1];
	fprintf(out, "%*s",
	        (int)(table->widths[table->columns - 1] + 2 -
	              mlw_style_columns(last ? last : "")),
	        "");
	mlw_row_label(out, style, difference->by, &row->row,
	              style->width > used ? style->width - used : 0);
	write_match(out, row, difference->by);
	fputc('\n', out);
}

/* By how much what the rows do not show changed. */
static void write_rest_of_sums(FILE *out, const struct mlw_difference *difference,
                               size_t shown)
{
	struct mallow_sums from = difference->old_end.total,
	                   to = difference->new_end.total;
	char size[MLW_UNIT_TEXT];
	struct mlw_view before, now;

	for (size_t i = 0; i < shown; i++) {
		mallow_sums_subtract(&from, &difference->rows[i].old_sums);
		mallow_sums_subtract(&to, &difference->rows[i].row.sums);
	}
	before = mlw_view_of(difference->sort, &from);
	now = mlw_view_of(difference->sort, &to);
	fprintf(out, ": %s %s, %s %+" PRId64, now.size_word,
	        mlw_size_change_text(change(before.size, now.size), size), now.count_word,
	        change(before.count, now.count));
}

static void write_rest(FILE *out, const struct mlw_difference *difference)
{
	size_t changed = difference->group_count - difference->unchanged_count;
	size_t hidden = changed - difference->count;

	if (difference->count && difference->by != MALLOW_BY_TRACEBACK &&
	    (hidden || difference->unchanged_count || difference->moved_count))
		fputc('\n', out);
	if (!changed)
		fputs("\nnothing changed\n", out);
	if (hidden) {
		fprintf(out, "%zu more", hidden);
		/* Cumulative rows overlap: no sum is left then. */
		if (!difference->cumulative)
			write_rest_of_sums(out, difference, difference->count);
		fputc('\n', out);
	}
	if (difference->unchanged_count)
		fprintf(out, "%zu unchanged\n", difference->unchanged_count);
	if (difference->moved_count)
		fprintf(out, "%zu matched by function, because only lines moved\n",
		        difference->moved_count);
}

int mlw_render_difference_text(const struct mlw_difference *difference,
                               const struct mlw_style *style, FILE *out,
                               struct mlw_error *err)
{
	size_t columns = difference->sort == MALLOW_SORT_TEMPORARY ? 4 : 3;
	struct mlw_table header = { .columns = columns, .gap = 1 };
	struct mlw_table table = { .columns = columns, .gap = 1 };
	bool failed;

	add_cells(&header, difference->sort, &difference->old_end.total,
	          &difference->new_end.total);
	for (size_t i = 0; i < difference->count; i++)
		add_cells(&table, difference->sort, &difference->rows[i].old_sums,
		          &difference->rows[i].row.sums);
	failed = mlw_table_failed(&table) || mlw_table_failed(&header);
	if (!failed) {
		write_header(out, difference, style, &header);
		if (difference->count)
			fputc('\n', out);
		for (size_t i = 0; i < difference->count; i++)
			write_row(out, difference, style, &table, i);
		write_rest(out, difference);
	}
	mlw_table_release(&table);
	mlw_table_release(&header);
	return failed ? mlw_fail(err, "out of memory") : 0;
}
