/* SPDX-License-Identifier: MIT */
#include "render/snapshots.h"

#include <inttypes.h>

#include "base/units.h"
#include "render/csv.h"
#include "render/render.h"
#include "render/row.h"
#include "render/sums.h"
#include "render/table.h"

/* As it is written behind the '@'. */
static void add_name(struct mlw_table *table, const struct mallow_taken *snapshot)
{
	if (snapshot->nth > 1)
		mlw_table_addf(table, "%s#%" PRIu64, snapshot->name, snapshot->nth);
	else
		mlw_table_add(table, snapshot->name);
}

static void add_rows(struct mlw_table *table, const struct mallow_snapshots *snapshots)
{
	static const char *const heads[] = { "at", "size", "count", "name" };
	char text[MLW_UNIT_TEXT];

	for (size_t i = 0; i < table->columns; i++)
		mlw_table_add(table, heads[i]);
	for (size_t i = 0; i < mallow_snapshots_count(snapshots); i++) {
		const struct mallow_taken *snapshot = mallow_snapshots_get(snapshots, i);

		mlw_table_add(table, mlw_duration_text(snapshot->at_ns, text));
		mlw_table_add(table, mlw_size_text(snapshot->size, text));
		mlw_table_addf(table, "%" PRIu64, snapshot->count);
		add_name(table, snapshot);
	}
}

int mlw_render_snapshots_text(const struct mallow_snapshots *snapshots,
                              const struct mlw_style *style, FILE *out,
                              struct mlw_error *err)
{
	struct mlw_table table = { .columns = 4, .right = 0x7 };
	bool failed;

	add_rows(&table, snapshots);
	failed = mlw_table_failed(&table);
	if (!failed) {
		fputs(mlw_style_bold(style), out);
		mlw_style_name(out, mallow_snapshots_about(snapshots)->file, 0);
		fprintf(out, "%s: %zu snapshot%s\n", mlw_style_plain(style),
		        mallow_snapshots_count(snapshots),
		        mallow_snapshots_count(snapshots) == 1 ? "" : "s");
		mlw_sample_write(out, mallow_snapshots_about(snapshots));
	}
	for (size_t i = 0; !failed && mallow_snapshots_count(snapshots) &&
	                   i <= mallow_snapshots_count(snapshots);
	     i++) {
		fputs(i ? "  " : "\n  ", out);
		mlw_table_row(&table, i, out);
		fputc('\n', out);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

void mlw_json_taken(struct mlw_json *json, const struct mallow_taken *taken)
{
	mlw_json_begin_object(json, NULL);
	mlw_json_string(json, "name", taken->name);
	mlw_json_uint(json, "at_ns", taken->at_ns);
	mlw_json_uint(json, "size", taken->size);
	mlw_json_uint(json, "count", taken->count);
	mlw_json_end_object(json);
}

static void begin_json(struct mlw_json *json, const struct mallow_about *about, FILE *out)
{
	mlw_json_begin_answer(json, out);
	mlw_row_json_sample(json, about);
	mlw_json_begin_array(json, "snapshots");
}

static void end_json(struct mlw_json *json)
{
	mlw_json_end_array(json);
	mlw_json_end_answer(json);
}

void mlw_render_snapshots_json(const struct mallow_snapshots *snapshots, FILE *out)
{
	struct mlw_json json;

	begin_json(&json, mallow_snapshots_about(snapshots), out);
	for (size_t i = 0; i < mallow_snapshots_count(snapshots); i++)
		mlw_json_taken(&json, mallow_snapshots_get(snapshots, i));
	end_json(&json);
}

void mlw_render_taken_json(const struct mallow_taken *taken,
                           const struct mallow_about *about, FILE *out)
{
	struct mlw_json json;

	begin_json(&json, about, out);
	mlw_json_taken(&json, taken);
	end_json(&json);
}

static void begin_csv(struct mlw_csv *csv, FILE *out)
{
	mlw_csv_init(csv, out);
	mlw_csv_text(csv, "name");
	mlw_csv_text(csv, "at_ns");
	mlw_csv_text(csv, "size");
	mlw_csv_text(csv, "count");
	mlw_csv_end_line(csv);
}

static void write_csv(struct mlw_csv *csv, const struct mallow_taken *taken)
{
	mlw_csv_text(csv, taken->name);
	mlw_csv_uint(csv, taken->at_ns);
	mlw_csv_uint(csv, taken->size);
	mlw_csv_uint(csv, taken->count);
	mlw_csv_end_line(csv);
}

void mlw_render_snapshots_csv(const struct mallow_snapshots *snapshots, FILE *out)
{
	struct mlw_csv csv;

	begin_csv(&csv, out);
	for (size_t i = 0; i < mallow_snapshots_count(snapshots); i++)
		write_csv(&csv, mallow_snapshots_get(snapshots, i));
}

void mlw_render_taken_csv(const struct mallow_taken *taken, FILE *out)
{
	struct mlw_csv csv;

	begin_csv(&csv, out);
	write_csv(&csv, taken);
}
