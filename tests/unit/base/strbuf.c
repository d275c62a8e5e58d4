/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/strbuf.h"

Test(strbuf, empty_buffer_is_the_empty_string)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	cr_assert_str_eq(buf.text, "");
	cr_assert_eq(buf.length, 0);
	mlw_strbuf_release(&buf);
}

Test(strbuf, appends_follow_one_another)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	cr_assert_eq(mlw_strbuf_puts(&buf, "live"), 0);
	cr_assert_eq(mlw_strbuf_putc(&buf, ':'), 0);
	cr_assert_eq(mlw_strbuf_add(&buf, " 12345", 4), 0);
	cr_assert_eq(mlw_strbuf_printf(&buf, " %s=%d", "n", 7), 0);
	cr_assert_str_eq(buf.text, "live: 123 n=7");
	cr_assert_eq(buf.length, strlen(buf.text));
	mlw_strbuf_release(&buf);
}

Test(strbuf, grows_past_its_first_room)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	for (int i = 0; i < 10000; i++)
		mlw_strbuf_printf(&buf, "%04d,", i);
	cr_assert_not(mlw_strbuf_failed(&buf));
	cr_assert_eq(buf.length, 50000);
	cr_assert_eq(strncmp(buf.text + 5 * 1234, "1234,1235,", 10), 0);
	mlw_strbuf_release(&buf);
}

Test(strbuf, one_printf_may_exceed_the_room_by_any_length)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	/* 63 + NUL is the last length that fits in the first room. */
	for (int width = 60; width < 70; width++) {
		mlw_strbuf_clear(&buf);
		cr_assert_eq(mlw_strbuf_printf(&buf, "%*d", width, 1), 0);
		cr_assert_eq(buf.length, (size_t)width);
		cr_assert_eq(strlen(buf.text), (size_t)width);
		mlw_strbuf_release(&buf);
	}
}

Test(strbuf, holds_bytes_that_are_nul)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	mlw_strbuf_add(&buf, "a\0b", 3);
	mlw_strbuf_putc(&buf, 'c');
	cr_assert_eq(buf.length, 4);
	cr_assert_arr_eq(buf.text, "a\0bc", 5);
	mlw_strbuf_release(&buf);
}

Test(strbuf, clear_keeps_the_memory)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;
	char *text;

	mlw_strbuf_puts(&buf, "long enough");
	text = buf.text;
	mlw_strbuf_clear(&buf);
	cr_assert_str_eq(buf.text, "");
	mlw_strbuf_puts(&buf, "again");
	cr_assert_eq(buf.text, text);
	cr_assert_str_eq(buf.text, "again");
	mlw_strbuf_release(&buf);
}

Test(strbuf, released_buffer_can_be_used_again)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	mlw_strbuf_puts(&buf, "once");
	mlw_strbuf_release(&buf);
	cr_assert_str_eq(buf.text, "");
	mlw_strbuf_puts(&buf, "twice");
	cr_assert_str_eq(buf.text, "twice");
	mlw_strbuf_release(&buf);
}

Test(strbuf, release_takes_null_and_zeroed)
{
	struct mlw_strbuf zeroed = { 0 };

	mlw_strbuf_release(NULL);
	mlw_strbuf_release(&zeroed);
	cr_assert_str_eq(zeroed.text, "");
}

Test(strbuf, detach_hands_over_the_text)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;
	char *text;

	mlw_strbuf_puts(&buf, "mine");
	text = mlw_strbuf_detach(&buf);
	cr_assert_str_eq(text, "mine");
	cr_assert_str_eq(buf.text, "");
	cr_assert_eq(buf.capacity, 0);
	free(text);
}

Test(strbuf, detached_empty_buffer_is_memory_of_the_caller)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;
	char *text = mlw_strbuf_detach(&buf);

	cr_assert_str_eq(text, "");
	cr_assert_neq(text, buf.text);
	free(text);
}

Test(strbuf, failure_sticks_and_keeps_the_text_before_it)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	mlw_strbuf_puts(&buf, "before");
	/* More than any address space: refused before the bytes are looked at. */
	cr_assert_eq(mlw_strbuf_add(&buf, "x", SIZE_MAX - 2), -1);
	cr_assert(mlw_strbuf_failed(&buf));
	cr_assert_eq(mlw_strbuf_puts(&buf, " after"), -1);
	cr_assert_eq(mlw_strbuf_printf(&buf, "%d", 1), -1);
	cr_assert_str_eq(buf.text, "before");
	cr_assert_null(mlw_strbuf_detach(&buf));
	cr_assert_not(mlw_strbuf_failed(&buf));
	cr_assert_str_eq(buf.text, "");
}

Test(strbuf, clear_forgets_a_failure)
{
	struct mlw_strbuf buf = MLW_STRBUF_INIT;

	mlw_strbuf_add(&buf, "x", SIZE_MAX);
	mlw_strbuf_clear(&buf);
	cr_assert_eq(mlw_strbuf_puts(&buf, "fine"), 0);
	cr_assert_str_eq(buf.text, "fine");
	mlw_strbuf_release(&buf);
}
