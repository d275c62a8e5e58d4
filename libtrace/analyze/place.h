/* SPDX-License-Identifier: MIT */
#ifndef MLW_PLACE_H
#define MLW_PLACE_H

/*
 * A place in a run, written FILE@WHEN, and the moment in the recording that it means.
 *
 *	mlw_place_init(&place, "run.mallow@peak", NULL, err);
 *	mlw_recording_open(&recording, place.file, ...);
 *	mlw_place_find(&place, recording, &moment, err);
 *	mlw_place_release(&place);
 */

#include "analyze/recording.h"

enum mlw_place_kind {
	MLW_PLACE_END,
	MLW_PLACE_PEAK,
	MLW_PLACE_TIME, /* @1.5s */
	MLW_PLACE_SHARE, /* @25% */
	MLW_PLACE_SNAPSHOT, /* @NAME, the first of that name; @NAME#2, the second */
};

struct mlw_place {
	enum mlw_place_kind kind;
	char *file;
	char *when; /* as the user wrote it; "end" when nothing was */
	uint64_t ns; /* MLW_PLACE_TIME */
	uint64_t millionths; /* MLW_PLACE_SHARE: of the recorded time */
};

enum mlw_moment_kind {
	MLW_MOMENT_END,
	MLW_MOMENT_PEAK,
	MLW_MOMENT_AFTER, /* the first `number` changes */
};

struct mlw_moment {
	enum mlw_moment_kind kind;
	uint64_t number;
	uint64_t at_ns; /* since the start; 0 of the peak, which only the totals know */
};

/*
 * `text` is FILE or FILE@WHEN (the last '@' divides); `at` is what --at said or NULL.
 * Both at once is a failure. Anything that is no time, share or reserved word is the name
 * of a snapshot.
 */
int mlw_place_init(struct mlw_place *place, const char *text, const char *at,
                   struct mlw_error *err);
void mlw_place_release(struct mlw_place *place); /* NULL is fine */

/* Says of an answer where it is from, and what its reader should know of that. */
void mlw_place_describe(const struct mlw_place *place,
                        const struct mlw_recording *recording,
                        struct mallow_about *about);

/* Fails if the recording cannot answer for that place. */
int mlw_place_find(const struct mlw_place *place, struct mlw_recording *recording,
                   struct mlw_moment *moment, struct mlw_error *err);

/* The peak as a number of changes: by replay. Fails where no events were kept. */
int mlw_place_find_peak(struct mlw_recording *recording, struct mlw_moment *moment,
                        struct mlw_error *err);

#endif /* MLW_PLACE_H */
