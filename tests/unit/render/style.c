/* SPDX-License-Identifier: MIT */
#include "render/style.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "captured.h"

static void expect_name(const char *name, unsigned width, const char *expected)
{
	struct captured captured;
	unsigned columns;

	captured_open(&captured);
	columns = mlw_style_name(captured.out, name, width);
	cr_expect_str_eq(captured_text(&captured), expected);
	cr_expect_eq(columns, mlw_style_columns(expected));
	captured_close(&captured);
}

Test(style, names_cannot_move_the_cursor)
{
	expect_name("a\033[2Jb\r\n", 0, "a?[2Jb??");
	expect_name("\xc2\x9b"
	            "31m\x7f\xff",
	            0, "?31m??");
}

Test(style, long_names_end_with_dots)
{
	expect_name("abcdefghij", 10, "abcdefghij");
	expect_name("abcdefghijk", 10, "abcdefg...");
}

Test(style, a_character_is_a_column_however_many_bytes_it_has)
{
	expect_name("\xc3\xa4\xc3\xb6\xc3\xbc", 3, "\xc3\xa4\xc3\xb6\xc3\xbc");
	expect_name("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\x9f", 4, "\xc3\xa4...");
}

Test(style, nothing_but_a_terminal_has_colour)
{
	struct mlw_style style;
	FILE *out = tmpfile();

	cr_assert_not_null(out);
	mlw_style_init(&style, MLW_COLOUR_AUTO, out);
	cr_expect_not(style.colour);
	cr_expect_str_eq(mlw_style_bold(&style), "");
	mlw_style_init(&style, MLW_COLOUR_ALWAYS, out);
	cr_expect(style.colour);
	cr_expect_str_neq(mlw_style_bold(&style), "");
	fclose(out);
}

Test(style, a_file_is_as_wide_on_every_screen)
{
	struct mlw_style style;
	FILE *out = tmpfile();

	cr_assert_not_null(out);
	mlw_style_init(&style, MLW_COLOUR_NEVER, out);
	cr_expect_eq(style.width, 120);
	fclose(out);
}
