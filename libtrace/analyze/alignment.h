/* SPDX-License-Identifier: MIT */
#ifndef MLW_ALIGNMENT_H
#define MLW_ALIGNMENT_H

/*
 * Which lines of a function in one build are which lines of it in another.
 *
 * If all lines of one side are lines of the other, nothing moved: a line is itself.
 * Otherwise all lines of the side that has fewer find a partner, in their order. Where
 * that leaves a choice, the one is taken in which the distance between the builds changes
 * least often from one line to the next and most pairs have the same numbers; then that
 * with the least difference in live bytes; then the shortest distance. So a function that
 * moved as a whole and got one site more has one site that is new, wherever in it that
 * site stands.
 *
 * The longest-common-subsequence of a diff would not do: it would hold on to lines that
 * are equal by chance when neighbouring calls all moved by one.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_line {
	uint32_t line;
	uint64_t size, count; /* live */
	uint64_t allocated_size, allocations;
};

/*
 * Both arrays ascend by line, each line once. `partner[i]` becomes the index of the new
 * line that the old line i is, or SIZE_MAX: it is gone.
 *
 * Cost: shorter side times the difference in length.
 */
int mlw_align_lines(const struct mlw_line *old_lines, size_t old_count,
                    const struct mlw_line *new_lines, size_t new_count, size_t *partner,
                    struct mlw_error *err);

#endif /* MLW_ALIGNMENT_H */
