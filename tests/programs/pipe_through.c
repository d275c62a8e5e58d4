/* SPDX-License-Identifier: MIT */
/*
 * pipe_through: copies standard input to standard output through blocks from malloc, says
 * on standard error how many bytes there were, and returns 37.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 4096 };

static int write_all(const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, size);

		if (written < 0)
			return -1;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}

int main(void)
{
	size_t total = 0;
	ssize_t got;

	do {
		char *block = malloc(BLOCK);

		got = block ? read(STDIN_FILENO, block, BLOCK) : -1;
		if (got > 0 && write_all(block, (size_t)got) == 0)
			total += (size_t)got;
		free(block);
	} while (got > 0);
	fprintf(stderr, "%zu bytes\n", total);
	return got < 0 ? 1 : 37;
}
