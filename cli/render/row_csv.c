/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "render/row.h"

static const char *const frame_names[] = { "function", "file", "line", "module",
	                                   "offset" };

static bool has_frame(enum mallow_key by)
{
	return by <= MALLOW_BY_MODULE;
}

void mlw_row_csv_header(struct mlw_csv *csv, enum mallow_key by)
{
	if (has_frame(by)) {
		for (size_t i = 0; i < sizeof(frame_names) / sizeof(*frame_names); i++)
			mlw_csv_text(csv, frame_names[i]);
	} else if (by == MALLOW_BY_TRACEBACK) {
		mlw_csv_text(csv, "traceback");
		mlw_csv_text(csv, "truncated");
	} else if (by == MALLOW_BY_SIZE) {
		mlw_csv_text(csv, "size_min");
		mlw_csv_text(csv, "size_max");
	} else {
		mlw_csv_text(csv, mallow_key_name(by));
		if (by == MALLOW_BY_THREAD || by == MALLOW_BY_PROCESS)
			mlw_csv_text(csv, "name");
	}
}

static void write_frame(struct mlw_csv *csv, const struct mallow_traceback *traceback)
{
	struct mallow_frame frame = mallow_traceback_frame(traceback, 0);

	mlw_csv_text(csv, frame.function);
	mlw_csv_text(csv, frame.file);
	mlw_csv_uint(csv, frame.line);
	mlw_csv_text(csv, frame.module);
	mlw_csv_uint(csv, frame.offset);
}

static void add_frame(struct mlw_strbuf *text, const struct mallow_frame *frame)
{
	const char *module = frame->module ? mlw_basename(frame->module) : "??";

	if (frame->function)
		mlw_strbuf_puts(text, frame->function);
	else
		mlw_strbuf_printf(text, "%s+0x%" PRIx64, module, frame->offset);
	if (frame->file)
		mlw_strbuf_printf(text, " (%s:%" PRIu32 ")", frame->file, frame->line);
	else if (frame->function)
		mlw_strbuf_printf(text, " (%s)", module);
}

/* The whole stack in one field, most recent call first, divided by line ends. */
static void write_stack(struct mlw_csv *csv, const struct mallow_traceback *traceback)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	for (size_t i = 0; i < mallow_traceback_count(traceback); i++) {
		struct mallow_frame frame = mallow_traceback_frame(traceback, i);

		if (i)
			mlw_strbuf_putc(&text, '\n');
		add_frame(&text, &frame);
	}
	mlw_csv_text(csv, text.text);
	mlw_csv_text(csv, mallow_traceback_truncated(traceback) ? "true" : "false");
	mlw_strbuf_release(&text);
}

void mlw_row_csv(struct mlw_csv *csv, enum mallow_key by, const struct mallow_row *row)
{
	switch (by) {
	case MALLOW_BY_TRACEBACK:
		write_stack(csv, row->traceback);
		break;
	case MALLOW_BY_SIZE:
		mlw_csv_uint(csv, row->size_min);
		mlw_csv_uint(csv, row->size_max);
		break;
	case MALLOW_BY_DOMAIN:
	case MALLOW_BY_SCOPE:
		mlw_csv_text(csv, row->name);
		break;
	case MALLOW_BY_THREAD:
	case MALLOW_BY_PROCESS:
		mlw_csv_uint(csv, row->id);
		mlw_csv_text(csv, row->name);
		break;
	default:
		write_frame(csv, row->traceback);
		break;
	}
}
