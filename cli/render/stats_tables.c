/* SPDX-License-Identifier: MIT */
#include "render/stats_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "render/table.h"

#define MOST_PROCESSES 10u /* it is one screen */
#define MOST_NAMES     6u
#define NARROW         100u /* columns, below which one of the tables' is left out */
#define LEAST_COMMAND  8u

enum { PROCESS_COLUMNS = 8, PARENT_COLUMN = 2 };
enum { THREAD_COLUMNS = 7, PROCESS_COLUMN = 1 };

static void join_words(struct mlw_strbuf *text, const char *first,
                       const char *const *words, size_t count)
{
	mlw_strbuf_clear(text);
	mlw_strbuf_puts(text, first);
	for (size_t i = 1; i < count; i++)
		mlw_strbuf_printf(text, " %s", words[i]);
}

void mlw_stats_command(FILE *out, const char *const *words, size_t count, unsigned width)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	if (count)
		join_words(&text, words[0], words, count);
	if (count && mlw_style_columns(text.text) > width)
		join_words(&text, mlw_basename(words[0]), words, count);
	mlw_style_name(out, count ? text.text : "(unknown command)", width);
	mlw_strbuf_release(&text);
}

void mlw_stats_end_text(const struct mallow_end *end, char *text, size_t size)
{
	const char *name = end->signal > 0 ? sigabbrev_np(end->signal) : NULL;

	if (end->exit_code >= 0)
		snprintf(text, size, "exit %d", end->exit_code);
	else if (name)
		snprintf(text, size, "SIG%s", name);
	else if (end->signal >= 0)
		snprintf(text, size, "signal %d", end->signal);
	else
		snprintf(text, size, "%s", mallow_ended_name(end->ended));
}

void mlw_stats_heading(FILE *out, const struct mlw_style *style, const char *text)
{
	fprintf(out, "\n%s%s%s\n", mlw_style_bold(style), text, mlw_style_plain(style));
}

static void add_totals(struct mlw_table *table, const struct mallow_totals *totals)
{
	char text[MLW_UNIT_TEXT];

	mlw_table_addf(table, "%" PRIu64, totals->allocations);
	mlw_table_add(table, mlw_size_text(totals->allocated_size, text));
	mlw_table_add(table, mlw_size_text(totals->peak_size, text));
	mlw_table_add(table, mlw_size_text(totals->live_size, text));
}

static bool is_narrow(const struct mlw_style *style)
{
	return style->width < NARROW;
}

/* On a narrow screen without column `left_out`. */
static void add_heads(struct mlw_table *table, const char *const *heads, size_t count,
                      size_t left_out)
{
	for (size_t i = 0; i < count; i++) {
		if (table->columns == count || i != left_out)
			mlw_table_add(table, heads[i]);
	}
}

static void write_more(FILE *out, size_t count, size_t shown, const char *what)
{
	if (count > shown)
		fprintf(out, "  %zu more%s (--json has all)\n", count - shown, what);
}

/* Descending by what was allocated, else as they began. */
static int compare_allocated(const struct mallow_totals *a, uint32_t a_id,
                             const struct mallow_totals *b, uint32_t b_id)
{
	if (a->allocated_size != b->allocated_size)
		return a->allocated_size < b->allocated_size ? 1 : -1;
	return (a_id > b_id) - (a_id < b_id);
}

/* Processes by id, and which of them are on the screen. */
struct family {
	const struct mallow_stats *stats;
	const struct mallow_process_stats **rows; /* the shown ones come first */
	size_t count;
	bool *shown; /* by id */
};

static const struct mallow_process_stats *parent_of(
        const struct mallow_stats *stats, const struct mallow_process_stats *process)
{
	return process->parent ? mallow_stats_process(stats, process->parent - 1) : NULL;
}

static int compare_processes(const void *first, const void *second)
{
	const struct mallow_process_stats *a =
	        *(const struct mallow_process_stats *const *)first;
	const struct mallow_process_stats *b =
	        *(const struct mallow_process_stats *const *)second;

	return compare_allocated(&a->totals, a->id, &b->totals, b->id);
}

static unsigned depth_of(const struct mallow_stats *stats,
                         const struct mallow_process_stats *process)
{
	unsigned depth = 0;

	while ((process = parent_of(stats, process)))
		depth++;
	return depth;
}

/* The order in which a tree is written down: parents first, then by id. */
static int compare_places(const void *first, const void *second, void *context)
{
	const struct mallow_stats *stats = context;
	const struct mallow_process_stats *a =
	        *(const struct mallow_process_stats *const *)first;
	const struct mallow_process_stats *b =
	        *(const struct mallow_process_stats *const *)second;
	unsigned a_depth = depth_of(stats, a), b_depth = depth_of(stats, b);
	int if_same = (a_depth > b_depth) - (a_depth < b_depth);

	for (; a_depth > b_depth; a_depth--)
		a = parent_of(stats, a);
	for (; b_depth > a_depth; b_depth--)
		b = parent_of(stats, b);
	while (a != b && parent_of(stats, a) != parent_of(stats, b)) {
		a = parent_of(stats, a);
		b = parent_of(stats, b);
	}
	return a == b ? if_same : (a->id > b->id) - (a->id < b->id);
}

static unsigned shown_ancestors(const struct family *family,
                                const struct mallow_process_stats *process)
{
	unsigned count = 0;

	while ((process = parent_of(family->stats, process)))
		count += family->shown[process->id];
	return count;
}

static int choose(struct family *family, const struct mallow_stats *stats,
                  struct mlw_error *err)
{
	*family = (struct family){
		.stats = stats,
		.rows = calloc(mallow_stats_process_count(stats) + 1,
		               sizeof(*family->rows)),
		.shown = calloc(mallow_stats_process_count(stats) + 1,
		                sizeof(*family->shown)),
	};
	if (!family->rows || !family->shown)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < mallow_stats_process_count(stats); i++) {
		const struct mallow_process_stats *row = mallow_stats_process(stats, i);

		if (row)
			family->rows[family->count++] = row;
	}
	if (family->count > MOST_PROCESSES) {
		qsort(family->rows, family->count, sizeof(*family->rows),
		      compare_processes);
		family->count = MOST_PROCESSES;
	}
	for (size_t i = 0; i < family->count; i++)
		family->shown[family->rows[i]->id] = true;
	if (family->count)
		qsort_r(family->rows, family->count, sizeof(*family->rows),
		        compare_places, (void *)(uintptr_t)stats);
	return 0;
}

static void release(struct family *family)
{
	free(family->rows);
	free(family->shown);
}

static void add_process(struct mlw_table *table,
                        const struct mallow_process_stats *process)
{
	char end[32] = "not recorded";

	mlw_table_addf(table, "%" PRIu32, process->id);
	mlw_table_addf(table, "%d", process->pid);
	if (table->columns == PROCESS_COLUMNS && process->parent)
		mlw_table_addf(table, "%" PRIu32, process->parent);
	else if (table->columns == PROCESS_COLUMNS)
		mlw_table_add(table, "-");
	add_totals(table, &process->totals);
	if (process->recorded)
		mlw_stats_end_text(&process->end, end, sizeof(end));
	mlw_table_add(table, end);
}

static void write_process(FILE *out, const struct mlw_style *style,
                          const struct mlw_table *table, size_t row,
                          const struct family *family)
{
	const struct mallow_process_stats *process = family->rows[row];
	unsigned indent = 2 * shown_ancestors(family, process);
	unsigned used = mlw_table_width(table) + 4 + indent;

	fputs("  ", out);
	mlw_table_row(table, row + 1, out);
	fprintf(out, "%*s", (int)indent + 2, "");
	if (!process->recorded && process->reason) {
		mlw_style_name(out, process->reason, 0);
		fputs(": ", out);
	}
	mlw_stats_command(out, process->command, process->command_count,
	                  style->width > used + LEAST_COMMAND ? style->width - used
	                                                      : LEAST_COMMAND);
	fputc('\n', out);
}

/* The commands line up behind the table: its last column is padded. */
static void write_family(FILE *out, const struct mlw_style *style,
                         const struct mlw_table *table, const struct family *family)
{
	mlw_stats_heading(out, style, "processes");
	fputs("  ", out);
	mlw_table_row(table, 0, out);
	fputs("  command\n", out);
	for (size_t i = 0; i < family->count; i++)
		write_process(out, style, table, i, family);
	write_more(out, mallow_stats_process_count(family->stats), family->count, "");
}

int mlw_stats_write_processes(FILE *out, const struct mlw_style *style,
                              const struct mallow_stats *stats, struct mlw_error *err)
{
	static const char *const heads[PROCESS_COLUMNS] = {
		"id",        "pid",  "parent", "allocations",
		"allocated", "peak", "live",   "ended",
	};
	struct mlw_table table = { .columns = PROCESS_COLUMNS - is_narrow(style),
		                   .right = 0xff };
	struct family family;
	int result = choose(&family, stats, err);

	add_heads(&table, heads, PROCESS_COLUMNS, PARENT_COLUMN);
	for (size_t i = 0; !result && i < family.count; i++)
		add_process(&table, family.rows[i]);
	if (!result && mlw_table_failed(&table))
		result = mlw_fail(err, "out of memory");
	if (!result)
		write_family(out, style, &table, &family);
	mlw_table_release(&table);
	release(&family);
	return result;
}

/* Threads of one name. */
struct crew {
	const char *name;
	uint32_t first, last; /* ids */
	uint32_t process; /* 0: of several */
	size_t count;
	struct mallow_totals totals; /* peak: the highest of one thread */
};

static int compare_names(const void *first, const void *second)
{
	const struct mallow_thread_stats *a =
	        *(const struct mallow_thread_stats *const *)first;
	const struct mallow_thread_stats *b =
	        *(const struct mallow_thread_stats *const *)second;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->id > b->id) - (a->id < b->id);
}

static int compare_crews(const void *first, const void *second)
{
	const struct crew *a = first, *b = second;

	return compare_allocated(&a->totals, a->first, &b->totals, b->first);
}

static void join(struct crew *crew, const struct mallow_thread_stats *thread)
{
	const struct mallow_totals *totals = &thread->totals;

	if (!crew->count++)
		*crew = (struct crew){ thread->name,    thread->id, thread->id,
			               thread->process, 1,          *totals };
	if (crew->process != thread->process)
		crew->process = 0;
	crew->last = thread->id;
	if (crew->count == 1)
		return;
	crew->totals.allocations += totals->allocations;
	crew->totals.allocated_size += totals->allocated_size;
	crew->totals.live_size += totals->live_size;
	if (totals->peak_size > crew->totals.peak_size)
		crew->totals.peak_size = totals->peak_size;
}

/* Returns the number of crews. */
static size_t make_crews(struct crew *crews, const struct mallow_thread_stats **threads,
                         size_t count)
{
	size_t made = 0;

	qsort(threads, count, sizeof(*threads), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (!i || strcmp(threads[i]->name, threads[i - 1]->name) != 0)
			made++;
		join(&crews[made - 1], threads[i]);
	}
	qsort(crews, made, sizeof(*crews), compare_crews);
	return made;
}

static void add_crew(struct mlw_table *table, const struct crew *crew)
{
	bool consecutive = crew->last - crew->first + 1 == crew->count;

	if (crew->count == 1)
		mlw_table_addf(table, "%" PRIu32, crew->first);
	else
		mlw_table_addf(table, "%" PRIu32 "%s%" PRIu32, crew->first,
		               consecutive ? "-" : "..", crew->last);
	if (table->columns == THREAD_COLUMNS && crew->process)
		mlw_table_addf(table, "%" PRIu32, crew->process);
	else if (table->columns == THREAD_COLUMNS)
		mlw_table_add(table, "-");
	add_totals(table, &crew->totals);
	if (crew->count == 1)
		mlw_table_add(table, *crew->name ? crew->name : "(no name)");
	else
		mlw_table_addf(table, "%s, %zu threads",
		               *crew->name ? crew->name : "(no name)", crew->count);
}

static int write_crews(FILE *out, const struct mlw_style *style, const struct crew *crews,
                       size_t count, struct mlw_error *err)
{
	static const char *const heads[THREAD_COLUMNS] = {
		"id", "process", "allocations", "allocated", "peak", "live", "name",
	};
	struct mlw_table table = { .columns = THREAD_COLUMNS - is_narrow(style),
		                   .right = 0x3f >> is_narrow(style) };
	size_t shown = count < MOST_NAMES ? count : MOST_NAMES;
	bool failed;

	add_heads(&table, heads, THREAD_COLUMNS, PROCESS_COLUMN);
	for (size_t i = 0; i < shown; i++)
		add_crew(&table, &crews[i]);
	failed = mlw_table_failed(&table);
	if (!failed) {
		mlw_stats_heading(out, style, "threads");
		for (size_t i = 0; i < mlw_table_rows(&table); i++) {
			fputs("  ", out);
			mlw_table_row(&table, i, out);
			fputc('\n', out);
		}
		write_more(out, count, shown, " names");
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

int mlw_stats_write_threads(FILE *out, const struct mlw_style *style,
                            const struct mallow_stats *stats, struct mlw_error *err)
{
	const struct mallow_thread_stats **threads;
	struct crew *crews;
	int result = -1;

	if (mallow_stats_thread_count(stats) < 2)
		return 0;
	threads = calloc(mallow_stats_thread_count(stats), sizeof(*threads));
	crews = calloc(mallow_stats_thread_count(stats), sizeof(*crews));
	if (!threads || !crews) {
		mlw_fail(err, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < mallow_stats_thread_count(stats); i++)
		threads[i] = mallow_stats_thread(stats, i);
	result = write_crews(out, style, crews,
	                     make_crews(crews, threads, mallow_stats_thread_count(stats)),
	                     err);
out:
	free(threads);
	free(crews);
	return result;
}
