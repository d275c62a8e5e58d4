/* SPDX-License-Identifier: MIT */
#include "analyze/line_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static struct mlw_key key_of(const struct mlw_code *code, uint32_t line)
{
	return (struct mlw_key){ { (uint64_t)(uintptr_t)code->function,
		                   (uint64_t)(uintptr_t)code->file, line } };
}

void mlw_line_map_release(struct mlw_line_map *map)
{
	for (int side = 0; side < 2; side++)
		free(map->sides[side].rows);
	mlw_numbering_release(&map->exact);
	mlw_numbering_release(&map->loose);
	free(map->loose_lines);
	*map = (struct mlw_line_map){ 0 };
}

int mlw_line_map_add(struct mlw_line_map *map, enum mallow_side side,
                     const struct mlw_code *code, const struct mlw_line *line,
                     bool same_build, struct mlw_error *err)
{
	struct mlw_line_entries *entries = &map->sides[side];

	if (mlw_grow(&entries->rows, &entries->capacity, entries->count + 1,
	             sizeof(*entries->rows), err))
		return -1;
	entries->rows[entries->count++] = (struct mlw_line_entry){
		.code = *code,
		.line = *line,
		.same_build = same_build,
	};
	return 0;
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By text, so that the same files always give the same answer. */
static int compare_code(const struct mlw_code *a, const struct mlw_code *b)
{
	int order = a->file == b->file ? 0 : strcmp(a->file, b->file);

	if (!order && a->function != b->function)
		order = strcmp(a->function, b->function);
	return order;
}

static int compare_entries(const void *first, const void *second)
{
	const struct mlw_line_entry *a = first, *b = second;
	int order = compare_code(&a->code, &b->code);

	return order ? order : compare_number(a->line.line, b->line.line);
}

/* Several calls on one line are one entry. */
static void join_equal(struct mlw_line_entries *entries)
{
	size_t kept = 0;

	if (entries->count)
		qsort(entries->rows, entries->count, sizeof(*entries->rows),
		      compare_entries);
	for (size_t i = 0; i < entries->count; i++) {
		const struct mlw_line_entry *entry = &entries->rows[i];
		struct mlw_line_entry *last = kept ? &entries->rows[kept - 1] : NULL;

		if (!last || compare_entries(last, entry)) {
			entries->rows[kept++] = *entry;
			continue;
		}
		last->line.size += entry->line.size;
		last->line.count += entry->line.count;
		last->line.allocated_size += entry->line.allocated_size;
		last->line.allocations += entry->line.allocations;
		last->same_build &= entry->same_build;
	}
	entries->count = kept;
}

/* The entries of one function, from `start` on. */
struct span {
	struct mlw_line_entry *rows;
	size_t count;
};

static struct span span_at(const struct mlw_line_entries *entries, size_t start)
{
	struct span span = { entries->rows + start, 0 };

	while (start + span.count < entries->count &&
	       !compare_code(&span.rows[span.count].code, &span.rows[0].code))
		span.count++;
	return span;
}

static bool is_same_build(const struct span *span)
{
	for (size_t i = 0; i < span->count; i++) {
		if (!span->rows[i].same_build)
			return false;
	}
	return true;
}

static void keep_equal(const struct span *old_span, const struct span *new_span)
{
	size_t j = 0;

	for (size_t i = 0; i < old_span->count; i++) {
		uint32_t line = old_span->rows[i].line.line;

		while (j < new_span->count && new_span->rows[j].line.line < line)
			j++;
		if (j < new_span->count && new_span->rows[j].line.line == line)
			old_span->rows[i].becomes = line;
	}
}

static int align_span(const struct span *old_span, const struct span *new_span,
                      struct mlw_error *err)
{
	size_t all = old_span->count + new_span->count;
	struct mlw_line *lines = calloc(all, sizeof(*lines));
	size_t *partner = calloc(old_span->count, sizeof(*partner));
	int result = -1;

	if (!lines || !partner) {
		mlw_fail(err, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < all; i++)
		lines[i] = i < old_span->count ? old_span->rows[i].line
		                               : new_span->rows[i - old_span->count].line;
	if (mlw_align_lines(lines, old_span->count, lines + old_span->count,
	                    new_span->count, partner, err))
		goto out;
	for (size_t i = 0; i < old_span->count; i++) {
		if (partner[i] != SIZE_MAX)
			old_span->rows[i].becomes =
			        lines[old_span->count + partner[i]].line;
	}
	result = 0;
out:
	free(partner);
	free(lines);
	return result;
}

static int align_all(struct mlw_line_map *map, struct mlw_error *err)
{
	struct mlw_line_entries *olds = &map->sides[MALLOW_OLD];
	struct mlw_line_entries *news = &map->sides[MALLOW_NEW];
	size_t i = 0, j = 0;

	while (i < olds->count && j < news->count) {
		int order = compare_code(&olds->rows[i].code, &news->rows[j].code);
		struct span old_span, new_span;

		if (order) {
			i += order < 0;
			j += order > 0;
			continue;
		}
		old_span = span_at(olds, i);
		new_span = span_at(news, j);
		if (is_same_build(&old_span) && is_same_build(&new_span))
			keep_equal(&old_span, &new_span);
		else if (align_span(&old_span, &new_span, err))
			return -1;
		i += old_span.count;
		j += new_span.count;
	}
	return 0;
}

/* A line of several functions is where the first of them is that is not gone. */
static int index_loose(struct mlw_line_map *map, const struct mlw_line_entry *entry,
                       struct mlw_error *err)
{
	struct mlw_code any = { NULL, entry->code.file };
	struct mlw_key key = key_of(&any, entry->line.line);
	uint32_t number = mlw_numbering_add(&map->loose, &key, err);

	if (number && !map->loose_lines[number - 1])
		map->loose_lines[number - 1] = entry->becomes;
	return number ? 0 : -1;
}

static int index_lines(struct mlw_line_map *map, struct mlw_error *err)
{
	const struct mlw_line_entries *olds = &map->sides[MALLOW_OLD];

	map->loose_lines = calloc(olds->count + 1, sizeof(*map->loose_lines));
	if (!map->loose_lines)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < olds->count; i++) {
		struct mlw_key key = key_of(&olds->rows[i].code, olds->rows[i].line.line);

		if (!mlw_numbering_add(&map->exact, &key, err) ||
		    index_loose(map, &olds->rows[i], err))
			return -1;
	}
	return 0;
}

int mlw_line_map_align(struct mlw_line_map *map, struct mlw_error *err)
{
	join_equal(&map->sides[MALLOW_OLD]);
	join_equal(&map->sides[MALLOW_NEW]);
	return align_all(map, err) || index_lines(map, err) ? -1 : 0;
}

uint32_t mlw_line_map_find(const struct mlw_line_map *map, const struct mlw_code *code,
                           uint32_t line)
{
	struct mlw_key key = key_of(code, line);
	uint32_t number;

	if (!code->function) {
		number = mlw_numbering_find(&map->loose, &key);
		return number ? map->loose_lines[number - 1] : 0;
	}
	number = mlw_numbering_find(&map->exact, &key);
	return number ? map->sides[MALLOW_OLD].rows[number - 1].becomes : 0;
}
