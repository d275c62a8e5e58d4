/* SPDX-License-Identifier: MIT */
/*
 * loops DEPTH SHAPE PAIRS: pairs of malloc and free and next to nothing else, about DEPTH
 * frames below the start of the program. SHAPE is one of
 *
 * s: one stack, a tight loop.
 *
 * b: a random one of 1,000 stacks, which differ in their innermost 1 to 4 frames.
 *
 * c: binary recursion, 13 deep; every stack differs from the one before.
 *
 * d: next to no stack comes twice; each differs from the one before in nearly all frames.
 */
#include <stdio.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline, noclone, noipa))
#define BLOCK    48
#define LINKS    64
#define STACKS   1024

#define EIGHT(X, a, b, c, d, e, f, g, h) X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h)

static long pairs;
static int turning; /* frames of shape d that differ, but for the first */
static unsigned ways[STACKS];
static unsigned seed = 12345;
static volatile long sink;

NOINLINE static void touch(void *block)
{
	__asm__ volatile("" ::"r"(block) : "memory");
}

/* Four levels of six functions; a way is three bits a level. */
#define INNERMOST(name, pad)                    \
	NOINLINE static long name(unsigned way) \
	{                                       \
		volatile long room[pad];        \
		void *block = malloc(BLOCK);    \
                                                \
		room[0] = (long)way;            \
		touch(block);                   \
		free(block);                    \
		return room[0];                 \
	}

#define LEVEL(name, below, pad)                  \
	NOINLINE static long name(unsigned way)  \
	{                                        \
		volatile long room[pad];         \
		long r = 0;                      \
                                                 \
		room[0] = (long)way;             \
		switch (way & 7) {               \
		case 0:                          \
			r = below##_0(way >> 3); \
			break;                   \
		case 1:                          \
			r = below##_1(way >> 3); \
			break;                   \
		case 2:                          \
			r = below##_2(way >> 3); \
			break;                   \
		case 3:                          \
			r = below##_3(way >> 3); \
			break;                   \
		case 4:                          \
			r = below##_4(way >> 3); \
			break;                   \
		case 5:                          \
			r = below##_5(way >> 3); \
			break;                   \
		}                                \
		return r + room[0];              \
	}

#define LEVELS(name, below)       \
	LEVEL(name##_0, below, 1) \
	LEVEL(name##_1, below, 3) \
	LEVEL(name##_2, below, 5) \
	LEVEL(name##_3, below, 2) \
	LEVEL(name##_4, below, 4) \
	LEVEL(name##_5, below, 6)

INNERMOST(in0_0, 1)
INNERMOST(in0_1, 2)
INNERMOST(in0_2, 3)
INNERMOST(in0_3, 1)
INNERMOST(in0_4, 4)
INNERMOST(in0_5, 2)
LEVELS(in1, in0)
LEVELS(in2, in1)
LEVELS(in3, in2)
LEVEL(inner, in3, 2)

NOINLINE static long recurse(int depth, unsigned x)
{
	volatile long room = depth;
	void *block = malloc(BLOCK);
	long r = 0;

	touch(block);
	free(block);
	if (depth > 0) {
		r += recurse(depth - 1, x * 3);
		r += recurse(depth - 1, x * 5 + 1) + room;
	}
	return r + room;
}

NOINLINE static void one_stack(void)
{
	long i;

	for (i = 0; i < pairs; i++) {
		void *block = malloc(BLOCK);

		touch(block);
		free(block);
	}
}

NOINLINE static void random_stacks(void)
{
	long i;

	for (i = 0; i < pairs; i++) {
		seed = seed * 1664525u + 1013904223u;
		sink += inner(ways[seed >> 22]);
	}
}

NOINLINE static void recursion(void)
{
	long i;

	for (i = 0; i < pairs; i += 8191)
		sink += recurse(12, 1);
}

/* The frames of a stack that is told by x: a random one of eight functions each. */
static long (*const turns[8])(int left, unsigned x);

#define TURN(n)                                                       \
	NOINLINE static long turn_##n(int left, unsigned x)           \
	{                                                             \
		volatile long room[1 + n * 5 % 9];                    \
		void *block;                                          \
                                                                      \
		room[0] = left;                                       \
		x = x * 1664525u + 1013904223u;                       \
		if (left > 0)                                         \
			return turns[x >> 29](left - 1, x) + room[0]; \
		block = malloc(BLOCK);                                \
		touch(block);                                         \
		free(block);                                          \
		return room[0];                                       \
	}

EIGHT(TURN, 0, 1, 2, 3, 4, 5, 6, 7)
#define TURN_NAME(n) turn_##n,
static long (*const turns[8])(int left,
                              unsigned x) = { EIGHT(TURN_NAME, 0, 1, 2, 3, 4, 5, 6, 7) };

NOINLINE static void different_stacks(void)
{
	long i;

	for (i = 0; i < pairs; i++) {
		seed = seed * 1664525u + 1013904223u;
		sink += turns[seed >> 29](turning, seed ^ seed >> 16);
	}
}

NOINLINE static long link_end(int shape)
{
	if (shape == 's')
		one_stack();
	else if (shape == 'b')
		random_stacks();
	else if (shape == 'd')
		different_stacks();
	else
		recursion();
	return sink;
}

/* A chain of different functions with frames of different sizes. */
static long (*const chain[LINKS])(int left, int shape);

#define LINK(n)                                                        \
	NOINLINE static long link_##n(int left, int shape)             \
	{                                                              \
		volatile long room[1 + n * 5 % 9];                     \
		long r;                                                \
                                                                       \
		room[0] = left;                                        \
		r = left > 0 ? chain[(n + 1) % LINKS](left - 1, shape) \
		             : link_end(shape);                        \
		return r + room[0];                                    \
	}

#define ALL(X)                                   \
	EIGHT(X, 0, 1, 2, 3, 4, 5, 6, 7)         \
	EIGHT(X, 8, 9, 10, 11, 12, 13, 14, 15)   \
	EIGHT(X, 16, 17, 18, 19, 20, 21, 22, 23) \
	EIGHT(X, 24, 25, 26, 27, 28, 29, 30, 31) \
	EIGHT(X, 32, 33, 34, 35, 36, 37, 38, 39) \
	EIGHT(X, 40, 41, 42, 43, 44, 45, 46, 47) \
	EIGHT(X, 48, 49, 50, 51, 52, 53, 54, 55) \
	EIGHT(X, 56, 57, 58, 59, 60, 61, 62, 63)
#define NAME(n) link_##n,

ALL(LINK)
static long (*const chain[LINKS])(int left, int shape) = { ALL(NAME) };

static void choose_ways(void)
{
	unsigned r = 7, i, level;

	for (i = 0; i < STACKS; i++) {
		unsigned changed, draw, way = 0;

		r = r * 1664525u + 1013904223u;
		changed = 1 + (r >> 28) % 4;
		draw = r;
		for (level = 0; level < 5; level++) {
			draw = draw * 1664525u + 1013904223u;
			if (level >= 5 - changed)
				way |= ((draw >> 24) % 6) << (3 * level);
		}
		ways[i] = way;
	}
}

int main(int argc, char **argv)
{
	/* Frames beside the chain: three of the start, main, link_end and the shape's
	 * own. */
	int depth = argc > 3 ? atoi(argv[1]) : 0, own;
	char shape = argc > 3 ? argv[2][0] : 0;

	if (shape != 's' && shape != 'b' && shape != 'c' && shape != 'd') {
		fprintf(stderr, "usage: loops DEPTH s|b|c|d PAIRS\n");
		return 2;
	}
	pairs = atol(argv[3]);
	own = 6 + (shape == 'b' ? 5 : shape == 'c' ? 12 : 0);
	choose_ways();
	turning = shape == 'd' && depth > own + 3 ? depth - own - 3 : 0;
	depth -= turning;
	chain[0](depth > own ? depth - own - 1 : 0, shape);
	return 0;
}
