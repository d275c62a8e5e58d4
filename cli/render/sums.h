/* SPDX-License-Identifier: MIT */
#ifndef MLW_RENDER_SUMS_H
#define MLW_RENDER_SUMS_H

/* Sums in text: what they are sorted by decides what is shown of them. */

#include <mallow/snapshot.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/units.h"
#include "render/style.h"

struct mlw_view {
	const char *size_word;
	const char *count_word;
	uint64_t size, count;
	uint64_t share; /* what a percentage is of */
};

struct mlw_view mlw_view_of(enum mallow_sort sort, const struct mallow_sums *sums);

/* Nothing of what is shown. */
bool mlw_view_is_empty(enum mallow_sort sort, const struct mallow_sums *sums);

/* How much of `whole` is in `part`, by what is sorted by. */
double mlw_view_percent(enum mallow_sort sort, const struct mallow_sums *part,
                        const struct mallow_sums *whole);

uint64_t mlw_average(uint64_t size, uint64_t count);

/* "size=640 KiB, count=1034, average=634 B", as tracemalloc writes it. */
void mlw_sums_write(FILE *out, const struct mlw_style *style,
                    const struct mallow_about *about, const struct mallow_sums *sums);

/* " ± 12 KiB", into `text` (MLW_ERROR_TEXT): the standard error of the size before it;
 * "" where there is none. */
#define MLW_ERROR_TEXT (MLW_UNIT_TEXT + 4)
const char *mlw_error_text(const struct mlw_style *style, uint64_t error, char *text);

/* A line that says so, of a run that was sampled. */
void mlw_sample_write(FILE *out, const struct mallow_about *about);

#endif /* MLW_RENDER_SUMS_H */
