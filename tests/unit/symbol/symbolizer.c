/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "symbol/symbolizer.h"

/* What a resolve gave, copied, since the symbols belong to the object. */
struct answer {
	size_t visits;
	size_t count;
	char function[8][256];
	char file[8][512];
	uint32_t line[8];
	bool inlined[8];
};

static int remember(size_t index, const struct mlw_symbol *symbols, size_t count,
                    void *context)
{
	struct answer *answer = context;

	(void)index;
	answer->visits++;
	answer->count = count;
	for (size_t i = 0; i < count && i < 8; i++) {
		const char *function = symbols[i].function, *file = symbols[i].file;

		snprintf(answer->function[i], 256, "%s", function ? function : "??");
		snprintf(answer->file[i], 512, "%s", file ? file : "??");
		answer->line[i] = symbols[i].line;
		answer->inlined[i] = symbols[i].inlined;
	}
	return 0;
}

static struct mlw_symbol_object *open_source(struct mlw_symbol_source source)
{
	struct mlw_symbolizer_options options = { .debuginfod = false };
	struct mlw_symbolizer *symbolizer;
	struct mlw_symbol_object *object;
	struct mlw_error err;

	cr_assert_eq(mlw_symbolizer_new(&options, &symbolizer, &err), 0);
	cr_assert_eq(mlw_symbolizer_open(symbolizer, &source, &object, &err), 0);
	mlw_symbolizer_free(symbolizer);
	return object;
}

static struct answer resolve(struct mlw_symbol_source source, uint64_t offset)
{
	struct mlw_symbol_object *object = open_source(source);
	struct answer answer = { 0 };
	struct mlw_error err;

	cr_assert_eq(
	        mlw_symbol_object_resolve(object, &offset, 1, remember, &answer, &err), 0,
	        "%s", err.text);
	cr_assert_eq(answer.visits, 1);
	mlw_symbol_object_free(object);
	return answer;
}

static int first_module(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	*(uint64_t *)context = info->dlpi_addr;
	return 1;
}

/* Of an address in this program, as the linker numbered it. */
static uint64_t link_time(const void *address)
{
	uint64_t base = 0;

	dl_iterate_phdr(first_module, &base);
	return (uint64_t)(uintptr_t)address - base;
}

static const struct mlw_symbol_source self = { .path = "/proc/self/exe", .fd = -1 };

static __attribute__((noinline)) char *return_address(void)
{
	return __builtin_return_address(0);
}

enum { INNER_LINE = __LINE__ + 3 };
static inline __attribute__((always_inline)) void *where_we_are(void)
{
	return return_address() - 1;
}

enum { OUTER_LINE = __LINE__ + 3 };
static __attribute__((noinline)) void *caller_of_an_inline(void)
{
	return where_we_are();
}

Test(symbolizer, inlined_function_stands_before_its_caller)
{
	struct answer answer = resolve(self, link_time(caller_of_an_inline()));

	cr_assert_eq(answer.count, 2);
	cr_assert_str_eq(answer.function[0], "where_we_are");
	cr_assert_eq(answer.line[0], INNER_LINE);
	cr_assert(answer.inlined[0]);
	cr_assert_str_eq(answer.function[1], "caller_of_an_inline");
	cr_assert_eq(answer.line[1], OUTER_LINE);
	cr_assert_not(answer.inlined[1]);
}

Test(symbolizer, files_are_absolute)
{
	struct answer answer = resolve(self, link_time(caller_of_an_inline()));

	cr_assert_eq(answer.file[0][0], '/');
	cr_assert_str_eq(strrchr(answer.file[0], '/'), "/symbolizer.c");
	cr_assert_str_eq(answer.file[1], answer.file[0]);
}

Test(symbolizer, address_outside_the_code_is_nothing)
{
	cr_assert_eq(resolve(self, 0).count, 0);
	cr_assert_eq(resolve(self, UINT64_MAX).count, 0);
}

Test(symbolizer, descriptor_is_read_whatever_the_path_is_now)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct mlw_symbol_source source = { .path = "/gone/program", .fd = fd };
	struct answer answer = resolve(source, link_time(caller_of_an_inline()));

	cr_assert_str_eq(answer.function[1], "caller_of_an_inline");
	cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC, "the descriptor was closed");
	close(fd);
}

Test(symbolizer, another_build_id_is_never_used)
{
	static const uint8_t other[20] = { 0xde, 0xad };
	struct mlw_symbol_source source = self;
	struct mlw_symbol_object *object;

	source.build_id = other;
	source.build_id_size = sizeof(other);
	object = open_source(source);
	cr_assert_not_null(strstr(mlw_symbol_object_reason(object), "replaced"));
	mlw_symbol_object_free(object);
	cr_assert_eq(resolve(source, link_time(caller_of_an_inline())).count, 0);
}

Test(symbolizer, missing_file_has_a_reason_and_no_symbols)
{
	struct mlw_symbol_source source = { .path = "/no/such/file", .fd = -1 };
	struct mlw_symbol_object *object = open_source(source);

	cr_assert_str_eq(mlw_symbol_object_reason(object), "No such file or directory");
	mlw_symbol_object_free(object);
	cr_assert_eq(resolve(source, 0x1000).count, 0);
}

Test(symbolizer, file_that_is_no_elf_has_a_reason)
{
	struct mlw_symbol_source source = { .path = "/etc/passwd", .fd = -1 };
	struct mlw_symbol_object *object = open_source(source);

	cr_assert_not_null(mlw_symbol_object_reason(object));
	mlw_symbol_object_free(object);
}

static int stop_at_second(size_t index, const struct mlw_symbol *symbols, size_t count,
                          void *context)
{
	(void)symbols, (void)count;
	++*(int *)context;
	return index == 1 ? 42 : 0;
}

Test(symbolizer, visitor_can_end_the_loop)
{
	struct mlw_symbol_object *object = open_source(self);
	uint64_t offsets[3] = { 3, 2, 1 };
	struct mlw_error err;
	int calls = 0;

	cr_assert_eq(mlw_symbol_object_resolve(object, offsets, 3, stop_at_second, &calls,
	                                       &err),
	             42);
	cr_assert_eq(calls, 2);
	mlw_symbol_object_free(object);
}
