/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/render.h"
#include "render/row.h"
#include "render/sums.h"
#include "render/table.h"

/* What the program answers for. */
static struct mallow_sums leaked(const struct mallow_ranking *leaks)
{
	struct mallow_sums sums = *mallow_ranking_total(leaks);

	mallow_sums_subtract(&sums, mallow_ranking_kind(leaks, MALLOW_LEAK_RUNTIME));
	mallow_sums_subtract(&sums, mallow_ranking_kind(leaks, MALLOW_LEAK_SUPPRESSED));
	return sums;
}

static void write_header(FILE *out, const struct mallow_ranking *leaks,
                         const struct mlw_style *style)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	struct mallow_sums sums = leaked(leaks);
	bool at_end = !strcmp(about->at, "end");

	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, about->file, 0);
	fputs("@", out);
	mlw_style_name(out, about->at, 0);
	fputs(mlw_style_plain(style), out);
	if (!sums.count) {
		fputs(at_end ? ": no leaks\n" : ": nothing is live\n", out);
		mlw_sample_write(out, about);
		return;
	}
	fputs(at_end ? ": leaks: " : ": live: ", out);
	mlw_sums_write(out, style, about, &sums);
	fprintf(out, "%s by %s\n", about->cumulative ? ", cumulative" : ",",
	        mallow_key_name(about->by));
	mlw_sample_write(out, about);
}

/* Is there a kind beside the one that the header has told of? */
static bool has_kinds(const struct mallow_ranking *leaks)
{
	unsigned kinds = 0;

	for (unsigned kind = 0; kind < MALLOW_LEAK_KINDS; kind++)
		kinds += mallow_ranking_kind(leaks, kind)->count != 0;
	return kinds > 1 || !leaked(leaks).count;
}

/* A line for each kind that there is. */
static int write_kinds(FILE *out, const struct mallow_ranking *leaks,
                       struct mlw_error *err)
{
	struct mlw_table table = { .columns = 3, .right = 1u << 1 };
	char text[MLW_UNIT_TEXT];
	bool failed;

	for (unsigned kind = 0; kind < MALLOW_LEAK_KINDS; kind++) {
		const struct mallow_sums *sums = mallow_ranking_kind(leaks, kind);

		if (!sums->count)
			continue;
		mlw_table_add(&table, mallow_leak_kind_name(kind));
		mlw_table_add(&table, mlw_size_text(sums->size, text));
		mlw_table_addf(&table, "in %" PRIu64 " block%s%s", sums->count,
		               sums->count == 1 ? "" : "s",
		               kind == MALLOW_LEAK_RUNTIME
		                       ? ", kept by the C library and the loader"
		                       : "");
	}
	for (size_t i = 0; i < mlw_table_rows(&table); i++) {
		fputs(i ? "  " : "\n  ", out);
		mlw_table_row(&table, i, out);
		fputc('\n', out);
	}
	failed = mlw_table_failed(&table);
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

static void add_cells(struct mlw_table *table, const struct mallow_ranking *leaks,
                      const struct mallow_row *row)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	char size[MLW_UNIT_TEXT], each[MLW_UNIT_TEXT];
	struct mlw_view view = mlw_view_of(about->sort, &row->sums);

	mlw_table_add(table, mallow_leak_kind_name(row->kind));
	mlw_table_addf(table, "%.1f%%",
	               mlw_view_percent(about->sort, &row->sums,
	                                mallow_ranking_kind(leaks, row->kind)));
	mlw_table_addf(table, "%s=%s,", view.size_word, mlw_size_text(view.size, size));
	mlw_table_addf(table, "%s=%" PRIu64 ",", view.count_word, view.count);
	mlw_table_addf(table, "average=%s",
	               mlw_size_text(mlw_average(view.size, view.count), each));
}

static void write_row(FILE *out, const struct mallow_ranking *leaks,
                      const struct mlw_style *style, const struct mlw_table *table,
                      size_t index)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	const struct mallow_row *row = mallow_ranking_row(leaks, index);
	unsigned used = mlw_table_width(table) + 3;

	mlw_table_row(table, index, out);
	if (about->by == MALLOW_BY_TRACEBACK) {
		fputc('\n', out);
		mlw_row_stack(out, style, row->traceback);
		return;
	}
	mlw_table_fill(table, index, out);
	mlw_row_label(out, style, about->by, row,
	              style->width > used ? style->width - used : 0);
	fputc('\n', out);
}

/* What the rows above do not show. Cumulative rows overlap: no sum is left then. */
static void write_rest(FILE *out, const struct mallow_ranking *leaks,
                       const struct mlw_style *style)
{
	const struct mallow_about *about = mallow_ranking_about(leaks);
	size_t hidden = mallow_ranking_group_count(leaks) - mallow_ranking_count(leaks);
	struct mallow_sums rest = *mallow_ranking_total(leaks);

	if (!hidden)
		return;
	for (size_t i = 0; i < mallow_ranking_count(leaks); i++)
		mallow_sums_subtract(&rest, &mallow_ranking_row(leaks, i)->sums);
	mlw_row_hidden(out, style, about, hidden, &rest);
}

int mlw_render_leaks_text(const struct mallow_ranking *leaks,
                          const struct mlw_style *style, FILE *out, struct mlw_error *err)
{
	struct mlw_table table = { .columns = 5, .right = 1u << 1 };
	bool failed;

	write_header(out, leaks, style);
	if (has_kinds(leaks) && write_kinds(out, leaks, err))
		return -1;
	for (size_t i = 0; i < mallow_ranking_count(leaks); i++)
		add_cells(&table, leaks, mallow_ranking_row(leaks, i));
	failed = mlw_table_failed(&table);
	if (!failed && mallow_ranking_count(leaks))
		fputc('\n', out);
	for (size_t i = 0; !failed && i < mallow_ranking_count(leaks); i++)
		write_row(out, leaks, style, &table, i);
	if (!failed)
		write_rest(out, leaks, style);
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}
