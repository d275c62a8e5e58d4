/* SPDX-License-Identifier: MIT */
#ifndef MLW_TABLE_H
#define MLW_TABLE_H

/*
 * Cells of text in columns that line up, two spaces or `gap` of them between them.
 *
 *	struct mlw_table table = { .columns = 2, .right = 1u << 1 };
 *
 *	mlw_table_add(&table, "id");	cell after cell, row after row
 *	mlw_table_row(&table, 0, out);	without a line end
 *	mlw_table_release(&table);
 *
 * Without memory a cell stays empty and mlw_table_failed says so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

#define MLW_TABLE_COLUMNS 64u

struct mlw_table {
	size_t columns; /* 1 to MLW_TABLE_COLUMNS */
	uint64_t right; /* bit i: column i stands right */
	unsigned gap; /* 0: two */
	char **cells;
	size_t count, capacity;
	unsigned widths[MLW_TABLE_COLUMNS];
	bool failed;
};

void mlw_table_add(struct mlw_table *table, const char *text);
MLW_PRINTF(2, 3)
void mlw_table_addf(struct mlw_table *table, const char *fmt, ...);
void mlw_table_release(struct mlw_table *table);
/* Takes all cells out; the next ones line up with them. */
void mlw_table_clear(struct mlw_table *table);

size_t mlw_table_rows(const struct mlw_table *table);
/* Every cell padded but the last one, which is padded only if it stands right. */
void mlw_table_row(const struct mlw_table *table, size_t row, FILE *out);

/* Behind it, where something is to follow: as many spaces as its last cell is short of its
 * column, and two. */
void mlw_table_fill(const struct mlw_table *table, size_t row, FILE *out);
/* Columns that a row takes, its last cell at its widest. */
unsigned mlw_table_width(const struct mlw_table *table);

static inline bool mlw_table_failed(const struct mlw_table *table)
{
	return table->failed;
}

#endif /* MLW_TABLE_H */
