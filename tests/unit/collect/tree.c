/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "collect/tree.h"

#define NODES 60000u

/* What a tree must say, kept node by node. */
struct plain {
	uint32_t parent, frame, depth, file_id;
};

static struct mlw_tree tree;
static struct plain *plain; /* by node */
static struct mlw_map64 ids; /* parent and frame to node */
static uint32_t count, written;
static uint64_t seed;

static uint32_t draw(uint32_t limit)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % limit;
}

static void begin(uint64_t with)
{
	tree = (struct mlw_tree){ 0 };
	ids = (struct mlw_map64){ 0 };
	plain = calloc(NODES + 1, sizeof(*plain));
	cr_assert_not_null(plain);
	count = written = 0;
	seed = with;
}

static void end(void)
{
	mlw_tree_release(&tree);
	mlw_map64_release(&ids);
	free(plain);
}

/* The tree's child, which must be new if and only if it is new here. */
static uint32_t child(uint32_t parent, uint32_t frame)
{
	uint64_t key = (uint64_t)parent << 32 | frame;
	uint32_t known = mlw_map64_find(&ids, key);
	struct mlw_error err;
	uint32_t got = mlw_tree_child(&tree, parent, frame, &err);

	if (known) {
		cr_assert_eq(got, known);
		return got;
	}
	cr_assert_eq(got, ++count);
	cr_assert_eq(mlw_map64_add(&ids, key, got, &err), 0);
	plain[got] = (struct plain){ .parent = parent,
		                     .frame = frame,
		                     .depth = plain[parent].depth + 1 };
	return got;
}

static void check_nodes(void)
{
	cr_assert_eq(tree.node_count, count + 1);
	for (uint32_t i = 1; i <= count; i++) {
		cr_assert_eq(mlw_tree_parent(&tree, i), plain[i].parent, "node %u", i);
		cr_assert_eq(tree.node_frames[i], plain[i].frame, "node %u", i);
		cr_assert_eq(mlw_tree_depth(&tree, i), plain[i].depth, "node %u", i);
		cr_assert_eq(mlw_tree_file_id(&tree, i), plain[i].file_id, "node %u", i);
	}
}

/* A path of `depth` frames, each one of `frames`, above `node`. */
static uint32_t walk(uint32_t node, uint32_t depth, uint32_t frames)
{
	for (uint32_t i = 0; i < depth && count < NODES; i++)
		node = child(node, 1 + draw(frames));
	return node;
}

Test(tree, tells_parents_depths_and_frames_of_stacks_that_share_little)
{
	begin(1);
	while (count < NODES)
		walk(0, 1 + draw(60), 32);
	check_nodes();
	cr_expect_lt(tree.node_runs.count, count / 8,
	             "most nodes need no run of their own");
	end();
}

Test(tree, tells_them_of_stacks_that_share_nearly_all)
{
	begin(2);
	for (uint32_t i = 0; i < 20000; i++)
		walk(0, 1 + draw(12), 2);
	check_nodes();
	end();
}

Test(tree, tells_them_of_stacks_that_grow_anywhere)
{
	begin(3);
	while (count < NODES)
		walk(draw(count + 1), 1 + draw(5), 1 + draw(50));
	check_nodes();
	end();
}

/* As run.c does: what is missing from `node` outwards, callers first. */
static void write_stack(uint32_t node)
{
	struct mlw_error err;
	uint32_t first;

	if (!node || mlw_tree_file_id(&tree, node))
		return;
	first = mlw_tree_unwritten(&tree, node);
	cr_assert_leq(first, node);
	write_stack(plain[first].parent);
	cr_assert_eq(mlw_tree_written(&tree, node, written + 1, &err), 0);
	for (; first <= node; first++) {
		cr_assert_eq(plain[first].file_id, 0, "node %u is written twice", first);
		cr_assert(plain[first].parent == 0 ||
		          plain[plain[first].parent].file_id != 0);
		plain[first].file_id = ++written;
	}
}

Test(tree, nodes_are_written_once_and_after_their_callers)
{
	begin(4);
	while (count < NODES) {
		uint32_t node = walk(0, 1 + draw(60), 8);

		if (draw(2))
			write_stack(node);
	}
	check_nodes();
	end();
}

/* Of one long run parts are written now and then, with others in between. */
Test(tree, a_run_that_is_written_bit_by_bit_keeps_its_ids)
{
	begin(5);
	while (count < NODES) {
		uint32_t deepest = walk(child(0, 100 + count), 1 + draw(40), 8);

		for (int i = 0; i < 4; i++) {
			write_stack(deepest - draw(20) % plain[deepest].depth);
			write_stack(1 + draw(count));
		}
	}
	check_nodes();
	cr_expect_gt(tree.strays.count, 0);
	end();
}

/* Whose children were looked for lately is remembered by a part of the parent's number.
 */
Test(tree, parents_that_share_a_place_keep_their_own_children)
{
	uint32_t one, other;

	begin(6);
	one = child(0, 1);
	while (count < MLW_TREE_RECENT)
		child(0, 100 + count);
	other = child(0, 2);
	cr_assert_eq(other, one + MLW_TREE_RECENT);
	for (int round = 0; round < 3; round++) {
		for (uint32_t frame = 10; frame <= 12; frame++)
			child(other, frame);
		for (uint32_t frame = 12; frame >= 10; frame--)
			child(one, frame);
	}
	check_nodes();
	end();
}
