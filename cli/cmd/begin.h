/* SPDX-License-Identifier: MIT */
#ifndef MLW_CMD_BEGIN_H
#define MLW_CMD_BEGIN_H

/*
 * Not a command for people: what libmallow.so executes when a program begins its
 * recording itself (collect/begin.h). `argc` and `argv` are those of main. True: it was
 * asked for, and *status is what to exit with.
 */

#include <stdbool.h>

bool mlw_begin_command(int argc, char **argv, int *status);

#endif /* MLW_CMD_BEGIN_H */
