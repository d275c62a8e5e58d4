/* SPDX-License-Identifier: MIT */
#include "analyze/tree.h"

#include <stdlib.h>

#include "analyze/paths.h"
#include "analyze/subject.h"

/* A stack and the call in it that is looked at; label NO_CALL: it ends before. */
struct step {
	uint64_t label;
	uint32_t path;
};
#define NO_CALL UINT64_MAX

struct mlw_tree_store {
	struct mlw_subject subject;
	struct mlw_paths paths;
	/* The stacks, those of a node side by side: making its children orders them. */
	struct step *steps;
};

static bool counts(const struct mlw_trace_totals *totals, enum mallow_sort sort)
{
	switch (sort) {
	case MALLOW_SORT_PEAK:
		return totals->live_count || totals->peak_count;
	case MALLOW_SORT_ALLOCATED:
	case MALLOW_SORT_ALLOCATIONS:
		return true;
	case MALLOW_SORT_TEMPORARY:
		return totals->live_count || totals->temporary_count;
	default:
		return totals->live_count;
	}
}

static int add_holding(void *context, const struct mlw_holding *holding,
                       struct mlw_error *err)
{
	struct mallow_tree *tree = context;
	struct mlw_tree_store *store = tree->store;

	mlw_sums_add(&tree->total, &holding->totals);
	if (!counts(&holding->totals, tree->about.sort))
		return 0;
	return mlw_paths_add(&store->paths, store->subject.recording, holding->trace,
	                     &holding->totals, err);
}

static const struct mlw_path *path_of(const struct mallow_tree *tree,
                                      const struct step *step)
{
	return &tree->store->paths.rows[step->path];
}

/* The call of a stack at `depth`, 0 being that below the root. */
static uint64_t label_at(const struct mallow_tree *tree, const struct step *step,
                         uint32_t depth)
{
	const struct mlw_path *path = path_of(tree, step);

	if (depth >= path->count)
		return NO_CALL;
	return tree->store->paths
	        .labels[path->first +
	                (tree->about.inverted ? depth : path->count - 1 - depth)];
}

/* Fills in what follows from the node's stacks. */
static void add_up(const struct mallow_tree *tree, struct mallow_node *node)
{
	const struct step *steps = tree->store->steps + node->first;

	for (size_t i = 0; i < node->count; i++) {
		const struct mlw_path *path = path_of(tree, &steps[i]);

		mlw_sums_join(&node->sums, &path->sums);
		if (path->count == node->depth)
			mlw_sums_join(&node->ends, &path->sums);
	}
	if (!tree->about.inverted || !node->depth)
		node->self = node->ends;
	else if (node->depth == 1)
		node->self = node->sums;
	if (node->truncated)
		node->self = (struct mallow_sums){ 0 };
}

static int make_root(struct mallow_tree *tree, struct mlw_error *err)
{
	struct mlw_tree_store *store = tree->store;
	size_t count = store->paths.count;

	store->steps = calloc(count + 1, sizeof(*store->steps));
	if (!store->steps)
		return mlw_fail(err, "out of memory");
	for (size_t i = 0; i < count; i++)
		store->steps[i].path = (uint32_t)i;
	tree->root.count = count;
	add_up(tree, &tree->root);
	return 0;
}

static int check(const struct mlw_query *query, struct mlw_error *err)
{
	if (!mlw_key_is_frame(query->by))
		return mlw_fail(err,
		                "--by %s is no part of a call: a tree is by line, "
		                "function, file or module",
		                mlw_key_name(query->by));
	if (query->cumulative)
		return mlw_fail(err, "a tree needs no --cumulative: it counts a block "
		                     "for each call on its stack");
	return 0;
}

static int collect(struct mallow_tree *tree, const struct mlw_query *query,
                   struct mlw_error *err)
{
	struct mlw_tree_store *store = tree->store;

	store->paths.by = query->by;
	if (mlw_subject_open(&store->subject, query, err))
		return -1;
	mlw_subject_describe(&store->subject, query, &tree->about);
	if (mlw_subject_each(&store->subject, add_holding, tree, err) ||
	    mlw_paths_finish(&store->paths, err))
		return -1;
	return make_root(tree, err);
}

int mlw_tree_new(struct mallow_tree **tree, const struct mlw_query *query,
                 struct mlw_error *err)
{
	struct mallow_tree *made = calloc(1, sizeof(*made));

	*tree = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->store = calloc(1, sizeof(*made->store));
	if (!made->store || check(query, err) || collect(made, query, err)) {
		if (!made->store)
			mlw_fail(err, "out of memory");
		mlw_tree_free(made);
		return -1;
	}
	*tree = made;
	return 0;
}

void mlw_tree_free(struct mallow_tree *tree)
{
	if (!tree)
		return;
	if (tree->store) {
		free(tree->store->steps);
		mlw_paths_release(&tree->store->paths);
		mlw_subject_close(&tree->store->subject);
	}
	free(tree->store);
	free(tree);
}

static int compare_steps(const void *first, const void *second)
{
	const struct step *a = first, *b = second;

	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return (a->path > b->path) - (a->path < b->path);
}

/*
 * Puts stacks that go on with the same call side by side. What is ordered stays as it is:
 * nodes further down have ordered their parts of it, and know these by their position.
 */
static void order_steps(const struct mallow_tree *tree, const struct mallow_node *node)
{
	struct step *steps = tree->store->steps + node->first;
	bool is_ordered = true;

	for (size_t i = 0; i < node->count; i++) {
		steps[i].label = label_at(tree, &steps[i], node->depth);
		is_ordered = is_ordered && (!i || steps[i - 1].label <= steps[i].label);
	}
	if (!is_ordered)
		qsort(steps, node->count, sizeof(*steps), compare_steps);
}

static void name_node(const struct mallow_tree *tree, struct mallow_node *node)
{
	node->truncated = node->label == MLW_LABEL_TRUNCATED;
	if (!node->truncated)
		node->frame = &tree->store->paths.names[node->label - 1];
}

/* Runs of equal labels: each is a child. */
static size_t count_children(const struct mallow_tree *tree,
                             const struct mallow_node *node)
{
	const struct step *steps = tree->store->steps;
	size_t end = node->first + node->count, count = 0;

	for (size_t i = node->first; i < end && steps[i].label != NO_CALL; i++)
		count += i == node->first || steps[i].label != steps[i - 1].label;
	return count;
}

static void make_nodes(const struct mallow_tree *tree, const struct mallow_node *node,
                       struct mallow_nodes *children)
{
	const struct step *steps = tree->store->steps;
	size_t end = node->first + node->count, next = node->first;

	for (size_t i = 0; i < children->count; i++) {
		struct mallow_node *child = &children->nodes[i];
		uint64_t label = steps[next].label;

		*child = (struct mallow_node){ .first = next,
			                       .label = (uint32_t)label,
			                       .depth = node->depth + 1 };
		while (next < end && steps[next].label == label)
			next++;
		child->count = next - child->first;
		name_node(tree, child);
		add_up(tree, child);
	}
}

static int compare_frames(const struct mallow_frame *a, const struct mallow_frame *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return mlw_frame_compare_shown(a, b);
}

static int compare_nodes(const void *first, const void *second, void *context)
{
	const struct mallow_tree *tree = context;
	const struct mallow_node *a = first, *b = second;
	int order = mlw_sums_compare(&b->sums, &a->sums, tree->about.sort);

	return order ? order : compare_frames(b->frame, a->frame);
}

static void hide(struct mallow_nodes *children, const struct mallow_node *node)
{
	children->hidden++;
	mlw_sums_join(&children->hidden_sums, &node->sums);
}

static void drop(const struct mallow_tree *tree, struct mallow_nodes *children)
{
	size_t kept = 0;

	for (size_t i = 0; i < children->count; i++) {
		const struct mallow_node *node = &children->nodes[i];
		bool is_big = mlw_sums_bytes(&node->sums, tree->about.sort) >=
		              tree->about.min_size;

		if (is_big && (!tree->about.limit || kept < tree->about.limit))
			children->nodes[kept++] = *node;
		else
			hide(children, node);
	}
	children->count = kept;
}

int mlw_tree_children(struct mallow_tree *tree, const struct mallow_node *node,
                      struct mallow_nodes **children, struct mlw_error *err)
{
	struct mallow_nodes *made;
	size_t count;

	order_steps(tree, node);
	count = count_children(tree, node);
	*children = made = malloc(sizeof(*made) + count * sizeof(*made->nodes));
	if (!made)
		return mlw_fail(err, "out of memory");
	*made = (struct mallow_nodes){ .count = count };
	make_nodes(tree, node, made);
	if (count > 1)
		qsort_r(made->nodes, count, sizeof(*made->nodes), compare_nodes, tree);
	drop(tree, made);
	return 0;
}
