/* SPDX-License-Identifier: MIT */
#include "snapshot/query.h"

#include <stdio.h>
#include <string.h>

#include "analyze/names.h"
#include "analyze/recording.h"
#include "snapshot/state.h"

static int check(const struct mallow_query *asked, struct mlw_error *err)
{
	if (!asked->place)
		return mlw_fail(err, "there is no place");
	if (!mlw_key_name(asked->by))
		return mlw_fail(err, "there is no key %d to group by", (int)asked->by);
	if (!mlw_sort_name(asked->sort))
		return mlw_fail(err, "there is no key %d to sort by", (int)asked->sort);
	return mlw_names_check_maps(&asked->names, err);
}

int mlw_query_of(struct mlw_query *query, const struct mallow_query *asked,
                 struct mlw_error *err)
{
	const struct mallow_selection *selection = &asked->selection;

	*query = (struct mlw_query){
		.place = asked->place,
		.at = asked->at,
		.by = asked->by,
		.sort = asked->sort,
		.cumulative = asked->cumulative,
		.leaks = asked->leaks,
		.invert = asked->invert,
		.groups = asked->groups,
		.min_size = asked->min_size,
		.limit = asked->limit,
		.filter = { .includes = selection->includes,
		            .include_count = selection->include_count,
		            .excludes = selection->excludes,
		            .exclude_count = selection->exclude_count,
		            .all_frames = selection->all_frames,
		            .domain = selection->domain,
		            .threads = selection->threads,
		            .thread_count = selection->thread_count,
		            .processes = selection->processes,
		            .process_count = selection->process_count },
		.recording = asked->names,
	};
	return check(asked, err);
}

/* Sentences from below may name the file alone, without its @WHEN. */
static bool names_place(const char *text, const char *place)
{
	const char *divider = strrchr(place, '@');
	size_t length = strlen(place);

	if (!strncmp(text, place, length) && !strncmp(text + length, ": ", 2))
		return true;
	length = divider ? (size_t)(divider - place) : 0;
	return length && !strncmp(text, place, length) &&
	       !strncmp(text + length, ": ", 2);
}

int mlw_query_fail(struct mallow_error *err, const char *place,
                   const struct mlw_error *inner)
{
	struct mlw_error whole;

	if (!place || names_place(inner->text, place) ||
	    strlen(place) + strlen(inner->text) + 3 > sizeof(whole.text))
		return mlw_snapshot_fail(err, inner);
	mlw_fail(&whole, "%s: %s", place, inner->text);
	return mlw_snapshot_fail(err, &whole);
}

const char *mallow_key_name(enum mallow_key key)
{
	return mlw_key_name(key);
}

const char *mallow_sort_name(enum mallow_sort sort)
{
	return mlw_sort_name(sort);
}

int mallow_key_parse(const char *name)
{
	return name ? mlw_key_parse(name) : -1;
}

int mallow_sort_parse(const char *name)
{
	return name ? mlw_sort_parse(name) : -1;
}

bool mallow_is_being_recorded(const char *file)
{
	return file && mlw_recording_is_running(file);
}
