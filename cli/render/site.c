/* SPDX-License-Identifier: MIT */
#include "render/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "render/short_name.h"

/* The least that is left of a function's name for the sake of the file. */
#define LEAST_FUNCTION 24u
#define SEPARATOR      3u /* columns between the calls of a stack in one line */

/* The function in at most `width` columns: without arguments if it is too long with
 * them. Returns the columns written. */
static unsigned write_function(FILE *out, const struct mlw_style *style, const char *name,
                               unsigned width)
{
	struct mlw_strbuf shorter = MLW_STRBUF_INIT;
	unsigned columns;

	if (mlw_style_columns(name) > width) {
		mlw_short_name(&shorter, name);
		if (!mlw_strbuf_failed(&shorter))
			name = shorter.text;
	}
	fputs(mlw_style_bold(style), out);
	columns = mlw_style_name(out, name, width);
	fputs(mlw_style_plain(style), out);
	mlw_strbuf_release(&shorter);
	return columns;
}

/* The longest end of `path` that begins after a slash and fits; never less than its last
 * part. */
static const char *path_end(const char *path, unsigned width)
{
	const char *at = path;

	while (mlw_style_columns(at) > width) {
		const char *slash = strchr(at, '/');

		if (!slash || !slash[1])
			break;
		at = slash + 1;
	}
	return at;
}

static void write_path(FILE *out, const char *path, unsigned width)
{
	const char *end = path;

	if (mlw_style_columns(path) > width)
		end = path_end(path, width > 4 ? width - 4 : 0);
	if (end != path)
		fputs(".../", out);
	mlw_style_name(out, end, 0);
}

static void write_file(FILE *out, const struct mallow_frame *frame, unsigned width)
{
	char line[16] = "";

	if (frame->line)
		snprintf(line, sizeof(line), ":%" PRIu32, frame->line);
	write_path(out, frame->file,
	           width > strlen(line) ? width - (unsigned)strlen(line) : 0);
	fputs(line, out);
}

/* Columns for the function when the file's last part shall fit beside it. */
static unsigned function_width(const struct mallow_frame *frame, unsigned width)
{
	unsigned file = mlw_style_columns(mlw_basename(frame->file)) + 12;
	unsigned rest = width > file ? width - file : 0;

	return rest < LEAST_FUNCTION ? LEAST_FUNCTION : rest;
}

static void write_in_file(FILE *out, const struct mlw_style *style,
                          const struct mallow_frame *frame, unsigned width)
{
	unsigned columns =
	        write_function(out, style, frame->function, function_width(frame, width));

	fputs("  ", out);
	write_file(out, frame, width > columns + 2 ? width - columns - 2 : 0);
}

static void write_in_module(FILE *out, const struct mlw_style *style,
                            const struct mallow_frame *frame, unsigned width,
                            bool with_offset)
{
	const char *module = frame->module ? mlw_basename(frame->module) : "??";
	char offset[24] = "";
	unsigned rest;

	if (with_offset && frame->offset)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64, frame->offset);
	rest = mlw_style_columns(module) + (unsigned)strlen(offset) + 4;

	write_function(out, style, frame->function,
	               width > rest + LEAST_FUNCTION ? width - rest : LEAST_FUNCTION);
	fputs("  (", out);
	mlw_style_name(out, module, 0);
	fprintf(out, "%s)", offset);
}

static void write_place(FILE *out, const struct mallow_frame *frame)
{
	if (frame->module && frame->offset) {
		mlw_style_name(out, mlw_basename(frame->module), 0);
		fprintf(out, "+0x%" PRIx64, frame->offset);
	} else if (frame->module) {
		mlw_style_name(out, frame->module, 0);
	} else if (frame->offset) {
		fprintf(out, "0x%" PRIx64 "  (in no known module)", frame->offset);
	} else {
		fputs("(unknown)", out);
	}
}

static void write_frame(FILE *out, const struct mlw_style *style,
                        const struct mallow_frame *frame, unsigned width,
                        bool with_offset)
{
	if (!frame)
		fputs("(no stack)", out);
	else if (frame->function && frame->file)
		write_in_file(out, style, frame, width);
	else if (frame->function)
		write_in_module(out, style, frame, width, with_offset);
	else if (frame->file)
		write_file(out, frame, width);
	else
		write_place(out, frame);
}

void mlw_site_write(FILE *out, const struct mlw_style *style,
                    const struct mallow_frame *frame, unsigned width)
{
	write_frame(out, style, frame, width, false);
}

void mlw_site_write_call(FILE *out, const struct mlw_style *style,
                         const struct mallow_frame *frame, unsigned width)
{
	write_frame(out, style, frame, width, true);
}

static void name_frame(struct mlw_strbuf *name, const struct mallow_frame *frame)
{
	if (frame->function)
		mlw_short_name(name, frame->function);
	else if (frame->module)
		mlw_strbuf_printf(name, "%s+0x%" PRIx64, mlw_basename(frame->module),
		                  frame->offset);
	else
		mlw_strbuf_printf(name, "0x%" PRIx64, frame->offset);
}

void mlw_site_write_stack(FILE *out, const struct mlw_style *style,
                          const struct mallow_traceback *traceback, unsigned width)
{
	size_t count = mallow_traceback_count(traceback);
	struct mlw_strbuf name = MLW_STRBUF_INIT;
	unsigned used = 0;

	if (!count)
		fputs("(no stack)", out);
	for (size_t i = 0; i < count; i++) {
		struct mallow_frame frame = mallow_traceback_frame(traceback, i);

		mlw_strbuf_clear(&name);
		name_frame(&name, &frame);
		used += mlw_style_columns(name.text) + SEPARATOR;
		if (i && used + (i + 1 < count ? SEPARATOR : 0) > width) {
			fputs(" ...", out);
			break;
		}
		fputs(i ? " < " : mlw_style_bold(style), out);
		mlw_style_name(out, name.text, width);
		fputs(i ? "" : mlw_style_plain(style), out);
	}
	mlw_strbuf_release(&name);
}

void mlw_site_source(FILE *out, const struct mlw_style *style,
                     const struct mallow_frame *frame, unsigned indent)
{
	const char *line = NULL;

	if (style->source && frame)
		line = mallow_source_line(style->source, frame->file, frame->line);
	if (!line)
		return;
	fprintf(out, "%*s", (int)indent, "");
	mlw_style_name(out, line,
	               style->width > indent + 20 ? style->width - indent : 20);
	fputc('\n', out);
}
