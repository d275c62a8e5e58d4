/* SPDX-License-Identifier: MIT */
/* own_malloc: an allocator linked into the executable, which precedes any preload. */
#include <stdio.h>
#include <string.h>

static _Alignas(16) char arena[1 << 20];
static size_t used;

void *malloc(size_t size)
{
	char *block = arena + used;

	used += (size + 31) & ~(size_t)15;
	if (used > sizeof(arena))
		return NULL;
	memcpy(block, &size, sizeof(size));
	return block + 16;
}

void free(void *block)
{
	(void)block;
}

void *calloc(size_t count, size_t size)
{
	return malloc(count * size);
}

void *realloc(void *old, size_t size)
{
	size_t old_size = 0;
	void *block = malloc(size);

	if (old)
		memcpy(&old_size, (char *)old - 16, sizeof(old_size));
	if (old && block)
		memcpy(block, old, old_size < size ? old_size : size);
	return block;
}

int main(void)
{
	void *volatile block = malloc(10);

	free(block);
	puts("own malloc ran");
	return 4;
}
