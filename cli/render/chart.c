/* SPDX-License-Identifier: MIT */
#include "render/chart.h"

static const char *const blocks[] = {
	" ",
	"\xe2\x96\x81", /* U+2581, one eighth, to U+2588, all of it */
	"\xe2\x96\x82",
	"\xe2\x96\x83",
	"\xe2\x96\x84",
	"\xe2\x96\x85",
	"\xe2\x96\x86",
	"\xe2\x96\x87",
	"\xe2\x96\x88",
};

static const char *const plain[] = { " ", ".", ":", "#" };

static unsigned parts_of(const struct mlw_chart *chart)
{
	return chart->utf8 ? 8 : 3;
}

/* Filled parts of the whole column. */
static unsigned level(const struct mlw_chart *chart, double value)
{
	unsigned all = chart->height * parts_of(chart);
	unsigned filled;

	if (value <= 0 || chart->max <= 0)
		return 0;
	if (value >= chart->max)
		return all;
	filled = (unsigned)(value / chart->max * all + 0.5);
	return filled ? filled : 1;
}

/* Filled parts of one cell. */
static unsigned cell(const struct mlw_chart *chart, size_t column, unsigned row)
{
	unsigned parts = parts_of(chart);
	unsigned below = (chart->height - 1 - row) * parts;
	unsigned filled = level(chart, chart->values[column]);

	if (filled <= below)
		return 0;
	return filled - below < parts ? filled - below : parts;
}

void mlw_chart_row(const struct mlw_chart *chart, unsigned row, FILE *out)
{
	const char *const *marks = chart->utf8 ? blocks : plain;
	size_t end = chart->width;

	while (end && !cell(chart, end - 1, row))
		end--;
	for (size_t i = 0; i < end; i++)
		fputs(marks[cell(chart, i, row)], out);
}
