/* SPDX-License-Identifier: MIT */
/*
 * recursion: a tree that is built by a function that calls itself.
 *
 * A complete binary tree of 10 levels, 1023 nodes of 32 bytes, freed by a recursion of
 * its own, then a chain of calls 1000 deep that allocates once at its end. All nodes
 * have one site, node_new, and ten levels of tree_build above it; the deep stack shows
 * what --depth cuts.
 *
 *	mallow run -o recursion.mallow recursion
 *	mallow top --by trace --at peak recursion.mallow
 */
#include <stdlib.h>

struct node {
	struct node *left, *right;
	long padding[2];
};

static __attribute__((noinline)) struct node *node_new(void)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		abort();
	return node;
}

static __attribute__((noinline)) struct node *tree_build(int levels)
{
	struct node *node = node_new();

	if (levels > 1) {
		node->left = tree_build(levels - 1);
		node->right = tree_build(levels - 1);
	}
	return node;
}

static __attribute__((noinline)) void tree_free(struct node *node)
{
	if (node) {
		tree_free(node->left);
		tree_free(node->right);
	}
	free(node);
}

static __attribute__((noinline)) int descend(volatile int depth)
{
	int result;

	if (depth == 0) {
		free(node_new());
		return 0;
	}
	result = descend(depth - 1);
	__asm__ volatile("" : "+r"(result));
	return result + 1;
}

int main(void)
{
	tree_free(tree_build(10));
	return descend(1000) != 1000;
}
