/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "render/histogram.h"
#include "render/render.h"
#include "render/table.h"

#define MOST_ROWS  6u /* of processes, threads and snapshots: it is one screen */
#define BARS_WIDTH 42u

static void write_command(FILE *out, const char *const *words, size_t count,
                          unsigned width)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		mlw_strbuf_printf(&text, "%s%s", i ? " " : "", words[i]);
	mlw_style_name(out, count ? text.text : "(unknown command)", width);
	mlw_strbuf_release(&text);
}

static void end_text(const struct mlw_stats_end *end, char *text, size_t size)
{
	const char *name = end->signal > 0 ? sigabbrev_np(end->signal) : NULL;

	if (end->exit_code >= 0)
		snprintf(text, size, "exit %d", end->exit_code);
	else if (name)
		snprintf(text, size, "SIG%s", name);
	else if (end->signal >= 0)
		snprintf(text, size, "signal %d", end->signal);
	else
		snprintf(text, size, "%s", end->ended);
}

static void write_how(FILE *out, const struct mlw_stats *stats)
{
	time_t seconds = (time_t)(stats->started_at_ns / 1000000000);
	char end[32], duration[MLW_UNIT_TEXT], date[32] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (stats->running)
		snprintf(end, sizeof(end), "running");
	else if (stats->closed)
		end_text(&stats->end, end, sizeof(end));
	else
		snprintf(end, sizeof(end), "end not recorded,");
	fprintf(out, "%s after %s, started %s, %zu process%s, %zu thread%s\n", end,
	        mlw_duration_text(stats->duration_ns, duration), date,
	        stats->process_count, stats->process_count == 1 ? "" : "es",
	        stats->thread_count, stats->thread_count == 1 ? "" : "s");
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
static void write_cut(FILE *out, const struct mlw_stats *stats)
{
	char text[MLW_UNIT_TEXT];

	if (stats->cut)
		fprintf(out,
		        "--max-size was reached at %s: later events are in the totals, "
		        "not each for itself\n",
		        mlw_duration_text(stats->cut_at_ns, text));
}

static size_t unrecorded_processes(const struct mlw_stats *stats)
{
	size_t count = 0;

	for (size_t i = 0; i < stats->process_count; i++)
		count += !stats->processes[i].recorded;
	return count;
}

static void write_warnings(FILE *out, const struct mlw_style *style,
                           const struct mlw_stats *stats)
{
	size_t unrecorded = unrecorded_processes(stats);

	if (stats->running)
		warn(out, style,
		     "still being recorded; what happened in the last second may be "
		     "missing");
	else if (!stats->closed)
		warn(out, style,
		     "incomplete: the recording was not closed; what "
		     "happened last is missing");
	if (stats->lost_events)
		warn(out, style, "incomplete: %" PRIu64 " events were lost",
		     stats->lost_events);
	if (stats->damaged_events)
		warn(out, style,
		     "incomplete: %" PRIu64
		     " events made no sense and were skipped (did the program "
		     "overwrite its memory?)",
		     stats->damaged_events);
	if (stats->stack_mismatches)
		warn(out, style,
		     "%" PRIu64 " of %" PRIu64 " verified stacks differ from libunwind's",
		     stats->stack_mismatches, stats->stacks_verified);
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

static void write_counts(FILE *out, const struct mlw_stats *stats)
{
	const struct mlw_stats_totals *totals = &stats->totals;
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
	write_label(out, "temporary");
	fprintf(out, "%" PRIu64 " (%.1f%%) freed by the next call of their thread\n",
	        totals->temporary_count,
	        percent(totals->temporary_count, totals->allocations));
}

/* Processes come and go: what Mallow took in all of them was never there at once. */
static uint64_t largest_tracer(const struct mlw_stats *stats)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < stats->process_count; i++) {
		if (stats->processes[i].tracer_size > largest)
			largest = stats->processes[i].tracer_size;
	}
	return largest;
}

static void write_memory(FILE *out, const struct mlw_style *style,
                         const struct mlw_stats *stats)
{
	const struct mlw_stats_totals *totals = &stats->totals;
	char size[MLW_UNIT_TEXT], more[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

	write_label(out, "peak");
	fprintf(out, "%s%s%s at %s", mlw_style_bold(style),
	        mlw_size_text(totals->peak_size, size), mlw_style_plain(style),
	        mlw_duration_text(totals->peak_at_ns, time));
	if (stats->peak_uncertainty)
		fprintf(out, " (exact to %s)",
		        mlw_size_text(stats->peak_uncertainty, more));
	fputc('\n', out);
	write_label(out, "live at end");
	fprintf(out, "%s%s%s in %" PRIu64 " block%s\n", mlw_style_bold(style),
	        mlw_size_text(totals->live_size, size), mlw_style_plain(style),
	        totals->live_count, totals->live_count == 1 ? "" : "s");
	if (stats->peak_rss) {
		write_label(out, "peak RSS");
		fprintf(out, "%s, of which Mallow %s%s\n",
		        mlw_size_text(stats->peak_rss, size),
		        mlw_size_text(largest_tracer(stats), more),
		        stats->process_count > 1 ? " in one process" : "");
	}
	if (stats->mapped.allocations) {
		write_label(out, "mappings");
		fprintf(out, "%s live in %" PRIu64 ", %s mapped in all\n",
		        mlw_size_text(stats->mapped.live_size, size),
		        stats->mapped.live_count,
		        mlw_size_text(stats->mapped.allocated_size, more));
	}
}

static void write_cost(FILE *out, const struct mlw_stats *stats)
{
	char cpu[MLW_UNIT_TEXT], rss[MLW_UNIT_TEXT];

	write_label(out, "stacks");
	fprintf(out, "%" PRIu64 " distinct", stats->distinct_traces);
	if (stats->truncated_traces)
		fprintf(out, ", %" PRIu64 " of them cut", stats->truncated_traces);
	fputc('\n', out);
	write_label(out, "collector");
	fprintf(out, "%" PRIu64 " events, CPU %s, peak RSS %s\n", stats->collector_events,
	        mlw_duration_text(stats->collector_cpu_ns, cpu),
	        mlw_size_text(stats->collector_peak_rss, rss));
}

static void write_histograms(FILE *out, const struct mlw_style *style,
                             const struct mlw_stats *stats)
{
	struct mlw_bars sizes, lifetimes;

	mlw_bars_init(&sizes, &stats->sizes);
	mlw_bars_init(&lifetimes, &stats->lifetimes);
	lifetimes.zero = "within a tick"; /* the clock of the recording is coarse */
	if (!sizes.count)
		return;
	fprintf(out, "\n%s%-*s  %s%s\n", mlw_style_bold(style), (int)BARS_WIDTH + 2,
	        "allocations by size", "frees by lifetime", mlw_style_plain(style));
	for (size_t i = 0; i < sizes.count || i < lifetimes.count; i++) {
		unsigned used;

		fputs("  ", out);
		used = mlw_bars_row(&sizes, i, BARS_WIDTH, mlw_size_text, out);
		if (i < lifetimes.count)
			fprintf(out, "%*s", (int)(BARS_WIDTH - used) + 2, "");
		mlw_bars_row(&lifetimes, i, BARS_WIDTH, mlw_duration_text, out);
		fputc('\n', out);
	}
}

static void write_heading(FILE *out, const struct mlw_style *style, const char *text)
{
	fprintf(out, "\n%s%s%s\n", mlw_style_bold(style), text, mlw_style_plain(style));
}

static void add_totals(struct mlw_table *table, const struct mlw_stats_totals *totals)
{
	char text[MLW_UNIT_TEXT];

	mlw_table_addf(table, "%" PRIu64, totals->allocations);
	mlw_table_add(table, mlw_size_text(totals->allocated_size, text));
	mlw_table_add(table, mlw_size_text(totals->peak_size, text));
	mlw_table_add(table, mlw_size_text(totals->live_size, text));
}

static void add_heads(struct mlw_table *table, const char *const *heads)
{
	for (size_t i = 0; i < table->columns; i++)
		mlw_table_add(table, heads[i]);
}

static void write_more(FILE *out, size_t count)
{
	if (count > MOST_ROWS)
		fprintf(out, "  %zu more (--json has all)\n", count - MOST_ROWS);
}

static size_t shown(size_t count)
{
	return count < MOST_ROWS ? count : MOST_ROWS;
}

/* Which of many stand on the screen: those that allocated most, in their own order. */
struct choice {
	size_t rows[MOST_ROWS];
	size_t count;
};

static bool allocated_more(const struct mlw_stats_totals *totals,
                           const struct mlw_stats_totals *other)
{
	return totals->allocated_size > other->allocated_size;
}

/* `totals_at` gives the totals of row i of `stats`. */
static void choose(struct choice *choice, const struct mlw_stats *stats, size_t count,
                   const struct mlw_stats_totals *(*totals_at)(const struct mlw_stats *,
                                                               size_t))
{
	choice->count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t larger = 0;

		for (size_t j = 0; j < count && larger < MOST_ROWS; j++) {
			const struct mlw_stats_totals *totals = totals_at(stats, i);
			const struct mlw_stats_totals *other = totals_at(stats, j);

			larger += allocated_more(other, totals) ||
			          (j < i && !allocated_more(totals, other));
		}
		if (larger < MOST_ROWS)
			choice->rows[choice->count++] = i;
	}
}

static const struct mlw_stats_totals *process_totals(const struct mlw_stats *stats,
                                                     size_t i)
{
	return &stats->processes[i].totals;
}

static const struct mlw_stats_totals *thread_totals(const struct mlw_stats *stats,
                                                    size_t i)
{
	return &stats->threads[i].totals;
}

static void process_end(const struct mlw_stats_process *process, char *text, size_t size)
{
	if (process->recorded)
		end_text(&process->end, text, size);
	else
		snprintf(text, size, "not recorded");
}

static void write_process(FILE *out, const struct mlw_table *table, size_t row,
                          const struct mlw_stats_process *process,
                          const struct mlw_style *style)
{
	unsigned used = mlw_table_width(table) + 4;

	fputs("  ", out);
	mlw_table_row(table, row, out);
	fputs("  ", out);
	if (!process->recorded && process->reason) {
		mlw_style_name(out, process->reason, 0);
		fputs(": ", out);
	}
	write_command(out, process->command, process->command_count,
	              style->width > used + 20 ? style->width - used : 20);
	fputc('\n', out);
}

/* Ends are left cells, so that the command lines up behind them: the table stands right
 * but for them, and its last column is padded. */
static int write_processes(FILE *out, const struct mlw_style *style,
                           const struct mlw_stats *stats, struct mlw_error *err)
{
	static const char *const heads[] = { "id",        "pid",  "parent", "allocations",
		                             "allocated", "peak", "live",   "ended" };
	struct mlw_table table = { .columns = 8, .right = 0xff };
	struct choice choice;
	bool failed;

	choose(&choice, stats, stats->process_count, process_totals);
	add_heads(&table, heads);
	for (size_t i = 0; i < choice.count; i++) {
		const struct mlw_stats_process *process =
		        &stats->processes[choice.rows[i]];
		char end[32];

		mlw_table_addf(&table, "%" PRIu32, process->id);
		mlw_table_addf(&table, "%d", process->pid);
		if (process->parent)
			mlw_table_addf(&table, "%" PRIu32, process->parent);
		else
			mlw_table_add(&table, "-");
		add_totals(&table, &process->totals);
		process_end(process, end, sizeof(end));
		mlw_table_add(&table, end);
	}
	failed = mlw_table_failed(&table);
	if (!failed) {
		write_heading(out, style, "processes");
		fputs("  ", out);
		mlw_table_row(&table, 0, out);
		fputs("  command\n", out);
		for (size_t i = 0; i < choice.count; i++)
			write_process(out, &table, i + 1,
			              &stats->processes[choice.rows[i]], style);
		write_more(out, stats->process_count);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

static int write_threads(FILE *out, const struct mlw_style *style,
                         const struct mlw_stats *stats, struct mlw_error *err)
{
	static const char *const heads[] = { "id",        "process", "allocations",
		                             "allocated", "peak",    "live",
		                             "name" };
	struct mlw_table table = { .columns = 7, .right = 0x3f };
	struct choice choice;
	bool failed;

	if (stats->thread_count < 2)
		return 0;
	choose(&choice, stats, stats->thread_count, thread_totals);
	add_heads(&table, heads);
	for (size_t i = 0; i < choice.count; i++) {
		const struct mlw_stats_thread *thread = &stats->threads[choice.rows[i]];

		mlw_table_addf(&table, "%" PRIu32, thread->id);
		mlw_table_addf(&table, "%" PRIu32, thread->process);
		add_totals(&table, &thread->totals);
		mlw_table_add(&table, thread->name);
	}
	failed = mlw_table_failed(&table);
	if (!failed) {
		write_heading(out, style, "threads");
		for (size_t i = 0; i < mlw_table_rows(&table); i++) {
			fputs("  ", out);
			mlw_table_row(&table, i, out);
			fputc('\n', out);
		}
		write_more(out, stats->thread_count);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

static void write_snapshots(FILE *out, const struct mlw_style *style,
                            const struct mlw_stats *stats)
{
	if (!stats->snapshot_count)
		return;
	write_heading(out, style, "snapshots");
	for (size_t i = 0; i < shown(stats->snapshot_count); i++) {
		const struct mlw_stats_snapshot *snapshot = &stats->snapshots[i];
		char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

		fprintf(out, "  %8s  %10s in %" PRIu64 " blocks  ",
		        mlw_duration_text(snapshot->at_ns, time),
		        mlw_size_text(snapshot->size, size), snapshot->count);
		mlw_style_name(out, snapshot->name, 0);
		fputc('\n', out);
	}
	write_more(out, stats->snapshot_count);
}

int mlw_render_stats_text(const struct mlw_stats *stats, const struct mlw_style *style,
                          FILE *out, struct mlw_error *err)
{
	fputs(mlw_style_bold(style), out);
	write_command(out, stats->command, stats->command_count, style->width);
	fprintf(out, "%s\n", mlw_style_plain(style));
	write_how(out, stats);
	write_cut(out, stats);
	write_warnings(out, style, stats);
	fputc('\n', out);
	write_counts(out, stats);
	write_memory(out, style, stats);
	write_cost(out, stats);
	write_histograms(out, style, stats);
	if (write_processes(out, style, stats, err) ||
	    write_threads(out, style, stats, err))
		return -1;
	write_snapshots(out, style, stats);
	return 0;
}
