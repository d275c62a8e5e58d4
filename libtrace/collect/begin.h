/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_BEGIN_H
#define MLW_COLLECT_BEGIN_H

/*
 * The collector of a program that runs already, and has asked for it itself
 * (wire/hello.h, MLW_BEGIN_COMMAND). It is nobody's child that could be waited for: who
 * starts it ends as soon as the program may go on.
 */

#include <sys/types.h>

#include "collect/options.h"
#include "wire/hello.h"

/*
 * Starts it for process `pid`; options->command is that program's. `begun` is filled
 * either way, and written to `answer`; returns its error. When nobody reads that any more,
 * the recording is called off and leaves no file. SIGPIPE must be ignored.
 */
int mlw_begin_recording(const struct mlw_run_options *options, pid_t pid, int answer,
                        struct mlw_begun *begun);

#endif /* MLW_COLLECT_BEGIN_H */
