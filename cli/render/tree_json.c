/* SPDX-License-Identifier: MIT */
#include "render/json.h"
#include "render/render.h"
#include "render/row.h"
#include "render/tree_walk.h"

static void write_frame(struct mlw_json *json, const struct mallow_node *node)
{
	static const struct mallow_frame nothing = { 0 };
	const struct mallow_frame *frame = node->frame ? node->frame : &nothing;

	mlw_json_string(json, "function", frame->function);
	mlw_json_string(json, "file", frame->file);
	mlw_json_uint(json, "line", frame->line);
	mlw_json_string(json, "module", frame->module);
}

/* What is sorted by, where that is not what is live. */
static void write_sorted(struct mlw_json *json, enum mallow_sort sort,
                         const struct mallow_node *node)
{
	switch (sort) {
	case MALLOW_SORT_PEAK:
		mlw_json_uint(json, "peak_size", node->sums.peak_size);
		mlw_json_uint(json, "peak_count", node->sums.peak_count);
		mlw_json_uint(json, "self_peak_size", node->self.peak_size);
		mlw_json_uint(json, "self_peak_count", node->self.peak_count);
		break;
	case MALLOW_SORT_ALLOCATED:
	case MALLOW_SORT_ALLOCATIONS:
		mlw_json_uint(json, "allocated_size", node->sums.allocated_size);
		mlw_json_uint(json, "allocations", node->sums.allocations);
		mlw_json_uint(json, "self_allocated_size", node->self.allocated_size);
		mlw_json_uint(json, "self_allocations", node->self.allocations);
		break;
	case MALLOW_SORT_TEMPORARY:
		mlw_json_uint(json, "temporary_count", node->sums.temporary_count);
		mlw_json_uint(json, "self_temporary_count", node->self.temporary_count);
		break;
	default:
		break;
	}
}

/* Everything of a node but its children, whose array stays open. */
static void begin_node(struct mlw_json *json, const char *key, enum mallow_sort sort,
                       const struct mallow_node *node)
{
	mlw_json_begin_object(json, key);
	write_frame(json, node);
	mlw_json_uint(json, "size", node->sums.size);
	mlw_json_uint(json, "count", node->sums.count);
	mlw_json_uint(json, "self_size", node->self.size);
	mlw_json_uint(json, "self_count", node->self.count);
	write_sorted(json, sort, node);
	if (node->truncated)
		mlw_json_bool(json, "truncated", true);
	mlw_json_begin_array(json, "children");
}

static void end_node(struct mlw_json *json)
{
	mlw_json_end_array(json);
	mlw_json_end_object(json);
}

static int write_nodes(struct mlw_json *json, struct mallow_tree *tree,
                       struct mlw_error *err)
{
	const struct mallow_about *about = mallow_tree_about(tree);
	const struct mallow_node *node;
	struct mlw_tree_walk walk;
	int step;

	mlw_tree_walk_init(&walk, tree);
	while ((step = mlw_tree_walk_next(&walk, &node, err)) > 0) {
		if (step == MLW_TREE_ENTER)
			begin_node(json, node == mallow_tree_root(tree) ? "root" : NULL,
			           about->sort, node);
		else
			end_node(json);
	}
	mlw_tree_walk_release(&walk);
	return step;
}

int mlw_render_tree_json(struct mallow_tree *tree, FILE *out, struct mlw_error *err)
{
	const struct mallow_about *about = mallow_tree_about(tree);
	struct mlw_json json;
	int result;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mallow_key_name(about->by));
	mlw_json_string(&json, "sort", mallow_sort_name(about->sort));
	mlw_json_string(&json, "at", about->at);
	mlw_row_json_sample(&json, about);
	mlw_json_bool(&json, "inverted", about->inverted);
	result = write_nodes(&json, tree, err);
	mlw_json_end_answer(&json);
	return result;
}
