/* SPDX-License-Identifier: MIT */
#include "render/histogram.h"

#include <inttypes.h>

#define LABEL_WIDTH 14
#define COUNT_WIDTH 11

/* Class i holds [2^(i-1), 2^i - 1], class 0 is exactly 0. */
static unsigned class_of(uint64_t min)
{
	return min ? 64 - (unsigned)__builtin_clzll(min) : 0;
}

/* Classes from 1 on are joined `step` at a time; class 0 stands alone. */
static unsigned row_of(uint64_t min, unsigned step)
{
	unsigned size_class = class_of(min);

	return size_class ? 1 + (size_class - 1) / step : 0;
}

static size_t rows_needed(const struct mallow_class *classes, size_t count, unsigned step)
{
	size_t rows = 0;
	unsigned last = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned row = row_of(classes[i].min, step);

		if (!rows || row != last)
			rows++;
		last = row;
	}
	return rows;
}

static void join(struct mallow_class *row, const struct mallow_class *part,
                 unsigned number, unsigned step)
{
	unsigned last = number * step;

	if (!row->count && number)
		row->min = UINT64_C(1) << ((number - 1) * step);
	row->max = !number ? 0 : last >= 64 ? UINT64_MAX : (UINT64_C(1) << last) - 1;
	row->count += part->count;
	row->size += part->size;
}

void mlw_bars_init(struct mlw_bars *bars, const struct mallow_class *classes,
                   size_t count)
{
	unsigned step = 1;
	unsigned last = 0;

	*bars = (struct mlw_bars){ 0 };
	while (rows_needed(classes, count, step) > MLW_HISTOGRAM_ROWS)
		step++;
	for (size_t i = 0; i < count; i++) {
		unsigned number = row_of(classes[i].min, step);

		if (!bars->count || number != last)
			bars->count++;
		last = number;
		join(&bars->rows[bars->count - 1], &classes[i], number, step);
	}
}

static uint64_t largest_count(const struct mlw_bars *bars)
{
	uint64_t largest = 1;

	for (size_t i = 0; i < bars->count; i++) {
		if (bars->rows[i].count > largest)
			largest = bars->rows[i].count;
	}
	return largest;
}

static void write_label(const struct mlw_bars *bars, uint64_t max,
                        const char *(*unit)(uint64_t value, char *text), char *label,
                        size_t size)
{
	char text[MLW_UNIT_TEXT];

	if (max)
		snprintf(label, size, "up to %s", unit(max, text));
	else
		snprintf(label, size, "%s", bars->zero ? bars->zero : unit(0, text));
}

unsigned mlw_bars_row(const struct mlw_bars *bars, size_t row, unsigned width,
                      const char *(*unit)(uint64_t value, char *text), FILE *out)
{
	unsigned room = width - LABEL_WIDTH - COUNT_WIDTH - 2;
	char label[MLW_UNIT_TEXT + 8];
	uint64_t count;
	unsigned bar;

	if (row >= bars->count)
		return 0;
	count = bars->rows[row].count;
	write_label(bars, bars->rows[row].max, unit, label, sizeof(label));
	bar = (unsigned)((double)count * room / (double)largest_count(bars));
	if (!bar)
		bar = 1;
	fprintf(out, "%-*s%*" PRIu64 "  ", LABEL_WIDTH, label, COUNT_WIDTH, count);
	for (unsigned i = 0; i < bar; i++)
		fputc('#', out);
	return width - room + bar;
}
