/* SPDX-License-Identifier: MIT */
/*
 * Records a part of itself: linked to libmallow.so, and not run by `mallow run`. Of the
 * three times that it works the second is in the recording, with what it leaves behind.
 */
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *kept[3];

static void work(int number)
{
	kept[number] = malloc(100);
}

int main(void)
{
	int status;

	work(0);
	status = mallow_start(64);
	if (status) {
		fprintf(stderr, "no recording: %s\n", strerror(-status));
		return 1;
	}
	work(1);
	mallow_stop();
	work(2);
	for (int i = 0; i < 3; i++)
		free(kept[i]);
	return 0;
}
