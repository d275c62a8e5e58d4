/* SPDX-License-Identifier: MIT */
#include "base/units.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void expect_size(uint64_t size, const char *expected)
{
	char text[MLW_UNIT_TEXT];

	cr_expect_str_eq(mlw_size_text(size, text), expected);
}

static void expect_duration(uint64_t ns, const char *expected)
{
	char text[MLW_UNIT_TEXT];

	cr_expect_str_eq(mlw_duration_text(ns, text), expected);
}

Test(units, sizes_are_bytes_below_ten_kib)
{
	expect_size(0, "0 B");
	expect_size(5002, "5002 B");
	expect_size(10239, "10239 B");
	expect_size(10240, "10.0 KiB");
}

Test(units, sizes_have_one_decimal_below_a_hundred)
{
	expect_size(12800, "12.5 KiB");
	expect_size(340 * 1024, "340 KiB");
	expect_size(4855 * 1024, "4855 KiB");
	expect_size(UINT64_C(20) << 20, "20.0 MiB");
	expect_size(UINT64_C(200) << 30, "200 GiB");
}

Test(units, the_largest_size_has_a_text)
{
	expect_size(UINT64_MAX, "16777216 TiB");
}

Test(units, changes_carry_their_sign)
{
	char text[MLW_UNIT_TEXT];

	cr_expect_str_eq(mlw_size_change_text(5000, text), "+5000 B");
	cr_expect_str_eq(mlw_size_change_text(-66, text), "-66 B");
	cr_expect_str_eq(mlw_size_change_text(0, text), "+0 B");
	cr_expect_str_eq(mlw_size_change_text(INT64_MIN, text), "-8388608 TiB");
}

Test(units, durations_choose_their_unit)
{
	expect_duration(0, "0 ns");
	expect_duration(87, "87 ns");
	expect_duration(1500, "1.5 us");
	expect_duration(340000000, "340 ms");
	expect_duration(1500000000, "1.5 s");
	expect_duration(UINT64_C(5000) * 1000000000, "5000 s");
}

static void expect_parsed_size(const char *text, uint64_t expected)
{
	struct mlw_error err = { "" };
	uint64_t size = 1;

	cr_expect(zero(int, mlw_parse_size(text, &size, &err)), "%s: %s", text, err.text);
	cr_expect(eq(u64, size, expected), "%s", text);
}

Test(units, sizes_are_read_in_every_spelling)
{
	expect_parsed_size("0", 0);
	expect_parsed_size("512", 512);
	expect_parsed_size("512B", 512);
	expect_parsed_size("10KiB", 10240);
	expect_parsed_size("10 KiB", 10240);
	expect_parsed_size("10k", 10240);
	expect_parsed_size("1.5MiB", 1572864);
	expect_parsed_size("2G", UINT64_C(2) << 30);
	expect_parsed_size("0.0001K", 0);
	expect_parsed_size("18446744073709551615", UINT64_MAX);
	expect_parsed_size("0.33333333333333333333333333333333333333K", 341);
}

static void expect_no_size(const char *text)
{
	struct mlw_error err = { "" };
	uint64_t size;

	cr_expect(eq(int, mlw_parse_size(text, &size, &err), -1), "%s", text);
	cr_expect(ne(chr, err.text[0], '\0'));
}

Test(units, what_is_no_size_is_refused)
{
	expect_no_size("");
	expect_no_size("KiB");
	expect_no_size("-1");
	expect_no_size("1.");
	expect_no_size(".5K");
	expect_no_size("1e3");
	expect_no_size("0x10");
	expect_no_size("10KB");
	expect_no_size("10KiB ");
	expect_no_size("18446744073709551616");
	expect_no_size("16777216TiB");
}

Test(units, durations_are_read)
{
	struct mlw_error err;
	uint64_t ns;

	cr_expect(zero(int, mlw_parse_duration("1.5s", &ns, &err)));
	cr_expect(eq(u64, ns, 1500000000));
	cr_expect(zero(int, mlw_parse_duration("200ms", &ns, &err)));
	cr_expect(eq(u64, ns, 200000000));
	cr_expect(zero(int, mlw_parse_duration("0", &ns, &err)));
	cr_expect(eq(u64, ns, 0));
}

Test(units, a_duration_needs_a_unit)
{
	struct mlw_error err;
	uint64_t ns;

	cr_expect(eq(int, mlw_parse_duration("10", &ns, &err), -1));
	cr_expect(eq(int, mlw_parse_duration("10KiB", &ns, &err), -1));
	cr_expect(eq(int, mlw_parse_duration("99999999999999999999s", &ns, &err), -1));
}
