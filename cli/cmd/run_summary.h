/* SPDX-License-Identifier: MIT */
#ifndef MLW_RUN_SUMMARY_H
#define MLW_RUN_SUMMARY_H

#include "collect/launch.h"

/*
 * What `mallow run` says at the end, on stderr: at most twelve lines, with --quiet only
 * what is wrong. Returns the exit status: the program's, but for --require-trace.
 */
int mlw_run_summary_print(const struct mlw_run_options *options,
                          const struct mlw_launch *launch);

#endif /* MLW_RUN_SUMMARY_H */
