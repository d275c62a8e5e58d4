/* SPDX-License-Identifier: MIT */
/*
 * wrappers: allocations that nobody wants to see in the allocator.
 *
 * xmalloc, strdup and asprintf allocate on behalf of their caller: the site of a block is
 * the line that called them. names_make holds 10 strings by strdup, tables_make 5 blocks
 * of 200 bytes by xmalloc, report_make one text by asprintf. All live at the peak, none
 * at the end.
 *
 *	mallow run -o wrappers.mallow wrappers
 *	mallow top --at peak wrappers.mallow
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((noinline)) void *xmalloc(size_t size)
{
	void *block = malloc(size);

	if (!block)
		abort();
	return block;
}

static __attribute__((noinline)) void names_make(char **names)
{
	for (int i = 0; i < 10; i++)
		names[i] = strdup("a name of 22 letters..");
}

static __attribute__((noinline)) void tables_make(char **tables)
{
	for (int i = 0; i < 5; i++)
		tables[i] = xmalloc(200);
}

static __attribute__((noinline)) char *report_make(int number)
{
	char *report;

	if (asprintf(&report, "the report number %d", number) < 0)
		abort();
	return report;
}

int main(void)
{
	char *names[10], *tables[5], *report;

	names_make(names);
	tables_make(tables);
	report = report_make(1);
	for (int i = 0; i < 10; i++)
		free(names[i]);
	for (int i = 0; i < 5; i++)
		free(tables[i]);
	free(report);
	return 0;
}
