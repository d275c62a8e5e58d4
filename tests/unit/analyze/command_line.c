/* SPDX-License-Identifier: MIT */
#include "analyze/command_line.h"

#include <criterion/criterion.h>

Test(command_line, words_are_read)
{
	struct mlw_command_line line;
	struct mlw_error err;

	cr_assert_eq(mlw_command_line_init(
	                     &line,
	                     " [ \"a b\", \"\\\"\\\\\\n\" ,\"\\u00e4\\ud83d\\udc11\"]",
	                     &err),
	             0);
	cr_assert_eq(line.count, 3);
	cr_expect_str_eq(line.words[0], "a b");
	cr_expect_str_eq(line.words[1], "\"\\\n");
	cr_expect_str_eq(line.words[2], "\xc3\xa4\xf0\x9f\x90\x91");
	mlw_command_line_release(&line);
}

Test(command_line, none_is_no_words)
{
	struct mlw_command_line line;
	struct mlw_error err;

	cr_assert_eq(mlw_command_line_init(&line, NULL, &err), 0);
	cr_expect_eq(line.count, 0);
	cr_assert_eq(mlw_command_line_init(&line, "[]", &err), 0);
	cr_expect_eq(line.count, 0);
	mlw_command_line_release(&line);
}

Test(command_line, anything_else_is_damaged)
{
	static const char *const texts[] = {
		"",          "{}",        "[",        "[\"a\"",   "[\"a]",    "[1]",
		"[\"a\" 1]", "[\"\\x\"]", "[\"\\u12", "[\"a\",]", "[,\"a\"]",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct mlw_command_line line;
		struct mlw_error err = { "" };

		cr_expect_eq(mlw_command_line_init(&line, texts[i], &err), -1, "%s",
		             texts[i]);
		cr_expect_str_neq(err.text, "");
	}
}
