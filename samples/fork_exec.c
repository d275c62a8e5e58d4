/* SPDX-License-Identifier: MIT */
/*
 * fork_exec: one run, three processes, four programs.
 *
 * The parent allocates 10 blocks of 1000 bytes and forks. The first child frees what it
 * inherited (10 inherited frees) and allocates 5 blocks of its own; the second executes
 * this program again with an argument, which allocates 7. Each process has its own
 * totals.
 *
 *	mallow run -o fork.mallow fork_exec
 *	mallow top --by process --sort allocated fork.mallow
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((noinline)) void blocks_take(void **blocks, int count)
{
	for (int i = 0; i < count; i++) {
		blocks[i] = malloc(1000);
		if (!blocks[i])
			abort();
		memset(blocks[i], 1, 1000);
	}
}

static void blocks_give_back(void **blocks, int count)
{
	for (int i = 0; i < count; i++)
		free(blocks[i]);
}

static int wait_for(pid_t child)
{
	int status;

	return waitpid(child, &status, 0) != child || status != 0;
}

int main(int argc, char **argv)
{
	void *blocks[10];
	pid_t child;

	if (argc > 1) {
		blocks_take(blocks, 7);
		blocks_give_back(blocks, 7);
		return 0;
	}
	blocks_take(blocks, 10);
	child = fork();
	if (child == 0) {
		blocks_give_back(blocks, 10);
		blocks_take(blocks, 5);
		blocks_give_back(blocks, 5);
		_exit(0);
	}
	if (wait_for(child))
		return 1;
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", argv[0], "again", (char *)NULL);
		_exit(127);
	}
	blocks_give_back(blocks, 10);
	return wait_for(child);
}
