/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "symbol/names.h"

static void check(const char *raw, const char *made)
{
	struct mlw_names names = { 0 };
	struct mlw_error err;

	cr_assert_str_eq(mlw_names_demangle(&names, raw, &err), made);
	mlw_names_release(&names);
}

Test(names, c_names_stay)
{
	check("main", "main");
	check("__libc_malloc", "__libc_malloc");
}

Test(names, cpp_names_get_their_parameters)
{
	check("_ZN5shape4drawEiPKc", "shape::draw(int, char const*)");
	check("_ZNSt6vectorIiSaIiEE9push_backEOi",
	      "std::vector<int, std::allocator<int> >::push_back(int&&)");
}

Test(names, rust_names_of_both_kinds)
{
	check("_ZN4core3ptr13drop_in_place17h0123456789abcdefE",
	      "core::ptr::drop_in_place");
	check("_RNvCs1234_7mycrate4main", "mycrate::main");
}

Test(names, parts_that_the_compiler_made_stay_visible)
{
	check("parse.constprop.0", "parse.constprop.0");
	check("parse.part.0.cold", "parse.part.0.cold");
	check("_Z5parsei.cold", "parse(int) [clone .cold]");
}

Test(names, versions_go)
{
	check("memcpy@@GLIBC_2.14", "memcpy");
	check("_ZNSs4swapERSs@@GLIBCXX_3.4", "std::string::swap(std::string&)");
}

Test(names, broken_mangling_stays_as_it_is)
{
	check("_ZN", "_ZN");
	check("_Z99999999999999999999x", "_Z99999999999999999999x");
}

Test(names, absurdly_long_name_stays_as_it_is)
{
	struct mlw_names names = { 0 };
	struct mlw_error err;
	size_t length = 1 << 20;
	char *raw = malloc(length + 1);

	memset(raw, 'P', length);
	raw[length] = '\0';
	memcpy(raw, "_Z1f", 4);
	cr_assert_str_eq(mlw_names_demangle(&names, raw, &err), raw);
	mlw_names_release(&names);
	free(raw);
}

/* pair<pair<...>, pair<...>>: each level is twice as long as the one before. */
Test(names, name_that_grows_without_bounds_stays_as_it_is, .timeout = 10)
{
	struct mlw_names names = { 0 };
	struct mlw_error err = { 0 };
	char raw[512] = "_Z1f4pairIiiE";

	for (int level = 0; level < 36; level++) {
		char last[8] = "S0_";

		if (level)
			last[1] = level < 10 ? (char)('0' + level)
			                     : (char)('A' + level - 10);
		sprintf(raw + strlen(raw), "S_I%s%sE", last, last);
	}
	cr_assert_str_eq(mlw_names_demangle(&names, raw, &err), raw);
	mlw_names_release(&names);
}

Test(names, each_name_is_made_once)
{
	static char raw[1000][32];
	const char *made[1000];
	struct mlw_names names = { 0 };
	struct mlw_error err;

	for (int i = 0; i < 1000; i++) {
		snprintf(raw[i], sizeof(raw[i]), "_Z1fILi%dEEvv", i);
		made[i] = mlw_names_demangle(&names, raw[i], &err);
	}
	for (int i = 0; i < 1000; i++) {
		char text[32];

		snprintf(text, sizeof(text), "void f<%d>()", i);
		cr_assert_str_eq(made[i], text);
		cr_assert_eq(mlw_names_demangle(&names, raw[i], &err), made[i]);
	}
	mlw_names_release(&names);
}

Test(names, relative_paths_stand_behind_the_directory)
{
	static const char relative[] = "src/a.c", absolute[] = "/usr/src/a.c",
	                  lonely[] = "b.c";
	struct mlw_names names = { 0 };
	struct mlw_error err;

	cr_assert_str_eq(mlw_names_path(&names, relative, "/build", &err),
	                 "/build/src/a.c");
	cr_assert_str_eq(mlw_names_path(&names, absolute, "/build", &err),
	                 "/usr/src/a.c");
	cr_assert_str_eq(mlw_names_path(&names, lonely, NULL, &err), "b.c");
	mlw_names_release(&names);
}
