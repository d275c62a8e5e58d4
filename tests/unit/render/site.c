/* SPDX-License-Identifier: MIT */
#include "render/site.h"

#include <criterion/criterion.h>

#include "analyze/frame.h"
#include "captured.h"

static const struct mlw_style plain = { .colour = false, .width = 120 };

static void expect_site(const struct mallow_frame *frame, unsigned width,
                        const char *expected)
{
	struct captured captured;

	captured_open(&captured);
	mlw_site_write(captured.out, &plain, frame, width);
	cr_expect_str_eq(captured_text(&captured), expected);
	captured_close(&captured);
}

Test(site, shows_function_file_and_line)
{
	struct mallow_frame frame = { .function = "parse",
		                      .file = "src/a.c",
		                      .line = 12 };

	expect_site(&frame, 60, "parse  src/a.c:12");
}

Test(site, without_a_line_there_is_no_colon)
{
	struct mallow_frame frame = { .function = "parse", .file = "src/a.c" };

	expect_site(&frame, 60, "parse  src/a.c");
}

Test(site, without_a_file_the_module_is_named)
{
	struct mallow_frame frame = { .function = "parse",
		                      .module = "/usr/lib/libp.so.1" };

	expect_site(&frame, 60, "parse  (libp.so.1)");
}

/* Two calls in one function are two. */
Test(site, of_a_call_without_a_line_the_place_is_told)
{
	const struct mallow_frame frame = { .function = "parse",
		                            .module = "/usr/lib/libp.so.1",
		                            .offset = 0x3f20 };
	struct captured captured;

	expect_site(&frame, 60, "parse  (libp.so.1)");
	captured_open(&captured);
	mlw_site_write_call(captured.out, &plain, &frame, 60);
	cr_expect_str_eq(captured_text(&captured), "parse  (libp.so.1+0x3f20)");
	captured_close(&captured);
}

Test(site, without_a_function_the_place_is_for_addr2line)
{
	struct mallow_frame frame = { .module = "/usr/lib/libp.so.1", .offset = 0x3f20 };

	expect_site(&frame, 60, "libp.so.1+0x3f20");
}

Test(site, outside_all_modules_there_is_the_address)
{
	struct mallow_frame frame = { .offset = 0x7f0000001000 };

	expect_site(&frame, 60, "0x7f0000001000  (in no known module)");
}

Test(site, a_trace_may_have_no_stack)
{
	expect_site(NULL, 60, "(no stack)");
}

Test(site, a_long_path_loses_its_beginning)
{
	struct mallow_frame frame = { .function = "parse",
		                      .file = "/build/reproducible/jq-1.6/src/jv_alloc.c",
		                      .line = 130 };

	expect_site(&frame, 32, "parse  .../src/jv_alloc.c:130");
}

Test(site, a_long_name_loses_its_arguments)
{
	struct mallow_frame frame = {
		.function = "std::vector<std::string, "
		            "std::allocator<std::string>>::push(int)",
		.file = "/usr/include/c++/12/bits/vector.h",
		.line = 7,
	};

	expect_site(&frame, 60,
	            "std::vector<...>::push(...)  .../c++/12/bits/vector.h:7");
}

Test(site, a_name_that_is_still_too_long_loses_its_end)
{
	struct mallow_frame frame = {
		.function = "a_name_as_long_as_those_that_generators_make_of_everything",
		.file = "/usr/include/generated.h",
		.line = 7,
	};

	expect_site(&frame, 60,
	            "a_name_as_long_as_those_that_gener...  .../generated.h:7");
}

static void expect_stack(const struct mlw_frame *const *frames, size_t count,
                         unsigned width, const char *expected)
{
	const struct mallow_traceback traceback = { .frames = frames, .count = count };
	struct captured captured;

	captured_open(&captured);
	mlw_site_write_stack(captured.out, &plain, &traceback, width);
	cr_expect_str_eq(captured_text(&captured), expected);
	captured_close(&captured);
}

/* What does not fit is left out, but for the first call. */
Test(site, a_stack_in_one_line)
{
	const struct mlw_frame value = { .function = "parse_value", .file = "src/a.c" };
	const struct mlw_frame parse = { .function = "parse<int>(char const*)" };
	const struct mlw_frame nameless = { .module = "/usr/lib/libp.so.1",
		                            .offset = 0x3f20 };
	const struct mlw_frame *const frames[] = { &value, &parse, &nameless };

	expect_stack(frames, 3, 80, "parse_value < parse<...>(...) < libp.so.1+0x3f20");
	expect_stack(frames, 3, 48, "parse_value < parse<...>(...) ...");
	expect_stack(frames, 3, 20, "parse_value ...");
	expect_stack(frames, 3, 8, "parse... ...");
	expect_stack(frames, 1, 11, "parse_value");
	expect_stack(NULL, 0, 80, "(no stack)");
}
