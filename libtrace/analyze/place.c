/* SPDX-License-Identifier: MIT */
#include "analyze/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"

#define MILLION UINT64_C(1000000)

/* "25%", "12.5%": digits, perhaps a point and digits, a percent sign. */
static bool parse_share(const char *when, uint64_t *millionths)
{
	uint64_t step = MILLION / 100;
	uint64_t value = 0;

	if (!isdigit((unsigned char)*when))
		return false;
	for (; isdigit((unsigned char)*when) && value <= MILLION; when++)
		value = value * 10 + (uint64_t)(*when - '0') * step;
	if (*when == '.') {
		for (when++; isdigit((unsigned char)*when); when++) {
			step /= 10;
			value += (uint64_t)(*when - '0') * step;
		}
	}
	*millionths = value;
	return !strcmp(when, "%");
}

static int parse_when(struct mlw_place *place, struct mlw_error *err)
{
	struct mlw_error ignored;
	const char *when = place->when;

	if (!*when)
		return mlw_fail(err, "nothing stands after the '@'");
	if (!strcmp(when, "end")) {
		place->kind = MLW_PLACE_END;
	} else if (!strcmp(when, "peak")) {
		place->kind = MLW_PLACE_PEAK;
	} else if (parse_share(when, &place->millionths)) {
		place->kind = MLW_PLACE_SHARE;
		if (place->millionths > MILLION)
			return mlw_fail(err, "'@%s' is more than the whole run", when);
	} else if (isdigit((unsigned char)*when) &&
	           !mlw_parse_duration(when, &place->ns, &ignored)) {
		place->kind = MLW_PLACE_TIME;
	} else {
		place->kind = MLW_PLACE_SNAPSHOT;
	}
	return 0;
}

/* `text` was divided at an '@' that may be one of the name's. */
static bool is_name(const char *text, const char *file)
{
	return access(file, F_OK) && !access(text, F_OK);
}

static int split(struct mlw_place *place, const char *text, const char *at,
                 struct mlw_error *err)
{
	const char *divider = strrchr(text, '@');

	if (divider && at)
		return mlw_fail(err, "'%s' and --at %s are two places", text, at);
	if (divider == text || !*text)
		return mlw_fail(err, "'%s' names no file", text);
	place->file = divider ? strndup(text, (size_t)(divider - text)) : strdup(text);
	place->when = strdup(divider ? divider + 1 : at ? at : "end");
	if (!place->file || !place->when)
		return mlw_fail(err, "out of memory");
	if (divider && is_name(text, place->file))
		return mlw_fail(err, "a file with '@' in its name is written '%s@end'",
		                text);
	return 0;
}

int mlw_place_init(struct mlw_place *place, const char *text, const char *at,
                   struct mlw_error *err)
{
	*place = (struct mlw_place){ 0 };
	if (!text)
		return mlw_fail(err, "there is no place");
	if (split(place, text, at, err) || parse_when(place, err)) {
		mlw_place_release(place);
		return -1;
	}
	return 0;
}

void mlw_place_release(struct mlw_place *place)
{
	if (!place)
		return;
	free(place->file);
	free(place->when);
	*place = (struct mlw_place){ 0 };
}

void mlw_place_describe(const struct mlw_place *place,
                        const struct mlw_recording *recording, struct mallow_about *about)
{
	about->file = place->file;
	about->at = place->when;
	about->complete = mlw_recording_complete(recording);
	about->closed = recording->run->closed;
	about->live_only = recording->run->saved;
	about->sample_bytes = recording->run->sample_bytes;
}

/* Of the last microsecond whose events are kept some may have been cut off. */
static int check_cut(struct mlw_recording *recording, const struct mlw_place *place,
                     uint64_t ns, struct mlw_error *err)
{
	char text[MLW_UNIT_TEXT];
	uint64_t end_us;

	if (!recording->run->cut_changes)
		return 0;
	if (mlw_reader_changes_end(recording->reader, &end_us, err))
		return -1;
	if (ns / 1000 < end_us)
		return 0;
	return mlw_fail(err,
	                "'@%s' cannot be answered, because events were kept for the "
	                "first %s only (--max-size)",
	                place->when, mlw_duration_text(end_us * 1000, text));
}

static int find_time(struct mlw_recording *recording, const struct mlw_place *place,
                     uint64_t ns, struct mlw_moment *moment, struct mlw_error *err)
{
	uint64_t number;

	if (!recording->run->keeps_events)
		return mlw_fail(err, "'@%s' cannot be answered, because %s", place->when,
		                mlw_recording_lacks_events(recording));
	if (ns > recording->run->duration_ns)
		return mlw_fail(err, "'@%s' is after the end of the recording",
		                place->when);
	if (check_cut(recording, place, ns, err) ||
	    mlw_reader_number_at(recording->reader, ns / 1000, &number, err))
		return -1;
	*moment = (struct mlw_moment){ MLW_MOMENT_AFTER, number, ns };
	return 0;
}

static uint64_t share_of(uint64_t duration, uint64_t millionths)
{
	return duration / MILLION * millionths +
	       duration % MILLION * millionths / MILLION;
}

/* Index of the snapshot number `nth` of the name, from 1; -1: there is none. The number
 * of those that there are is left in `found`. */
static ptrdiff_t find_name(const struct mlw_snapshot_row *rows, size_t count,
                           const char *name, size_t length, uint64_t nth, uint64_t *found)
{
	*found = 0;
	for (size_t i = 0; i < count; i++) {
		if (strncmp(rows[i].name, name, length) != 0 || rows[i].name[length])
			continue;
		if (++*found == nth)
			return (ptrdiff_t)i;
	}
	return -1;
}

/* "NAME#2": the name's length and the number; false if `when` does not end so. */
static bool parse_numbered(const char *when, size_t *length, uint64_t *nth)
{
	const char *mark = strrchr(when, '#');
	char *end;

	if (!mark || mark == when || !isdigit((unsigned char)mark[1]) ||
	    strlen(mark) > 10)
		return false;
	*length = (size_t)(mark - when);
	*nth = strtoull(mark + 1, &end, 10);
	return !*end && *nth;
}

static int no_snapshot(const char *when, struct mlw_error *err)
{
	return mlw_fail(err,
	                "has no snapshot named '%s' (a file with '@' in its name is "
	                "written FILE@end)",
	                when);
}

/* A name may itself end in "#2": as it stands it goes first. */
static int find_snapshot(struct mlw_recording *recording, const char *when,
                         struct mlw_moment *moment, struct mlw_error *err)
{
	const struct mlw_snapshot_row *rows;
	size_t count, length = strlen(when);
	uint64_t nth = 1, found;
	ptrdiff_t index;

	if (mlw_reader_snapshots(recording->reader, &rows, &count, err))
		return -1;
	index = find_name(rows, count, when, length, nth, &found);
	if (index < 0 && parse_numbered(when, &length, &nth)) {
		index = find_name(rows, count, when, length, nth, &found);
		if (index < 0 && found)
			return mlw_fail(err,
			                "has %llu snapshot%s named '%.*s', no number "
			                "%llu",
			                (unsigned long long)found, found > 1 ? "s" : "",
			                (int)length, when, (unsigned long long)nth);
	}
	if (index < 0)
		return no_snapshot(when, err);
	moment->kind = MLW_MOMENT_AFTER;
	moment->at_ns = rows[index].at_us * 1000;
	return mlw_reader_snapshot_number(recording->reader, (size_t)index,
	                                  &moment->number, err);
}

int mlw_place_find(const struct mlw_place *place, struct mlw_recording *recording,
                   struct mlw_moment *moment, struct mlw_error *err)
{
	uint64_t duration = recording->run->duration_ns;

	*moment = (struct mlw_moment){ MLW_MOMENT_END, UINT64_MAX, duration };
	if (recording->run->saved && place->kind != MLW_PLACE_END)
		return mlw_fail(err, "'@%s' cannot be answered, because %s", place->when,
		                mlw_recording_lacks_events(recording));
	switch (place->kind) {
	case MLW_PLACE_END:
		return 0;
	case MLW_PLACE_PEAK:
		*moment = (struct mlw_moment){ MLW_MOMENT_PEAK, UINT64_MAX, 0 };
		return 0;
	case MLW_PLACE_TIME:
		return find_time(recording, place, place->ns, moment, err);
	case MLW_PLACE_SHARE:
		return find_time(recording, place, share_of(duration, place->millionths),
		                 moment, err);
	case MLW_PLACE_SNAPSHOT:
		return find_snapshot(recording, place->when, moment, err);
	}
	return mlw_fail(err, "no such place");
}

struct climb {
	struct mlw_heap *heap;
	uint64_t peak_size;
	uint64_t number; /* changes so far */
};

static int climb(const struct mlw_change *change, uint64_t number, void *context,
                 struct mlw_error *err)
{
	struct climb *climb = context;

	if (!mlw_heap_accepts(climb->heap, change))
		return mlw_fail(err, "damaged: event %llu contradicts those before it",
		                (unsigned long long)number);
	mlw_heap_apply(climb->heap, change);
	climb->number = number + 1;
	return mlw_heap_totals(climb->heap)->peak_size == climb->peak_size;
}

/* The peak was reached in the microsecond `at_us`; replay goes through that. */
static int climb_to(struct mlw_recording *recording, uint64_t at_us, uint64_t peak_size,
                    struct mlw_moment *moment, struct mlw_error *err)
{
	struct climb state = { .peak_size = peak_size };
	int result = -1;

	if (at_us &&
	    mlw_reader_number_at(recording->reader, at_us - 1, &state.number, err))
		return -1;
	if (mlw_reader_heap(recording->reader, state.number, &state.heap, err))
		return -1;
	if (!peak_size ||
	    !mlw_reader_changes(recording->reader, state.number, climb, &state, err)) {
		*moment = (struct mlw_moment){ MLW_MOMENT_AFTER, state.number,
			                       at_us * 1000 };
		result = 0;
	}
	mlw_heap_free(state.heap);
	return result;
}

int mlw_place_find_peak(struct mlw_recording *recording, struct mlw_moment *moment,
                        struct mlw_error *err)
{
	struct mlw_heap *end = NULL;
	struct mlw_totals totals;

	if (!recording->run->keeps_events)
		return mlw_fail(
		        err, "what was allocated up to the peak is not known, because %s",
		        mlw_recording_lacks_events(recording));
	if (mlw_reader_heap(recording->reader, UINT64_MAX, &end, err))
		return -1;
	totals = *mlw_heap_totals(end);
	mlw_heap_free(end);
	return climb_to(recording, totals.peak_at_us, totals.peak_size, moment, err);
}
