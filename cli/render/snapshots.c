/* SPDX-License-Identifier: MIT */
#include "render/snapshots.h"

#include <inttypes.h>

#include "base/units.h"
#include "render/csv.h"
#include "render/render.h"
#include "render/table.h"

/* As it is written behind the '@'. */
static void add_name(struct mlw_table *table, const struct mlw_snapshot *snapshot)
{
	if (snapshot->nth > 1)
		mlw_table_addf(table, "%s#%" PRIu64, snapshot->name, snapshot->nth);
	else
		mlw_table_add(table, snapshot->name);
}

static void add_rows(struct mlw_table *table, const struct mlw_snapshots *snapshots)
{
	static const char *const heads[] = { "at", "size", "count", "name" };
	char text[MLW_UNIT_TEXT];

	for (size_t i = 0; i < table->columns; i++)
		mlw_table_add(table, heads[i]);
	for (size_t i = 0; i < snapshots->count; i++) {
		const struct mlw_snapshot *snapshot = &snapshots->rows[i];

		mlw_table_add(table, mlw_duration_text(snapshot->at_ns, text));
		mlw_table_add(table, mlw_size_text(snapshot->size, text));
		mlw_table_addf(table, "%" PRIu64, snapshot->count);
		add_name(table, snapshot);
	}
}

int mlw_render_snapshots_text(const struct mlw_snapshots *snapshots,
                              const struct mlw_style *style, FILE *out,
                              struct mlw_error *err)
{
	struct mlw_table table = { .columns = 4, .right = 0x7 };
	bool failed;

	add_rows(&table, snapshots);
	failed = mlw_table_failed(&table);
	if (!failed) {
		fputs(mlw_style_bold(style), out);
		mlw_style_name(out, snapshots->file, 0);
		fprintf(out, "%s: %zu snapshot%s\n", mlw_style_plain(style),
		        snapshots->count, snapshots->count == 1 ? "" : "s");
	}
	for (size_t i = 0; !failed && snapshots->count && i <= snapshots->count; i++) {
		fputs(i ? "  " : "\n  ", out);
		mlw_table_row(&table, i, out);
		fputc('\n', out);
	}
	mlw_table_release(&table);
	return failed ? mlw_fail(err, "out of memory") : 0;
}

void mlw_json_snapshots(struct mlw_json *json, const struct mlw_snapshot *rows,
                        size_t count)
{
	mlw_json_begin_array(json, "snapshots");
	for (size_t i = 0; i < count; i++) {
		mlw_json_begin_object(json, NULL);
		mlw_json_string(json, "name", rows[i].name);
		mlw_json_uint(json, "at_ns", rows[i].at_ns);
		mlw_json_uint(json, "size", rows[i].size);
		mlw_json_uint(json, "count", rows[i].count);
		mlw_json_end_object(json);
	}
	mlw_json_end_array(json);
}

void mlw_render_snapshots_json(const struct mlw_snapshots *snapshots, FILE *out)
{
	struct mlw_json json;

	mlw_json_begin_answer(&json, out);
	mlw_json_snapshots(&json, snapshots->rows, snapshots->count);
	mlw_json_end_answer(&json);
}

void mlw_render_snapshots_csv(const struct mlw_snapshots *snapshots, FILE *out)
{
	struct mlw_csv csv;

	mlw_csv_init(&csv, out);
	mlw_csv_text(&csv, "name");
	mlw_csv_text(&csv, "at_ns");
	mlw_csv_text(&csv, "size");
	mlw_csv_text(&csv, "count");
	mlw_csv_end_line(&csv);
	for (size_t i = 0; i < snapshots->count; i++) {
		const struct mlw_snapshot *snapshot = &snapshots->rows[i];

		mlw_csv_text(&csv, snapshot->name);
		mlw_csv_uint(&csv, snapshot->at_ns);
		mlw_csv_uint(&csv, snapshot->size);
		mlw_csv_uint(&csv, snapshot->count);
		mlw_csv_end_line(&csv);
	}
}
