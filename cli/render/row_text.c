/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/units.h"
#include "render/row.h"
#include "render/site.h"
#include "render/sums.h"

static void write_group(FILE *out, const char *kind, const struct mallow_row *row)
{
	fprintf(out, "%s %" PRIu32, kind, row->id);
	if (row->name && *row->name) {
		fputs("  ", out);
		mlw_style_name(out, row->name, 60);
	}
}

static void write_size_class(FILE *out, const struct mallow_row *row)
{
	char min[MLW_UNIT_TEXT], max[MLW_UNIT_TEXT];

	if (row->size_min == row->size_max)
		fprintf(out, "blocks of %s", mlw_size_text(row->size_min, min));
	else
		fprintf(out, "blocks of %s to %s", mlw_size_text(row->size_min, min),
		        mlw_size_text(row->size_max, max));
}

void mlw_row_label(FILE *out, const struct mlw_style *style, enum mallow_key by,
                   const struct mallow_row *row, unsigned width)
{
	struct mallow_frame site;

	switch (by) {
	case MALLOW_BY_THREAD:
		write_group(out, "thread", row);
		break;
	case MALLOW_BY_PROCESS:
		write_group(out, "process", row);
		break;
	case MALLOW_BY_DOMAIN:
		mlw_style_name(out, row->name, 0);
		break;
	case MALLOW_BY_SCOPE:
		if (row->name)
			mlw_style_name(out, row->name, 0);
		else
			fputs("(no scope)", out);
		break;
	case MALLOW_BY_SIZE:
		write_size_class(out, row);
		break;
	case MALLOW_BY_TRACEBACK:
		mlw_site_write_stack(out, style, row->traceback, width);
		break;
	default:
		site = mallow_traceback_frame(row->traceback, 0);
		mlw_site_write(out, style,
		               mallow_traceback_count(row->traceback) ? &site : NULL,
		               width);
		break;
	}
}

void mlw_row_stack(FILE *out, const struct mlw_style *style,
                   const struct mallow_traceback *traceback)
{
	unsigned width = style->width > 20 ? style->width - 16 : 4;
	size_t count = mallow_traceback_count(traceback);

	if (!count)
		fputs("      (no stack)\n", out);
	for (size_t i = 0; i < count; i++) {
		struct mallow_frame frame = mallow_traceback_frame(traceback, i);

		fputs("      ", out);
		mlw_site_write_call(out, style, &frame, width);
		fputs(frame.inlined ? "  (inlined)\n" : "\n", out);
		mlw_site_source(out, style, &frame, 10);
	}
	if (mallow_traceback_truncated(traceback))
		fputs("      ...  (the outermost frames were not recorded)\n", out);
	fputc('\n', out);
}

void mlw_row_hidden(FILE *out, const struct mlw_style *style,
                    const struct mallow_about *about, size_t hidden,
                    const struct mallow_sums *rest)
{
	if (about->by != MALLOW_BY_TRACEBACK)
		fputc('\n', out);
	fprintf(out, "%zu more", hidden);
	if (!about->cumulative) {
		fputs(": ", out);
		mlw_sums_write(out, style, about, rest);
	}
	fputc('\n', out);
}
