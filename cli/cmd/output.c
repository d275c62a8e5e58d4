/* SPDX-License-Identifier: MIT */
#include "cmd/output.h"

#include <errno.h>
#include <mallow/snapshot.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

/* Sentences from below may begin with the file already, without its @WHEN. */
static bool names_file(const char *text, const char *file)
{
	size_t length = strlen(file);
	const char *place = strrchr(file, '@');

	if (!strncmp(text, file, length) && !strncmp(text + length, ": ", 2))
		return true;
	length = place ? (size_t)(place - file) : 0;
	return length && !strncmp(text, file, length) && !strncmp(text + length, ": ", 2);
}

void mlw_output_note(const char *file, const char *text)
{
	if (file && !names_file(text, file))
		fprintf(stderr, "mallow: %s: %s\n", file, text);
	else
		fprintf(stderr, "mallow: %s\n", text);
}

void mlw_output_incomplete(const char *file, bool closed, bool complete)
{
	if (!closed && mallow_is_being_recorded(file))
		mlw_output_note(file, "still being recorded: what happened in the last "
		                      "second may be missing");
	else if (!closed)
		mlw_output_note(file, "incomplete: the recording was not closed");
	else if (!complete)
		mlw_output_note(file, "incomplete: events were lost");
}

void mlw_output_sampled(const char *file, uint64_t sample_bytes)
{
	char text[96], size[MLW_UNIT_TEXT];

	if (!sample_bytes)
		return;
	snprintf(text, sizeof(text), "sampled, 1 in %s: figures are estimates",
	         mlw_size_text(sample_bytes, size));
	mlw_output_note(file, text);
}

int mlw_output_failed(const char *file, const char *reason)
{
	mlw_output_note(file, reason);
	return MLW_STATUS_FAILED;
}

int mlw_output_end(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !failed)
		return status;
	if (errno != EPIPE)
		mlw_output_failed("standard output",
		                  errno ? strerror(errno) : "not all was written");
	return MLW_STATUS_FAILED;
}
