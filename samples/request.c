/* SPDX-License-Identifier: MIT */
/*
 * request: what does one request leave behind?
 *
 * A server answers three requests. Between the snapshots "before" and "after" is the
 * third one: its answer of 500 bytes is freed, an entry of 80 bytes stays in a log.
 *
 *	mallow run -o request.mallow request
 *	mallow diff request.mallow@before request.mallow@after
 */
#include <mallow/mallow.h>
#include <stdlib.h>
#include <string.h>

static char *entries[3];

static __attribute__((noinline)) void write_log(int number)
{
	entries[number] = malloc(80);
	if (!entries[number])
		abort();
	memset(entries[number], 0, 80);
}

static __attribute__((noinline)) void serve(int number)
{
	char *answer = malloc(500);

	if (!answer)
		abort();
	memset(answer, 'a', 500);
	write_log(number);
	free(answer);
}

int main(void)
{
	serve(0);
	serve(1);
	mallow_take_snapshot("before");
	serve(2);
	mallow_take_snapshot("after");
	return 0;
}
