/* SPDX-License-Identifier: MIT */
#include "render/sums.h"

#include <inttypes.h>

#include "base/units.h"

struct mlw_view mlw_view_of(enum mallow_sort sort, const struct mallow_sums *sums)
{
	switch (sort) {
	case MALLOW_SORT_COUNT:
		return (struct mlw_view){ "size", "count", sums->size, sums->count,
			                  sums->count };
	case MALLOW_SORT_PEAK:
		return (struct mlw_view){ "peak", "count", sums->peak_size,
			                  sums->peak_count, sums->peak_size };
	case MALLOW_SORT_ALLOCATED:
		return (struct mlw_view){ "allocated", "allocations",
			                  sums->allocated_size, sums->allocations,
			                  sums->allocated_size };
	case MALLOW_SORT_ALLOCATIONS:
		return (struct mlw_view){ "allocated", "allocations",
			                  sums->allocated_size, sums->allocations,
			                  sums->allocations };
	case MALLOW_SORT_TEMPORARY:
		return (struct mlw_view){ "allocated", "allocations",
			                  sums->allocated_size, sums->allocations,
			                  sums->temporary_count };
	default:
		return (struct mlw_view){ "size", "count", sums->size, sums->count,
			                  sums->size };
	}
}

bool mlw_view_is_empty(enum mallow_sort sort, const struct mallow_sums *sums)
{
	struct mlw_view view = mlw_view_of(sort, sums);

	if (sort == MALLOW_SORT_TEMPORARY)
		return !view.share;
	return !view.size && !view.count;
}

double mlw_view_percent(enum mallow_sort sort, const struct mallow_sums *part,
                        const struct mallow_sums *whole)
{
	uint64_t all = mlw_view_of(sort, whole).share;

	return all ? 100.0 * (double)mlw_view_of(sort, part).share / (double)all : 0;
}

const char *mlw_error_text(const struct mlw_style *style, uint64_t error, char *text)
{
	char size[MLW_UNIT_TEXT];

	*text = '\0';
	if (error)
		snprintf(text, MLW_ERROR_TEXT, " %s %s", style->utf8 ? "\u00b1" : "+-",
		         mlw_size_text(error, size));
	return text;
}

void mlw_sample_write(FILE *out, const struct mallow_about *about)
{
	char size[MLW_UNIT_TEXT];

	if (about->sample_bytes)
		fprintf(out, "sampled, 1 in %s: figures are estimates\n",
		        mlw_size_text(about->sample_bytes, size));
}

uint64_t mlw_average(uint64_t size, uint64_t count)
{
	return count ? size / count : 0;
}

void mlw_sums_write(FILE *out, const struct mlw_style *style,
                    const struct mallow_about *about, const struct mallow_sums *sums)
{
	char size[MLW_UNIT_TEXT], error[MLW_ERROR_TEXT], each[MLW_UNIT_TEXT];
	enum mallow_sort sort = about->sort;
	struct mlw_view view = mlw_view_of(sort, sums);

	fprintf(out, "%s=%s%s, %s=%" PRIu64 ", average=%s", view.size_word,
	        mlw_size_text(view.size, size),
	        mlw_error_text(style, mallow_sums_error(sums, about), error),
	        view.count_word, view.count,
	        mlw_size_text(mlw_average(view.size, view.count), each));
	if (sort == MALLOW_SORT_TEMPORARY)
		fprintf(out, ", temporary=%" PRIu64, sums->temporary_count);
}
