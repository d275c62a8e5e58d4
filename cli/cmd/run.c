/* SPDX-License-Identifier: MIT */

/* mallow run: records a program. */

#include <stdio.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/library.h"
#include "cmd/run_options.h"
#include "cmd/run_summary.h"
#include "collect/launch.h"

static int fail(const struct mlw_error *err, int status)
{
	fprintf(stderr, "mallow: %s\n", err->text);
	return status;
}

static int launch(struct mlw_run_options *options, struct mlw_error *err)
{
	char *library = mlw_library_find(err);
	struct mlw_launch result;

	if (!library)
		return fail(err, MLW_LAUNCH_FAILED);
	options->library = library;
	if (mlw_launch(options, &result, err))
		fail(err, result.status);
	else
		result.status = mlw_run_summary_print(options, &result);
	free(library);
	return result.status;
}

static int run(int argc, char **argv)
{
	struct mlw_run_options options;
	struct mlw_error err;

	switch (mlw_run_options_parse(&options, argc, argv, &err)) {
	case MLW_RUN_OPTIONS_HELP:
		return mlw_run_options_help();
	case MLW_RUN_OPTIONS_GO:
		return launch(&options, &err);
	default:
		fail(&err, MLW_LAUNCH_FAILED);
		fputs("Try 'mallow run --help'.\n", stderr);
		return MLW_LAUNCH_FAILED;
	}
}

const struct mlw_command mlw_command_run = {
	.name = "run",
	.usage = "[-o FILE] [--force] [options] [--] PROGRAM [ARGS]",
	.summary = "runs a program and records its memory",
	.run = run,
};
