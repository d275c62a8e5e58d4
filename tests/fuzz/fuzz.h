/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H

/* Taking an input apart, and saying that something must hold. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct input {
	const uint8_t *bytes;
	size_t size;
};

/* The next number of so many bytes; what is missing at the end is zero. */
static inline uint64_t take(struct input *input, size_t bytes)
{
	size_t there = bytes < input->size ? bytes : input->size;
	uint64_t value = 0;

	memcpy(&value, input->bytes, there);
	input->bytes += there;
	input->size -= there;
	return value;
}

static inline void must(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

#endif /* FUZZ_H */
