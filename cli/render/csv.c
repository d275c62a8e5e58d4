/* SPDX-License-Identifier: MIT */
#include "render/csv.h"

#include <inttypes.h>
#include <string.h>

void mlw_csv_init(struct mlw_csv *csv, FILE *out)
{
	*csv = (struct mlw_csv){ .out = out };
}

static void begin_field(struct mlw_csv *csv)
{
	if (csv->started)
		fputc(',', csv->out);
	csv->started = true;
}

void mlw_csv_text(struct mlw_csv *csv, const char *text)
{
	begin_field(csv);
	if (!text)
		return;
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, csv->out);
		return;
	}
	fputc('"', csv->out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', csv->out);
		fputc(*text, csv->out);
	}
	fputc('"', csv->out);
}

void mlw_csv_uint(struct mlw_csv *csv, uint64_t value)
{
	begin_field(csv);
	fprintf(csv->out, "%" PRIu64, value);
}

void mlw_csv_int(struct mlw_csv *csv, int64_t value)
{
	begin_field(csv);
	fprintf(csv->out, "%" PRId64, value);
}

void mlw_csv_end_line(struct mlw_csv *csv)
{
	fputs("\r\n", csv->out);
	csv->started = false;
}
