/* SPDX-License-Identifier: MIT */
#include "analyze/alignment.h"

#include <stdbool.h>
#include <stdlib.h>

/* The most choices that are weighed; beyond, lines are paired as they come. */
#define CHOICES_MOST (UINT64_C(1) << 22)

struct cost {
	uint64_t breaks; /* changes of the distance, and pairs of other numbers */
	uint64_t bytes;
	uint64_t distance;
};

/*
 * The shorter side's line i has the longer side's line i + offset, and offsets never
 * fall: 0 <= offset <= span. best[offset] is the least cost of the lines up to i with
 * that offset at i; from[i * (span + 1) + offset] the offset at i - 1 on that way.
 */
struct alignment {
	const struct mlw_line *few, *many;
	size_t few_count, span;
	struct cost *best, *next;
	uint32_t *from;
};

static bool is_less(const struct cost *a, const struct cost *b)
{
	if (a->breaks != b->breaks)
		return a->breaks < b->breaks;
	if (a->bytes != b->bytes)
		return a->bytes < b->bytes;
	return a->distance < b->distance;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static int64_t shift(const struct alignment *alignment, size_t i, size_t offset)
{
	return (int64_t)alignment->many[i + offset].line - alignment->few[i].line;
}

/* Of pairing line i so, beside what went before. */
static void add_pair(const struct alignment *alignment, size_t i, size_t offset,
                     struct cost *cost)
{
	const struct mlw_line *a = &alignment->few[i], *b = &alignment->many[i + offset];

	cost->breaks += a->size != b->size || a->count != b->count ||
	                a->allocated_size != b->allocated_size ||
	                a->allocations != b->allocations;
	cost->bytes += apart(a->size, b->size);
	cost->distance += apart(a->line, b->line);
}

static void start(struct alignment *alignment)
{
	for (size_t offset = 0; offset <= alignment->span; offset++) {
		alignment->best[offset] =
		        (struct cost){ shift(alignment, 0, offset) != 0, 0, 0 };
		add_pair(alignment, 0, offset, &alignment->best[offset]);
	}
}

/* The offset, at most `most`, at which line i - 1 is shifted by `wanted`; beyond: none.
 */
static size_t find_shift(const struct alignment *alignment, size_t i, int64_t wanted,
                         size_t most)
{
	size_t low = 0, high = most + 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (shift(alignment, i - 1, middle) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low <= most && shift(alignment, i - 1, low) == wanted ? low : SIZE_MAX;
}

static void advance(struct alignment *alignment, size_t i)
{
	uint32_t *from = &alignment->from[i * (alignment->span + 1)];
	struct cost *swapped = alignment->best;
	size_t least = 0;

	for (size_t offset = 0; offset <= alignment->span; offset++) {
		struct cost *next = &alignment->next[offset];
		size_t same;

		if (is_less(&alignment->best[offset], &alignment->best[least]))
			least = offset;
		*next = alignment->best[least];
		next->breaks++;
		from[offset] = (uint32_t)least;
		same = find_shift(alignment, i, shift(alignment, i, offset), offset);
		if (same != SIZE_MAX && !is_less(next, &alignment->best[same])) {
			*next = alignment->best[same];
			from[offset] = (uint32_t)same;
		}
		add_pair(alignment, i, offset, next);
	}
	alignment->best = alignment->next;
	alignment->next = swapped;
}

/* partner[i] of the shorter side, from the last line back. */
static void trace_back(const struct alignment *alignment, size_t *partner)
{
	size_t offset = 0;

	for (size_t i = 1; i <= alignment->span; i++) {
		if (is_less(&alignment->best[i], &alignment->best[offset]))
			offset = i;
	}
	for (size_t i = alignment->few_count; i-- > 0;) {
		partner[i] = i + offset;
		offset = alignment->from[i * (alignment->span + 1) + offset];
	}
}

static int weigh(struct alignment *alignment, size_t *partner, struct mlw_error *err)
{
	size_t width = alignment->span + 1;
	struct cost *costs = calloc(2 * width, sizeof(*costs));
	uint32_t *from = calloc(alignment->few_count * width, sizeof(*from));
	int result = -1;

	if (!costs || !from) {
		mlw_fail(err, "out of memory");
		goto out;
	}
	alignment->best = costs;
	alignment->next = costs + width;
	alignment->from = from;
	start(alignment);
	for (size_t i = 1; i < alignment->few_count; i++)
		advance(alignment, i);
	trace_back(alignment, partner);
	result = 0;
out:
	free(from);
	free(costs);
	return result;
}

/* Pairs equal lines; true if that are all of the shorter side. */
static bool pair_equal(const struct alignment *alignment, size_t *partner)
{
	size_t j = 0, most = alignment->few_count + alignment->span;

	for (size_t i = 0; i < alignment->few_count; i++) {
		while (j < most && alignment->many[j].line < alignment->few[i].line)
			j++;
		if (j == most || alignment->many[j].line != alignment->few[i].line)
			return false;
		partner[i] = j;
	}
	return true;
}

static int align(struct alignment *alignment, size_t *partner, struct mlw_error *err)
{
	if (!alignment->few_count || pair_equal(alignment, partner))
		return 0;
	if (alignment->span &&
	    (alignment->span + 1) * (uint64_t)alignment->few_count <= CHOICES_MOST)
		return weigh(alignment, partner, err);
	for (size_t i = 0; i < alignment->few_count; i++)
		partner[i] = i;
	return 0;
}

/* The same table read from the other side. */
static void turn(const size_t *few_partner, size_t few, size_t *partner, size_t many)
{
	for (size_t i = 0; i < many; i++)
		partner[i] = SIZE_MAX;
	for (size_t i = 0; i < few; i++)
		partner[few_partner[i]] = i;
}

int mlw_align_lines(const struct mlw_line *old_lines, size_t old_count,
                    const struct mlw_line *new_lines, size_t new_count, size_t *partner,
                    struct mlw_error *err)
{
	bool swap = old_count > new_count;
	struct alignment alignment = {
		.few = swap ? new_lines : old_lines,
		.many = swap ? old_lines : new_lines,
		.few_count = swap ? new_count : old_count,
		.span = swap ? old_count - new_count : new_count - old_count,
	};
	size_t *turned;
	int result;

	if (!swap)
		return align(&alignment, partner, err);
	turned = calloc(new_count + 1, sizeof(*turned));
	if (!turned)
		return mlw_fail(err, "out of memory");
	result = align(&alignment, turned, err);
	if (!result)
		turn(turned, new_count, partner, old_count);
	free(turned);
	return result;
}
