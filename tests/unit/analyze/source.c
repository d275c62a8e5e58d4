/* SPDX-License-Identifier: MIT */
#include "analyze/source.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/mallow-test.XXXXXX";
static char path[64];
static struct mallow_source *source;

static void setup(void)
{
	struct mlw_error err;
	FILE *file;

	cr_assert_not_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/a.c", root);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs("first\n\n\treturn\tmalloc(n); \r\nlast", file);
	fclose(file);
	cr_assert_eq(mlw_source_open(&source, root, &err), 0);
}

static void teardown(void)
{
	mlw_source_close(source);
	unlink(path);
	rmdir(root);
}

TestSuite(source, .init = setup, .fini = teardown, .timeout = 10);

Test(source, gives_a_line_without_the_blanks_around_it)
{
	cr_expect_str_eq(mlw_source_line(source, path, 1), "first");
	cr_expect_str_eq(mlw_source_line(source, path, 3), "return malloc(n);");
	cr_expect_str_eq(mlw_source_line(source, path, 3), "return malloc(n);");
	cr_expect_str_eq(mlw_source_line(source, path, 4), "last");
}

Test(source, looks_below_the_root)
{
	cr_expect_str_eq(mlw_source_line(source, "a.c", 4), "last");
	cr_expect_str_eq(mlw_source_line(source, "./a.c", 4), "last");
}

Test(source, is_silent_about_what_is_not_there)
{
	cr_expect_null(mlw_source_line(source, path, 2));
	cr_expect_null(mlw_source_line(source, path, 5));
	cr_expect_null(mlw_source_line(source, path, 0));
	cr_expect_null(mlw_source_line(source, path, UINT32_MAX));
	cr_expect_null(mlw_source_line(source, "b.c", 1));
	cr_expect_null(mlw_source_line(source, NULL, 1));
}

Test(source, waits_for_no_pipe_and_reads_no_device)
{
	cr_expect_null(mlw_source_line(source, "/dev/zero", 1));
	unlink(path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_null(mlw_source_line(source, path, 1));
	cr_expect_null(mlw_source_line(source, root, 1));
}
