/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"
#include "render/csv.h"
#include "render/render.h"

static const char *const names[] = {
	"scope",
	"id",
	"name",
	"allocations",
	"frees",
	"reallocations",
	"allocated_size",
	"peak_size",
	"peak_at_ns",
	"live_size",
	"live_count",
	"temporary_count",
	"inherited_frees",
	"foreign_frees",
};

/* What a saved snapshot or a sample does not know is empty. */
static void write_total(struct mlw_csv *csv, uint64_t value, bool known)
{
	if (known)
		mlw_csv_uint(csv, value);
	else
		mlw_csv_text(csv, NULL);
}

static void write_totals(struct mlw_csv *csv, const struct mallow_stats *stats,
                         const struct mallow_totals *totals)
{
	bool known = !mallow_stats_run(stats)->saved;
	bool all = known && !mallow_stats_about(stats)->sample_bytes;

	write_total(csv, totals->allocations, known);
	write_total(csv, totals->frees, known);
	write_total(csv, totals->reallocations, known);
	write_total(csv, totals->allocated_size, known);
	write_total(csv, totals->peak_size, known);
	write_total(csv, totals->peak_at_ns, known);
	mlw_csv_uint(csv, totals->live_size);
	mlw_csv_uint(csv, totals->live_count);
	write_total(csv, totals->temporary_count, all);
	write_total(csv, totals->inherited_frees, all);
	write_total(csv, totals->foreign_frees, all);
	mlw_csv_end_line(csv);
}

static void write_command(struct mlw_csv *csv, const char *const *words, size_t count)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		mlw_strbuf_printf(&text, "%s%s", i ? " " : "", words[i]);
	mlw_csv_text(csv, text.text);
	mlw_strbuf_release(&text);
}

void mlw_render_stats_csv(const struct mallow_stats *stats, FILE *out)
{
	const struct mallow_run_stats *run = mallow_stats_run(stats);
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		mlw_csv_text(&csv, names[i]);
	mlw_csv_end_line(&csv);
	mlw_csv_text(&csv, "run");
	mlw_csv_uint(&csv, 1);
	write_command(&csv, run->command, run->command_count);
	write_totals(&csv, stats, &run->totals);
	for (size_t i = 0; i < mallow_stats_process_count(stats); i++) {
		const struct mallow_process_stats *process =
		        mallow_stats_process(stats, i);

		mlw_csv_text(&csv, "process");
		mlw_csv_uint(&csv, process->id);
		write_command(&csv, process->command, process->command_count);
		write_totals(&csv, stats, &process->totals);
	}
	for (size_t i = 0; i < mallow_stats_thread_count(stats); i++) {
		mlw_csv_text(&csv, "thread");
		mlw_csv_uint(&csv, mallow_stats_thread(stats, i)->id);
		mlw_csv_text(&csv, mallow_stats_thread(stats, i)->name);
		write_totals(&csv, stats, &mallow_stats_thread(stats, i)->totals);
	}
	for (size_t i = 0; i < mallow_stats_domain_count(stats); i++) {
		mlw_csv_text(&csv, "domain");
		mlw_csv_uint(&csv, mallow_stats_domain(stats, i)->id);
		mlw_csv_text(&csv, mallow_stats_domain(stats, i)->name);
		write_totals(&csv, stats, &mallow_stats_domain(stats, i)->totals);
	}
}
