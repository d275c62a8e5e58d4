/* SPDX-License-Identifier: MIT */
#include "render/csv.h"
#include "render/render.h"
#include "render/tree_walk.h"

static void write_header(struct mlw_csv *csv)
{
	static const char *const names[] = {
		"depth",       "size",
		"count",       "self_size",
		"self_count",  "peak_size",
		"peak_count",  "allocated_size",
		"allocations", "temporary_count",
		"function",    "file",
		"line",        "module",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		mlw_csv_text(csv, names[i]);
	mlw_csv_end_line(csv);
}

static void write_node(struct mlw_csv *csv, const struct mallow_about *about,
                       const struct mallow_node *node)
{
	static const struct mallow_frame nothing = { 0 };
	const struct mallow_frame *frame = node->frame ? node->frame : &nothing;
	const struct mallow_sums *sums = &node->sums;

	mlw_csv_uint(csv, node->depth);
	mlw_csv_uint(csv, sums->size);
	mlw_csv_uint(csv, sums->count);
	mlw_csv_uint(csv, node->self.size);
	mlw_csv_uint(csv, node->self.count);
	mlw_csv_uint(csv, sums->peak_size);
	mlw_csv_uint(csv, sums->peak_count);
	mlw_csv_uint(csv, sums->allocated_size);
	mlw_csv_uint(csv, sums->allocations);
	if (about->sample_bytes)
		mlw_csv_text(csv, NULL);
	else
		mlw_csv_uint(csv, sums->temporary_count);
	mlw_csv_text(csv, frame->function);
	mlw_csv_text(csv, frame->file);
	mlw_csv_uint(csv, frame->line);
	mlw_csv_text(csv, frame->module);
	mlw_csv_end_line(csv);
}

int mlw_render_tree_csv(struct mallow_tree *tree, FILE *out, struct mlw_error *err)
{
	const struct mallow_node *node;
	struct mlw_tree_walk walk;
	struct mlw_csv csv;
	int step;

	mlw_csv_init(&csv, out);
	write_header(&csv);
	mlw_tree_walk_init(&walk, tree);
	while ((step = mlw_tree_walk_next(&walk, &node, err)) > 0)
		if (step == MLW_TREE_ENTER)
			write_node(&csv, mallow_tree_about(tree), node);
	mlw_tree_walk_release(&walk);
	return step;
}
