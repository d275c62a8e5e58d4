/* SPDX-License-Identifier: MIT */
#ifndef MLW_COMMAND_LINE_H
#define MLW_COMMAND_LINE_H

/*
 * The words of a command, out of the JSON array of strings (RFC 8259) that a file keeps.
 */

#include <stddef.h>

#include "base/error.h"

struct mlw_command_line {
	char **words;
	size_t count;
};

/* `json` NULL: no words. Fails if it is anything but an array of strings. */
int mlw_command_line_init(struct mlw_command_line *line, const char *json,
                          struct mlw_error *err);
void mlw_command_line_release(struct mlw_command_line *line); /* NULL is fine */

#endif /* MLW_COMMAND_LINE_H */
