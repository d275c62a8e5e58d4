/* SPDX-License-Identifier: MIT */
#include "render/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "render/style.h"

void mlw_table_add(struct mlw_table *table, const char *text)
{
	unsigned *width = &table->widths[table->count % table->columns];
	unsigned columns = mlw_style_columns(text);
	struct mlw_error ignored;

	if (mlw_grow(&table->cells, &table->capacity, table->count + 1,
	             sizeof(*table->cells), &ignored)) {
		table->failed = true;
		return;
	}
	table->cells[table->count] = strdup(text);
	if (!table->cells[table->count])
		table->failed = true;
	table->count++;
	if (columns > *width)
		*width = columns;
}

void mlw_table_addf(struct mlw_table *table, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		table->failed = true;
	mlw_table_add(table, text ? text : "");
	free(text);
}

void mlw_table_clear(struct mlw_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	table->count = 0;
}

void mlw_table_release(struct mlw_table *table)
{
	mlw_table_clear(table);
	free(table->cells);
	*table = (struct mlw_table){ 0 };
}

size_t mlw_table_rows(const struct mlw_table *table)
{
	return table->count / table->columns;
}

static unsigned gap_of(const struct mlw_table *table)
{
	return table->gap ? table->gap : 2;
}

static const char *cell_of(const struct mlw_table *table, size_t row, size_t column)
{
	size_t index = row * table->columns + column;
	const char *cell = index < table->count ? table->cells[index] : NULL;

	return cell ? cell : "";
}

void mlw_table_row(const struct mlw_table *table, size_t row, FILE *out)
{
	for (size_t i = 0; i < table->columns; i++) {
		const char *cell = cell_of(table, row, i);
		int padding = (int)(table->widths[i] - mlw_style_columns(cell));
		bool right = table->right >> i & 1;

		if (i)
			fprintf(out, "%*s", (int)gap_of(table), "");
		if (right)
			fprintf(out, "%*s", padding, "");
		mlw_style_name(out, cell, 0);
		if (!right && i + 1 < table->columns)
			fprintf(out, "%*s", padding, "");
	}
}

void mlw_table_fill(const struct mlw_table *table, size_t row, FILE *out)
{
	size_t last = table->columns - 1;

	fprintf(out, "%*s",
	        (int)(table->widths[last] + 2 -
	              mlw_style_columns(cell_of(table, row, last))),
	        "");
}

unsigned mlw_table_width(const struct mlw_table *table)
{
	unsigned width = gap_of(table) * (unsigned)(table->columns - 1);

	for (size_t i = 0; i < table->columns; i++)
		width += table->widths[i];
	return width;
}
