/* SPDX-License-Identifier: MIT */
/*
 * phases: a compiler in small, which says what it is doing.
 *
 * Each of 10 lines is read ("parse", a block of 100 bytes for each line, kept), checked
 * ("check", a block of 1000 bytes, freed again), and given out ("emit", 200 bytes, kept).
 * While it checks, a table is loaded once ("load table", nested in "check", 5000 bytes,
 * kept). Live at the end: 1000 bytes in "parse", 5000 in "load table", 2000 in "emit",
 * and 64 in no scope.
 *
 *	mallow run -o phases.mallow phases
 *	mallow top --by scope phases.mallow
 */
#include <mallow/mallow.h>
#include <stdlib.h>

#define LINES 10

static char *lines[LINES], *codes[LINES], *table, *options;

static __attribute__((noinline)) void *take(size_t size)
{
	void *block = malloc(size);

	if (!block)
		abort();
	return block;
}

static void parse(int line)
{
	MALLOW_SCOPE("parse");

	lines[line] = take(100);
}

static void load_table(void)
{
	MALLOW_SCOPE("load table");

	table = take(5000);
}

static void check(void)
{
	char *seen;

	mallow_scope_begin("check");
	seen = take(1000);
	if (!table)
		load_table();
	free(seen);
	mallow_scope_end();
}

static void emit(int line)
{
	MALLOW_SCOPE("emit");

	codes[line] = take(200);
}

int main(void)
{
	options = take(64);
	for (int i = 0; i < LINES; i++) {
		parse(i);
		check();
		emit(i);
	}
	return 0;
}
