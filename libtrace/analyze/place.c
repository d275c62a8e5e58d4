/* SPDX-License-Identifier: MIT */
#include "analyze/place.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
	return 0;
}

int mlw_place_init(struct mlw_place *place, const char *text, const char *at,
                   struct mlw_error *err)
{
	*place = (struct mlw_place){ 0 };
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

struct countdown {
	uint64_t until_us;
	uint64_t number; /* changes up to then */
};

static int count_until(const struct mlw_change *change, uint64_t number, void *context,
                       struct mlw_error *err)
{
	struct countdown *countdown = context;

	(void)number;
	(void)err;
	if (change->time_us > countdown->until_us)
		return 1;
	countdown->number++;
	return 0;
}

static int find_time(struct mlw_recording *recording, const struct mlw_place *place,
                     uint64_t ns, struct mlw_moment *moment, struct mlw_error *err)
{
	struct countdown countdown = { .until_us = ns / 1000 };

	if (!recording->run->keeps_events)
		return mlw_fail(err,
		                "'@%s' cannot be answered, because only totals by site "
		                "were recorded (--record sites)",
		                place->when);
	if (ns > recording->run->duration_ns)
		return mlw_fail(err, "'@%s' is after the end of the recording",
		                place->when);
	if (mlw_reader_changes(recording->reader, 0, count_until, &countdown, err))
		return -1;
	*moment = (struct mlw_moment){ MLW_MOMENT_AFTER, countdown.number };
	return 0;
}

static uint64_t share_of(uint64_t duration, uint64_t millionths)
{
	return duration / MILLION * millionths +
	       duration % MILLION * millionths / MILLION;
}

static int refuse_snapshot(struct mlw_recording *recording, const struct mlw_place *place,
                           struct mlw_error *err)
{
	const struct mlw_snapshot_row *rows;
	size_t length = strcspn(place->when, "#");
	size_t count;

	if (mlw_reader_snapshots(recording->reader, &rows, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (strlen(rows[i].name) == length &&
		    !memcmp(rows[i].name, place->when, length))
			return mlw_fail(err,
			                "this version of mallow cannot read the snapshot "
			                "'%s'",
			                place->when);
	}
	return mlw_fail(err,
	                "has no snapshot named '%s' (a file with '@' in its name is "
	                "written FILE@end)",
	                place->when);
}

int mlw_place_find(const struct mlw_place *place, struct mlw_recording *recording,
                   struct mlw_moment *moment, struct mlw_error *err)
{
	uint64_t duration = recording->run->duration_ns;

	*moment = (struct mlw_moment){ MLW_MOMENT_END, UINT64_MAX };
	switch (place->kind) {
	case MLW_PLACE_END:
		return 0;
	case MLW_PLACE_PEAK:
		moment->kind = MLW_MOMENT_PEAK;
		return 0;
	case MLW_PLACE_TIME:
		return find_time(recording, place, place->ns, moment, err);
	case MLW_PLACE_SHARE:
		return find_time(recording, place, share_of(duration, place->millionths),
		                 moment, err);
	case MLW_PLACE_SNAPSHOT:
		return refuse_snapshot(recording, place, err);
	}
	return mlw_fail(err, "no such place");
}
