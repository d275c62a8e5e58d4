/* SPDX-License-Identifier: MIT */
/*
 * x_closefds FOLDER ALLOCATIONS: as a daemon does, closes every descriptor from 3 up,
 * then opens files of its own, which get the numbers that were closed, and writes one
 * line to each in turn while it allocates. Closes all again half way, with close_range.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "x_say.h"

#define FILES 16

static int open_numbered(const char *folder, int part, int number)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%d.%d", folder, part, number);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static void write_part(const char *folder, int part, long n)
{
	int fds[FILES], i;
	long k;

	for (i = 0; i < FILES; i++) {
		fds[i] = open_numbered(folder, part, i);
		if (fds[i] < 0)
			_exit(2);
	}
	for (k = 0; k < n; k++) {
		void *block = malloc((size_t)(1 + k % 100));

		if (k % 100 == 0)
			x_say(fds[k / 100 % FILES], "part %d line %ld\n", part, k);
		free(block);
	}
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[2]) : 100000;
	int fd;

	if (argc < 2)
		return 1;
	free(malloc(1));
	for (fd = 3; fd < 4096; fd++)
		close(fd);
	write_part(argv[1], 0, n);
	close_range(3, ~0u, 0);
	write_part(argv[1], 1, n);
	return 0;
}
