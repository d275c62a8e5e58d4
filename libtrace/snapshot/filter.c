/* SPDX-License-Identifier: MIT */
#include <fnmatch.h>
#include <string.h>

#include "snapshot/state.h"

/* Python's patterns have no escapes. */
static bool matches_text(const char *pattern, const char *text)
{
	return !pattern || !fnmatch(pattern, text ? text : "<unknown>", FNM_NOESCAPE);
}

static bool matches_frame(const struct mallow_filter *filter,
                          const struct mlw_frame *frame)
{
	static const struct mlw_frame unknown;

	if (!frame)
		frame = &unknown;
	if (filter->line != MALLOW_ANY && filter->line != (int64_t)frame->line)
		return false;
	return matches_text(filter->file, frame->file) &&
	       matches_text(filter->function, frame->function) &&
	       matches_text(filter->module, frame->module);
}

static bool asks_frames(const struct mallow_filter *filter)
{
	return filter->file || filter->function || filter->module ||
	       filter->line != MALLOW_ANY;
}

/* A trace without a stack is one frame of which nothing is known. */
static bool matches_traceback(const struct mallow_filter *filter,
                              const struct mallow_traceback *traceback)
{
	size_t count = filter->all_frames ? traceback->count : 1;

	if (!asks_frames(filter))
		return true;
	if (!traceback->count)
		return matches_frame(filter, NULL);
	for (size_t i = 0; i < count; i++) {
		if (matches_frame(filter, traceback->frames[i]))
			return true;
	}
	return false;
}

static bool matches(const struct mallow_filter *filter, const struct mallow_trace *trace)
{
	if (filter->domain != MALLOW_ANY && filter->domain != (int64_t)trace->domain)
		return false;
	if (filter->runtime != MALLOW_ANY &&
	    filter->runtime != mallow_traceback_is_runtime(trace->traceback))
		return false;
	return matches_traceback(filter, trace->traceback);
}

static bool passes(const struct mallow_filter *filters, size_t count,
                   const struct mallow_trace *trace)
{
	bool asked = false, included = false;

	for (size_t i = 0; i < count; i++) {
		bool matched = matches(&filters[i], trace);

		if (!filters[i].inclusive && matched)
			return false;
		asked |= filters[i].inclusive;
		included |= filters[i].inclusive && matched;
	}
	return included || !asked;
}

static int add_passing(struct mallow_snapshot *made,
                       const struct mallow_snapshot *snapshot,
                       const struct mallow_filter *filters, size_t count,
                       struct mlw_error *err)
{
	made->at_ns = snapshot->at_ns;
	made->measure = snapshot->measure;
	for (size_t i = 0; i < snapshot->count; i++) {
		if (passes(filters, count, &snapshot->traces[i]) &&
		    mlw_snapshot_put(made, &snapshot->traces[i], err))
			return -1;
	}
	return mlw_metadata_copy(&made->metadata, &snapshot->metadata, err);
}

int mallow_snapshot_filter(const struct mallow_snapshot *snapshot,
                           const struct mallow_filter *filters, size_t count,
                           struct mallow_snapshot **filtered, struct mallow_error *err)
{
	struct mlw_error inner = { "the filters are NULL" };
	struct mallow_snapshot *made = NULL;

	*filtered = NULL;
	if (filters || !count)
		made = mlw_snapshot_of(snapshot->origin, &inner);
	if (!made || add_passing(made, snapshot, filters, count, &inner)) {
		mallow_snapshot_free(made);
		return mlw_snapshot_fail(err, &inner);
	}
	*filtered = made;
	return 0;
}
