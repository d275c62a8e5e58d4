/* SPDX-License-Identifier: MIT */
#ifndef MLW_ALIVE_H
#define MLW_ALIVE_H

/*
 * Is a file that was not closed still being written, or did its collector die? Whoever
 * writes it holds a lock on its log (FILE-wal), which the kernel takes back however he
 * ends. It is not on the file itself, where closing any descriptor would give up SQLite's
 * own locks, and it belongs to an open descriptor (fcntl(2), F_OFD_SETLK), so that other
 * processes see it and SQLite does not.
 */

#include <stdbool.h>

/* Locks the log of `path`, which must be there: the descriptor that holds the lock until
 * it is closed, or -1. */
int mlw_alive_hold(const char *path);

/* Does anybody hold it? */
bool mlw_alive_ask(const char *path);

#endif /* MLW_ALIVE_H */
