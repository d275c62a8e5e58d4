/* SPDX-License-Identifier: MIT */
/* early: allocates in a constructor, in main, at exit, and in a destructor: 4 blocks. */
#include <stdlib.h>

static void use(size_t size)
{
	void *volatile block = malloc(size);

	free(block);
}

static __attribute__((constructor(101))) void before(void)
{
	use(301);
}

static __attribute__((destructor(101))) void after(void)
{
	use(304);
}

static void at_exit(void)
{
	use(303);
}

int main(void)
{
	atexit(at_exit);
	use(302);
	return 0;
}
