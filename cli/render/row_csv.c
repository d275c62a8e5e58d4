/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/strbuf.h"
#include "render/row.h"

static const char *const frame_names[] = { "function", "file", "line", "module",
	                                   "offset" };

static bool has_frame(enum mlw_by by)
{
	return by <= MLW_BY_MODULE;
}

void mlw_row_csv_header(struct mlw_csv *csv, enum mlw_by by)
{
	if (has_frame(by)) {
		for (size_t i = 0; i < sizeof(frame_names) / sizeof(*frame_names); i++)
			mlw_csv_text(csv, frame_names[i]);
	} else if (by == MLW_BY_TRACE) {
		mlw_csv_text(csv, "traceback");
		mlw_csv_text(csv, "truncated");
	} else if (by == MLW_BY_SIZE) {
		mlw_csv_text(csv, "size_min");
		mlw_csv_text(csv, "size_max");
	} else {
		mlw_csv_text(csv, mlw_by_name(by));
		if (by == MLW_BY_THREAD || by == MLW_BY_PROCESS)
			mlw_csv_text(csv, "name");
	}
}

static void write_frame(struct mlw_csv *csv, const struct mlw_traceback *traceback)
{
	static const struct mlw_frame nothing = { 0 };
	const struct mlw_frame *frame =
	        traceback->count ? traceback->frames[0] : &nothing;

	mlw_csv_text(csv, frame->function);
	mlw_csv_text(csv, frame->file);
	mlw_csv_uint(csv, frame->line);
	mlw_csv_text(csv, frame->module);
	mlw_csv_uint(csv, frame->offset);
}

static void add_frame(struct mlw_strbuf *text, const struct mlw_frame *frame)
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
static void write_stack(struct mlw_csv *csv, const struct mlw_traceback *traceback)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	for (size_t i = 0; i < traceback->count; i++) {
		if (i)
			mlw_strbuf_putc(&text, '\n');
		add_frame(&text, traceback->frames[i]);
	}
	mlw_csv_text(csv, text.text);
	mlw_csv_text(csv, traceback->truncated ? "true" : "false");
	mlw_strbuf_release(&text);
}

void mlw_row_csv(struct mlw_csv *csv, enum mlw_by by, const struct mlw_row *row)
{
	switch (by) {
	case MLW_BY_TRACE:
		write_stack(csv, &row->traceback);
		break;
	case MLW_BY_SIZE:
		mlw_csv_uint(csv, row->size_min);
		mlw_csv_uint(csv, row->size_max);
		break;
	case MLW_BY_DOMAIN:
	case MLW_BY_SCOPE:
		mlw_csv_text(csv, row->name);
		break;
	case MLW_BY_THREAD:
	case MLW_BY_PROCESS:
		mlw_csv_uint(csv, row->id);
		mlw_csv_text(csv, row->name);
		break;
	default:
		write_frame(csv, &row->traceback);
		break;
	}
}
