/* SPDX-License-Identifier: MIT */
#ifndef MLW_LINE_MAP_H
#define MLW_LINE_MAP_H

/*
 * Where the lines of one build are in another, function by function: alignment.h over all
 * lines at which stacks of the two recordings stand. Code of the same build-id stays
 * where it is.
 *
 *	mlw_line_map_add(&map, MALLOW_OLD, &place, &line, same_build, err);	...
 *	mlw_line_map_align(&map, err);
 *	line = mlw_line_map_find(&map, &place);
 *	mlw_line_map_release(&map);
 */

#include <stdbool.h>

#include "analyze/alignment.h"
#include "analyze/same_names.h"

/* Strings are interned, in the same set for both sides; files as the new side has them.
 */
struct mlw_code {
	const char *function, *file;
};

struct mlw_line_entry {
	struct mlw_code code;
	struct mlw_line line;
	uint32_t becomes; /* of an old one: the line in the new build, 0 gone */
	bool same_build;
};

struct mlw_line_map {
	struct mlw_line_entries {
		struct mlw_line_entry *rows; /* by code and line, once aligned */
		size_t count, capacity;
	} sides[2];
	struct mlw_numbering exact; /* of old (function, file, line): index + 1 */
	struct mlw_numbering loose; /* of old (file, line) */
	uint32_t *loose_lines; /* by its number - 1: the line in the new build, 0 gone */
};

void mlw_line_map_release(struct mlw_line_map *map); /* zeroed is fine */

/* Numbers of the same line are added up. `same_build`: the code is in a module whose
 * build is the same on both sides. */
int mlw_line_map_add(struct mlw_line_map *map, enum mallow_side side,
                     const struct mlw_code *code, const struct mlw_line *line,
                     bool same_build, struct mlw_error *err);
int mlw_line_map_align(struct mlw_line_map *map, struct mlw_error *err);

/* The new line that line `line` of the old code is; 0: it is gone. With function NULL: of
 * any function there. */
uint32_t mlw_line_map_find(const struct mlw_line_map *map, const struct mlw_code *code,
                           uint32_t line);

#endif /* MLW_LINE_MAP_H */
