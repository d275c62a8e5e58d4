/* SPDX-License-Identifier: MIT */

/* `mallow stats --by domain`: what each domain has, and what of its pools is free. */

#include <inttypes.h>

#include "base/units.h"
#include "render/render.h"
#include "render/stats_tables.h"
#include "render/sums.h"
#include "render/table.h"

static void add_size(struct mlw_table *table, uint64_t size)
{
	char text[MLW_UNIT_TEXT];

	mlw_table_add(table, mlw_size_text(size, text));
}

/* Of a saved snapshot only what was live is known. */
static void add_past(struct mlw_table *table, const struct mallow_totals *totals,
                     bool known)
{
	for (int i = 0; !known && i < 4; i++)
		mlw_table_add(table, "-");
	if (!known)
		return;
	mlw_table_addf(table, "%" PRIu64, totals->allocations);
	mlw_table_addf(table, "%" PRIu64, totals->frees);
	add_size(table, totals->allocated_size);
	add_size(table, totals->peak_size);
}

static void add_domain(struct mlw_table *table, const struct mallow_domain_stats *domain,
                       bool known)
{
	const struct mallow_totals *totals = &domain->totals;

	add_past(table, totals, known);
	add_size(table, totals->live_size);
	mlw_table_addf(table, "%" PRIu64, totals->live_count);
}

static void add_pools(struct mlw_table *table, const struct mallow_pools *pools)
{
	if (pools->block_size)
		add_size(table, pools->block_size);
	else
		mlw_table_add(table, "any size");
	mlw_table_addf(table, "%" PRIu64, pools->created);
	mlw_table_addf(table, "%" PRIu64, pools->pools);
	add_size(table, pools->size);
	mlw_table_addf(table, "%" PRIu64, pools->blocks);
	add_size(table, pools->used_size);
	add_size(table, pools->wasted_size);
	add_size(table, pools->free_size);
	add_size(table, pools->largest_free);
}

static void write_row(FILE *out, const struct mlw_table *table, size_t row,
                      const char *name)
{
	fputs("  ", out);
	mlw_table_row(table, row, out);
	fputs("  ", out);
	mlw_style_name(out, name, 0);
	fputc('\n', out);
}

static int write_domains(FILE *out, const struct mallow_stats *stats,
                         struct mlw_error *err)
{
	static const char *const heads[] = { "allocations", "frees", "allocated",
		                             "peak",        "live",  "blocks" };
	struct mlw_table table = { .columns = 6, .right = 0x3f };

	for (size_t i = 0; i < table.columns; i++)
		mlw_table_add(&table, heads[i]);
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++)
		add_domain(&table, mallow_stats_domain(stats, i),
		           !mallow_stats_run(stats)->saved);
	if (mlw_table_failed(&table)) {
		mlw_table_release(&table);
		return mlw_fail(err, "out of memory");
	}
	write_row(out, &table, 0, "domain");
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++)
		write_row(out, &table, i + 1, mallow_stats_domain(stats, i)->name);
	mlw_table_release(&table);
	return 0;
}

static void write_pool_rows(FILE *out, const struct mallow_stats *stats,
                            const struct mlw_table *table)
{
	size_t row = 0;

	write_row(out, table, row++, "domain");
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++)
		for (size_t j = 0; j < mallow_stats_domain(stats, i)->pool_count; j++)
			write_row(out, table, row++, mallow_stats_domain(stats, i)->name);
}

static int write_pools(FILE *out, const struct mlw_style *style,
                       const struct mallow_stats *stats, struct mlw_error *err)
{
	static const char *const heads[] = { "blocks of", "created", "pools",
		                             "memory",    "blocks",  "used",
		                             "wasted",    "free",    "largest free" };
	struct mlw_table table = { .columns = 9, .right = 0x1ff };
	int result = 0;

	for (size_t i = 0; i < table.columns; i++)
		mlw_table_add(&table, heads[i]);
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++)
		for (size_t j = 0; j < mallow_stats_domain(stats, i)->pool_count; j++)
			add_pools(&table, &mallow_stats_domain(stats, i)->pools[j]);
	if (mlw_table_failed(&table))
		result = mlw_fail(err, "out of memory");
	else if (mlw_table_rows(&table) > 1) {
		mlw_stats_heading(out, style, "pools at the end");
		write_pool_rows(out, stats, &table);
	}
	mlw_table_release(&table);
	return result;
}

int mlw_render_stats_domains(const struct mallow_stats *stats,
                             const struct mlw_style *style, FILE *out,
                             struct mlw_error *err)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	fputs(mlw_style_bold(style), out);
	mlw_stats_command(out, run->command, run->command_count, style->width);
	fprintf(out, "%s\n", mlw_style_plain(style));
	mlw_sample_write(out, mallow_stats_about(stats));
	fputc('\n', out);
	if (write_domains(out, stats, err))
		return -1;
	return write_pools(out, style, stats, err);
}
