/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_SCRATCH_H
#define MLW_TEST_SCRATCH_H

/*
 * A folder of its own for each test, entered before and removed behind it, with what
 * tests of object files need: a file and a shell command.
 *
 *	TestSuite(name, .init = scratch_enter, .fini = scratch_remove);
 */

#include <sys/types.h>

void scratch_enter(void);
void scratch_remove(void);

void scratch_write(const char *name, const char *text, mode_t mode);

/* Runs a command with /bin/sh; the test fails when the command does. */
__attribute__((format(printf, 1, 2))) void scratch_shell(const char *fmt, ...);

#endif /* MLW_TEST_SCRATCH_H */
