/* SPDX-License-Identifier: MIT */
/*
 * becomes_daemon DIRECTORY STREAMS FILE: daemon(DIRECTORY, STREAMS), and then what has
 * become of the process, as lines of FILE: its directory, whether it leads a session, and
 * what its standard streams are.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[PATH_MAX], name[32];
	FILE *file;

	if (argc < 4)
		return 1;
	file = fopen(argv[3], "w");
	if (!file || daemon(atoi(argv[1]), atoi(argv[2])))
		return 1;
	fprintf(file, "%s %d\n", getcwd(path, sizeof(path)), getsid(0) == getpid());
	for (int i = 0; i < 3; i++) {
		ssize_t size;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", i);
		size = readlink(name, path, sizeof(path) - 1);
		fprintf(file, "%.*s\n", (int)(size < 0 ? 0 : size), path);
	}
	fputs("done\n", file);
	return fclose(file) != 0;
}
