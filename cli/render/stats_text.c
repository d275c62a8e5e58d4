/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "render/histogram.h"
#include "render/render.h"
#include "render/stats_saved.h"
#include "render/stats_tables.h"
#include "render/sums.h"

#define MOST_BARS      42u /* the width of one histogram; two stand side by side */
#define LEAST_BARS     30u
#define MOST_SNAPSHOTS 6u
#define MOST_CLASSES   65u /* a power of two each, and 0 */

static void write_how(FILE *out, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	time_t seconds = (time_t)(run->started_at_ns / 1000000000);
	char end[32], duration[MLW_UNIT_TEXT], date[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (run->running)
		snprintf(end, sizeof(end), "running");
	else if (mallow_stats_about(stats)->closed)
		mlw_stats_end_text(&run->end, end, sizeof(end));
	else
		snprintf(end, sizeof(end), "end not recorded,");
	fprintf(out, "%s after %s, started %s, %zu process%s, %zu thread%s\n", end,
	        mlw_duration_text(run->duration_ns, duration), date,
	        mallow_stats_process_count(stats),
	        mallow_stats_process_count(stats) == 1 ? "" : "es",
	        mallow_stats_thread_count(stats),
	        mallow_stats_thread_count(stats) == 1 ? "" : "s");
}

static void write_warning(FILE *out, const struct mlw_style *style, const char *text)
{
	fprintf(out, "%sWARNING: %s%s\n", mlw_style_warning(style), text,
	        mlw_style_plain(style));
}

MLW_PRINTF(3, 4)
static void warn(FILE *out, const struct mlw_style *style, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_warning(out, style, text);
}

/* Nothing is lost: only moments in between cannot be asked for. */
static void write_cut(FILE *out, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	char text[MLW_UNIT_TEXT];

	if (run->cut)
		fprintf(out,
		        "--max-size was reached at %s: later events are in the totals, "
		        "not each for itself\n",
		        mlw_duration_text(run->cut_at_ns, text));
}

static size_t unrecorded_processes(const struct mallow_stats *stats)
{
	size_t count = 0;

	for (size_t i = 0; i < mallow_stats_process_count(stats); i++)
		count += !mallow_stats_process(stats, i)->recorded;
	return count;
}

static void write_warnings(FILE *out, const struct mlw_style *style,
                           const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	size_t unrecorded = unrecorded_processes(stats);

	if (run->running)
		warn(out, style,
		     "still being recorded; what happened in the last second may be "
		     "missing");
	else if (!mallow_stats_about(stats)->closed)
		warn(out, style,
		     "incomplete: the recording was not closed; what "
		     "happened last is missing");
	if (run->lost_events)
		warn(out, style, "incomplete: %" PRIu64 " events were lost",
		     run->lost_events);
	if (run->damaged_events)
		warn(out, style,
		     "incomplete: %" PRIu64
		     " events made no sense and were skipped (did the program "
		     "overwrite its memory?)",
		     run->damaged_events);
	if (run->stack_mismatches)
		warn(out, style,
		     "%" PRIu64 " of %" PRIu64 " verified stacks differ from libunwind's",
		     run->stack_mismatches, run->stacks_verified);
	if (unrecorded)
		warn(out, style, "%zu process%s could not be recorded (see below)",
		     unrecorded, unrecorded == 1 ? "" : "es");
}

static void write_label(FILE *out, const char *label)
{
	fprintf(out, "  %-14s", label);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void write_counts(FILE *out, const struct mallow_stats *stats)
{
	const struct mallow_totals *totals = &mallow_stats_run(stats)->totals;
	char text[MLW_UNIT_TEXT];

	write_label(out, "allocations");
	fprintf(out, "%" PRIu64 " of %s together (%" PRIu64 " by realloc)\n",
	        totals->allocations, mlw_size_text(totals->allocated_size, text),
	        totals->reallocations);
	write_label(out, "frees");
	fprintf(out, "%" PRIu64, totals->frees);
	if (totals->inherited_frees)
		fprintf(out, ", and %" PRIu64 " of blocks inherited over fork",
		        totals->inherited_frees);
	if (totals->foreign_frees)
		fprintf(out, ", and %" PRIu64 " of unknown blocks",
		        totals->foreign_frees);
	fputc('\n', out);
	if (mallow_stats_about(stats)->sample_bytes)
		return;
	write_label(out, "temporary");
	fprintf(out, "%" PRIu64 " (%.1f%%) freed by the next call of their thread\n",
	        totals->temporary_count,
	        percent(totals->temporary_count, totals->allocations));
}

/* Processes come and go: what Mallow took in all of them was never there at once. */
static uint64_t largest_tracer(const struct mallow_stats *stats)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < mallow_stats_process_count(stats); i++) {
		if (mallow_stats_process(stats, i)->tracer_size > largest)
			largest = mallow_stats_process(stats, i)->tracer_size;
	}
	return largest;
}

static void write_memory(FILE *out, const struct mlw_style *style,
                         const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	const struct mallow_totals *totals = &run->totals;
	char size[MLW_UNIT_TEXT], more[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

	write_label(out, "peak");
	fprintf(out, "%s%s%s at %s", mlw_style_bold(style),
	        mlw_size_text(totals->peak_size, size), mlw_style_plain(style),
	        mlw_duration_text(totals->peak_at_ns, time));
	if (run->peak_uncertainty && !mallow_stats_about(stats)->sample_bytes)
		fprintf(out, " (exact to %s)",
		        mlw_size_text(run->peak_uncertainty, more));
	fputc('\n', out);
	write_label(out, "live at end");
	fprintf(out, "%s%s%s in %" PRIu64 " block%s\n", mlw_style_bold(style),
	        mlw_size_text(totals->live_size, size), mlw_style_plain(style),
	        totals->live_count, totals->live_count == 1 ? "" : "s");
	if (run->peak_rss) {
		write_label(out, "peak RSS");
		fprintf(out, "%s, of which Mallow %s%s\n",
		        mlw_size_text(run->peak_rss, size),
		        mlw_size_text(largest_tracer(stats), more),
		        mallow_stats_process_count(stats) > 1 ? " in one process" : "");
	}
	if (run->mapped.allocations) {
		write_label(out, "mappings");
		fprintf(out, "%s live in %" PRIu64 ", %s mapped in all\n",
		        mlw_size_text(run->mapped.live_size, size),
		        run->mapped.live_count,
		        mlw_size_text(run->mapped.allocated_size, more));
	}
}

static void write_cost(FILE *out, const struct mallow_stats *stats)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	char cpu[MLW_UNIT_TEXT], rss[MLW_UNIT_TEXT];

	write_label(out, "stacks");
	fprintf(out, "%" PRIu64 " distinct", run->distinct_traces);
	if (run->truncated_traces)
		fprintf(out, ", %" PRIu64 " of them cut", run->truncated_traces);
	fputc('\n', out);
	write_label(out, "collector");
	fprintf(out, "%" PRIu64 " events, CPU %s, peak RSS %s\n", run->collector_events,
	        mlw_duration_text(run->collector_cpu_ns, cpu),
	        mlw_size_text(run->collector_peak_rss, rss));
}

static unsigned bars_width(const struct mlw_style *style)
{
	unsigned half = style->width / 2 - 2; /* two columns before each */

	if (half < LEAST_BARS)
		return LEAST_BARS;
	return half < MOST_BARS ? half : MOST_BARS;
}

static void fill_bars(struct mlw_bars *bars, const struct mallow_stats *stats,
                      const struct mallow_class *(*get)(const struct mallow_stats *stats,
                                                        size_t index))
{
	struct mallow_class classes[MOST_CLASSES];
	const struct mallow_class *row;
	size_t count = 0;

	while (count < MOST_CLASSES && (row = get(stats, count)))
		classes[count++] = *row;
	mlw_bars_init(bars, classes, count);
}

static void write_histograms(FILE *out, const struct mlw_style *style,
                             const struct mallow_stats *stats)
{
	unsigned width = bars_width(style);
	struct mlw_bars sizes, lifetimes;

	fill_bars(&sizes, stats, mallow_stats_size);
	fill_bars(&lifetimes, stats, mallow_stats_lifetime);
	lifetimes.zero = "within a tick"; /* the clock of the recording is coarse */
	if (!sizes.count)
		return;
	fprintf(out, "\n%s%-*s  %s%s\n", mlw_style_bold(style), (int)width + 2,
	        "allocations by size", "frees by lifetime", mlw_style_plain(style));
	for (size_t i = 0; i < sizes.count || i < lifetimes.count; i++) {
		unsigned used;

		fputs("  ", out);
		used = mlw_bars_row(&sizes, i, width, mlw_size_text, out);
		if (i < lifetimes.count)
			fprintf(out, "%*s", (int)(width - used) + 2, "");
		mlw_bars_row(&lifetimes, i, width, mlw_duration_text, out);
		fputc('\n', out);
	}
}

static void write_snapshots(FILE *out, const struct mlw_style *style,
                            const struct mallow_stats *stats)
{
	if (!mallow_stats_taken_count(stats))
		return;
	mlw_stats_heading(out, style, "snapshots");
	for (size_t i = 0; i < mallow_stats_taken_count(stats) && i < MOST_SNAPSHOTS;
	     i++) {
		const struct mallow_taken *snapshot = mallow_stats_taken(stats, i);
		char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

		fprintf(out, "  %8s  %10s in %" PRIu64 " blocks  ",
		        mlw_duration_text(snapshot->at_ns, time),
		        mlw_size_text(snapshot->size, size), snapshot->count);
		mlw_style_name(out, snapshot->name, 0);
		fputc('\n', out);
	}
	if (mallow_stats_taken_count(stats) > MOST_SNAPSHOTS)
		fprintf(out, "  %zu more (mallow snapshot lists them)\n",
		        mallow_stats_taken_count(stats) - MOST_SNAPSHOTS);
}

int mlw_render_stats_text(const struct mallow_stats *stats, const struct mlw_style *style,
                          FILE *out, struct mlw_error *err)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);

	if (run->saved)
		return mlw_stats_write_saved(out, style, stats);
	fputs(mlw_style_bold(style), out);
	mlw_stats_command(out, run->command, run->command_count, style->width);
	fprintf(out, "%s\n", mlw_style_plain(style));
	write_how(out, stats);
	write_cut(out, stats);
	mlw_sample_write(out, mallow_stats_about(stats));
	write_warnings(out, style, stats);
	fputc('\n', out);
	write_counts(out, stats);
	write_memory(out, style, stats);
	write_cost(out, stats);
	write_histograms(out, style, stats);
	if (mlw_stats_write_processes(out, style, stats, err) ||
	    mlw_stats_write_threads(out, style, stats, err))
		return -1;
	write_snapshots(out, style, stats);
	return 0;
}
