/* SPDX-License-Identifier: MIT */
#ifndef MLW_REDIRECT_SQLITE3_H
#define MLW_REDIRECT_SQLITE3_H

/*
 * Found instead of SQLite's own header by all code that becomes part of the extension:
 * every call goes to the SQLite that loaded it, so that there is one in the process,
 * whichever that is. Two would not know of each other's locks on the file
 * (https://sqlite.org/howtocorrupt.html, 2.2.1).
 */

#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT3

#endif /* MLW_REDIRECT_SQLITE3_H */
