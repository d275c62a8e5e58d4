/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "analyze/leak_kind.h"
#include "analyze/source.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "snapshot/origin.h"

_Static_assert(MALLOW_SIZE_TEXT == MLW_UNIT_TEXT, "one length of texts");

const char *mallow_format_size(int64_t size, bool sign, char *text)
{
	return sign || size < 0 ? mlw_size_change_text(size, text)
	                        : mlw_size_text((uint64_t)size, text);
}

static char *finish(struct mlw_strbuf *text)
{
	char *made = mlw_strbuf_detach(text);

	mlw_strbuf_release(text);
	return made;
}

static void put_average(struct mlw_strbuf *text, uint64_t size, uint64_t count)
{
	char average[MLW_UNIT_TEXT];

	if (count)
		mlw_strbuf_printf(text, ", average=%s",
		                  mlw_average_text(size, count, average));
}

char *mallow_statistic_text(const struct mallow_statistic *statistic)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	char size[MLW_UNIT_TEXT];

	mlw_strbuf_printf(&text, "%s: size=%s, count=%" PRIu64, statistic->label,
	                  mlw_size_text(statistic->size, size), statistic->count);
	put_average(&text, statistic->size, statistic->count);
	return finish(&text);
}

char *mallow_difference_text(const struct mallow_difference *difference)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	char size[MLW_UNIT_TEXT], change[MLW_UNIT_TEXT];

	mlw_strbuf_printf(&text, "%s: size=%s (%s), count=%" PRIu64 " (%+" PRId64 ")",
	                  difference->label, mlw_size_text(difference->size, size),
	                  mlw_size_change_text(difference->size_diff, change),
	                  difference->count, difference->count_diff);
	put_average(&text, difference->size, difference->count);
	return finish(&text);
}

static void put_frame(struct mlw_strbuf *text, const struct mlw_frame *frame,
                      struct mallow_source *source)
{
	const char *line = NULL;

	if (text->length)
		mlw_strbuf_putc(text, '\n');
	if (frame->file)
		mlw_strbuf_printf(text, "  File \"%s\", line %" PRIu32, frame->file,
		                  frame->line);
	else if (frame->module)
		mlw_strbuf_printf(text, "  File \"%s\", offset 0x%" PRIx64, frame->module,
		                  frame->offset);
	else
		mlw_strbuf_puts(text, "  File \"<unknown>\", line 0");
	if (frame->function)
		mlw_strbuf_printf(text, ", in %s", frame->function);
	if (source && frame->file && frame->line)
		line = mlw_source_line(source, frame->file, frame->line);
	if (line)
		mlw_strbuf_printf(text, "\n    %s", line);
}

/* Which frames a limit leaves: *count of them from *first on. */
static void apply_limit(size_t frames, int limit, size_t *first, size_t *count)
{
	size_t most = limit < 0 ? 0 - (size_t)limit : (size_t)limit;

	*count = limit && most < frames ? most : frames;
	*first = limit < 0 ? frames - *count : 0;
}

char *mallow_traceback_format(const struct mallow_traceback *traceback, int limit,
                              bool most_recent_first, const char *source_root)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	struct mallow_source *source;
	struct mlw_error ignored;
	size_t first, count;

	if (mlw_source_open(&source, source_root, &ignored))
		return NULL;
	apply_limit(traceback->count, limit, &first, &count);
	for (size_t i = 0; i < count; i++) {
		size_t index = most_recent_first ? first + i : first + count - 1 - i;

		put_frame(&text, traceback->frames[index], source);
	}
	mlw_source_close(source);
	return finish(&text);
}

size_t mallow_traceback_count(const struct mallow_traceback *traceback)
{
	return traceback->count;
}

struct mallow_frame mallow_traceback_frame(const struct mallow_traceback *traceback,
                                           size_t index)
{
	if (index >= traceback->count)
		return (struct mallow_frame){ 0 };
	return mlw_frame_show(traceback->frames[index]);
}

uint32_t mallow_traceback_total_frames(const struct mallow_traceback *traceback)
{
	return traceback->total_frames;
}

bool mallow_traceback_truncated(const struct mallow_traceback *traceback)
{
	return traceback->truncated;
}

bool mallow_traceback_is_runtime(const struct mallow_traceback *traceback)
{
	struct mlw_runtime_walk walk = { 0 };

	for (size_t i = 0; i < traceback->count; i++) {
		if (mlw_runtime_step(&walk, traceback->frames[i]))
			break;
	}
	return walk.is_runtime;
}
