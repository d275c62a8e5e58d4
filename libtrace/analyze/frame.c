/* SPDX-License-Identifier: MIT */
#include "analyze/frame.h"

#include <string.h>

static int compare_text(const char *a, const char *b)
{
	if (a == b)
		return 0;
	if (!a || !b)
		return a ? 1 : -1;
	return strcmp(a, b);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int mlw_frame_compare_shown(const struct mallow_frame *a, const struct mallow_frame *b)
{
	int order = compare_text(a->file, b->file);

	if (!order)
		order = compare_number(a->line, b->line);
	if (!order)
		order = compare_text(a->function, b->function);
	if (!order)
		order = compare_text(a->module, b->module);
	if (!order)
		order = compare_number(a->offset, b->offset);
	return order;
}

int mlw_frame_compare(const struct mlw_frame *a, const struct mlw_frame *b)
{
	struct mallow_frame first, second;

	if (a == b)
		return 0;
	first = mlw_frame_show(a);
	second = mlw_frame_show(b);
	return mlw_frame_compare_shown(&first, &second);
}

int mlw_traceback_compare(const struct mallow_traceback *a,
                          const struct mallow_traceback *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int order = mlw_frame_compare(a->frames[i], b->frames[i]);

		if (order)
			return order;
	}
	if (a->count != b->count)
		return compare_number(a->count, b->count);
	return compare_number(a->truncated, b->truncated);
}
