/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_ERRAND_H
#define MLW_RECORD_ERRAND_H

/*
 * Asks the collector for something by the shared memory, and waits until it is done. 0;
 * -EPERM: behind a seccomp filter; -ENOTCONN: the collector is gone; -ETIMEDOUT: it has
 * not answered for `--stall`. To be called by a process that is recorded, outside of
 * hooks.
 */

#include "wire/segment.h"

int mlw_errand(enum mlw_errand errand);

#endif /* MLW_RECORD_ERRAND_H */
