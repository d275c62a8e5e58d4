/* SPDX-License-Identifier: MIT */
#include "collect/maps.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void drop_piece(struct mlw_mapping *mapping)
{
	if (--mapping->pieces == 0)
		free(mapping);
}

void mlw_maps_release(struct mlw_maps *maps)
{
	if (!maps)
		return;
	for (size_t i = 0; i < maps->count; i++)
		drop_piece(maps->pieces[i].mapping);
	free(maps->pieces);
	*maps = (struct mlw_maps){ 0 };
}

/* The first piece that ends behind `address`. */
static size_t search(const struct mlw_maps *maps, uint64_t address)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps->pieces[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int insert(struct mlw_maps *maps, size_t at, const struct mlw_map_piece *piece,
                  struct mlw_error *err)
{
	if (mlw_grow(&maps->pieces, &maps->capacity, maps->count + 1,
	             sizeof(*maps->pieces), err))
		return -1;
	memmove(&maps->pieces[at + 1], &maps->pieces[at],
	        (maps->count - at) * sizeof(*maps->pieces));
	maps->pieces[at] = *piece;
	maps->count++;
	return 0;
}

int mlw_maps_add(struct mlw_maps *maps, const struct mlw_block *block,
                 struct mlw_error *err)
{
	struct mlw_mapping *mapping = malloc(sizeof(*mapping));
	struct mlw_map_piece piece = { .start = block->address,
		                       .end = block->address + block->size,
		                       .mapping = mapping };

	if (!mapping)
		return mlw_fail(err, "out of memory (a mapping)");
	*mapping = (struct mlw_mapping){ .block = *block, .pieces = 1 };
	if (insert(maps, search(maps, piece.start), &piece, err)) {
		free(mapping);
		return -1;
	}
	return 0;
}

static void remove_piece(struct mlw_maps *maps, size_t at)
{
	maps->count--;
	memmove(&maps->pieces[at], &maps->pieces[at + 1],
	        (maps->count - at) * sizeof(*maps->pieces));
}

/* Takes [start, end), which lies within piece `at`, out of it. */
static int shrink_piece(struct mlw_maps *maps, size_t at, uint64_t start, uint64_t end,
                        struct mlw_error *err)
{
	struct mlw_map_piece *piece = &maps->pieces[at];
	struct mlw_map_piece rest = { .start = end,
		                      .end = piece->end,
		                      .mapping = piece->mapping };

	if (start == piece->start && end == piece->end) {
		drop_piece(piece->mapping);
		remove_piece(maps, at);
	} else if (start == piece->start) {
		piece->start = end;
	} else if (end == piece->end) {
		piece->end = start;
	} else {
		if (insert(maps, at + 1, &rest, err))
			return -1;
		maps->pieces[at].end = start;
		rest.mapping->pieces++;
	}
	return 0;
}

int mlw_maps_take(struct mlw_maps *maps, uint64_t start, uint64_t end,
                  struct mlw_block *before, uint64_t *left, struct mlw_error *err)
{
	size_t at = search(maps, start);
	struct mlw_map_piece *piece;
	struct mlw_mapping *mapping;

	if (at == maps->count || maps->pieces[at].start >= end)
		return 0;
	piece = &maps->pieces[at];
	if (start < piece->start)
		start = piece->start;
	if (end > piece->end)
		end = piece->end;
	mapping = piece->mapping;
	*before = mapping->block;
	*left = before->size - (end - start);
	mapping->block.size = *left;
	return shrink_piece(maps, at, start, end, err) ? -1 : 1;
}

bool mlw_maps_find(const struct mlw_maps *maps, uint64_t address, struct mlw_block *block)
{
	size_t at = search(maps, address);

	if (at == maps->count || maps->pieces[at].start > address)
		return false;
	*block = maps->pieces[at].mapping->block;
	return true;
}

int mlw_maps_each(struct mlw_maps *maps,
                  int (*visit)(const struct mlw_block *block, void *context),
                  void *context)
{
	int result = 0;

	for (size_t i = 0; i < maps->count; i++)
		maps->pieces[i].mapping->seen = false;
	for (size_t i = 0; !result && i < maps->count; i++) {
		struct mlw_mapping *mapping = maps->pieces[i].mapping;

		if (!mapping->seen)
			result = visit(&mapping->block, context);
		mapping->seen = true;
	}
	return result;
}
