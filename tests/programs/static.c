/* SPDX-License-Identifier: MIT */
/* static: linked statically, so that nothing can be preloaded into it. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	void *volatile block = malloc(10);

	free(block);
	puts("static ran");
	return 3;
}
