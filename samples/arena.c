/* SPDX-License-Identifier: MIT */
/*
 * arena: an allocator of the program's own, whose blocks Mallow sees.
 *
 * One arena of 64 KiB comes from malloc. 300 vertices of 48 bytes and 100 labels of 20
 * bytes are carved from it and told to Mallow, in a domain each; every third vertex goes
 * again. Live at the end: in malloc's domain the arena alone, in "vertices" 200 blocks of
 * 9600 bytes, in "labels" 100 of 2000 bytes.
 *
 *	mallow run -o arena.mallow arena
 *	mallow top --by domain arena.mallow
 *	mallow top --domain vertices arena.mallow
 */
#include <mallow/mallow.h>
#include <stdlib.h>

#define ARENA_SIZE 65536

static char *arena;
static size_t used;
static int vertices, labels;

static void *carve(size_t size)
{
	void *block = arena + used;

	used += (size + 15) & ~(size_t)15;
	if (!arena || used > ARENA_SIZE)
		abort();
	return block;
}

static __attribute__((noinline)) void *vertex_new(void)
{
	void *vertex = carve(48);

	mallow_track(vertices, vertex, 48);
	return vertex;
}

static __attribute__((noinline)) void label_new(void)
{
	mallow_track(labels, carve(20), 20);
}

int main(void)
{
	vertices = mallow_domain("vertices");
	labels = mallow_domain("labels");
	arena = malloc(ARENA_SIZE);
	for (int i = 0; i < 300; i++) {
		void *vertex = vertex_new();

		if (i % 3 == 0)
			label_new();
		if (i % 3 == 2)
			mallow_untrack(vertices, vertex);
	}
	return 0;
}
