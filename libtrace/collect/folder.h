/* SPDX-License-Identifier: MIT */
#ifndef MLW_FOLDER_H
#define MLW_FOLDER_H

/*
 * The run's own folder, mode 0700, with the socket where processes meet the collector.
 * It lies in $XDG_RUNTIME_DIR, $TMPDIR or /tmp, whichever comes first that exists, is
 * short enough for a socket's name and has no character that divides LD_PRELOAD.
 */

#include <sys/un.h>

#include "base/error.h"

struct mlw_folder {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char library[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "": no link */
	int listener; /* -1: none */
};

int mlw_folder_open(struct mlw_folder *folder, struct mlw_error *err);
/*
 * The name by which `library` can be preloaded: itself, or a link in the folder if it has
 * a space or a colon, which LD_PRELOAD has no way to write (ld.so(8)). Belongs to folder
 * or caller; NULL and a sentence when the link cannot be made.
 */
const char *mlw_folder_library(struct mlw_folder *folder, const char *library,
                               struct mlw_error *err);

/* Removes everything. A zeroed path: nothing is removed. */
void mlw_folder_close(struct mlw_folder *folder);

/* Removes what a collector that was killed has left behind, by the path of its socket. */
void mlw_folder_remove(const char *socket);

#endif /* MLW_FOLDER_H */
