/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_CAPTURED_H
#define MLW_TEST_CAPTURED_H

/* A stream whose bytes a test can look at. */

#include <stdio.h>

struct captured {
	FILE *out;
	char *text;
	size_t size;
};

void captured_open(struct captured *captured);
/* What was written; freed by captured_close. */
const char *captured_text(struct captured *captured);
void captured_close(struct captured *captured);

/* Fails the test unless the bytes are those of tests/data/NAME; with MALLOW_UPDATE=1 in
 * the environment the file is written anew instead. */
void captured_matches(struct captured *captured, const char *name);

#endif /* MLW_TEST_CAPTURED_H */
