/* SPDX-License-Identifier: MIT */
#include "store/snapshot_name.h"

#include <criterion/criterion.h>
#include <string.h>

static bool is_name(const char *name)
{
	struct mlw_error err = { "" };
	int result = mlw_snapshot_name_check(name, &err);

	cr_expect_eq(result != 0, err.text[0] != '\0', "%s: %s", name, err.text);
	return !result;
}

Test(snapshot_name, words_are_names)
{
	cr_expect(is_name("loaded"));
	cr_expect(is_name("after the 2nd pass"));
	cr_expect(is_name("ends"));
	cr_expect(is_name("7"));
	cr_expect(is_name("50% done"));
	cr_expect(is_name("5 minutes"));
	cr_expect(is_name("gr\xc3\xb6\xc3\x9f"));
}

Test(snapshot_name, what_means_another_place_is_none)
{
	cr_expect_not(is_name(""));
	cr_expect_not(is_name("start"));
	cr_expect_not(is_name("end"));
	cr_expect_not(is_name("peak"));
	cr_expect_not(is_name("a@b"));
	cr_expect_not(is_name("a#2"));
	cr_expect_not(is_name("25%"));
	cr_expect_not(is_name("12.5%"));
	cr_expect_not(is_name("1.5s"));
	cr_expect_not(is_name("200ms"));
	cr_expect_not(is_name("0"));
	cr_expect_not(is_name("a\nb"));
}

Test(snapshot_name, a_name_fits_its_message)
{
	char name[MLW_SNAPSHOT_NAME_MAX + 2];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cr_expect_not(is_name(name));
	name[MLW_SNAPSHOT_NAME_MAX] = '\0';
	cr_expect(is_name(name));
}
