/* SPDX-License-Identifier: MIT */
#ifndef MLW_FOLDER_H
#define MLW_FOLDER_H

/*
 * The run's own folder, mode 0700, with the socket where processes meet the collector.
 * It lies in $XDG_RUNTIME_DIR, $TMPDIR or /tmp, whichever comes first that exists and is
 * short enough for a socket's name.
 */

#include <sys/un.h>

#include "base/error.h"

struct mlw_folder {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int listener; /* -1: none */
};

int mlw_folder_open(struct mlw_folder *folder, struct mlw_error *err);
/* Removes everything. A zeroed path: nothing is removed. */
void mlw_folder_close(struct mlw_folder *folder);

#endif /* MLW_FOLDER_H */
