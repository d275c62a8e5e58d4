/* SPDX-License-Identifier: MIT */
/*
 * x_entry [none] [no-pvalloc] [no-huge]: calls every entry point of malloc.h once or
 * more, checks what a caller relies on (results, alignment, contents, errno), and prints
 * what a tracer must have counted: allocations, frees, reallocations, bytes. Ends with
 * the number of broken promises, each named on standard error.
 *
 * none: nothing, for what the process allocates before main. no-pvalloc: the allocator in
 * use has none. no-huge: no calls that cannot succeed.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x_say.h"

struct counts {
	uint64_t allocations;
	uint64_t frees;
	uint64_t reallocations;
	uint64_t size;
};

static struct counts counts;
static int broken;

static void must(int holds, const char *what)
{
	if (holds)
		return;
	broken++;
	x_say(2, "x_entry: broken: %s\n", what);
}

static void *got(void *block, size_t size)
{
	if (block) {
		counts.allocations++;
		counts.size += size;
	}
	return block;
}

static void drop(void *block)
{
	errno = 4711;
	free(block);
	must(errno == 4711, "free keeps errno");
	counts.frees += block != NULL;
}

static void *resized(void *block, int was, size_t size)
{
	if (!block)
		return NULL;
	got(block, size);
	counts.frees += (uint64_t)was;
	counts.reallocations++;
	return block;
}

static __attribute__((noipa)) void *resize(void *block, size_t size)
{
	int was = block != NULL;

	return resized(realloc(block, size), was, size);
}

static __attribute__((noipa)) void *resize_array(void *block, size_t n, size_t size)
{
	int was = block != NULL;

	return resized(reallocarray(block, n, size), was, n * size);
}

static int aligned_to(const void *block, size_t alignment)
{
	return block && (uintptr_t)block % alignment == 0;
}

static void plain(void)
{
	unsigned char *block = got(malloc(100), 100);
	unsigned char zero[700] = { 0 };

	memset(block, 0xab, 100);
	must(malloc_usable_size(block) >= 100, "malloc_usable_size of malloc(100)");
	drop(block);
	block = got(calloc(7, 100), 700);
	must(!memcmp(block, zero, 700), "calloc gives zeroes");
	drop(block);
	drop(got(malloc(0), 0));
	drop(got(calloc(0, 10), 0));
	drop(got(malloc(5 << 20), 5 << 20));
	drop(NULL);
	must(malloc_usable_size(NULL) == 0, "malloc_usable_size(NULL)");
	drop(got(strdup("0123456789"), 11));
	drop(got(strndup("0123456789", 4), 5));
}

static void reallocs(void)
{
	unsigned char *block = resize(NULL, 40);
	void *nothing;
	int i;

	for (i = 0; i < 40; i++)
		block[i] = (unsigned char)i;
	block = resize(block, 41);
	block = resize(block, 3 << 20);
	block = resize(block, 40);
	for (i = 0; i < 40; i++)
		must(block[i] == i, "realloc keeps the contents");
	block = resize_array(block, 20, 30);
	nothing = realloc(block, 0);
	counts.frees++;
	must(nothing == NULL, "realloc(p, 0) gives NULL");
	drop(resize(NULL, 0));
	drop(resize_array(NULL, 3, 5));
}

static void alignments(int pages)
{
	void *block = NULL;
	size_t alignment;

	for (alignment = 8; alignment <= 4096; alignment *= 2) {
		must(posix_memalign(&block, alignment, 100) == 0, "posix_memalign");
		must(aligned_to(got(block, 100), alignment), "posix_memalign aligns");
		drop(block);
	}
	block = got(aligned_alloc(64, 128), 128);
	must(aligned_to(block, 64), "aligned_alloc aligns");
	drop(block);
	block = got(memalign(256, 100), 100);
	must(aligned_to(block, 256), "memalign aligns");
	block = resize(block, 5000);
	drop(block);
	block = got(valloc(100), 100);
	must(aligned_to(block, 4096), "valloc aligns");
	drop(block);
	if (pages) {
		block = got(pvalloc(100), 100);
		must(aligned_to(block, 4096), "pvalloc aligns");
		drop(block);
	}
	errno = 4711;
	block = &counts;
	must(posix_memalign(&block, 3, 10) == EINVAL, "posix_memalign refuses 3");
	must(errno == 4711, "posix_memalign leaves errno alone");
	must(block == &counts, "posix_memalign that fails leaves the pointer alone");
}

static void failures(void)
{
	volatile size_t huge = SIZE_MAX / 2 - 4096, half = SIZE_MAX / 2;
	char *block = got(malloc(60), 60);
	void *aligned = NULL;

	strcpy(block, "still here");
	errno = 0;
	must(malloc(huge) == NULL && errno == ENOMEM, "malloc that fails sets ENOMEM");
	errno = 0;
	must(calloc(half, 4) == NULL && errno == ENOMEM,
	     "calloc that overflows sets ENOMEM");
	errno = 0;
	must(resize(block, huge) == NULL && errno == ENOMEM,
	     "realloc that fails sets ENOMEM");
	errno = 0;
	must(resize_array(block, half, 4) == NULL && errno == ENOMEM,
	     "reallocarray that overflows sets ENOMEM");
	must(posix_memalign(&aligned, 64, huge) == ENOMEM, "posix_memalign that fails");
	must(memalign(64, huge) == NULL, "memalign that fails");
	must(!strcmp(block, "still here"), "a realloc that fails keeps the block");
	drop(block);
}

int main(int argc, char **argv)
{
	int pages = 1, huge = 1, i;

	for (i = 1; i < argc; i++) {
		pages &= strcmp(argv[i], "no-pvalloc") != 0;
		huge &= strcmp(argv[i], "no-huge") != 0;
	}
	if (argc > 1 && !strcmp(argv[1], "none"))
		return 0;
	errno = 4711;
	free(got(malloc(10), 10));
	counts.frees++;
	must(errno == 4711, "malloc that succeeds keeps errno");
	plain();
	reallocs();
	alignments(pages);
	if (huge)
		failures();
	x_say(1, "%lu %lu %lu %lu\n", counts.allocations, counts.frees,
	      counts.reallocations, counts.size);
	return broken;
}
