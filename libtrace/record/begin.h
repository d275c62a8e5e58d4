/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_BEGIN_H
#define MLW_RECORD_BEGIN_H

/*
 * A program that is not run by `mallow run` begins its recording itself: by MALLOW_DEPTH
 * in its environment, or by mallow_start(). The collector is started as a process that
 * is no child of the program's, with no descriptor left here and no signal.
 */

#include <stdint.h>

#include "wire/hello.h"

#define MLW_DEPTH_MOST 1024u /* frames of a stack that may be kept */

/* The depth that MALLOW_DEPTH asks for; 0: none, or this program has privileges. One that
 * is no depth ends the program, with a sentence. */
uint32_t mlw_begin_wanted(void);

/*
 * Starts the collector; `library` is libmallow.so as the loader has it. 0, and `begun` is
 * filled; a negative errno, and begun->text is a sentence. Called with signals blocked.
 */
int mlw_begin(uint32_t depth, const char *library, struct mlw_begun *begun);

/* Says on standard error that the program is not recorded, and why. */
void mlw_begin_complain(const char *text);

#endif /* MLW_RECORD_BEGIN_H */
