/* SPDX-License-Identifier: MIT */
#ifndef MLW_RUN_OPTIONS_H
#define MLW_RUN_OPTIONS_H

/* The command line of `mallow run`. */

#include "base/error.h"
#include "collect/options.h"

enum mlw_run_options_result {
	MLW_RUN_OPTIONS_GO,
	MLW_RUN_OPTIONS_HELP,
	MLW_RUN_OPTIONS_WRONG, /* with a sentence */
};

/* `options` borrows from argv. `library` is left NULL. */
enum mlw_run_options_result mlw_run_options_parse(struct mlw_run_options *options,
                                                  int argc, char **argv,
                                                  struct mlw_error *err);

/* Prints the help to stdout and returns the exit status. */
int mlw_run_options_help(void);

#endif /* MLW_RUN_OPTIONS_H */
