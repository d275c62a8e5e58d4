/* SPDX-License-Identifier: MIT */
/* One process, ten children, four of each: every one allocates amounts of its own, and
 * the last frees a block that it has from the first. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *kept[16];

static void wait_for_all(void)
{
	while (wait(NULL) > 0)
		;
}

static void grandchild(int number)
{
	free(kept[0]);
	kept[0] = malloc(7 * (size_t)(number + 1));
	exit(0);
}

static void child(int number)
{
	for (int i = 0; i <= number; i++)
		kept[i + 1] = malloc(100 + (size_t)number);
	for (int i = 0; i < 4; i++)
		if (!fork())
			grandchild(i);
	wait_for_all();
	exit(0);
}

int main(void)
{
	kept[0] = malloc(1000);
	for (int i = 0; i < 10; i++)
		if (!fork())
			child(i);
	wait_for_all();
	return 0;
}
