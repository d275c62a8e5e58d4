/* SPDX-License-Identifier: MIT */
#ifndef MLW_TIMELINE_PICTURE_H
#define MLW_TIMELINE_PICTURE_H

/* A timeline that is being drawn: what its parts share. */

#include <mallow/snapshot.h>

#include "render/style.h"

#define MLW_PICTURE_LABEL 10u /* of the numbers at the left, and the line behind them */

struct mlw_picture {
	const struct mallow_timeline *timeline;
	const struct mlw_style *style;
	FILE *out;
	size_t width; /* columns of the charts */
	double *live, *rss, *rate, *group; /* one a column */
	double *boundaries; /* allocations up to the start of each column, and the end */
	char *marks; /* a line */
};

/* The column of a moment. */
size_t mlw_picture_column(const struct mlw_picture *picture, uint64_t at_ns);

/*
 * Live bytes of a row, or of everything (NULL): each column has the highest value in it.
 * What was found last goes on until something else is found.
 */
void mlw_picture_fill_live(struct mlw_picture *picture, const struct mallow_series *row,
                           double *columns);

/* Values as an area, with the highest one at the left as `unit` writes it. */
void mlw_picture_chart(const struct mlw_picture *picture, const double *values,
                       unsigned height, const char *(*unit)(uint64_t, char *));

/* The groups, each with a line of its own. */
void mlw_picture_groups(struct mlw_picture *picture);

#endif /* MLW_TIMELINE_PICTURE_H */
