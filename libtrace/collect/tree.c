/* SPDX-License-Identifier: MIT */
#include "collect/tree.h"

#include <stdlib.h>

#include "base/array.h"

#define OFFSET_BITS 48u

void mlw_tree_release(struct mlw_tree *tree)
{
	if (!tree)
		return;
	mlw_map64_release(&tree->frame_ids);
	mlw_map64_release(&tree->others);
	mlw_map64_release(&tree->strays);
	mlw_map64_release(&tree->cuts);
	free(tree->frames);
	free(tree->node_frames);
	mlw_runs_release(&tree->node_runs);
	free(tree->runs);
	free(tree->recent);
	*tree = (struct mlw_tree){ 0 };
}

/* Room for one more element; the first call also leaves out element 0. */
static int grow(void *array, size_t *count, size_t *capacity, size_t element,
                struct mlw_error *err)
{
	size_t used = *count ? *count : 1;

	if (used >= UINT32_MAX)
		return mlw_fail(err, "too many different stacks");
	if (mlw_grow(array, capacity, used + 1, element, err))
		return -1;
	*count = used;
	return 0;
}

uint32_t mlw_tree_frame(struct mlw_tree *tree, uint32_t module, uint64_t offset,
                        struct mlw_error *err)
{
	const uint64_t mask = (UINT64_C(1) << OFFSET_BITS) - 1;
	uint64_t key = (uint64_t)module << OFFSET_BITS | (offset & mask);
	uint32_t id = mlw_map64_find(&tree->frame_ids, key);

	if (id)
		return id;
	if (grow(&tree->frames, &tree->frame_count, &tree->frame_capacity,
	         sizeof(*tree->frames), err))
		return 0;
	id = (uint32_t)tree->frame_count;
	if (mlw_map64_add(&tree->frame_ids, key, id, err))
		return 0;
	tree->frames[id] =
	        (struct mlw_tree_frame){ .offset = offset & mask, .module = module };
	tree->frame_count++;
	return id;
}

static struct mlw_tree_run *run_of(const struct mlw_tree *tree, uint32_t node)
{
	return &tree->runs[mlw_runs_of(&tree->node_runs, node)];
}

uint32_t mlw_tree_parent(const struct mlw_tree *tree, uint32_t node)
{
	if (!mlw_runs_begins(&tree->node_runs, node))
		return node - 1;
	return run_of(tree, node)->parent;
}

uint32_t mlw_tree_depth(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = run_of(tree, node);

	return run->depth + (node - run->first);
}

static uint64_t child_key(uint32_t parent, uint32_t frame)
{
	return (uint64_t)parent << 32 | frame;
}

/* The next node, of the latest run so far. */
static uint32_t append(struct mlw_tree *tree, uint32_t frame, struct mlw_error *err)
{
	if (grow(&tree->node_frames, &tree->node_count, &tree->node_capacity,
	         sizeof(*tree->node_frames), err) ||
	    mlw_runs_extend(&tree->node_runs, (uint32_t)tree->node_count, err))
		return 0;
	tree->node_frames[tree->node_count] = frame;
	return (uint32_t)tree->node_count++;
}

static uint32_t begin_run(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                          struct mlw_error *err)
{
	uint32_t number = tree->node_runs.count + 1, id;

	if (mlw_grow(&tree->runs, &tree->run_capacity, number + 1, sizeof(*tree->runs),
	             err))
		return 0;
	id = append(tree, frame, err);
	if (!id || mlw_map64_add(&tree->others, child_key(parent, frame), id, err))
		return 0;
	tree->runs[number] = (struct mlw_tree_run){
		.first = id,
		.parent = parent,
		.depth = parent ? mlw_tree_depth(tree, parent) + 1 : 1,
	};
	mlw_runs_begin(&tree->node_runs, id);
	return id;
}

/* Parents whose numbers fall into one place take turns. */
static void note_recent(struct mlw_tree *tree, uint32_t parent, uint32_t child)
{
	struct mlw_tree_recent *recent;

	if (!tree->recent)
		tree->recent = calloc(MLW_TREE_RECENT, sizeof(*tree->recent));
	if (!tree->recent)
		return;
	recent = &tree->recent[parent % MLW_TREE_RECENT];
	if (recent->parent != parent)
		*recent = (struct mlw_tree_recent){ .parent = parent };
	for (uint32_t i = MLW_TREE_CHILDREN - 1; i > 0; i--)
		recent->children[i] = recent->children[i - 1];
	recent->children[0] = child;
}

uint32_t mlw_tree_other_child(struct mlw_tree *tree, uint32_t parent, uint32_t frame,
                              struct mlw_error *err)
{
	uint32_t id;

	if (parent && parent + 1 == tree->node_count)
		return append(tree, frame, err);
	id = mlw_map64_find(&tree->others, child_key(parent, frame));
	if (!id)
		return begin_run(tree, parent, frame, err);
	note_recent(tree, parent, id);
	return id;
}

static uint32_t cut_chain(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                          struct mlw_error *err)
{
	uint32_t *frames = malloc(depth * sizeof(*frames)), cut = 0;

	if (!frames) {
		mlw_fail(err, "out of memory (%u frames)", depth);
		return 0;
	}
	for (uint32_t i = 0; i < depth; i++) {
		frames[i] = tree->node_frames[node];
		node = mlw_tree_parent(tree, node);
	}
	for (uint32_t i = depth; i-- > 0;) {
		cut = mlw_tree_child(tree, cut, frames[i], err);
		if (!cut)
			break;
	}
	free(frames);
	return cut;
}

uint32_t mlw_tree_cut(struct mlw_tree *tree, uint32_t node, uint32_t depth,
                      struct mlw_error *err)
{
	uint32_t cut;

	if (mlw_tree_depth(tree, node) <= depth)
		return node;
	cut = mlw_map64_find(&tree->cuts, node);
	if (cut)
		return cut;
	cut = cut_chain(tree, node, depth, err);
	if (!cut || mlw_map64_add(&tree->cuts, node, cut, err))
		return 0;
	return cut;
}

uint32_t mlw_tree_file_id(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = run_of(tree, node);

	if (node - run->first < run->file_count)
		return run->file_first + (node - run->first);
	return run->file_count ? mlw_map64_find(&tree->strays, node) : 0;
}

uint32_t mlw_tree_unwritten(const struct mlw_tree *tree, uint32_t node)
{
	const struct mlw_tree_run *run = run_of(tree, node);
	uint32_t first = run->first + run->file_count;

	while (first < node && mlw_map64_find(&tree->strays, first))
		first++;
	return first;
}

int mlw_tree_written(struct mlw_tree *tree, uint32_t last, uint32_t file_first,
                     struct mlw_error *err)
{
	uint32_t first = mlw_tree_unwritten(tree, last);
	struct mlw_tree_run *run = run_of(tree, last);

	if (!run->file_count)
		run->file_first = file_first;
	if (run->first + run->file_count == first &&
	    run->file_first + run->file_count == file_first) {
		run->file_count += last - first + 1;
		return 0;
	}
	for (uint32_t node = first; node <= last; node++)
		if (mlw_map64_add(&tree->strays, node, file_first + (node - first), err))
			return -1;
	return 0;
}
