/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include <mallow/snapshot.h>

#include "scene.h"

static struct scene scene;

static void open_scene(void)
{
	scene_open(&scene);
}

static void close_scene(void)
{
	scene_close(&scene);
}

TestSuite(mallow_tree, .init = open_scene, .fini = close_scene);

static struct mallow_tree *ask(struct mallow_query query)
{
	struct mallow_tree *tree;
	struct mallow_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mallow_tree_new(&tree, &query, &err), 0, "%s", err.text);
	return tree;
}

static struct mallow_nodes *children(struct mallow_tree *tree,
                                     const struct mallow_node *node)
{
	struct mallow_nodes *nodes;

	cr_assert_eq(mallow_tree_children(tree, node, &nodes, NULL), 0);
	return nodes;
}

static void expect_node(const struct mallow_node *node, const char *function,
                        uint32_t depth, uint64_t size, uint64_t self)
{
	cr_assert_not_null(node);
	cr_assert_not_null(node->frame);
	cr_expect_str_eq(node->frame->function, function);
	cr_expect_eq(node->depth, depth);
	cr_expect_eq(node->sums.size, size);
	cr_expect_eq(node->self.size, self);
}

Test(mallow_tree, callers_come_first)
{
	struct mallow_tree *tree = ask((struct mallow_query){ .by = MALLOW_BY_FUNCTION });
	const struct mallow_node *root = mallow_tree_root(tree);
	struct mallow_nodes *outer = children(tree, root), *inner;

	cr_expect_eq(mallow_tree_total(tree)->size, SCENE_TOTAL_SIZE);
	cr_expect_eq(root->sums.size, SCENE_TOTAL_SIZE);
	cr_expect_null(root->frame);
	cr_assert_eq(mallow_nodes_count(outer), 3);
	expect_node(mallow_nodes_get(outer, 0), "main", 1, SCENE_TOTAL_SIZE - 31, 0);
	cr_expect(mallow_nodes_get(outer, 1)->truncated);
	cr_expect_null(mallow_nodes_get(outer, 1)->frame);
	expect_node(mallow_nodes_get(outer, 2), "xmalloc", 1, 1, 1);
	cr_expect_null(mallow_nodes_get(outer, 3));
	inner = children(tree, mallow_nodes_get(outer, 0));
	expect_node(mallow_nodes_get(inner, 0), "parse", 2, 350, 350);
	mallow_nodes_free(inner);
	mallow_nodes_free(outer);
	mallow_nodes_free(NULL);
	mallow_tree_free(tree);
}

Test(mallow_tree, sites_come_first_when_inverted)
{
	struct mallow_tree *tree =
	        ask((struct mallow_query){ .by = MALLOW_BY_FUNCTION, .invert = true });
	struct mallow_nodes *sites = children(tree, mallow_tree_root(tree)), *callers;

	cr_expect(mallow_tree_about(tree)->inverted);
	expect_node(mallow_nodes_get(sites, 0), "parse", 1, 350, 350);
	callers = children(tree, mallow_nodes_get(sites, 0));
	expect_node(mallow_nodes_get(callers, 0), "main", 2, 350, 0);
	mallow_nodes_free(callers);
	mallow_nodes_free(sites);
	mallow_tree_free(tree);
}

Test(mallow_tree, a_copy_of_a_node_has_children_too)
{
	struct mallow_tree *tree = ask((struct mallow_query){ .by = MALLOW_BY_FUNCTION });
	struct mallow_nodes *nodes = children(tree, mallow_tree_root(tree));
	struct mallow_node copy = *mallow_nodes_get(nodes, 0);

	mallow_nodes_free(nodes);
	nodes = children(tree, &copy);
	cr_expect_gt(mallow_nodes_count(nodes), 1);
	mallow_nodes_free(nodes);
	mallow_tree_free(tree);
}

Test(mallow_tree, what_is_left_out_is_said)
{
	struct mallow_query query = { .by = MALLOW_BY_FUNCTION,
		                      .min_size = 30,
		                      .limit = 1 };
	struct mallow_tree *tree = ask(query);
	struct mallow_nodes *outer = children(tree, mallow_tree_root(tree));
	struct mallow_nodes *inner = children(tree, mallow_nodes_get(outer, 0));

	cr_expect_eq(mallow_tree_about(tree)->min_size, 30);
	cr_expect_eq(mallow_tree_about(tree)->limit, 1);
	cr_expect_eq(mallow_nodes_count(outer), 1);
	cr_expect_eq(mallow_nodes_hidden(outer), 2);
	cr_expect_eq(mallow_nodes_hidden_sums(outer)->size, 31);
	cr_expect_eq(mallow_nodes_count(inner), 1);
	cr_expect_eq(mallow_nodes_hidden(inner), 2, "those of libx");
	cr_expect_eq(mallow_nodes_hidden_sums(inner)->size, 21);
	mallow_nodes_free(inner);
	mallow_nodes_free(outer);
	mallow_tree_free(tree);
}

Test(mallow_tree, a_call_has_lines_and_no_threads)
{
	struct mallow_query query = { .place = scene.recorder.path,
		                      .by = MALLOW_BY_THREAD };
	struct mallow_tree *tree;
	struct mallow_error err;

	cr_assert_eq(mallow_tree_new(&tree, &query, &err), -1);
	cr_expect_null(tree);
	cr_expect_eq(strncmp(err.text, query.place, strlen(query.place)), 0);
	cr_expect_not_null(strstr(err.text, "thread is no part of a call"), "%s",
	                   err.text);
	mallow_tree_free(NULL);
}
