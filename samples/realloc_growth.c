/* SPDX-License-Identifier: MIT */
/*
 * realloc_growth: one buffer that grows by realloc, step by step.
 *
 * The buffer begins with realloc(NULL, 16) and doubles until it holds 1 MiB: 16 more
 * reallocations. Each counts as an allocation of the new size and a free of the old
 * block; growing does not make a block temporary. At the end realloc(p, 0) frees, which
 * does: the last size is freed by the next call. 17 allocations,
 *17 frees, 2097136 bytes in all.
 *
 *	mallow run -o growth.mallow realloc_growth
 *	mallow stats growth.mallow
 */
#include <stdlib.h>
#include <string.h>

struct buffer {
	char *text;
	size_t size;
};

static __attribute__((noinline)) void buffer_grow(struct buffer *buffer, size_t size)
{
	char *text = realloc(buffer->text, size);

	if (!text)
		abort();
	memset(text + buffer->size, 'x', size - buffer->size);
	buffer->text = text;
	buffer->size = size;
}

int main(void)
{
	struct buffer buffer = { 0 };

	for (size_t size = 16; size <= 1 << 20; size *= 2)
		buffer_grow(&buffer, size);
	return realloc(buffer.text, 0) != NULL;
}
