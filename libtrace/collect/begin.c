/* SPDX-License-Identifier: MIT */
#include "collect/begin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/collector.h"
#include "collect/note.h"
#include "wire/segment.h"

static int fail(struct mlw_begun *begun, int error, const char *text)
{
	begun->error = -error;
	snprintf(begun->text, sizeof(begun->text), "%.*s", (int)sizeof(begun->text) - 1,
	         text);
	return begun->error;
}

static void greet(const struct mlw_run_options *options, int socket, pid_t pid,
                  struct mlw_begun *begun)
{
	struct mlw_note note = { .kind = MLW_NOTE_PROGRAM, .value = pid };
	bool exists = options->output && !access(options->output, F_OK);

	if (!mlw_note_send(socket, &note) || mlw_note_receive(socket, &note, true) != 1) {
		fail(begun, EIO, "the collector could not be started");
	} else if (note.kind != MLW_NOTE_READY) {
		fail(begun, exists ? EEXIST : EIO, note.text);
	} else if (strlen(note.socket) >= sizeof(begun->socket) ||
	           strlen(note.library) >= sizeof(begun->library)) {
		fail(begun, ENAMETOOLONG, "the collector's socket has a long name");
	} else {
		memcpy(begun->socket, note.socket, strlen(note.socket) + 1);
		memcpy(begun->library, note.library, strlen(note.library) + 1);
	}
}

/* Who has asked may have given up by now, and is not to be recorded then. */
static int tell(int socket, int answer, struct mlw_begun *begun)
{
	const struct mlw_note note = { .kind = MLW_NOTE_CALLED_OFF };

	if (write(answer, begun, sizeof(*begun)) == (ssize_t)sizeof(*begun))
		return begun->error;
	if (socket >= 0)
		mlw_note_send(socket, &note);
	return fail(begun, EPIPE, "nobody waits for the collector");
}

int mlw_begin_recording(const struct mlw_run_options *options, pid_t pid, int answer,
                        struct mlw_begun *begun)
{
	int ends[2], status;
	pid_t collector;

	*begun = (struct mlw_begun){ .magic = MLW_WIRE_MAGIC,
		                     .version = MLW_WIRE_VERSION };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		fail(begun, errno, "there is no socket left");
		return tell(-1, answer, begun);
	}
	collector = fork();
	if (collector == 0)
		_exit(mlw_collect(options, ends[1]));
	close(ends[1]);
	if (collector < 0)
		fail(begun, errno, "there is no process left");
	else
		greet(options, ends[0], pid, begun);
	status = tell(ends[0], answer, begun);
	close(ends[0]);
	return status;
}
