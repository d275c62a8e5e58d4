/* SPDX-License-Identifier: MIT */
#ifndef MLW_UNRECORDED_H
#define MLW_UNRECORDED_H

/*
 * Why a program never said hello: the end of a sentence ("it is a static program"), in
 * `reason`. True when it could not be recorded; false when nothing speaks against it (it
 * allocated nothing, or ended too soon), and `reason` is empty.
 */

#include <stdbool.h>
#include <stddef.h>

bool mlw_unrecorded_reason(const char *path, char *reason, size_t size);

/* The same of a command as execvp finds it, and always with a reason. */
void mlw_unrecorded_command(const char *command, char *reason, size_t size);

/* Does the program bring malloc itself, in front of ours? */
bool mlw_unrecorded_allocator(const char *path, char *reason, size_t size);

#endif /* MLW_UNRECORDED_H */
