/* SPDX-License-Identifier: MIT */
#include "analyze/late_symbols.h"

#include <criterion/criterion.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/executable.h"

/* This very program as a module, and the link-time address of a function of it. */
struct self {
	char *path;
	struct mlw_executable executable;
	struct mlw_module_row module;
	uint64_t offset;
};

static int first_bias(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	*(uint64_t *)context = info->dlpi_addr;
	return 1;
}

static void find_self(struct self *self)
{
	struct mlw_error err = { "" };
	uint64_t bias = 0;

	dl_iterate_phdr(first_bias, &bias);
	self->path = realpath("/proc/self/exe", NULL);
	cr_assert_not_null(self->path);
	cr_assert_eq(mlw_executable_inspect(self->path, &self->executable, &err), 0, "%s",
	             err.text);
	if (!self->executable.build_id_size || !self->executable.debug_info)
		cr_skip_test("built without build-id or debug info");
	self->module = (struct mlw_module_row){
		.id = 1,
		.path = self->path,
		.build_id = self->executable.build_id,
		.build_id_size = self->executable.build_id_size,
	};
	self->offset = (uint64_t)(uintptr_t)find_self - bias;
}

static void forget_self(struct self *self)
{
	mlw_executable_release(&self->executable);
	free(self->path);
}

static size_t resolve(const struct self *self, char *function, size_t size)
{
	const struct mlw_location_row *rows;
	struct mlw_late_symbols *symbols;
	struct mlw_error err = { "" };
	size_t count;

	cr_assert_eq(mlw_late_symbols_new(&symbols, &self->module, 1, &err), 0);
	cr_assert_eq(
	        mlw_late_symbols_resolve(symbols, 1, self->offset, &rows, &count, &err),
	        0, "%s", err.text);
	if (count)
		snprintf(function, size, "%s", rows[0].function);
	mlw_late_symbols_free(symbols);
	return count;
}

Test(late_symbols, a_module_that_is_still_the_same_gives_its_names)
{
	char function[64] = "";
	struct self self;

	find_self(&self);
	cr_expect_eq(resolve(&self, function, sizeof(function)), 1);
	cr_expect_str_eq(function, "find_self");
	forget_self(&self);
}

Test(late_symbols, another_build_gives_none)
{
	char function[64];
	struct self self;

	find_self(&self);
	self.executable.build_id[0] ^= 1;
	cr_expect_eq(resolve(&self, function, sizeof(function)), 0);
	forget_self(&self);
}

Test(late_symbols, a_module_without_build_id_gives_none)
{
	char function[64];
	struct self self;

	find_self(&self);
	self.module.build_id_size = 0;
	cr_expect_eq(resolve(&self, function, sizeof(function)), 0);
	forget_self(&self);
}
