/* SPDX-License-Identifier: MIT */
#include "snapshot/label.h"

#include <inttypes.h>

static void put_module(struct mlw_strbuf *text, const struct mlw_frame *frame)
{
	if (frame->module && frame->offset)
		mlw_strbuf_printf(text, "%s+0x%" PRIx64, mlw_basename(frame->module),
		                  frame->offset);
	else if (frame->module)
		mlw_strbuf_puts(text, frame->module);
	else if (frame->offset)
		mlw_strbuf_printf(text, "0x%" PRIx64, frame->offset);
	else
		mlw_strbuf_puts(text, "<unknown>");
}

void mlw_label_place(struct mlw_strbuf *text, const struct mlw_frame *frame)
{
	static const struct mlw_frame unknown;

	if (!frame)
		frame = &unknown;
	/* As tracemalloc: an unknown line is 0. */
	if (frame->file && (frame->line || !frame->function))
		mlw_strbuf_printf(text, "%s:%" PRIu32, frame->file, frame->line);
	else if (frame->function)
		mlw_strbuf_puts(text, frame->function);
	else
		put_module(text, frame);
}

static void label_frame(struct mlw_strbuf *text, enum mallow_key key,
                        const struct mlw_frame *frame)
{
	if (frame && key == MALLOW_BY_FILE && frame->file)
		mlw_strbuf_puts(text, frame->file);
	else if (frame && key == MALLOW_BY_FUNCTION && frame->function)
		mlw_strbuf_puts(text, frame->function);
	else if (frame && (key == MALLOW_BY_FILE || key == MALLOW_BY_MODULE))
		mlw_strbuf_puts(text, frame->module ? frame->module : "<unknown>");
	else
		mlw_label_place(text, frame);
}

static void label_thread(struct mlw_strbuf *text, uint32_t id,
                         const struct mlw_recording *recording)
{
	const char *name = NULL;

	if (recording && id && id <= recording->thread_count)
		name = recording->threads[id - 1].name;
	mlw_strbuf_printf(text, "thread %" PRIu32, id);
	if (name && *name)
		mlw_strbuf_printf(text, " (%s)", name);
}

void mlw_label_row(struct mlw_strbuf *text, enum mallow_key key,
                   const struct mlw_tally_row *row, struct mlw_recording *recording)
{
	switch (key) {
	case MALLOW_BY_TRACEBACK:
		mlw_label_place(text,
		                row->traceback->count ? row->traceback->frames[0] : NULL);
		break;
	case MALLOW_BY_THREAD:
		label_thread(text, row->id, recording);
		break;
	case MALLOW_BY_PROCESS:
		mlw_strbuf_printf(text, "process %" PRIu32, row->id);
		break;
	case MALLOW_BY_DOMAIN:
		if (row->name)
			mlw_strbuf_puts(text, row->name);
		else
			mlw_strbuf_printf(text, "domain %" PRIu32, row->id);
		break;
	case MALLOW_BY_SCOPE:
		mlw_strbuf_puts(text, row->name ? row->name : "(no scope)");
		break;
	default:
		label_frame(text, key, row->frame);
		break;
	}
}
