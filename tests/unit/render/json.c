/* SPDX-License-Identifier: MIT */
#include "render/json.h"

#include <criterion/criterion.h>

#include "captured.h"

static void expect_string(const char *text, const char *expected)
{
	struct captured captured;
	struct mlw_json json;

	captured_open(&captured);
	mlw_json_init(&json, captured.out);
	mlw_json_string(&json, NULL, text);
	cr_expect_str_eq(captured_text(&captured), expected);
	captured_close(&captured);
}

Test(json, plain_text_is_quoted)
{
	expect_string("", "\"\"");
	expect_string("parse(int, char const*)", "\"parse(int, char const*)\"");
}

Test(json, quotes_backslashes_and_controls_are_escaped)
{
	expect_string("a\"b\\c", "\"a\\\"b\\\\c\"");
	expect_string("\n\t\x01\x1f", "\"\\u000a\\u0009\\u0001\\u001f\"");
}

Test(json, utf8_stays)
{
	expect_string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x91",
	              "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x91\"");
}

Test(json, bytes_that_are_no_utf8_become_the_replacement_character)
{
	expect_string("a\xff"
	              "b",
	              "\"a\xef\xbf\xbd"
	              "b\"");
	expect_string("\xc3", "\"\xef\xbf\xbd\"");
	expect_string("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	expect_string("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

Test(json, null_is_null)
{
	expect_string(NULL, "null");
}

Test(json, commas_and_lines_are_the_writers)
{
	struct captured captured;
	struct mlw_json json;

	captured_open(&captured);
	mlw_json_init(&json, captured.out);
	mlw_json_begin_object(&json, NULL);
	mlw_json_uint(&json, "a", UINT64_MAX);
	mlw_json_int(&json, "b", -1);
	mlw_json_begin_array(&json, "rows");
	for (int i = 0; i < 2; i++) {
		mlw_json_begin_object(&json, NULL);
		mlw_json_bool(&json, "x", i == 0);
		mlw_json_begin_array(&json, "y");
		mlw_json_null(&json, NULL);
		mlw_json_null(&json, NULL);
		mlw_json_end_array(&json);
		mlw_json_end_object(&json);
	}
	mlw_json_end_array(&json);
	mlw_json_begin_array(&json, "empty");
	mlw_json_end_array(&json);
	mlw_json_end_object(&json);
	cr_expect_str_eq(captured_text(&captured),
	                 "{\n"
	                 "  \"a\": 18446744073709551615,\n"
	                 "  \"b\": -1,\n"
	                 "  \"rows\": [\n"
	                 "    {\"x\": true, \"y\": [null, null]},\n"
	                 "    {\"x\": false, \"y\": [null, null]}\n"
	                 "  ],\n"
	                 "  \"empty\": []\n"
	                 "}");
	captured_close(&captured);
}

Test(json, an_answer_names_schema_and_version)
{
	struct captured captured;
	struct mlw_json json;

	captured_open(&captured);
	mlw_json_begin_answer(&json, captured.out);
	mlw_json_end_answer(&json);
	cr_expect_str_eq(captured_text(&captured),
	                 "{\n  \"mallow\": {\n    \"schema\": 1,\n    \"version\": "
	                 "\"" MALLOW_VERSION "\"\n  }\n}\n");
	captured_close(&captured);
}

static void expect_bytes(const char *bytes, size_t size, const char *expected)
{
	struct captured captured;
	struct mlw_json json;

	captured_open(&captured);
	mlw_json_init(&json, captured.out);
	mlw_json_begin_object(&json, NULL);
	mlw_json_bytes(&json, "a", bytes, size);
	mlw_json_uint(&json, "b", 1);
	mlw_json_end_object(&json);
	cr_expect_str_eq(captured_text(&captured), expected, "%s",
	                 captured_text(&captured));
	captured_close(&captured);
}

Test(json, bytes_that_are_text_are_a_string_with_its_nuls)
{
	expect_bytes("", 0, "{\n  \"a\": \"\",\n  \"b\": 1\n}");
	expect_bytes("\0x\xc3\xa4\"\0", 6,
	             "{\n  \"a\": \"\\u0000x\xc3\xa4\\\"\\u0000\",\n  \"b\": 1\n}");
}

Test(json, bytes_that_are_none_are_hexadecimal)
{
	expect_bytes("\x00\xff\x0a", 3,
	             "{\n  \"a\": {\n    \"hex\": \"00ff0a\"\n  },\n  \"b\": 1\n}");
	expect_bytes("a\xc3", 2,
	             "{\n  \"a\": {\n    \"hex\": \"61c3\"\n  },\n  \"b\": 1\n}");
}
