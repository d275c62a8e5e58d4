/* SPDX-License-Identifier: MIT */
#ifndef MLW_CHART_H
#define MLW_CHART_H

/*
 * Columns of a text as a picture: an area under a curve, in eighths of a line where the
 * terminal knows UTF-8, else in thirds.
 *
 *	struct mlw_chart chart = { .values = values, .width = 60, .height = 6,
 *	                           .max = 4096, .utf8 = true };
 *
 *	for (row = 0; row < chart.height; row++)
 *		mlw_chart_row(&chart, row, out);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct mlw_chart {
	const double *values; /* one a column; negative: unknown, nothing is drawn */
	size_t width;
	unsigned height; /* lines */
	double max; /* the value that fills all lines */
	bool utf8;
};

/* Line `row` from above, `width` columns without the blank ones at its end. What is more
 * than nothing is never invisible. */
void mlw_chart_row(const struct mlw_chart *chart, unsigned row, FILE *out);

#endif /* MLW_CHART_H */
