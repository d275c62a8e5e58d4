/* SPDX-License-Identifier: MIT */
#include "analyze/alignment.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define LINES 16

/* "10 12:500": line 10 with 100 bytes in one block, line 12 with 500. */
static size_t read_lines(const char *text, struct mlw_line *lines)
{
	size_t count = 0;

	while (*text) {
		unsigned line, size = 100;
		int length = 0;

		if (sscanf(text, "%u:%u%n", &line, &size, &length) != 2)
			cr_assert_eq(sscanf(text, "%u%n", &line, &length), 1);
		lines[count++] = (struct mlw_line){ line, size, 1, size, 1 };
		text += length + strspn(text + length, " ");
	}
	return count;
}

/* The lines that the old ones became, "-" for one that is gone. */
static void expect_partners(const char *old_text, const char *new_text,
                            const char *partners)
{
	struct mlw_line old_lines[LINES], new_lines[LINES];
	size_t old_count = read_lines(old_text, old_lines);
	size_t new_count = read_lines(new_text, new_lines);
	size_t partner[LINES];
	char found[128] = "";
	struct mlw_error err = { "" };

	cr_assert_eq(mlw_align_lines(old_lines, old_count, new_lines, new_count, partner,
	                             &err),
	             0, "%s", err.text);
	for (size_t i = 0; i < old_count; i++) {
		char one[16] = "-";

		if (partner[i] != SIZE_MAX)
			snprintf(one, sizeof(one), "%u", new_lines[partner[i]].line);
		strcat(strcat(found, i ? " " : ""), one);
	}
	cr_expect_str_eq(found, partners, "%s became %s: %s, not %s", old_text, new_text,
	                 found, partners);
}

Test(alignment, where_nothing_moved_a_line_is_itself)
{
	expect_partners("10 20 30", "10 20 30", "10 20 30");
	expect_partners("10 20", "10 15 20 25", "10 20");
	expect_partners("10 15 20 25", "15 25", "- 15 - 25");
	expect_partners("10", "", "-");
	expect_partners("", "10", "");
}

Test(alignment, numbers_do_not_matter_where_nothing_moved)
{
	expect_partners("10:100 20:50", "10:100 15:50 20:80", "10 20");
}

Test(alignment, a_function_moves_as_a_whole)
{
	expect_partners("10 20 30", "50 60 70", "50 60 70");
	expect_partners("50 60 70", "10 20 30", "10 20 30");
	/* Lines that are equal by chance do not hold it back. */
	expect_partners("10 11 12", "11 12 13", "11 12 13");
	expect_partners("10 50", "50 90", "50 90");
}

Test(alignment, a_site_more_in_a_function_that_moved_is_found)
{
	expect_partners("10 12 15", "49 50 52 55", "50 52 55");
	expect_partners("10 12 15", "50 52 55 60", "50 52 55");
	expect_partners("10 20 40", "50 60 70 80", "50 60 80");
	/* Three lines on, and two more of them below the new one. */
	expect_partners("10 20 30", "13 17:7 25 35", "13 25 35");
}

Test(alignment, equal_numbers_tell_neighbours_apart)
{
	expect_partners("10:1 11:2 12:3", "11:1 12:9 13:2 14:3", "11 13 14");
	expect_partners("10:1 11:2 12:3", "11:9 12:1 13:2 14:3", "12 13 14");
	expect_partners("10:1 11:2 12:3", "11:1 12:2 13:3 14:9", "11 12 13");
}

Test(alignment, a_site_less_in_a_function_that_moved_is_found)
{
	expect_partners("10 12:7 15 18", "50 55 58", "50 - 55 58");
}

Test(alignment, the_least_bytes_decide_between_equals)
{
	expect_partners("10:100", "20:500 30:110", "30");
	expect_partners("10:100", "20:100 30:100", "20");
}

Test(alignment, lines_before_an_edit_stay)
{
	expect_partners("10 20 30", "10 25 30", "10 25 30");
	expect_partners("10:1 20:2 30:3", "10:1 20:2 40:3 50:4", "10 20 40");
}
