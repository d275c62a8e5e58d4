/* SPDX-License-Identifier: MIT */
#include "cmd/begin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collect/begin.h"
#include "collect/proc.h"
#include "collect/settle.h"

enum { WORD_PID = 2, WORD_DEPTH, WORD_LIBRARY, WORD_FILE };

static bool parse_number(const char *text, long least, long most, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	return !errno && end != text && !*end && *number >= least && *number <= most;
}

/* As the loader's names are made absolute (collect/modules.c), so that it is known when
 * it is met. The caller frees it. */
static char *absolute(const char *library)
{
	char *directory, *path = NULL;

	if (*library == '/')
		return strdup(library);
	directory = getcwd(NULL, 0);
	if (!directory || asprintf(&path, "%s/%s", directory, library) < 0)
		path = NULL;
	free(directory);
	return path;
}

/* What the program asks for makes no sense, or there is no memory for it. */
static int refuse(int error)
{
	const struct mlw_begun begun = { .error = error };

	return write(MLW_BEGIN_FD, &begun, sizeof(begun)) < 0 ? -EPIPE : error;
}

static int begin(char **words, int count)
{
	struct mlw_run_options options;
	struct mlw_begun begun;
	long pid, depth;
	char **command, *library;
	int status;

	mlw_run_options_init(&options);
	if (count <= WORD_LIBRARY || !parse_number(words[WORD_PID], 1, INT32_MAX, &pid) ||
	    !parse_number(words[WORD_DEPTH], 1, MLW_DEPTH_MAX, &depth))
		return refuse(-EINVAL);
	command = mlw_proc_words((pid_t)pid);
	library = absolute(words[WORD_LIBRARY]);
	options.depth = (uint32_t)depth;
	options.output = count > WORD_FILE ? words[WORD_FILE] : NULL;
	options.library = library;
	options.command = command;
	if (command && library)
		status = mlw_begin_recording(&options, (pid_t)pid, MLW_BEGIN_FD, &begun);
	else
		status = refuse(-ENOMEM);
	free(library);
	free(command);
	return status;
}

bool mlw_begin_command(int argc, char **argv, int *status)
{
	if (argc < 2 || strcmp(argv[1], MLW_BEGIN_COMMAND))
		return false;
	mlw_settle_signals();
	*status = begin(argv, argc) ? 1 : 0;
	return true;
}
