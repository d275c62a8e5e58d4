/* SPDX-License-Identifier: MIT */

/*
 * resolve FILE < ADDRESSES: what the symbolizer says, in the form of llvm-symbolizer:
 * for each address the frames, innermost first, each as a line with the function and one
 * with FILE:LINE (?? and 0 unknown), then an empty line. Seconds and peak kilobytes go to
 * standard error.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/array.h"
#include "symbol/symbolizer.h"

static int print(size_t index, const struct mlw_symbol *symbols, size_t count,
                 void *context)
{
	(void)index, (void)context;
	for (size_t i = 0; i < count; i++)
		printf("%s\n%s:%u\n", symbols[i].function ? symbols[i].function : "??",
		       symbols[i].file ? symbols[i].file : "??", symbols[i].line);
	if (!count)
		puts("??\n??:0");
	putchar('\n');
	return 0;
}

static int read_addresses(uint64_t **addresses, size_t *count, struct mlw_error *err)
{
	size_t capacity = 0;
	uint64_t address;

	while (scanf("%" SCNx64, &address) == 1) {
		if (mlw_grow(addresses, &capacity, *count + 1, sizeof(**addresses), err))
			return -1;
		(*addresses)[(*count)++] = address;
	}
	return 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int resolve(const char *path, const uint64_t *addresses, size_t count,
                   struct mlw_error *err)
{
	struct mlw_symbolizer_options options = { .debuginfod = false };
	struct mlw_symbol_source source = { .path = path, .fd = -1 };
	struct mlw_symbol_object *object = NULL;
	struct mlw_symbolizer *symbolizer = NULL;
	int result = -1;

	if (mlw_symbolizer_new(&options, &symbolizer, err) ||
	    mlw_symbolizer_open(symbolizer, &source, &object, err))
		goto out;
	if (mlw_symbol_object_reason(object))
		fprintf(stderr, "%s: %s\n", path, mlw_symbol_object_reason(object));
	result = mlw_symbol_object_resolve(object, addresses, count, print, NULL, err);
out:
	mlw_symbol_object_free(object);
	mlw_symbolizer_free(symbolizer);
	return result;
}

int main(int argc, char **argv)
{
	struct mlw_error err = { "" };
	uint64_t *addresses = NULL;
	struct rusage usage;
	size_t count = 0;
	double start;
	int result;

	if (argc != 2)
		return 2;
	result = read_addresses(&addresses, &count, &err);
	start = now();
	if (result == 0)
		result = resolve(argv[1], addresses, count, &err);
	getrusage(RUSAGE_SELF, &usage);
	if (result)
		fprintf(stderr, "resolve: %s\n", err.text);
	fprintf(stderr, "%zu addresses, %.3f s, %ld kB\n", count, now() - start,
	        usage.ru_maxrss);
	free(addresses);
	return result ? 1 : 0;
}
