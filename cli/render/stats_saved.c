/* SPDX-License-Identifier: MIT */
#include "render/stats_saved.h"

#include <inttypes.h>
#include <time.h>

#include "base/units.h"
#include "render/stats_tables.h"

#define KEY_WIDTH 30u

static void write_heading(FILE *out, const struct mlw_style *style,
                          const struct mlw_stats *stats)
{
	time_t seconds = (time_t)(stats->started_at_ns / 1000000000);
	char when[MLW_UNIT_TEXT], date[32] = "";
	struct tm tm;

	if (stats->built) {
		fputs("saved snapshot, not of a run\n", out);
		return;
	}
	fputs(mlw_style_bold(style), out);
	mlw_stats_command(out, stats->command, stats->command_count, style->width);
	fprintf(out, "%s\n", mlw_style_plain(style));
	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fprintf(out, "saved snapshot, at %s of a run that started %s\n",
	        mlw_duration_text(stats->duration_ns, when), date);
}

static void write_live(FILE *out, const struct mlw_style *style,
                       const struct mlw_stats *stats)
{
	const struct mlw_stats_totals *totals = &stats->totals;
	char size[MLW_UNIT_TEXT];

	fprintf(out, "\n  live          %s%s%s in %" PRIu64 " block%s\n",
	        mlw_style_bold(style), mlw_size_text(totals->live_size, size),
	        mlw_style_plain(style), totals->live_count,
	        totals->live_count == 1 ? "" : "s");
	if (stats->mapped.live_count)
		fprintf(out, "  mappings      %s in %" PRIu64 "\n",
		        mlw_size_text(stats->mapped.live_size, size),
		        stats->mapped.live_count);
	fprintf(out, "  stacks        %" PRIu64 " distinct", stats->distinct_traces);
	if (stats->truncated_traces)
		fprintf(out, ", %" PRIu64 " of them cut", stats->truncated_traces);
	fputc('\n', out);
}

static unsigned widest_key(const struct mlw_stats *stats)
{
	unsigned widest = 0;

	for (size_t i = 0; i < stats->metadata_count; i++) {
		unsigned width = mlw_style_columns(stats->metadata[i].key);

		if (width > widest)
			widest = width;
	}
	return widest < KEY_WIDTH ? widest : KEY_WIDTH;
}

/* A value may be anything: control characters are not the terminal's. */
static void write_metadata(FILE *out, const struct mlw_style *style,
                           const struct mlw_stats *stats)
{
	unsigned width = widest_key(stats);

	if (stats->metadata_count)
		mlw_stats_heading(out, style, "metadata");
	for (size_t i = 0; i < stats->metadata_count; i++) {
		unsigned used;

		fputs("  ", out);
		used = mlw_style_name(out, stats->metadata[i].key, width);
		fprintf(out, "%*s", (int)(width - used) + 2, "");
		mlw_style_name(out, stats->metadata[i].value, 0);
		fputc('\n', out);
	}
}

int mlw_stats_write_saved(FILE *out, const struct mlw_style *style,
                          const struct mlw_stats *stats)
{
	write_heading(out, style, stats);
	write_live(out, style, stats);
	write_metadata(out, style, stats);
	return 0;
}
