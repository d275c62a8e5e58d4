/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "render/chart.h"
#include "render/render.h"
#include "render/timeline_picture.h"

#define LEAST_COLUMN 20u
#define LIVE_HEIGHT  6u
#define OTHER_HEIGHT 3u
#define MOST_MARKS   9u /* snapshots with a digit of their own */

size_t mlw_picture_column(const struct mlw_picture *picture, uint64_t at_ns)
{
	double share =
	        (double)at_ns / (double)mallow_timeline_duration_ns(picture->timeline);
	size_t column = (size_t)(share * (double)picture->width);

	return column < picture->width ? column : picture->width - 1;
}

static void raise_to(double *value, double least)
{
	if (*value < least)
		*value = least;
}

static uint64_t live_at(const struct mlw_picture *picture,
                        const struct mallow_series *row, size_t point)
{
	return row ? row->levels[point].size
	           : mallow_timeline_point(picture->timeline, point)->size;
}

void mlw_picture_fill_live(struct mlw_picture *picture, const struct mallow_series *row,
                           double *columns)
{
	const struct mallow_timeline *timeline = picture->timeline;
	uint64_t highest = row ? row->highest.size : mallow_timeline_peak(timeline)->size;
	uint64_t at_ns = row ? row->highest.at_ns : mallow_timeline_peak(timeline)->at_ns;
	size_t next = 0;
	double last = -1;

	for (size_t column = 0; column < picture->width; column++) {
		columns[column] = last;
		for (; next < mallow_timeline_count(timeline) &&
		       mlw_picture_column(picture,
		                          mallow_timeline_point(timeline, next)->at_ns) <=
		               column;
		     next++) {
			last = (double)live_at(picture, row, next);
			raise_to(&columns[column], last);
		}
	}
	if (highest)
		raise_to(&columns[mlw_picture_column(picture, at_ns)], (double)highest);
}

static void fill_rss(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;
	size_t next = 0;
	double last = -1;

	for (size_t column = 0; column < picture->width; column++) {
		picture->rss[column] = last;
		for (; next < mallow_timeline_count(timeline) &&
		       mlw_picture_column(picture,
		                          mallow_timeline_point(timeline, next)->at_ns) <=
		               column;
		     next++) {
			if (mallow_timeline_point(timeline, next)->rss)
				last = (double)mallow_timeline_point(timeline, next)->rss;
			raise_to(&picture->rss[column], last);
		}
	}
}

/* Allocations up to a time: between two points they are spread evenly. */
static double allocations_at(const struct mallow_timeline *timeline, size_t *next,
                             double at_ns)
{
	static const struct mallow_point nothing;
	const struct mallow_point *before = &nothing, *after;

	while ((after = mallow_timeline_point(timeline, *next)) &&
	       (double)after->at_ns <= at_ns)
		++*next;
	if (*next)
		before = mallow_timeline_point(timeline, *next - 1);
	if (!after)
		return (double)before->allocations;
	return (double)before->allocations +
	       ((double)after->allocations - (double)before->allocations) *
	               (at_ns - (double)before->at_ns) /
	               ((double)after->at_ns - (double)before->at_ns);
}

static void fill_rate(struct mlw_picture *picture)
{
	double step = (double)mallow_timeline_duration_ns(picture->timeline) /
	              (double)picture->width;
	size_t next = 0;

	picture->boundaries[0] = 0;
	for (size_t i = 1; i <= picture->width; i++)
		picture->boundaries[i] =
		        allocations_at(picture->timeline, &next, step * (double)i);
	for (size_t i = 0; i < picture->width; i++)
		picture->rate[i] = (picture->boundaries[i + 1] - picture->boundaries[i]) *
		                   1e9 / step;
}

static double highest(const double *values, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		raise_to(&most, values[i]);
	return most;
}

/* "12.3k/s" */
static const char *rate_text(uint64_t rate, char *text)
{
	static const char *const units[] = { "", "k", "M", "G" };
	double value = (double)rate;
	size_t unit = 0;

	for (; value >= 10000 && unit < 3; unit++)
		value /= 1000;
	snprintf(text, MLW_UNIT_TEXT, "%.*f%s/s", unit && value < 100 ? 1 : 0, value,
	         units[unit]);
	return text;
}

static void write_title(const struct mlw_picture *picture, const char *text)
{
	fprintf(picture->out, "%*s%s%s%s\n", (int)MLW_PICTURE_LABEL, "",
	        mlw_style_bold(picture->style), text, mlw_style_plain(picture->style));
}

static void write_label(const struct mlw_picture *picture, const char *text, bool on_line)
{
	const char *line = !picture->style->utf8 ? (on_line ? "+" : "|")
	                   : on_line             ? "\xe2\x94\xa4"
	                                         : "\xe2\x94\x82";

	fprintf(picture->out, "%s%*s%s%s", mlw_style_dim(picture->style),
	        (int)MLW_PICTURE_LABEL - 1, text, line, mlw_style_plain(picture->style));
}

void mlw_picture_chart(const struct mlw_picture *picture, const double *values,
                       unsigned height, const char *(*unit)(uint64_t, char *))
{
	const struct mlw_chart chart = { .values = values,
		                         .width = picture->width,
		                         .height = height,
		                         .max = highest(values, picture->width),
		                         .utf8 = picture->style->utf8 };
	char label[MLW_UNIT_TEXT + 4], text[MLW_UNIT_TEXT];

	for (unsigned row = 0; row < height; row++) {
		unit((uint64_t)chart.max, text);
		snprintf(label, sizeof(label), "%s%s", text,
		         strlen(text) < MLW_PICTURE_LABEL - 1 ? " "
		                                              : ""); /* "10060 KiB" */
		write_label(picture, row ? "" : label, !row);
		mlw_chart_row(&chart, row, picture->out);
		fputc('\n', picture->out);
	}
}

static void write_axis(const struct mlw_picture *picture)
{
	bool utf8 = picture->style->utf8;

	fprintf(picture->out, "%s%*s%s", mlw_style_dim(picture->style),
	        (int)MLW_PICTURE_LABEL - 1, "0 ", utf8 ? "\xe2\x94\x94" : "+");
	for (size_t i = 0; i < picture->width; i++)
		fputs(utf8 ? "\xe2\x94\x80" : "-", picture->out);
	fprintf(picture->out, "%s\n", mlw_style_plain(picture->style));
}

/* Text in the line of marks, centred at `column` as far as there is room. */
static void put_text(struct mlw_picture *picture, size_t column, const char *text)
{
	size_t length = strlen(text);
	size_t at = column > length / 2 ? column - length / 2 : 0;

	if (length > picture->width)
		return;
	if (at + length > picture->width)
		at = picture->width - length;
	memcpy(picture->marks + at, text, length);
}

static void clear_marks(struct mlw_picture *picture)
{
	memset(picture->marks, ' ', picture->width);
}

static void write_marks(const struct mlw_picture *picture)
{
	size_t end = picture->width;

	while (end && picture->marks[end - 1] == ' ')
		end--;
	fprintf(picture->out, "%*s%.*s\n", (int)MLW_PICTURE_LABEL, "", (int)end,
	        picture->marks);
}

static void write_times(struct mlw_picture *picture)
{
	uint64_t duration_ns = mallow_timeline_duration_ns(picture->timeline);
	char text[MLW_UNIT_TEXT];

	clear_marks(picture);
	put_text(picture, 0, "0 s");
	put_text(picture, picture->width / 2, mlw_duration_text(duration_ns / 2, text));
	put_text(picture, picture->width, mlw_duration_text(duration_ns, text));
	fputs(mlw_style_dim(picture->style), picture->out);
	write_marks(picture);
	fputs(mlw_style_plain(picture->style), picture->out);
}

/* An arrow below the column, and beside it what stands there. */
static void write_peak(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;
	char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT], text[3 * MLW_UNIT_TEXT];
	size_t column, length;
	const char *arrow = picture->style->utf8 ? "\xe2\x96\xb2" : "^";

	if (!mallow_timeline_peak(timeline)->size)
		return;
	column = mlw_picture_column(picture, mallow_timeline_peak(timeline)->at_ns);
	snprintf(text, sizeof(text), "peak %s at %s",
	         mlw_size_text(mallow_timeline_peak(timeline)->size, size),
	         mlw_duration_text(mallow_timeline_peak(timeline)->at_ns, time));
	length = strlen(text);
	fputs(mlw_style_warning(picture->style), picture->out);
	if (column + 2 + length <= picture->width)
		fprintf(picture->out, "%*s%s %s", (int)(MLW_PICTURE_LABEL + column), "",
		        arrow, text);
	else if (column > length)
		fprintf(picture->out, "%*s %s", (int)(MLW_PICTURE_LABEL + column - 1),
		        text, arrow);
	else
		fprintf(picture->out, "%*s%s", (int)(MLW_PICTURE_LABEL + column), "",
		        arrow);
	fprintf(picture->out, "%s\n", mlw_style_plain(picture->style));
}

static size_t marked(const struct mallow_timeline *timeline)
{
	return mallow_timeline_taken_count(timeline) < MOST_MARKS
	               ? mallow_timeline_taken_count(timeline)
	               : MOST_MARKS;
}

static void mark_snapshots(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;

	clear_marks(picture);
	for (size_t i = mallow_timeline_taken_count(timeline); i-- > 0;) {
		size_t column = mlw_picture_column(
		        picture, mallow_timeline_taken(timeline, i)->at_ns);

		picture->marks[column] = i < MOST_MARKS ? (char)('1' + i) : '|';
	}
	write_marks(picture);
}

static void write_snapshots(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;
	FILE *out = picture->out;

	if (!mallow_timeline_taken_count(timeline))
		return;
	mark_snapshots(picture);
	fprintf(out, "\n%ssnapshots%s\n", mlw_style_bold(picture->style),
	        mlw_style_plain(picture->style));
	for (size_t i = 0; i < marked(timeline); i++) {
		const struct mallow_taken *snapshot = mallow_timeline_taken(timeline, i);
		char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

		fprintf(out, "  %zu  %8s  %10s in %" PRIu64 " blocks  ", i + 1,
		        mlw_duration_text(snapshot->at_ns, time),
		        mlw_size_text(snapshot->size, size), snapshot->count);
		mlw_style_name(out, snapshot->name, 0);
		if (snapshot->nth > 1)
			fprintf(out, "#%" PRIu64, snapshot->nth);
		fputc('\n', out);
	}
	if (mallow_timeline_taken_count(timeline) > MOST_MARKS)
		fprintf(out, "  %zu more (mallow snapshot lists them)\n",
		        mallow_timeline_taken_count(timeline) - MOST_MARKS);
}

static void write_header(FILE *out, const struct mlw_style *style,
                         const struct mallow_timeline *timeline)
{
	char time[MLW_UNIT_TEXT], size[MLW_UNIT_TEXT];

	fputs(mlw_style_bold(style), out);
	mlw_style_name(out, mallow_timeline_about(timeline)->file, 0);
	fprintf(out,
	        "%s: %s, %s%" PRIu64 " allocation%s, peak %s in %" PRIu64 " block%s\n",
	        mlw_style_plain(style),
	        mlw_duration_text(mallow_timeline_duration_ns(timeline), time),
	        mallow_timeline_selected(timeline) ? "selected: " : "",
	        mallow_timeline_allocations(timeline),
	        mallow_timeline_allocations(timeline) == 1 ? "" : "s",
	        mlw_size_text(mallow_timeline_peak(timeline)->size, size),
	        mallow_timeline_peak(timeline)->count,
	        mallow_timeline_peak(timeline)->count == 1 ? "" : "s");
}

static void draw(struct mlw_picture *picture)
{
	const struct mallow_timeline *timeline = picture->timeline;

	mlw_picture_fill_live(picture, NULL, picture->live);
	fputc('\n', picture->out);
	write_title(picture, "live");
	mlw_picture_chart(picture, picture->live, LIVE_HEIGHT, mlw_size_text);
	if (mallow_timeline_ranking(timeline))
		mlw_picture_groups(picture);
	if (mallow_timeline_peak_rss(timeline)) {
		fill_rss(picture);
		write_title(picture,
		            mallow_timeline_selected(timeline) ? "RSS of all" : "RSS");
		mlw_picture_chart(picture, picture->rss, OTHER_HEIGHT, mlw_size_text);
	}
	if (mallow_timeline_allocations(timeline)) {
		fill_rate(picture);
		write_title(picture, "allocations");
		mlw_picture_chart(picture, picture->rate, OTHER_HEIGHT, rate_text);
	}
	write_axis(picture);
	write_times(picture);
	write_peak(picture);
	write_snapshots(picture);
}

static int allocate(struct mlw_picture *picture, struct mlw_error *err)
{
	picture->live = calloc(5 * picture->width + 1, sizeof(*picture->live));
	picture->marks = malloc(picture->width);
	if (!picture->live || !picture->marks)
		return mlw_fail(err, "out of memory");
	picture->rss = picture->live + picture->width;
	picture->rate = picture->rss + picture->width;
	picture->group = picture->rate + picture->width;
	picture->boundaries = picture->group + picture->width;
	return 0;
}

int mlw_render_timeline_text(const struct mallow_timeline *timeline,
                             const struct mlw_style *style, FILE *out,
                             struct mlw_error *err)
{
	struct mlw_picture picture = { .timeline = timeline, .style = style, .out = out };
	int result = 0;

	write_header(out, style, timeline);
	if (!mallow_timeline_count(timeline) || !mallow_timeline_duration_ns(timeline))
		return 0;
	picture.width = style->chart_width > MLW_PICTURE_LABEL + LEAST_COLUMN
	                        ? style->chart_width - MLW_PICTURE_LABEL
	                        : LEAST_COLUMN;
	result = allocate(&picture, err);
	if (!result)
		draw(&picture);
	free(picture.live);
	free(picture.marks);
	return result;
}
