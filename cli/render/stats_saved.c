/* SPDX-License-Identifier: MIT */
#include "render/stats_saved.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "render/stats_tables.h"
#include "render/sums.h"

#define LABEL_WIDTH 12u
#define KEY_WIDTH   30u

static void write_heading(FILE *out, const struct mlw_style *style,
                          const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	time_t seconds = (time_t)(run->started_at_ns / 1000000000);
	char when[MLW_UNIT_TEXT], date[32] = "";
	struct tm tm;

	if (run->built) {
		fputs("saved snapshot, not of a run\n", out);
		return;
	}
	fputs(mlw_style_bold(style), out);
	mlw_stats_command(out, run->command, run->command_count, style->width);
	fprintf(out, "%s\n", mlw_style_plain(style));
	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fprintf(out, "saved snapshot, at %s of a run that started %s\n",
	        mlw_duration_text(run->duration_ns, when), date);
	mlw_sample_write(out, mallow_stats_about(stats));
}

/* Names of domains are the program's. */
static void write_live(FILE *out, const struct mlw_style *style, const char *name,
                       const struct mallow_totals *totals)
{
	char size[MLW_UNIT_TEXT];
	unsigned used;

	fputs("  ", out);
	used = mlw_style_name(out, name, LABEL_WIDTH);
	fprintf(out, "%*s%s%s%s in %" PRIu64 " block%s\n", (int)(LABEL_WIDTH - used) + 2,
	        "", mlw_style_bold(style), mlw_size_text(totals->live_size, size),
	        mlw_style_plain(style), totals->live_count,
	        totals->live_count == 1 ? "" : "s");
}

static void write_blocks(FILE *out, const struct mlw_style *style,
                         const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	fputc('\n', out);
	write_live(out, style, "live", &run->totals);
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++) {
		const struct mallow_domain_stats *domain = mallow_stats_domain(stats, i);

		if (domain->id != MALLOW_DOMAIN_MALLOC && domain->totals.live_count)
			write_live(out, style, domain->name, &domain->totals);
	}
	fprintf(out, "  %-*s  %" PRIu64 " distinct", (int)LABEL_WIDTH, "stacks",
	        run->distinct_traces);
	if (run->truncated_traces)
		fprintf(out, ", %" PRIu64 " of them cut", run->truncated_traces);
	fputc('\n', out);
}

static unsigned widest_key(const struct mallow_stats *stats)
{
	unsigned widest = 0;

	for (size_t i = 0; i < mallow_stats_metadata_count(stats); i++) {
		unsigned width = mlw_style_columns(mallow_stats_metadatum(stats, i)->key);

		if (width > widest)
			widest = width;
	}
	return widest < KEY_WIDTH ? widest : KEY_WIDTH;
}

/* A value may be anything: control characters are not the terminal's, and what is no text
 * is for programs (--json). */
static void write_value(FILE *out, const struct mallow_metadatum *row)
{
	if (strlen(row->value) != row->size)
		fprintf(out, "(%zu bytes, no text)", row->size);
	else
		mlw_style_name(out, row->value, 0);
}

static void write_metadata(FILE *out, const struct mlw_style *style,
                           const struct mallow_stats *stats)
{
	unsigned width = widest_key(stats);

	if (mallow_stats_metadata_count(stats))
		mlw_stats_heading(out, style, "metadata");
	for (size_t i = 0; i < mallow_stats_metadata_count(stats); i++) {
		const struct mallow_metadatum *row = mallow_stats_metadatum(stats, i);
		unsigned used;

		fputs("  ", out);
		used = mlw_style_name(out, row->key, width);
		fprintf(out, "%*s", (int)(width - used) + 2, "");
		write_value(out, row);
		fputc('\n', out);
	}
}

int mlw_stats_write_saved(FILE *out, const struct mlw_style *style,
                          const struct mallow_stats *stats)
{
	write_heading(out, style, stats);
	write_blocks(out, style, stats);
	write_metadata(out, style, stats);
	return 0;
}
