/* SPDX-License-Identifier: MIT */
#include "heap/table_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CACHE_LINE 64u
#define HUGE_PAGE  ((size_t)2 << 20)
#define MAP_FROM   ((size_t)1 << 20) /* smaller tables come from malloc */

static size_t round_up(size_t size, size_t unit)
{
	return (size + unit - 1) / unit * unit;
}

static void *alloc_small(size_t size)
{
	void *table = aligned_alloc(CACHE_LINE, round_up(size, CACHE_LINE));

	return table ? memset(table, 0, size) : NULL;
}

/* Maps one huge page more than needed, and gives back what is not aligned. */
void *mlw_table_alloc(size_t size)
{
	size_t mapped = round_up(size, HUGE_PAGE);
	char *start, *table;

	if (size < MAP_FROM)
		return alloc_small(size);
	if (mapped < size || mapped > SIZE_MAX / 2)
		return NULL;
	start = mmap(NULL, mapped + HUGE_PAGE, PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return NULL;
	table = start + (HUGE_PAGE - (uintptr_t)start % HUGE_PAGE) % HUGE_PAGE;
	if (table > start)
		munmap(start, (size_t)(table - start));
	munmap(table + mapped, (size_t)(start + HUGE_PAGE - table));
	/* Only advice: without huge pages everything is slower, not wrong. */
	(void)madvise(table, mapped, MADV_HUGEPAGE);
	return table;
}

void mlw_table_free(void *table, size_t size)
{
	if (size < MAP_FROM)
		free(table);
	else if (table)
		munmap(table, round_up(size, HUGE_PAGE));
}
