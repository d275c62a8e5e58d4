/* SPDX-License-Identifier: MIT */
#ifndef MLW_SANDBOX_H
#define MLW_SANDBOX_H

#include <stdint.h>

#include "record/hidden.h"

/*
 * Not 0 once this process (or the one that forked it) has installed a seccomp filter. A
 * filter may kill for a system call that the program itself would never make, so from
 * then on none is made (record/sys.h): no new process or thread joins the run, nobody is
 * woken, and who has to wait for the reader spins. What is mapped goes on working.
 */
extern MLW_HIDDEN uint32_t mlw_sandboxed;

#endif /* MLW_SANDBOX_H */
