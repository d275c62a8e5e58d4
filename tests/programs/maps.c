/* SPDX-License-Identifier: MIT */
/* maps: two mappings, one of them moved and grown, the break raised; 3 pages stay. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static void *map(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	return pages;
}

int main(void)
{
	char *kept = map(3 * PAGE);
	char *moved = map(5 * PAGE);

	moved = mremap(moved, 5 * PAGE, 50 * PAGE, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED || sbrk(7 * PAGE) == (void *)-1)
		abort();
	kept[0] = 1;
	return munmap(moved, 50 * PAGE);
}
