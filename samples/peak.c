/* SPDX-License-Identifier: MIT */
/*
 * peak: memory that is high for a moment and gone at the end.
 *
 * Three phases: 1 MiB of input, then 100 rows of 32 KiB beside it (the peak: 4325376
 * bytes in 101 blocks), then a summary of 4 KiB after the rows are gone. Nothing is
 * left at the end, so `top` shows nothing and `top --at peak` shows what mattered.
 *
 *	mallow run -o peak.mallow peak
 *	mallow top --at peak peak.mallow
 */
#include <stdlib.h>
#include <string.h>

enum { INPUT = 1 << 20, ROWS = 100, ROW = 32 << 10, SUMMARY = 4 << 10 };

static void *block(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		abort();
	return memset(memory, 1, size);
}

static __attribute__((noinline)) char *input_read(void)
{
	char *input = block(INPUT);

	return input;
}

static __attribute__((noinline)) void rows_make(char **rows)
{
	for (int i = 0; i < ROWS; i++)
		rows[i] = block(ROW);
}

static __attribute__((noinline)) char *summary_make(void)
{
	char *summary = block(SUMMARY);

	return summary;
}

int main(void)
{
	static char *rows[ROWS];
	char *input = input_read();
	char *summary;

	rows_make(rows);
	for (int i = 0; i < ROWS; i++)
		free(rows[i]);
	summary = summary_make();
	free(input);
	free(summary);
	return 0;
}
