/* SPDX-License-Identifier: MIT */
#include "collect/folder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG  256
#define DIVIDERS " :" /* between the entries of LD_PRELOAD */
#define SOCKET   "/socket"
#define LIBRARY  "/libmallow.so"

static bool make_folder(struct mlw_folder *folder, const char *parent)
{
	if (!parent || parent[0] != '/' || strpbrk(parent, DIVIDERS))
		return false;
	if ((size_t)snprintf(folder->path, sizeof(folder->path), "%s/mallow-XXXXXX",
	                     parent) >= sizeof(folder->path) - sizeof(LIBRARY))
		return false;
	return mkdtemp(folder->path) != NULL;
}

/* There is room: make_folder has looked. */
static void name(const struct mlw_folder *folder, const char *file, char *path)
{
	size_t length = strlen(folder->path);

	memcpy(path, folder->path, length);
	memcpy(path + length, file, strlen(file) + 1);
}

static int listen_there(struct mlw_folder *folder, struct mlw_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	name(folder, SOCKET, folder->socket);
	memcpy(address.sun_path, folder->socket, sizeof(address.sun_path));
	folder->listener =
	        socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (folder->listener < 0 ||
	    bind(folder->listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(folder->listener, BACKLOG))
		return mlw_fail(err, "%s: cannot be listened at: %s", folder->socket,
		                strerror(errno));
	return 0;
}

int mlw_folder_open(struct mlw_folder *folder, struct mlw_error *err)
{
	*folder = (struct mlw_folder){ .listener = -1 };
	if (!make_folder(folder, getenv("XDG_RUNTIME_DIR")) &&
	    !make_folder(folder, getenv("TMPDIR")) && !make_folder(folder, "/tmp")) {
		folder->path[0] = '\0';
		return mlw_fail(err, "no folder could be made in /tmp: %s",
		                strerror(errno));
	}
	if (listen_there(folder, err)) {
		mlw_folder_close(folder);
		return -1;
	}
	return 0;
}

const char *mlw_folder_library(struct mlw_folder *folder, const char *library,
                               struct mlw_error *err)
{
	if (!strpbrk(library, DIVIDERS))
		return library;
	name(folder, LIBRARY, folder->library);
	if (!symlink(library, folder->library))
		return folder->library;
	mlw_fail(err, "%s: cannot be made: %s", folder->library, strerror(errno));
	folder->library[0] = '\0';
	return NULL;
}

void mlw_folder_close(struct mlw_folder *folder)
{
	if (!folder)
		return;
	if (folder->listener >= 0)
		close(folder->listener);
	if (folder->library[0])
		unlink(folder->library);
	if (folder->socket[0])
		unlink(folder->socket);
	if (folder->path[0])
		rmdir(folder->path);
	*folder = (struct mlw_folder){ .listener = -1 };
}

void mlw_folder_remove(const char *socket)
{
	struct mlw_folder folder = { .listener = -1 };
	size_t length = strlen(socket);

	if (length <= strlen(SOCKET) || length >= sizeof(folder.path) ||
	    strcmp(socket + length - strlen(SOCKET), SOCKET))
		return;
	memcpy(folder.path, socket, length - strlen(SOCKET));
	name(&folder, SOCKET, folder.socket);
	name(&folder, LIBRARY, folder.library);
	mlw_folder_close(&folder);
}
