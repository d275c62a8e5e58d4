/* SPDX-License-Identifier: MIT */
#include "analyze/ranking.h"

#include <criterion/criterion.h>
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

TestSuite(ranking, .init = open_scene, .fini = close_scene);

static struct mallow_ranking *ask(struct mlw_query query)
{
	struct mallow_ranking *ranking;
	struct mlw_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mlw_ranking_new(&ranking, &query, &err), 0, "%s", err.text);
	return ranking;
}

static void expect_failure(struct mlw_query query, const char *part)
{
	struct mallow_ranking *ranking;
	struct mlw_error err = { "" };

	query.place = scene.recorder.path;
	cr_assert_eq(mlw_ranking_new(&ranking, &query, &err), -1);
	cr_expect_null(ranking);
	cr_expect_not_null(strstr(err.text, part), "%s", err.text);
}

static const char *text_of(const char *text)
{
	return text ? text : "(null)";
}

static const struct mlw_frame *first_frame(const struct mallow_ranking *ranking,
                                           size_t row)
{
	cr_assert_lt(row, ranking->count);
	cr_assert_gt(ranking->rows[row].traceback->count, 0);
	return ranking->rows[row].traceback->frames[0];
}

static void expect_function(const struct mallow_ranking *ranking, size_t row,
                            const char *function, uint64_t size, uint64_t count)
{
	cr_expect_str_eq(text_of(first_frame(ranking, row)->function), function);
	cr_expect_eq(ranking->rows[row].sums.size, size, "row %zu: %zu", row,
	             (size_t)ranking->rows[row].sums.size);
	cr_expect_eq(ranking->rows[row].sums.count, count);
}

Test(ranking, sites_are_outside_wrappers_and_in_order)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ 0 });

	cr_expect_eq(ranking->total.size, SCENE_TOTAL_SIZE);
	cr_expect_eq(ranking->total.count, SCENE_TOTAL_COUNT);
	cr_assert_eq(ranking->count, 6);
	expect_function(ranking, 0, "parse", 350, 3);
	expect_function(ranking, 1, "recurse", 30, 1);
	expect_function(ranking, 2, "(null)", 14, 2);
	expect_function(ranking, 3, "(null)", 7, 1);
	expect_function(ranking, 4, "xmalloc", 1, 1);
	expect_function(ranking, 5, "inner", 0, 0);
	mlw_ranking_free(ranking);
}

Test(ranking, calls_without_names_stay_apart)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ 0 });

	cr_expect_neq(first_frame(ranking, 2)->offset, first_frame(ranking, 3)->offset);
	cr_expect_str_eq(first_frame(ranking, 2)->module, "/usr/lib/libx.so.1");
	mlw_ranking_free(ranking);
}

Test(ranking, a_group_adds_up_all_that_is_known)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ 0 });
	const struct mallow_sums *parse = &ranking->rows[0].sums;
	const struct mallow_sums *inner = &ranking->rows[5].sums;

	cr_expect_eq(parse->allocated_size, 1350);
	cr_expect_eq(parse->allocations, 4);
	cr_expect_eq(parse->peak_size, 1150);
	cr_expect_eq(parse->peak_count, 3);
	cr_expect_eq(inner->allocations, 2);
	cr_expect_eq(inner->temporary_count, 2);
	mlw_ranking_free(ranking);
}

Test(ranking, at_the_peak_rows_add_up_to_the_peak)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .at = "peak" });
	uint64_t sum = 0;

	for (size_t i = 0; i < ranking->count; i++)
		sum += ranking->rows[i].sums.size;
	cr_expect_eq(sum, SCENE_PEAK_SIZE);
	cr_expect_eq(ranking->total.size, SCENE_PEAK_SIZE);
	expect_function(ranking, 0, "parse", 1150, 3);
	mlw_ranking_free(ranking);
}

Test(ranking, a_time_is_what_had_happened_by_then)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .at = "250us" });

	expect_function(ranking, 0, "parse", 150, 2);
	cr_expect_eq(ranking->rows[0].sums.allocations, 4,
	             "what is not live is of the whole run");
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .at = "30%" });
	expect_function(ranking, 0, "parse", 350, 3);
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .at = "0s" });
	cr_expect_eq(ranking->total.size, 0);
	mlw_ranking_free(ranking);
}

Test(ranking, a_place_that_is_not_there_is_refused)
{
	expect_failure((struct mlw_query){ .at = "2s" }, "after the end");
	expect_failure((struct mlw_query){ .at = "loaded" },
	               "no snapshot named 'loaded'");
}

Test(ranking, by_function_there_is_no_line)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_FUNCTION });

	expect_function(ranking, 0, "parse", 350, 3);
	cr_expect_eq(first_frame(ranking, 0)->line, 0);
	cr_expect_str_eq(first_frame(ranking, 0)->file, "/src/parse.c");
	mlw_ranking_free(ranking);
}

Test(ranking, by_file_the_unknown_stand_by_module)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .by = MALLOW_BY_FILE });

	cr_assert_eq(ranking->count, 5);
	cr_expect_str_eq(first_frame(ranking, 0)->file, "/src/parse.c");
	cr_expect_null(first_frame(ranking, 0)->function);
	cr_expect_null(first_frame(ranking, 2)->file);
	cr_expect_str_eq(first_frame(ranking, 2)->module, "/usr/lib/libx.so.1");
	cr_expect_eq(ranking->rows[2].sums.size, 21);
	mlw_ranking_free(ranking);
}

Test(ranking, by_module_all_of_it_is_one)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_MODULE });

	cr_assert_eq(ranking->count, 2);
	cr_expect_str_eq(first_frame(ranking, 0)->module, "/usr/bin/prog");
	cr_expect_null(first_frame(ranking, 0)->file);
	cr_expect_eq(ranking->rows[0].sums.size, SCENE_TOTAL_SIZE - 21);
	mlw_ranking_free(ranking);
}

Test(ranking, by_trace_a_stack_begins_at_its_site_and_hides_mallow)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_TRACEBACK });
	const struct mallow_traceback *traceback = ranking->rows[0].traceback;

	cr_assert_eq(traceback->count, 2);
	cr_expect_str_eq(traceback->frames[0]->function, "parse");
	cr_expect_str_eq(traceback->frames[1]->function, "main");
	cr_expect_not(traceback->truncated);
	cr_expect_eq(ranking->rows[0].sums.size, 350, "two threads, one stack");
	cr_expect(ranking->rows[1].traceback->truncated);
	mlw_ranking_free(ranking);
}

Test(ranking, inlined_frames_are_frames_of_their_own)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_TRACEBACK,
	                                .filter.includes = (const char *[]){ "inner" },
	                                .filter.include_count = 1 });
	const struct mallow_traceback *traceback = ranking->rows[0].traceback;

	cr_assert_eq(ranking->count, 1);
	cr_assert_eq(traceback->count, 3);
	cr_expect(traceback->frames[0]->inlined);
	cr_expect_str_eq(traceback->frames[1]->function, "outer");
	cr_expect_not(traceback->frames[1]->inlined);
	cr_expect_str_eq(traceback->frames[2]->function, "main");
	mlw_ranking_free(ranking);
}

Test(ranking, by_thread_and_process_there_are_ids_and_names)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_THREAD });

	cr_assert_eq(ranking->count, 3);
	cr_expect_eq(ranking->rows[0].id, 3);
	cr_expect_eq(ranking->rows[0].sums.size, 200);
	cr_expect_str_eq(ranking->rows[2].name, "worker");
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .by = MALLOW_BY_PROCESS });
	cr_assert_eq(ranking->count, 2);
	cr_expect_eq(ranking->rows[0].id, 1);
	cr_expect_str_eq(ranking->rows[0].name, "prog two words");
	mlw_ranking_free(ranking);
}

Test(ranking, domains_are_apart_from_malloc)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_DOMAIN });

	cr_assert_eq(ranking->count, 2);
	cr_expect_str_eq(ranking->rows[0].name, "mmap");
	cr_expect_eq(ranking->rows[0].sums.size, 4096);
	cr_expect_str_eq(ranking->rows[1].name, "malloc");
	cr_expect_eq(ranking->rows[1].sums.size, SCENE_TOTAL_SIZE);
	mlw_ranking_free(ranking);
}

static const struct mallow_row *row_of_size(const struct mallow_ranking *ranking,
                                            uint64_t size)
{
	for (size_t i = 0; i < ranking->count; i++) {
		if (ranking->rows[i].size_min <= size &&
		    size <= ranking->rows[i].size_max)
			return &ranking->rows[i];
	}
	cr_assert_fail("no class of %zu", (size_t)size);
	return NULL;
}

Test(ranking, by_size_blocks_are_in_the_class_of_their_request)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .by = MALLOW_BY_SIZE });

	cr_expect_eq(row_of_size(ranking, 7)->sums.size, 21);
	cr_expect_eq(row_of_size(ranking, 7)->sums.count, 3);
	cr_expect_eq(row_of_size(ranking, 1000)->sums.size, 0);
	cr_expect_eq(row_of_size(ranking, 1000)->sums.allocated_size, 1000);
	cr_expect_eq(row_of_size(ranking, 1000)->sums.peak_size, 1000);
	cr_expect_eq(row_of_size(ranking, 500)->sums.temporary_count, 2);
	cr_expect_eq(row_of_size(ranking, 1)->size_min, 1);
	cr_expect_eq(row_of_size(ranking, 1)->size_max, 1);
	cr_expect_eq(ranking->total.size, SCENE_TOTAL_SIZE);
	mlw_ranking_free(ranking);
}

Test(ranking, by_size_at_the_peak_and_at_a_time)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_SIZE, .at = "peak" });

	cr_expect_eq(ranking->total.size, SCENE_PEAK_SIZE);
	cr_expect_eq(row_of_size(ranking, 1000)->sums.size, 1000);
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .by = MALLOW_BY_SIZE, .at = "250us" });
	cr_expect_eq(ranking->total.size, SCENE_TOTAL_SIZE - 200);
	cr_expect_eq(row_of_size(ranking, 200)->sums.size, 0);
	mlw_ranking_free(ranking);
}

Test(ranking, cumulative_counts_recursion_once)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .by = MALLOW_BY_FUNCTION, .cumulative = true });

	cr_expect_eq(ranking->total.size, SCENE_TOTAL_SIZE);
	expect_function(ranking, 0, "main", SCENE_TOTAL_SIZE - 1, 7);
	expect_function(ranking, 1, "parse", 350, 3);
	expect_function(ranking, 2, "recurse", 30, 1);
	mlw_ranking_free(ranking);
}

Test(ranking, cumulative_needs_groups_that_a_stack_has_many_of)
{
	expect_failure(
	        (struct mlw_query){ .by = MALLOW_BY_TRACEBACK, .cumulative = true },
	        "--cumulative");
	expect_failure((struct mlw_query){ .by = MALLOW_BY_THREAD, .cumulative = true },
	               "--cumulative");
}

Test(ranking, rows_are_sorted_by_what_was_asked)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .sort = MALLOW_SORT_TEMPORARY });

	expect_function(ranking, 0, "inner", 0, 0);
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .sort = MALLOW_SORT_ALLOCATED });
	expect_function(ranking, 0, "parse", 350, 3);
	expect_function(ranking, 1, "inner", 0, 0);
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .sort = MALLOW_SORT_COUNT });
	expect_function(ranking, 1, "(null)", 14, 2);
	mlw_ranking_free(ranking);
	ranking = ask((struct mlw_query){ .sort = MALLOW_SORT_ALLOCATIONS });
	expect_function(ranking, 1, "(null)", 14, 2);
	expect_function(ranking, 2, "inner", 0, 0);
	mlw_ranking_free(ranking);
}

Test(ranking, ties_fall_by_count_then_by_the_stack_descending)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){
	        .sort = MALLOW_SORT_PEAK, .by = MALLOW_BY_LINE, .at = "0s" });

	for (size_t i = 1; i < ranking->count; i++) {
		const struct mallow_row *above = &ranking->rows[i - 1];
		const struct mallow_row *row = &ranking->rows[i];

		cr_expect_geq(above->sums.peak_size, row->sums.peak_size);
		if (above->sums.peak_size == row->sums.peak_size)
			cr_expect_gt(
			        mlw_traceback_compare(above->traceback, row->traceback),
			        0);
	}
	mlw_ranking_free(ranking);
}

/* The only row, by line, of a line that is in three functions. */
static void expect_name(const char *place, enum mallow_sort sort, const char *function)
{
	struct mlw_query query = { .place = place, .sort = sort };
	struct mallow_ranking *ranking;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_ranking_new(&ranking, &query, &err), 0, "%s", err.text);
	cr_expect_eq(ranking->count, 1);
	cr_expect_str_eq(text_of(first_frame(ranking, 0)->function), function);
	mlw_ranking_free(ranking);
}

Test(ranking, a_line_is_named_after_a_function_in_which_something_is)
{
	static const char *const functions[] = { "a", "b", "c" };
	struct recorder recorder;
	uint64_t blocks[3];
	uint32_t thread, module;

	recorder_open(&recorder);
	thread = recorder_thread(&recorder, recorder_process(&recorder, 0, "[]"), "main");
	module = recorder_module(&recorder, "/bin/x");
	for (int i = 0; i < 3; i++) {
		uint32_t frames[] = {
			recorder_frame(&recorder, module, functions[i], "x.cc", 7), 0
		};
		uint32_t node = recorder_stack(&recorder, frames);
		uint32_t trace =
		        recorder_trace(&recorder, node, thread, MLW_DOMAIN_MALLOC, 0);

		blocks[i] = recorder_alloc(&recorder, trace, i == 1 ? 1000 : 1);
		if (!i)
			recorder_free(&recorder, thread, blocks[0]);
	}
	recorder_free(&recorder, thread, blocks[1]);
	recorder_close(&recorder);
	expect_name(recorder.path, MALLOW_SORT_SIZE, "c");
	expect_name(recorder.path, MALLOW_SORT_PEAK, "b");
	expect_name(recorder.path, MALLOW_SORT_ALLOCATED, "a");
	expect_name(recorder.path, MALLOW_SORT_TEMPORARY, "a");
	recorder_remove(&recorder);
}

Test(ranking, a_limit_cuts_rows_and_not_totals)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .limit = 2 });

	cr_expect_eq(ranking->count, 2);
	cr_expect_eq(ranking->group_count, 6);
	cr_expect_eq(ranking->total.size, SCENE_TOTAL_SIZE);
	mlw_ranking_free(ranking);
}

Test(ranking, small_groups_can_be_left_out)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ .min_size = 30 });

	cr_expect_eq(ranking->count, 2);
	mlw_ranking_free(ranking);
	ranking = ask(
	        (struct mlw_query){ .min_size = 1000, .sort = MALLOW_SORT_ALLOCATED });
	cr_expect_eq(ranking->count, 2, "parse and inner allocated that much");
	mlw_ranking_free(ranking);
}

Test(ranking, wrappers_can_be_added)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .recording.wrappers = (const char *[]){ "pars?" },
	                                .recording.wrapper_count = 1 });

	expect_function(ranking, 0, "main", 350, 3);
	mlw_ranking_free(ranking);
}

Test(ranking, files_are_shown_below_the_source_root)
{
	struct mallow_ranking *ranking =
	        ask((struct mlw_query){ .recording.source_root = "/src" });

	cr_expect_str_eq(first_frame(ranking, 0)->file, "parse.c");
	mlw_ranking_free(ranking);
}

Test(ranking, a_file_that_is_not_there_is_one_sentence)
{
	struct mlw_query query = { .place = "/nonexistent/run.mallow" };
	struct mallow_ranking *ranking;
	struct mlw_error err = { "" };

	cr_expect_eq(mlw_ranking_new(&ranking, &query, &err), -1);
	cr_expect_str_neq(err.text, "");
}

Test(ranking, a_closed_recording_is_complete)
{
	struct mallow_ranking *ranking = ask((struct mlw_query){ 0 });

	cr_expect(ranking->about.closed);
	cr_expect(ranking->about.complete);
	mlw_ranking_free(ranking);
}
