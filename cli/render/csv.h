/* SPDX-License-Identifier: MIT */
#ifndef MLW_CSV_H
#define MLW_CSV_H

/*
 * Writes CSV as RFC 4180 has it: comma, CR LF, quotes around a field only where it has a
 * comma, a quote or a line end in it.
 *
 *	mlw_csv_text(&csv, "size");
 *	mlw_csv_end_line(&csv);
 *	mlw_csv_uint(&csv, 5);
 *	mlw_csv_end_line(&csv);
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct mlw_csv {
	FILE *out; /* borrowed */
	bool started; /* the line has a field already */
};

void mlw_csv_init(struct mlw_csv *csv, FILE *out);
void mlw_csv_text(struct mlw_csv *csv, const char *text); /* NULL: an empty field */
void mlw_csv_uint(struct mlw_csv *csv, uint64_t value);
void mlw_csv_int(struct mlw_csv *csv, int64_t value);
void mlw_csv_end_line(struct mlw_csv *csv);

#endif /* MLW_CSV_H */
