/* SPDX-License-Identifier: MIT */
/*
 * x_death FILE HOW N [PROGRAM]: allocates and frees, counting in a shared mapping of FILE
 * (three words: pid, allocations, frees), and after N allocations ends by HOW: exit,
 * _exit, quick_exit, abort, segv, kill, exec, return. With N 0 it never ends: it waits
 * for a kill.
 *
 * A count is raised after the call has returned, so that at any moment the truth is the
 * count or one more.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KEPT 1000

struct counts {
	_Atomic uint64_t pid;
	_Atomic uint64_t allocations;
	_Atomic uint64_t frees;
};

static void end(const char *how, char **program)
{
	volatile int *nowhere = NULL;

	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "_exit"))
		_exit(4);
	if (!strcmp(how, "quick_exit"))
		quick_exit(5);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "segv"))
		*nowhere = 1;
	if (!strcmp(how, "kill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "term"))
		kill(getpid(), SIGTERM);
	if (!strcmp(how, "exec"))
		execv(program[0], program);
}

int main(int argc, char **argv)
{
	static void *kept[KEPT];
	struct counts *counts;
	uint64_t i, n;
	int fd;

	if (argc < 4)
		return 99;
	n = strtoull(argv[3], NULL, 10);
	fd = open(argv[1], O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*counts)))
		return 98;
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counts == MAP_FAILED)
		return 97;
	close(fd);
	counts->pid = (uint64_t)getpid();
	for (i = 0; n == 0 || i < n; i++) {
		void **slot = &kept[i % KEPT];

		if (*slot) {
			free(*slot);
			counts->frees++;
		}
		*slot = malloc(1 + i % 3000);
		counts->allocations++;
	}
	end(argv[2], argv + 4);
	return 6;
}
