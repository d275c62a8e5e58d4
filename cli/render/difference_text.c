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
 * them: there is no average of nothing. Behind the change of a sample stands its error.
 * `row` NULL: of the total.
 */
static void add_cells(struct mlw_table *table, const struct mallow_changes *changes,
                      const struct mlw_style *style, const struct mallow_change *row)
{
	const struct mallow_sums *from =
	        row ? &row->old_sums : mallow_changes_total(changes, MALLOW_OLD);
	const struct mallow_sums *to =
	        row ? &row->row.sums : mallow_changes_total(changes, MALLOW_NEW);
	enum mallow_sort sort = mallow_changes_about(changes, MALLOW_NEW)->sort;
	char size[MLW_UNIT_TEXT], more[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	char error[MLW_ERROR_TEXT];
	struct mlw_view before = mlw_view_of(sort, from), now = mlw_view_of(sort, to);

	if (sort == MALLOW_SORT_TEMPORARY)
		mlw_table_addf(table, "temporary=%" PRIu64 " (%+" PRId64 "),",
		               to->temporary_count,
		               change(from->temporary_count, to->temporary_count));
	mlw_table_addf(table, "%s=%s (%s%s),", now.size_word,
	               mlw_size_text(now.size, size),
	               mlw_size_change_text(change(before.size, now.size), more),
	               mlw_error_text(style, mallow_changes_error(changes, row), error));
	mlw_table_addf(table, "%s=%" PRIu64 " (%+" PRId64 ")%s", now.count_word,
	               now.count, change(before.count, now.count), now.count ? "," : "");
	if (now.count)
		mlw_table_addf(table, "average=%s",
		               mlw_size_text(mlw_average(now.size, now.count), each));
	else
		mlw_table_add(table, "");
}

static void write_end(FILE *out, const struct mlw_style *style,
                      const struct mallow_about *end)
{
	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, end->file, 0);
	fputs("@", out);
	mlw_style_name(out, end->at, 0);
	fputs(mlw_style_plain(style), out);
}

/* Row 0 of the table is the sum of all: it stands alone and is not padded. */
static void write_header(FILE *out, const struct mallow_changes *changes,
                         const struct mlw_style *style, const struct mlw_table *table)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);

	write_end(out, style, mallow_changes_about(changes, MALLOW_OLD));
	fputs(" -> ", out);
	write_end(out, style, mallow_changes_about(changes, MALLOW_NEW));
	fputs(": ", out);
	for (size_t i = 0; i < table->columns; i++) {
		const char *cell = table->cells[i] ? table->cells[i] : "";

		fputs(i && *cell ? " " : "", out);
		fputs(cell, out);
	}
	fprintf(out, "%s by %s\n", about->cumulative ? ", cumulative" : ",",
	        mallow_key_name(about->by));
}

static const char *heat(const struct mlw_style *style, enum mallow_sort sort,
                        const struct mallow_change *row)
{
	int64_t more = change(mallow_sums_value(&row->old_sums, sort),
	                      mallow_sums_value(&row->row.sums, sort));

	if (!more)
		return "";
	return more > 0 ? mlw_style_warning(style) : mlw_style_good(style);
}

/* What is to be said of how a row's groups were found to be the same. */
static void write_match(FILE *out, const struct mallow_change *row, enum mallow_key by)
{
	switch (row->match) {
	case MALLOW_MATCH_MOVED:
		if (by == MALLOW_BY_LINE && mallow_traceback_count(row->old_traceback))
			fprintf(out, "  (moved, was line %" PRIu32 ")",
			        mallow_traceback_frame(row->old_traceback, 0).line);
		else
			fputs("  (moved)", out);
		break;
	case MALLOW_MATCH_NEW:
		fputs("  (new)", out);
		break;
	case MALLOW_MATCH_GONE:
		fputs("  (gone)", out);
		break;
	case MALLOW_MATCH_EXACT:
		break;
	}
}

/* Columns for what write_match writes, at its longest. */
#define MATCH_COLUMNS 26u

static void write_row(FILE *out, const struct mallow_changes *changes,
                      const struct mlw_style *style, const struct mlw_table *table,
                      size_t index)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	const struct mallow_change *row = mallow_changes_row(changes, index);
	unsigned used = mlw_table_width(table) + 3;

	if (row->match == MALLOW_MATCH_MOVED)
		used += MATCH_COLUMNS;
	fputs(heat(style, about->sort, row), out);
	mlw_table_row(table, index, out);
	fputs(mlw_style_plain(style), out);
	if (about->by == MALLOW_BY_TRACEBACK) {
		write_match(out, row, about->by);
		fputc('\n', out);
		mlw_row_stack(out, style, row->row.traceback);
		return;
	}
	mlw_table_fill(table, index, out);
	mlw_row_label(out, style, about->by, &row->row,
	              style->width > used ? style->width - used : 0);
	write_match(out, row, about->by);
	fputc('\n', out);
}

/* By how much what the rows do not show changed. */
static void write_rest_of_sums(FILE *out, const struct mallow_changes *changes,
                               size_t shown)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	struct mallow_sums from = *mallow_changes_total(changes, MALLOW_OLD),
	                   to = *mallow_changes_total(changes, MALLOW_NEW);
	char size[MLW_UNIT_TEXT];
	struct mlw_view before, now;

	for (size_t i = 0; i < shown; i++) {
		mallow_sums_subtract(&from, &mallow_changes_row(changes, i)->old_sums);
		mallow_sums_subtract(&to, &mallow_changes_row(changes, i)->row.sums);
	}
	before = mlw_view_of(about->sort, &from);
	now = mlw_view_of(about->sort, &to);
	fprintf(out, ": %s %s, %s %+" PRId64, now.size_word,
	        mlw_size_change_text(change(before.size, now.size), size), now.count_word,
	        change(before.count, now.count));
}

static void write_rest(FILE *out, const struct mallow_changes *changes)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	size_t changed = mallow_changes_group_count(changes) -
	                 mallow_changes_unchanged_count(changes);
	size_t hidden = changed - mallow_changes_count(changes);

	if (mallow_changes_count(changes) && about->by != MALLOW_BY_TRACEBACK &&
	    (hidden || mallow_changes_unchanged_count(changes) ||
	     mallow_changes_moved_count(changes)))
		fputc('\n', out);
	if (!changed)
		fputs("\nnothing changed\n", out);
	if (hidden) {
		fprintf(out, "%zu more", hidden);
		/* Cumulative rows overlap: no sum is left then. */
		if (!about->cumulative)
			write_rest_of_sums(out, changes, mallow_changes_count(changes));
		fputc('\n', out);
	}
	if (mallow_changes_unchanged_count(changes))
		fprintf(out, "%zu unchanged\n", mallow_changes_unchanged_count(changes));
	if (mallow_changes_moved_count(changes))
		fprintf(out, "%zu matched by function, because only lines moved\n",
		        mallow_changes_moved_count(changes));
}

int mlw_render_difference_text(const struct mallow_changes *changes,
                               const struct mlw_style *style, FILE *out,
                               struct mlw_error *err)
{
	const struct mallow_about *about = mallow_changes_about(changes, MALLOW_NEW);
	size_t columns = about->sort == MALLOW_SORT_TEMPORARY ? 4 : 3;
	struct mlw_table header = { .columns = columns, .gap = 1 };
	struct mlw_table table = { .columns = columns, .gap = 1 };
	bool failed;

	add_cells(&header, changes, style, NULL);
	for (size_t i = 0; i < mallow_changes_count(changes); i++)
		add_cells(&table, changes, style, mallow_changes_row(changes, i));
	failed = mlw_table_failed(&table) || mlw_table_failed(&header);
	if (!failed) {
		write_header(out, changes, style, &header);
		if (mallow_changes_count(changes))
			fputc('\n', out);
		for (size_t i = 0; i < mallow_changes_count(changes); i++)
			write_row(out, changes, style, &table, i);
		write_rest(out, changes);
	}
	mlw_table_release(&table);
	mlw_table_release(&header);
	return failed ? mlw_fail(err, "out of memory") : 0;
}
