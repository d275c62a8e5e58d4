/* SPDX-License-Identifier: MIT */
#include "analyze/tree.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

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

TestSuite(tree, .init = open_scene, .fini = close_scene);

static struct mallow_tree *ask(struct mlw_query query)
{
	struct mallow_tree *tree;
	struct mlw_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mlw_tree_new(&tree, &query, &err), 0, "%s", err.text);
	return tree;
}

static struct mallow_nodes *children_of(struct mallow_tree *tree,
                                        const struct mallow_node *node)
{
	struct mallow_nodes *children;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_tree_children(tree, node, &children, &err), 0, "%s", err.text);
	return children;
}

/* The child of `node` with that function; "" for one without. */
static struct mallow_node child(struct mallow_tree *tree, const struct mallow_node *node,
                                const char *function)
{
	struct mallow_nodes *children = children_of(tree, node);
	struct mallow_node found = { 0 };

	for (size_t i = 0; i < children->count; i++) {
		const struct mallow_frame *frame = children->nodes[i].frame;
		const char *name = frame && frame->function ? frame->function : "";

		if (!strcmp(name, function) && !children->nodes[i].truncated)
			found = children->nodes[i];
	}
	free(children);
	cr_assert_neq(found.depth, 0, "no child %s", function);
	return found;
}

Test(tree, a_node_holds_what_was_allocated_below_it)
{
	struct mallow_tree *tree = ask((struct mlw_query){ 0 });
	struct mallow_node main = child(tree, &tree->root, "main");
	struct mallow_node parse = child(tree, &main, "parse");

	cr_expect_eq(tree->root.sums.size, SCENE_TOTAL_SIZE);
	cr_expect_eq(tree->root.sums.count, SCENE_TOTAL_COUNT);
	cr_expect_eq(main.sums.size, 350 + 14 + 7);
	cr_expect_eq(main.self.size, 0);
	cr_expect_eq(parse.sums.size, 350);
	cr_expect_eq(parse.sums.count, 3);
	cr_expect_eq(parse.self.size, 350);
	mlw_tree_free(tree);
}

Test(tree, a_path_ends_at_the_site_and_not_in_its_wrappers)
{
	struct mallow_tree *tree = ask((struct mlw_query){ 0 });
	struct mallow_node main = child(tree, &tree->root, "main");
	struct mallow_node parse = child(tree, &main, "parse");
	struct mallow_nodes *below = children_of(tree, &parse);

	cr_expect_eq(below->count, 0);
	free(below);
	mlw_tree_free(tree);
}

Test(tree, what_is_not_live_has_no_node)
{
	struct mallow_tree *tree = ask((struct mlw_query){ 0 });
	struct mallow_node main = child(tree, &tree->root, "main");
	struct mallow_nodes *below = children_of(tree, &main);

	cr_expect_eq(below->count, 3); /* parse, libx+A, libx+B; nothing of `inlined` */
	free(below);
	mlw_tree_free(tree);
}

Test(tree, sorted_by_what_was_allocated_all_has_a_node)
{
	struct mallow_tree *tree =
	        ask((struct mlw_query){ .sort = MALLOW_SORT_TEMPORARY });
	struct mallow_node main = child(tree, &tree->root, "main");
	struct mallow_node outer = child(tree, &main, "outer");
	struct mallow_node inner = child(tree, &outer, "inner");

	cr_expect_eq(outer.sums.temporary_count, 2);
	cr_expect_eq(outer.self.temporary_count, 0);
	cr_expect_eq(inner.self.temporary_count, 2);
	mlw_tree_free(tree);
}

Test(tree, children_are_in_the_order_of_what_they_hold)
{
	struct mallow_tree *tree = ask((struct mlw_query){ 0 });
	struct mallow_nodes *children = children_of(tree, &tree->root);

	cr_assert_eq(children->count, 3);
	for (size_t i = 1; i < children->count; i++)
		cr_expect_geq(children->nodes[i - 1].sums.size,
		              children->nodes[i].sums.size);
	free(children);
	mlw_tree_free(tree);
}

Test(tree, a_cut_stack_stands_below_a_node_that_says_so)
{
	struct mallow_tree *tree = ask((struct mlw_query){ 0 });
	struct mallow_nodes *children = children_of(tree, &tree->root);
	const struct mallow_node *cut = &children->nodes[1];
	struct mallow_node main = child(tree, cut, "main");
	struct mallow_node recurse = child(tree, &main, "recurse");

	cr_expect(cut->truncated);
	cr_expect_null(cut->frame);
	cr_expect_eq(cut->sums.size, 30);
	cr_expect_eq(recurse.self.size, 0);
	recurse = child(tree, &recurse, "recurse");
	recurse = child(tree, &recurse, "recurse");
	cr_expect_eq(recurse.self.size, 30);
	free(children);
	mlw_tree_free(tree);
}

Test(tree, inverted_the_sites_come_first)
{
	struct mallow_tree *tree = ask((struct mlw_query){ .invert = true });
	struct mallow_node parse = child(tree, &tree->root, "parse");
	struct mallow_node main = child(tree, &parse, "main");

	cr_expect_eq(parse.sums.size, 350);
	cr_expect_eq(parse.self.size, 350);
	cr_expect_eq(parse.ends.size, 0);
	cr_expect_eq(main.sums.size, 350);
	cr_expect_eq(main.self.size, 0);
	cr_expect_eq(main.ends.size, 350);
	mlw_tree_free(tree);
}

Test(tree, calls_within_a_module_are_one_node)
{
	struct mallow_tree *tree = ask((struct mlw_query){ .by = MALLOW_BY_MODULE });
	struct mallow_node prog = child(tree, &tree->root, "");
	struct mallow_node libx = child(tree, &prog, "");

	cr_expect_str_eq(prog.frame->module, "/usr/bin/prog");
	cr_expect_eq(prog.sums.size, SCENE_TOTAL_SIZE - 30);
	cr_expect_eq(prog.self.size, 350 + 1);
	cr_expect_str_eq(libx.frame->module, "/usr/lib/libx.so.1");
	cr_expect_eq(libx.sums.size, 14 + 7);
	mlw_tree_free(tree);
}

Test(tree, what_is_left_out_is_added_up)
{
	struct mallow_tree *tree = ask((struct mlw_query){ .min_size = 10 });
	struct mallow_node main = child(tree, &tree->root, "main");
	struct mallow_nodes *below = children_of(tree, &main);

	cr_expect_eq(below->count, 2);
	cr_expect_eq(below->hidden, 1);
	cr_expect_eq(below->hidden_sums.size, 7);
	free(below);
	mlw_tree_free(tree);
	tree = ask((struct mlw_query){ .limit = 1 });
	below = children_of(tree, &tree->root);
	cr_expect_eq(below->count, 1);
	cr_expect_eq(below->hidden, 2);
	cr_expect_eq(below->hidden_sums.size, 30 + 1);
	free(below);
	mlw_tree_free(tree);
}

Test(tree, a_filter_chooses_stacks)
{
	const char *const threads[] = { "worker" };
	struct mallow_tree *tree = ask((struct mlw_query){
	        .filter = { .threads = threads, .thread_count = 1 } });

	cr_expect_eq(tree->root.sums.size, 14 + 7);
	mlw_tree_free(tree);
}

static void expect_failure(struct mlw_query query, const char *part)
{
	struct mallow_tree *tree;
	struct mlw_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mlw_tree_new(&tree, &query, &err), -1);
	cr_expect_null(tree);
	cr_expect_not_null(strstr(err.text, part), "%s", err.text);
}

Test(tree, only_calls_make_a_tree)
{
	expect_failure((struct mlw_query){ .by = MALLOW_BY_THREAD }, "--by thread");
	expect_failure((struct mlw_query){ .by = MALLOW_BY_TRACEBACK }, "--by trace");
	expect_failure((struct mlw_query){ .cumulative = true }, "--cumulative");
}

/* Every node's sum is what its children have and what ends in it. */
static uint64_t check_below(struct mallow_tree *tree, const struct mallow_node *node)
{
	struct mallow_nodes *children = children_of(tree, node);
	uint64_t size = node->ends.size, selves = node->self.size;

	for (size_t i = 0; i < children->count; i++) {
		size += children->nodes[i].sums.size;
		selves += check_below(tree, &children->nodes[i]);
	}
	cr_expect_eq(size, node->sums.size);
	free(children);
	return selves;
}

Test(tree, parts_add_up_to_the_whole_in_every_view)
{
	for (int by = MALLOW_BY_LINE; by <= MALLOW_BY_MODULE; by++) {
		for (int invert = 0; invert < 2; invert++) {
			struct mallow_tree *tree = ask((struct mlw_query){
			        .by = (enum mallow_key)by, .invert = invert });

			cr_expect_eq(check_below(tree, &tree->root), SCENE_TOTAL_SIZE);
			mlw_tree_free(tree);
		}
	}
}

#define DEEP 10000u

Test(deep_tree, a_stack_of_ten_thousand_calls_is_a_tree_of_as_many)
{
	static uint32_t frames[DEEP + 1];
	struct recorder recorder;
	struct mallow_tree *tree;
	struct mallow_node node;
	struct mlw_error err = { "" };
	uint32_t module, one, two;

	recorder_open(&recorder);
	recorder_process(&recorder, 0, "[\"prog\"]");
	recorder_thread(&recorder, 1, "main");
	module = recorder_module(&recorder, "/usr/bin/prog");
	one = recorder_frame(&recorder, module, "one", "a.c", 1);
	two = recorder_frame(&recorder, module, "two", "a.c", 2);
	for (size_t i = 0; i < DEEP; i++)
		frames[i] = i % 2 ? two : one;
	recorder_alloc(&recorder,
	               recorder_trace(&recorder, recorder_stack(&recorder, frames), 1,
	                              MLW_DOMAIN_MALLOC, 0),
	               100);
	recorder_close(&recorder);
	cr_assert_eq(
	        mlw_tree_new(&tree, &(struct mlw_query){ .place = recorder.path }, &err),
	        0, "%s", err.text);
	node = tree->root;
	for (size_t i = 0; i < DEEP; i++)
		node = child(tree, &node, i % 2 ? "two" : "one");
	cr_expect_eq(node.self.size, 100);
	cr_expect_eq(node.depth, DEEP);
	mlw_tree_free(tree);
	recorder_remove(&recorder);
}

#define WAYS 32u
#define BITS 5u

/* As many stacks as five calls, each of one function or another, can make; the outermost
 * call differs from one to the next. */
static void record_ways(struct recorder *recorder)
{
	static const char *const names[2] = { "zero", "one" };
	uint32_t module, calls[2], frames[BITS + 1] = { 0 };

	recorder_open(recorder);
	recorder_process(recorder, 0, "[\"prog\"]");
	recorder_thread(recorder, 1, "main");
	module = recorder_module(recorder, "/usr/bin/prog");
	for (uint32_t i = 0; i < 2; i++)
		calls[i] = recorder_frame(recorder, module, names[i], "a.c", i + 1);
	for (uint32_t way = 0; way < WAYS; way++) {
		for (uint32_t bit = 0; bit < BITS; bit++)
			frames[BITS - 1 - bit] = calls[way >> bit & 1];
		recorder_alloc(recorder,
		               recorder_trace(recorder, recorder_stack(recorder, frames),
		                              1, MLW_DOMAIN_MALLOC, 0),
		               100 + way * way);
	}
	recorder_close(recorder);
}

/* A node, and the sums of its children in their order as they were at first. */
struct told {
	struct mallow_node node;
	size_t count;
	uint64_t sizes[2];
};

static void tell(struct mallow_tree *tree, struct told *told)
{
	struct mallow_nodes *children = children_of(tree, &told->node);
	uint64_t size = told->node.ends.size;

	cr_assert_leq(children->count, 2);
	told->count = children->count;
	for (size_t i = 0; i < children->count; i++) {
		told->sizes[i] = children->nodes[i].sums.size;
		size += told->sizes[i];
	}
	cr_expect_eq(size, told->node.sums.size);
	free(children);
}

static size_t tell_all(struct mallow_tree *tree, const struct mallow_node *node,
                       struct told *all, size_t count)
{
	struct mallow_nodes *children;

	all[count] = (struct told){ .node = *node };
	tell(tree, &all[count++]);
	children = children_of(tree, node);
	for (size_t i = 0; i < children->count; i++)
		count = tell_all(tree, &children->nodes[i], all, count);
	free(children);
	return count;
}

static void ask_again(struct recorder *recorder, bool invert)
{
	struct told all[2 * WAYS];
	struct mallow_tree *tree;
	struct mlw_error err = { "" };
	uint32_t random = 1;
	size_t count;

	cr_assert_eq(mlw_tree_new(&tree,
	                          &(struct mlw_query){ .place = recorder->path,
	                                               .invert = invert },
	                          &err),
	             0, "%s", err.text);
	count = tell_all(tree, &tree->root, all, 0);
	cr_expect_eq(count, 2 * WAYS - 1);
	for (size_t i = 0; i < 2000; i++) {
		const struct told *first = &all[(random >> 8) % count];
		struct told again = { .node = first->node };

		random = random * 1103515245u + 12345u;
		tell(tree, &again);
		cr_assert_eq(again.count, first->count);
		cr_assert_eq(again.sizes[0], first->sizes[0]);
		cr_assert_eq(again.sizes[1], first->sizes[1]);
	}
	mlw_tree_free(tree);
}

Test(asked_again, a_node_answers_the_same_whatever_was_asked_between)
{
	struct recorder recorder;

	record_ways(&recorder);
	ask_again(&recorder, false);
	ask_again(&recorder, true);
	recorder_remove(&recorder);
}
