/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_START_H
#define MLW_RECORD_START_H

/*
 * The program starts and stops its recording. What has been started stays connected to
 * its collector until the process ends: stopped, its threads say nothing, each from its
 * next event on; started again, it forgets what it had, because it does not know which of
 * that was freed in the meantime.
 */

#include <stdint.h>

/* Both as in mallow/mallow.h. */
int mlw_start(int depth, const uintptr_t *frame);
void mlw_stop(void);

#endif /* MLW_RECORD_START_H */
