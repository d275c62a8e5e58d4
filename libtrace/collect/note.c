/* SPDX-License-Identifier: MIT */
#include "collect/note.h"

#include <errno.h>
#include <sys/socket.h>

bool mlw_note_send(int fd, const struct mlw_note *note)
{
	return send(fd, note, sizeof(*note), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)sizeof(*note);
}

int mlw_note_receive(int fd, struct mlw_note *note, bool wait)
{
	ssize_t size;

	do {
		size = recv(fd, note, sizeof(*note), wait ? 0 : MSG_DONTWAIT);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return errno == ECONNRESET ? 0 : -1;
	return size == (ssize_t)sizeof(*note);
}
