/* SPDX-License-Identifier: MIT */
#include "analyze/ranking.h"

#include <criterion/criterion.h>

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

TestSuite(filter, .init = open_scene, .fini = close_scene);

#define WORDS(...)          \
	(const char *[])    \
	{                   \
		__VA_ARGS__ \
	}

/* Live bytes of what passes. */
static void expect_passed(struct mlw_filter_rules rules, uint64_t size)
{
	struct mlw_query query = { .place = scene.recorder.path, .filter = rules };
	struct mallow_ranking *statistics;
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_ranking_new(&statistics, &query, &err), 0, "%s", err.text);
	cr_expect_eq(statistics->total.size, size, "%zu instead of %zu",
	             (size_t)statistics->total.size, (size_t)size);
	mlw_ranking_free(statistics);
}

static void expect_refused(struct mlw_filter_rules rules)
{
	struct mlw_query query = { .place = scene.recorder.path, .filter = rules };
	struct mallow_ranking *statistics;
	struct mlw_error err = { "" };

	cr_expect_eq(mlw_ranking_new(&statistics, &query, &err), -1);
	cr_expect_str_neq(err.text, "");
}

static void expect_included(const char *glob, uint64_t size)
{
	expect_passed(
	        (struct mlw_filter_rules){ .includes = WORDS(glob), .include_count = 1 },
	        size);
}

Test(filter, without_rules_all_of_malloc_passes)
{
	expect_passed((struct mlw_filter_rules){ 0 }, SCENE_TOTAL_SIZE);
}

Test(filter, an_include_matches_function_file_or_module)
{
	expect_included("parse", 350);
	expect_included("/src/parse.c", 350);
	expect_included("parse.c", 350);
	expect_included("*/parse.*", 350);
	expect_included("libx.so.*", 21);
	expect_included("/usr/lib/libx.so.1", 21);
}

Test(filter, case_matters_and_a_part_is_no_match)
{
	expect_included("PARSE", 0);
	expect_included("pars", 0);
}

Test(filter, includes_are_alternatives)
{
	expect_passed((struct mlw_filter_rules){ .includes = WORDS("parse", "libx*"),
	                                         .include_count = 2 },
	              371);
}

Test(filter, any_exclude_drops)
{
	expect_passed((struct mlw_filter_rules){ .excludes = WORDS("parse", "libx*"),
	                                         .exclude_count = 2 },
	              31);
}

Test(filter, an_exclude_is_stronger_than_an_include)
{
	expect_passed((struct mlw_filter_rules){ .includes = WORDS("parse", "recurse"),
	                                         .include_count = 2,
	                                         .excludes = WORDS("parse.c"),
	                                         .exclude_count = 1 },
	              30);
}

Test(filter, only_the_site_is_asked)
{
	expect_included("main", 0);
	expect_included("xmalloc", 1);
}

Test(filter, all_frames_asks_every_frame)
{
	expect_passed((struct mlw_filter_rules){ .includes = WORDS("main"),
	                                         .include_count = 1,
	                                         .all_frames = true },
	              SCENE_TOTAL_SIZE - 1);
	expect_passed((struct mlw_filter_rules){ .excludes = WORDS("main"),
	                                         .exclude_count = 1,
	                                         .all_frames = true },
	              1);
}

Test(filter, a_domain_is_chosen_by_name)
{
	expect_passed((struct mlw_filter_rules){ .domain = "mmap" }, 4096);
	expect_passed((struct mlw_filter_rules){ .domain = "malloc" }, SCENE_TOTAL_SIZE);
	expect_passed((struct mlw_filter_rules){ .domain = "all" },
	              SCENE_TOTAL_SIZE + 4096);
	expect_refused((struct mlw_filter_rules){ .domain = "heap" });
	expect_refused((struct mlw_filter_rules){ .domain = "1" });
}

Test(filter, threads_are_chosen_by_id_or_name)
{
	expect_passed(
	        (struct mlw_filter_rules){ .threads = WORDS("2"), .thread_count = 1 },
	        21);
	expect_passed(
	        (struct mlw_filter_rules){ .threads = WORDS("work*"), .thread_count = 1 },
	        21);
	expect_passed((struct mlw_filter_rules){ .threads = WORDS("2", "3"),
	                                         .thread_count = 2 },
	              221);
	expect_refused(
	        (struct mlw_filter_rules){ .threads = WORDS("9"), .thread_count = 1 });
	expect_refused(
	        (struct mlw_filter_rules){ .threads = WORDS("idle"), .thread_count = 1 });
}

Test(filter, processes_are_chosen_by_id_pid_or_program)
{
	expect_passed(
	        (struct mlw_filter_rules){ .processes = WORDS("2"), .process_count = 1 },
	        200);
	expect_passed((struct mlw_filter_rules){ .processes = WORDS("1002"),
	                                         .process_count = 1 },
	              200);
	expect_passed((struct mlw_filter_rules){ .processes = WORDS("child"),
	                                         .process_count = 1 },
	              200);
	expect_refused((struct mlw_filter_rules){ .processes = WORDS("vim"),
	                                          .process_count = 1 });
}

Test(filter, thread_and_process_must_both_match)
{
	expect_passed((struct mlw_filter_rules){ .threads = WORDS("main"),
	                                         .thread_count = 1,
	                                         .processes = WORDS("child"),
	                                         .process_count = 1 },
	              200);
}
