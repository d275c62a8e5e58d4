/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "render/row.h"
#include "render/sums.h"
#include "render/timeline_picture.h"

#define LEAST_NAME  36u
#define DESCRIPTION (4 * MLW_UNIT_TEXT + 64u)

/* What groups are in the order of, where that is no number of live bytes. */
static int describe_order(const struct mallow_ranking *ranking, size_t row, char *text)
{
	enum mallow_sort sort = mallow_ranking_about(ranking)->sort;
	uint64_t value = mallow_sums_value(&mallow_ranking_row(ranking, row)->sums, sort);
	char size[MLW_UNIT_TEXT];

	*text = '\0';
	if (sort == MALLOW_SORT_SIZE || sort == MALLOW_SORT_PEAK)
		return 0;
	if (sort == MALLOW_SORT_ALLOCATED)
		return snprintf(text, DESCRIPTION, "allocated=%s, ",
		                mlw_size_text(value, size));
	return snprintf(text, DESCRIPTION, "%s=%" PRIu64 ", ", mallow_sort_name(sort),
	                value);
}

/* When a group was highest, and what it has at the end. Returns the length. */
static unsigned describe(const struct mallow_timeline *timeline, size_t row, char *text)
{
	const struct mallow_series *series = mallow_timeline_series(timeline, row);
	int length = describe_order(mallow_timeline_ranking(timeline), row, text);
	char time[MLW_UNIT_TEXT], size[MLW_UNIT_TEXT];

	length += snprintf(
	        text + length, DESCRIPTION - (size_t)length, "max at %s, end %s",
	        mlw_duration_text(series->highest.at_ns, time),
	        mlw_size_text(series->levels[mallow_timeline_count(timeline) - 1].size,
	                      size));
	return (unsigned)length;
}

/* The name of the group, and behind it the description where there is room for both; below
 * a stack, of which as much is to be seen as there is room for. */
static void write_title(const struct mlw_picture *picture, size_t row)
{
	const struct mallow_ranking *ranking = mallow_timeline_ranking(picture->timeline);
	enum mallow_key by = mallow_ranking_about(ranking)->by;
	const struct mlw_style *style = picture->style;
	unsigned width = (unsigned)picture->width;
	char text[DESCRIPTION];
	unsigned used = describe(picture->timeline, row, text) + 2;
	bool below = by == MALLOW_BY_TRACEBACK;
	bool beside = !below && width >= LEAST_NAME + used;

	fprintf(picture->out, "%*s", (int)MLW_PICTURE_LABEL, "");
	mlw_row_label(picture->out, style, by, mallow_ranking_row(ranking, row),
	              beside ? width - used : width);
	if (below)
		fprintf(picture->out, "\n%*s", (int)MLW_PICTURE_LABEL, "");
	if (below || beside)
		fprintf(picture->out, "%s%s%s%s", beside ? "  " : "",
		        mlw_style_dim(style), text, mlw_style_plain(style));
	fputc('\n', picture->out);
}

void mlw_picture_groups(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;
	const struct mallow_ranking *ranking = mallow_timeline_ranking(timeline);

	for (size_t i = 0; i < mallow_ranking_count(ranking); i++) {
		write_title(picture, i);
		mlw_picture_fill_live(picture, mallow_timeline_series(timeline, i),
		                      picture->group);
		mlw_picture_chart(picture, picture->group, 1, mlw_size_text);
	}
	if (mallow_ranking_group_count(ranking) > mallow_ranking_count(ranking))
		fprintf(picture->out, "%*s%zu more\n", (int)MLW_PICTURE_LABEL, "",
		        mallow_ranking_group_count(ranking) -
		                mallow_ranking_count(ranking));
}
