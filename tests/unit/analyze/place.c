/* SPDX-License-Identifier: MIT */
#include "analyze/place.h"

#include <criterion/criterion.h>

static void expect_place(const char *text, const char *at, const char *file,
                         enum mlw_place_kind kind)
{
	struct mlw_error err = { "" };
	struct mlw_place place;

	cr_assert_eq(mlw_place_init(&place, text, at, &err), 0, "%s: %s", text, err.text);
	cr_expect_str_eq(place.file, file);
	cr_expect_eq(place.kind, kind);
	mlw_place_release(&place);
}

Test(place, a_file_alone_is_its_end)
{
	expect_place("run.mallow", NULL, "run.mallow", MLW_PLACE_END);
	expect_place("run.mallow@end", NULL, "run.mallow", MLW_PLACE_END);
}

Test(place, the_last_at_divides)
{
	expect_place("a@b.mallow@end", NULL, "a@b.mallow", MLW_PLACE_END);
	expect_place("a@b.mallow@peak", NULL, "a@b.mallow", MLW_PLACE_PEAK);
}

Test(place, every_form_of_when_is_known)
{
	expect_place("f@peak", NULL, "f", MLW_PLACE_PEAK);
	expect_place("f@1.5s", NULL, "f", MLW_PLACE_TIME);
	expect_place("f@25%", NULL, "f", MLW_PLACE_SHARE);
	expect_place("f@loaded", NULL, "f", MLW_PLACE_SNAPSHOT);
	expect_place("f@loaded#2", NULL, "f", MLW_PLACE_SNAPSHOT);
}

Test(place, at_stands_for_the_at_sign)
{
	expect_place("f", "peak", "f", MLW_PLACE_PEAK);
}

Test(place, times_and_shares_are_read)
{
	struct mlw_error err;
	struct mlw_place place;

	cr_assert_eq(mlw_place_init(&place, "f@200ms", NULL, &err), 0);
	cr_expect_eq(place.ns, 200000000);
	mlw_place_release(&place);
	cr_assert_eq(mlw_place_init(&place, "f@12.5%", NULL, &err), 0);
	cr_expect_eq(place.millionths, 125000);
	mlw_place_release(&place);
}

static void expect_no_place(const char *text, const char *at)
{
	struct mlw_error err = { "" };
	struct mlw_place place;

	cr_expect_eq(mlw_place_init(&place, text, at, &err), -1, "%s", text);
	cr_expect_str_neq(err.text, "");
}

Test(place, what_names_no_place_is_refused)
{
	expect_no_place("", NULL);
	expect_no_place("@peak", NULL);
	expect_no_place("f@", NULL);
	expect_no_place("f@101%", NULL);
	expect_no_place("f@peak", "end");
}
