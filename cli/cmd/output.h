/* SPDX-License-Identifier: MIT */
#ifndef MLW_OUTPUT_H
#define MLW_OUTPUT_H

/* How a command ends: what it says on stderr, and its exit status. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum mlw_status {
	MLW_STATUS_FINE = 0,
	MLW_STATUS_NO = 1, /* the answer is "no" */
	MLW_STATUS_FAILED = 2, /* could not answer */
};

/* `mallow: FILE: reason` on stderr; `file` NULL: without it. Returns MLW_STATUS_FAILED.
 */
int mlw_output_failed(const char *file, const char *reason);

/* The same for something that the reader should know; the command goes on. */
void mlw_output_note(const char *file, const char *text);

/* Says what the reader of an answer should know of a recording that lacks something. */
void mlw_output_incomplete(const char *file, bool closed, bool complete);

/* The same where figures are estimates: `sample_bytes` is not 0. */
void mlw_output_sampled(const char *file, uint64_t sample_bytes);

/*
 * Writes out what is left in stdout. Returns `status`, or MLW_STATUS_FAILED with a
 * sentence when something was not written (a full disk); a reader that went away
 * (`| head`) is no failure worth a sentence.
 */
int mlw_output_end(int status);

#endif /* MLW_OUTPUT_H */
