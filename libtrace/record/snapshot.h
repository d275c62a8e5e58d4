/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_SNAPSHOT_H
#define MLW_RECORD_SNAPSHOT_H

/* Asks the collector for a snapshot `name` of the whole run and waits until it is in the
 * file. 0 or a negative errno, as mallow_take_snapshot says. */
int mlw_snapshot_ask(const char *name);

#endif /* MLW_RECORD_SNAPSHOT_H */
