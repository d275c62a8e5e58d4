/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/units.h"
#include "render/row.h"
#include "render/site.h"

static void write_group(FILE *out, const char *kind, const struct mlw_row *row)
{
	fprintf(out, "%s %" PRIu32, kind, row->id);
	if (row->name && *row->name) {
		fputs("  ", out);
		mlw_style_name(out, row->name, 60);
	}
}

static void write_size_class(FILE *out, const struct mlw_row *row)
{
	char min[MLW_UNIT_TEXT], max[MLW_UNIT_TEXT];

	if (row->size_min == row->size_max)
		fprintf(out, "blocks of %s", mlw_size_text(row->size_min, min));
	else
		fprintf(out, "blocks of %s to %s", mlw_size_text(row->size_min, min),
		        mlw_size_text(row->size_max, max));
}

void mlw_row_label(FILE *out, const struct mlw_style *style, enum mlw_by by,
                   const struct mlw_row *row, unsigned width)
{
	const struct mlw_traceback *traceback = &row->traceback;

	switch (by) {
	case MLW_BY_THREAD:
		write_group(out, "thread", row);
		break;
	case MLW_BY_PROCESS:
		write_group(out, "process", row);
		break;
	case MLW_BY_DOMAIN:
		mlw_style_name(out, row->name, 0);
		break;
	case MLW_BY_SCOPE:
		if (row->name)
			mlw_style_name(out, row->name, 0);
		else
			fputs("(no scope)", out);
		break;
	case MLW_BY_SIZE:
		write_size_class(out, row);
		break;
	default:
		mlw_site_write(out, style, traceback->count ? traceback->frames[0] : NULL,
		               width);
		break;
	}
}

void mlw_row_stack(FILE *out, const struct mlw_style *style,
                   const struct mlw_traceback *traceback)
{
	unsigned width = style->width > 20 ? style->width - 16 : 4;

	if (!traceback->count)
		fputs("      (no stack)\n", out);
	for (size_t i = 0; i < traceback->count; i++) {
		fputs("      ", out);
		mlw_site_write_call(out, style, traceback->frames[i], width);
		fputs(traceback->frames[i]->inlined ? "  (inlined)\n" : "\n", out);
		mlw_site_source(out, style, traceback->frames[i], 10);
	}
	if (traceback->truncated)
		fputs("      ...  (the outermost frames were not recorded)\n", out);
	fputc('\n', out);
}
