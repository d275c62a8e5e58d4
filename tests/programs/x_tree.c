/* SPDX-License-Identifier: MIT */
/*
 * x_tree PROCESSES: a fork tree of that many processes, itself among them. Process number
 * i allocates i blocks of 100 bytes, frees half of them (rounded down), and forks
 * processes 2i and 2i + 1. Ends when all have ended.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *blocks[10000];

static void allocate(int number)
{
	int i;

	for (i = 0; i < number; i++)
		blocks[i] = malloc(100);
	for (i = 0; i < number / 2; i++)
		free(blocks[i]);
}

static void grow(int number, int processes)
{
	int child;

	allocate(number);
	for (child = 2 * number; child <= 2 * number + 1 && child <= processes; child++) {
		pid_t pid = fork();

		if (pid < 0)
			_exit(1);
		if (pid == 0) {
			grow(child, processes);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	grow(1, argc > 1 ? atoi(argv[1]) : 50);
	return 0;
}
