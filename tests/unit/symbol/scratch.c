/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

static char folder[64];

void scratch_enter(void)
{
	snprintf(folder, sizeof(folder), "/tmp/mallow-unit.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

void scratch_remove(void)
{
	char command[128];

	/* By its path: tests change PATH. */
	snprintf(command, sizeof(command), "/bin/rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

void scratch_write(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(name, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
	cr_assert_eq(chmod(name, mode), 0);
}

void scratch_shell(const char *fmt, ...)
{
	char command[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	cr_assert_eq(system(command), 0, "%s", command);
}
