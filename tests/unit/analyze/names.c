/* SPDX-License-Identifier: MIT */
#include "analyze/names.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char *const maps[] = { "/build/app=/home/me/app", "/build=/b",
	                            "old.c=new.c" };

static void expect_name(const char *root, const char *path, const char *expected)
{
	struct mallow_run_options options = { .source_root = root,
		                              .path_maps = maps,
		                              .path_map_count = 3 };
	struct mlw_error err;
	char *name;

	cr_assert_eq(mlw_names_map(&options, path, &name, &err), 0);
	cr_expect_str_eq(name, expected);
	free(name);
}

Test(names, the_first_map_that_fits_is_applied)
{
	expect_name(NULL, "/build/app/a.c", "/home/me/app/a.c");
	expect_name(NULL, "/build/lib/a.c", "/b/lib/a.c");
	expect_name(NULL, "/src/a.c", "/src/a.c");
}

Test(names, a_map_ends_where_a_folder_does)
{
	expect_name(NULL, "/buildings/a.c", "/buildings/a.c");
	expect_name(NULL, "/build/apple/a.c", "/b/apple/a.c");
}

Test(names, a_map_may_name_a_whole_file)
{
	expect_name(NULL, "old.c", "new.c");
	expect_name(NULL, "old.cc", "old.cc");
}

Test(names, files_below_the_root_are_relative_to_it)
{
	expect_name("/src", "/src/lib/a.c", "lib/a.c");
	expect_name("/src/", "/src/lib/a.c", "lib/a.c");
	expect_name("/src", "/srcs/a.c", "/srcs/a.c");
	expect_name("/home/me/app", "/build/app/a.c", "a.c");
}

Test(names, a_map_needs_two_sides)
{
	const char *lines[] = { "a=b", "a=", "=b", "a" };
	struct mallow_run_options options = { .path_maps = lines };
	struct mlw_error err;

	for (options.path_map_count = 0; options.path_map_count < 4;
	     options.path_map_count++)
		cr_expect_eq(mlw_names_check_maps(&options, &err),
		             options.path_map_count < 3 ? 0 : -1);
	options.path_maps = lines + 3;
	options.path_map_count = 1;
	cr_expect_eq(mlw_names_check_maps(&options, &err), -1);
	cr_expect_str_eq(err.text, "'a' is no OLD=NEW");
}

Test(names, a_map_to_nothing_makes_a_name_relative)
{
	static const char *const map[] = { "/build/=" };
	struct mallow_run_options options = { .path_maps = map, .path_map_count = 1 };
	struct mlw_error err;
	char *name;

	cr_assert_eq(mlw_names_map(&options, "/build/lib/a.c", &name, &err), 0);
	cr_expect_str_eq(name, "lib/a.c");
	free(name);
}
