/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../analyze/recorder.h"
#include "analyze/tree.h"
#include "captured.h"
#include "render/render.h"

static const struct mlw_style narrow = { .colour = false, .width = 80 };

static struct recorder recorder;
static uint32_t prog, libx;

static uint32_t frame(const char *function, uint32_t line)
{
	return recorder_frame(&recorder, prog, function, "src/prog.c", line);
}

static void hold(const uint32_t *frames, uint32_t flags, uint64_t size)
{
	uint32_t stack = recorder_stack(&recorder, frames);
	uint32_t trace = recorder_trace(&recorder, stack, 1, MLW_DOMAIN_MALLOC, flags);

	recorder_alloc(&recorder, trace, size);
}

/*
 *	main	load	parse (twice)	node		40000
 *				(itself)		10000
 *		save					20000
 *		24 small ones				   24 * 10
 *	(cut)	save					 5000
 *	(none)						  700
 */
static void hold_branches(void)
{
	uint32_t main = frame("main", 10), load = frame("load", 20);
	uint32_t parse = frame("parse", 30), node = frame("node_new", 40);
	uint32_t save = recorder_frame(&recorder, libx, "x_save", NULL, 0);

	hold((uint32_t[]){ main, load, parse, parse, node, 0 }, 0, 40000);
	hold((uint32_t[]){ main, load, parse, parse, 0 }, 0, 10000);
	hold((uint32_t[]){ main, save, 0 }, 0, 20000);
	for (uint32_t i = 0; i < 24; i++)
		hold((uint32_t[]){ main, frame("small", 100 + i), 0 }, 0, 10);
	hold((uint32_t[]){ save, 0 }, MLW_TRACE_TRUNCATED, 5000);
	hold((uint32_t[]){ 0 }, 0, 700);
}

static void open_recorder(void)
{
	recorder_open(&recorder);
	recorder_process(&recorder, 0, "[\"prog\"]");
	recorder_thread(&recorder, 1, "main");
	prog = recorder_module(&recorder, "/usr/bin/prog");
	libx = recorder_module(&recorder, "/usr/lib/libx.so.1");
}

static void remove_recorder(void)
{
	recorder_remove(&recorder);
}

TestSuite(tree, .init = open_recorder, .fini = remove_recorder);

static struct mallow_tree *ask(struct mlw_query query)
{
	struct mallow_tree *tree;
	struct mlw_error err = { "" };

	recorder_close(&recorder);
	query.place = recorder.path;
	cr_assert_eq(mlw_tree_new(&tree, &query, &err), 0, "%s", err.text);
	tree->about.file = "run.mallow";
	return tree;
}

static void expect_text(struct mlw_query query, const char *name)
{
	struct captured captured;
	struct mlw_error err;
	struct mallow_tree *tree;

	hold_branches();
	tree = ask(query);
	captured_open(&captured);
	cr_assert_eq(mlw_render_tree_text(tree, &narrow, captured.out, &err), 0);
	captured_matches(&captured, name);
	captured_close(&captured);
	mlw_tree_free(tree);
}

Test(tree, text_indents_branches_and_folds_what_is_small)
{
	expect_text((struct mlw_query){ .limit = 10 }, "render/tree.txt");
}

Test(tree, text_with_sites_first)
{
	expect_text((struct mlw_query){ .limit = 10, .invert = true },
	            "render/tree_inverted.txt");
}

Test(tree, text_without_a_limit_folds_nothing)
{
	expect_text((struct mlw_query){ .limit = 0 }, "render/tree_whole.txt");
}

Test(tree, a_least_size_takes_the_place_of_the_percentage)
{
	expect_text((struct mlw_query){ .limit = 10, .min_size = 15000 },
	            "render/tree_min_size.txt");
}

Test(tree, branches_that_are_all_too_small_are_added_up)
{
	expect_text((struct mlw_query){ .limit = 10, .min_size = 100000 },
	            "render/tree_too_small.txt");
}

Test(tree, json_has_everything)
{
	struct captured captured;
	struct mlw_error err;
	struct mallow_tree *tree;

	hold_branches();
	tree = ask((struct mlw_query){ .by = MALLOW_BY_MODULE });
	captured_open(&captured);
	cr_assert_eq(mlw_render_tree_json(tree, captured.out, &err), 0);
	captured_matches(&captured, "render/tree.json");
	captured_close(&captured);
	mlw_tree_free(tree);
}

#define DEEP 10000u

static void hold_deep(void)
{
	static uint32_t frames[DEEP + 1];
	uint32_t one = frame("one", 1), two = frame("two", 2);

	for (size_t i = 0; i < DEEP; i++)
		frames[i] = i % 2 ? two : one;
	hold(frames, 0, 100);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

Test(tree, text_of_ten_thousand_calls_is_folded)
{
	struct captured captured;
	struct mlw_error err;
	struct mallow_tree *tree;

	hold_deep();
	tree = ask((struct mlw_query){ .limit = 10 });
	captured_open(&captured);
	cr_assert_eq(mlw_render_tree_text(tree, &narrow, captured.out, &err), 0);
	captured_matches(&captured, "render/tree_deep.txt");
	captured_close(&captured);
	mlw_tree_free(tree);
}

Test(tree, json_of_ten_thousand_calls_is_as_deep)
{
	struct captured captured;
	struct mlw_error err;
	struct mallow_tree *tree;
	const char *text;

	hold_deep();
	tree = ask((struct mlw_query){ 0 });
	captured_open(&captured);
	cr_assert_eq(mlw_render_tree_json(tree, captured.out, &err), 0);
	text = captured_text(&captured);
	cr_expect_eq(count_of(text, "\"function\": \"one\""), DEEP / 2);
	cr_expect_eq(count_of(text, "\"children\": ["), DEEP + 1);
	cr_expect_eq(count_of(text, "]}"), DEEP);
	captured_close(&captured);
	mlw_tree_free(tree);
}
