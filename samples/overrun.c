/* SPDX-License-Identifier: MIT */
/*
 * An allocator of the program's own puts a mark behind each block, finds one overwritten,
 * and says where the block was allocated. Without Mallow it can only say that.
 */
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "mark"

static char *make_name(const char *text)
{
	char *name = malloc(16 + sizeof(MARK));

	if (!name)
		abort();
	strcpy(name + 16, MARK);
	strcpy(name, text);
	return name;
}

static void check(const char *name)
{
	if (!memcmp(name + 16, MARK, sizeof(MARK)))
		return;
	puts("a name is longer than its block");
	fflush(stdout);
	mallow_dump_traceback(STDOUT_FILENO, name);
}

int main(void)
{
	char *names[] = { make_name("short"), make_name("too long for a name") };

	for (int i = 0; i < 2; i++) {
		check(names[i]);
		free(names[i]);
	}
	return 0;
}
