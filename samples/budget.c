/* SPDX-License-Identifier: MIT */
/*
 * What each phase of a program keeps, and what it needs more for a while: the peak is
 * begun anew before each. Without Mallow all of it is 0.
 */
#include <mallow/mallow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 1000
#define SIZE    400

static char *records;

static void load(void)
{
	char *buffer = malloc(65536);

	records = malloc((size_t)RECORDS * SIZE);
	if (!buffer || !records)
		abort();
	for (int i = 0; i < RECORDS; i++) {
		memset(buffer, 'a' + i * 7 % 26, SIZE);
		memcpy(records + (size_t)i * SIZE, buffer, SIZE);
	}
	free(buffer);
}

static int compare(const void *left, const void *right)
{
	return memcmp(left, right, SIZE);
}

static void sort(void)
{
	char *copy = malloc((size_t)RECORDS * SIZE);

	if (!copy)
		abort();
	for (int i = 0; i < RECORDS; i++) {
		const char *record = records + (size_t)i * SIZE;
		int at = i;

		for (; at > 0 && compare(copy + (size_t)(at - 1) * SIZE, record) > 0;
		     at--)
			memcpy(copy + (size_t)at * SIZE, copy + (size_t)(at - 1) * SIZE,
			       SIZE);
		memcpy(copy + (size_t)at * SIZE, record, SIZE);
	}
	free(records);
	records = copy;
}

static void measure(const char *name, void (*work)(void))
{
	size_t before, after, peak;

	mallow_reset_peak();
	mallow_get_traced_memory(&before, NULL);
	work();
	mallow_get_traced_memory(&after, &peak);
	printf("%s: keeps %zd, needs %zu more for a while\n", name,
	       (ssize_t)(after - before), peak - after);
}

int main(void)
{
	static char buffer[1024];

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	measure("load", load);
	measure("sort", sort);
	free(records);
	return 0;
}
