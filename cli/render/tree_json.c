/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/array.h"
#include "render/json.h"
#include "render/render.h"

/* The nodes from the root down to the one that is written, each with its siblings. */
struct levels {
	struct mlw_tree_children *rows;
	size_t *next; /* of the row's nodes */
	size_t count, capacity, next_capacity;
};

static void write_frame(struct mlw_json *json, const struct mlw_tree_node *node)
{
	static const struct mlw_frame nothing = { 0 };
	const struct mlw_frame *frame = node->frame ? node->frame : &nothing;

	mlw_json_string(json, "function", frame->function);
	mlw_json_string(json, "file", frame->file);
	mlw_json_uint(json, "line", frame->line);
	mlw_json_string(json, "module", frame->module);
}

/* What is sorted by, where that is not what is live. */
static void write_sorted(struct mlw_json *json, enum mlw_sort sort,
                         const struct mlw_tree_node *node)
{
	switch (sort) {
	case MLW_SORT_PEAK:
		mlw_json_uint(json, "peak_size", node->sums.peak_size);
		mlw_json_uint(json, "peak_count", node->sums.peak_count);
		mlw_json_uint(json, "self_peak_size", node->self.peak_size);
		mlw_json_uint(json, "self_peak_count", node->self.peak_count);
		break;
	case MLW_SORT_ALLOCATED:
	case MLW_SORT_ALLOCATIONS:
		mlw_json_uint(json, "allocated_size", node->sums.allocated_size);
		mlw_json_uint(json, "allocations", node->sums.allocations);
		mlw_json_uint(json, "self_allocated_size", node->self.allocated_size);
		mlw_json_uint(json, "self_allocations", node->self.allocations);
		break;
	case MLW_SORT_TEMPORARY:
		mlw_json_uint(json, "temporary_count", node->sums.temporary_count);
		mlw_json_uint(json, "self_temporary_count", node->self.temporary_count);
		break;
	default:
		break;
	}
}

/* Everything of a node but its children, whose array stays open. */
static void begin_node(struct mlw_json *json, const char *key, enum mlw_sort sort,
                       const struct mlw_tree_node *node)
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

static int push(struct levels *levels, struct mlw_tree *tree,
                const struct mlw_tree_node *node, struct mlw_error *err)
{
	if (mlw_grow(&levels->rows, &levels->capacity, levels->count + 1,
	             sizeof(*levels->rows), err) ||
	    mlw_grow(&levels->next, &levels->next_capacity, levels->count + 1,
	             sizeof(*levels->next), err) ||
	    mlw_tree_children(tree, node, &levels->rows[levels->count], err))
		return -1;
	levels->next[levels->count++] = 0;
	return 0;
}

static void pop(struct levels *levels)
{
	mlw_tree_children_release(&levels->rows[--levels->count]);
}

static int write_nodes(struct mlw_json *json, struct levels *levels,
                       struct mlw_tree *tree, struct mlw_error *err)
{
	begin_node(json, "root", tree->sort, &tree->root);
	if (push(levels, tree, &tree->root, err))
		return -1;
	while (levels->count) {
		struct mlw_tree_children *row = &levels->rows[levels->count - 1];
		size_t next = levels->next[levels->count - 1]++;

		if (next == row->count) {
			end_node(json);
			pop(levels);
			continue;
		}
		begin_node(json, NULL, tree->sort, &row->nodes[next]);
		if (push(levels, tree, &row->nodes[next], err))
			return -1;
	}
	return 0;
}

int mlw_render_tree_json(struct mlw_tree *tree, FILE *out, struct mlw_error *err)
{
	struct levels levels = { 0 };
	struct mlw_json json;
	int result;

	mlw_json_begin_answer(&json, out);
	mlw_json_string(&json, "by", mlw_by_name(tree->by));
	mlw_json_string(&json, "sort", mlw_sort_name(tree->sort));
	mlw_json_string(&json, "at", tree->at);
	mlw_json_bool(&json, "inverted", tree->inverted);
	result = write_nodes(&json, &levels, tree, err);
	mlw_json_end_answer(&json);
	while (levels.count)
		pop(&levels);
	free(levels.rows);
	free(levels.next);
	return result;
}
