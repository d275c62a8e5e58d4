/* SPDX-License-Identifier: MIT */
/*
 * closes_all FILE: closes every descriptor from 3 up, as daemons do, opens FILE, and
 * writes 10000 numbered lines with an allocation of 100 bytes for each; half-way it
 * closes everything else again. FILE must hold these lines and nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_from(int first)
{
	for (int fd = first; fd < 1024; fd++)
		close(fd);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		return 99;
	free(malloc(1));
	close_from(3);
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd != 3)
		return 1;
	for (int i = 0; i < 10000; i++) {
		char *line = malloc(100);
		int size = snprintf(line, 100, "line %d\n", i);

		if (write(fd, line, (size_t)size) != size)
			return 2;
		free(line);
		if (i == 5000)
			close_from(4);
	}
	return close(fd);
}
