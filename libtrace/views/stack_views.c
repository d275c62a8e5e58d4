/* SPDX-License-Identifier: MIT */

/* The tables traces, sites and frames: where allocations came from. */

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "views/state.h"

static int count_traces(struct mlw_views *views, size_t *groups, struct mlw_error *err)
{
	(void)err;
	*groups = views->recording->trace_count;
	return 0;
}

enum {
	TRACE_ID,
	TRACE_PROCESS,
	TRACE_THREAD,
	TRACE_DOMAIN,
	TRACE_SCOPE,
	TRACE_DEPTH,
	TRACE_TRUNCATED,
	TRACE_TOTALS,
};

static int give_depth(struct mlw_view_cursor *cursor, sqlite3_context *context,
                      struct mlw_error *err)
{
	const struct mlw_frame *frame;
	struct mlw_walk walk;
	uint64_t depth = 0;
	int got;

	mlw_walk_init(&walk, cursor->views->recording, (uint32_t)cursor->group + 1);
	while ((got = mlw_walk_next(&walk, &frame, err)) > 0)
		depth++;
	mlw_give_int(context, depth);
	return got;
}

static int give_trace_totals(struct mlw_view_cursor *cursor, sqlite3_context *context,
                             int column, struct mlw_error *err)
{
	const struct mlw_heap *heap;
	struct mlw_trace_totals totals = { 0 };

	if (mlw_views_heap(cursor->views, &heap, err))
		return -1;
	if (cursor->group < mlw_heap_trace_count(heap))
		mlw_heap_trace(heap, (uint32_t)cursor->group + 1, &totals);
	column -= TRACE_TOTALS;
	if ((cursor->views->recording->run->saved && column != 2 && column != 3) ||
	    (cursor->views->recording->run->sample_bytes && column == 6))
		return 0;
	switch (column) {
	case 0:
		mlw_give_int(context, totals.allocations);
		break;
	case 1:
		mlw_give_int(context, totals.allocated_size);
		break;
	case 2:
		mlw_give_int(context, totals.live_size);
		break;
	case 3:
		mlw_give_int(context, totals.live_count);
		break;
	case 4:
		mlw_give_int(context, totals.peak_size);
		break;
	case 5:
		mlw_give_int(context, totals.peak_count);
		break;
	case 6:
		mlw_give_int(context, totals.temporary_count);
		break;
	}
	return 0;
}

static int trace_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                        int column, struct mlw_error *err)
{
	struct mlw_recording *recording = cursor->views->recording;
	const struct mlw_trace_row *trace = &recording->traces[cursor->group];
	const char *domain;

	switch (column) {
	case TRACE_ID:
		mlw_give_int(context, cursor->group + 1);
		return 0;
	case TRACE_PROCESS:
		mlw_give_int(context, recording->threads[trace->thread - 1].process);
		return 0;
	case TRACE_THREAD:
		mlw_give_int(context, trace->thread);
		return 0;
	case TRACE_DOMAIN:
		domain = mlw_recording_domain(recording, trace->domain, err);
		mlw_give_text(context, domain);
		return domain ? 0 : -1;
	case TRACE_SCOPE:
		return mlw_give_scope(context, recording, trace->scope, err);
	case TRACE_DEPTH:
		return give_depth(cursor, context, err);
	case TRACE_TRUNCATED:
		mlw_give_int(context, trace->flags & MLW_TRACE_TRUNCATED);
		return 0;
	default:
		return give_trace_totals(cursor, context, column, err);
	}
}

const struct mlw_view mlw_view_traces = {
	.name = "traces",
	.columns = "id INTEGER, process INTEGER, thread INTEGER, domain TEXT,"
	           "scope TEXT, depth INTEGER, truncated INTEGER, allocations INTEGER,"
	           "allocated_size INTEGER, live_size INTEGER, live_count INTEGER,"
	           "peak_size INTEGER, peak_count INTEGER, temporary_count INTEGER",
	.key = TRACE_ID,
	.count = count_traces,
	.column = trace_column,
};

/* What `sites` and `frames` have in common, in this order. */
#define FRAME_COLUMNS                                                          \
	"function TEXT, file TEXT, line INTEGER, module TEXT, offset INTEGER," \
	"inlined INTEGER"

enum {
	FRAME_FUNCTION,
	FRAME_FILE,
	FRAME_LINE,
	FRAME_MODULE,
	FRAME_OFFSET,
	FRAME_INLINED,
	FRAME_END,
};

/* Interned texts stay as long as the recording, and so longer than the statement. */
static void give_interned(sqlite3_context *context, const char *text)
{
	if (text)
		sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static void give_frame(sqlite3_context *context, const struct mlw_frame *frame,
                       int column)
{
	switch (column) {
	case FRAME_FUNCTION:
		give_interned(context, frame->function);
		break;
	case FRAME_FILE:
		give_interned(context, frame->file);
		break;
	case FRAME_LINE:
		mlw_give_known(context, frame->line);
		break;
	case FRAME_MODULE:
		give_interned(context, frame->module);
		break;
	case FRAME_OFFSET:
		mlw_give_known(context, frame->offset);
		break;
	case FRAME_INLINED:
		mlw_give_int(context, frame->inlined);
		break;
	}
}

/*
 * A site in one line, as text: "parse src/a.c:20", "parse (libx.so)", "libx.so+0x3f20".
 */
static void write_site(struct mlw_strbuf *text, const struct mlw_frame *frame)
{
	const char *module = frame->module ? mlw_basename(frame->module) : NULL;

	if (frame->function && !frame->file)
		mlw_strbuf_printf(text, "%s (%s)", frame->function,
		                  module ? module : "??");
	else if (frame->function)
		mlw_strbuf_printf(text, "%s ", frame->function);
	if (frame->file)
		mlw_strbuf_puts(text, frame->file);
	if (frame->file && frame->line)
		mlw_strbuf_printf(text, ":%" PRIu32, frame->line);
	if (!frame->function && !frame->file && (module || frame->offset))
		mlw_strbuf_printf(text, "%s%s0x%" PRIx64, module ? module : "",
		                  module ? "+" : "", frame->offset);
	else if (!text->length)
		mlw_strbuf_puts(text, "(no stack)");
}

enum {
	SITE_TRACE,
	SITE_SITE,
	SITE_FRAME,
};

static int site_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                       int column, struct mlw_error *err)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;
	const struct mlw_frame *site;

	if (column == SITE_TRACE) {
		mlw_give_int(context, cursor->group + 1);
		return 0;
	}
	if (mlw_views_site(cursor->views, (uint32_t)cursor->group + 1, &site, err))
		return -1;
	if (column >= SITE_FRAME) {
		give_frame(context, site, column - SITE_FRAME);
		return 0;
	}
	write_site(&text, site);
	mlw_give_text(context, text.text);
	if (mlw_strbuf_failed(&text))
		sqlite3_result_error_nomem(context);
	mlw_strbuf_release(&text);
	return 0;
}

const struct mlw_view mlw_view_sites = {
	.name = "sites",
	.columns = "trace INTEGER, site TEXT," FRAME_COLUMNS,
	.key = SITE_TRACE,
	.count = count_traces,
	.column = site_column,
};

enum {
	STACK_TRACE,
	STACK_LEVEL,
	STACK_FRAME,
	STACK_WRAPPER = STACK_FRAME + FRAME_END,
};

/* All frames of a trace, most recent first. */
static int load_stack(struct mlw_view_cursor *cursor, struct mlw_error *err)
{
	const struct mlw_frame **frames = NULL, *frame;
	size_t count = 0, capacity = 0;
	struct mlw_walk walk;
	int got;

	mlw_walk_init(&walk, cursor->views->recording, (uint32_t)cursor->group + 1);
	while ((got = mlw_walk_next(&walk, &frame, err)) > 0) {
		if (mlw_grow(&frames, &capacity, count + 1, sizeof(*frames), err)) {
			got = -1;
			break;
		}
		frames[count++] = frame;
	}
	cursor->rows = frames;
	cursor->row_count = count;
	return got;
}

static int stack_column(struct mlw_view_cursor *cursor, sqlite3_context *context,
                        int column, struct mlw_error *err)
{
	const struct mlw_frame *frame =
	        ((const struct mlw_frame **)cursor->rows)[cursor->row];

	(void)err;
	if (column == STACK_TRACE)
		mlw_give_int(context, cursor->group + 1);
	else if (column == STACK_LEVEL)
		mlw_give_int(context, cursor->row);
	else if (column == STACK_WRAPPER)
		mlw_give_int(context, frame->wrapper);
	else
		give_frame(context, frame, column - STACK_FRAME);
	return 0;
}

const struct mlw_view mlw_view_frames = {
	.name = "frames",
	.columns = "trace INTEGER, level INTEGER," FRAME_COLUMNS ", wrapper INTEGER",
	.key = STACK_TRACE,
	.count = count_traces,
	.load = load_stack,
	.column = stack_column,
};
