/* SPDX-License-Identifier: MIT */
#include "collect/ask.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "collect/proc.h"
#include "store/snapshot_name.h"
#include "wire/hello.h"
#include "wire/segment.h"

#define PATIENCE_MS 30000
#define SOCKET      "/socket"
#define FOLDER      "mallow-"

_Static_assert(MLW_SNAPSHOT_NAME_MAX < MLW_SNAPSHOT_NAME_SIZE, "with its NUL");

enum outcome {
	DONE = 0,
	FAILED = -1,
	NOT_THERE = 1, /* this collector does not record the process */
};

struct question {
	pid_t pid;
	const char *name;
	struct mlw_snapshot_reply *reply;
};

/* Nobody but the owner can have put something there, and he is one that we speak to. */
static bool is_private(const char *folder, uid_t *owner)
{
	struct stat status;

	if (lstat(folder, &status) || !S_ISDIR(status.st_mode) || status.st_mode & 077)
		return false;
	*owner = status.st_uid;
	return status.st_uid == geteuid() || geteuid() == 0;
}

static bool is_of(int fd, uid_t owner)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) &&
	       peer.uid == owner;
}

/* -1: nobody of that owner listens there. */
static int connect_to(const char *path, uid_t owner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    is_of(fd, owner))
		return fd;
	close(fd);
	return -1;
}

static bool send_request(int fd, const struct question *question)
{
	struct mlw_snapshot_request request = { .magic = MLW_WIRE_MAGIC,
		                                .version = MLW_WIRE_VERSION,
		                                .kind = MLW_HELLO_SNAPSHOT,
		                                .pid = question->pid };

	snprintf(request.name, sizeof(request.name), "%s", question->name);
	return send(fd, &request, sizeof(request), MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(request);
}

static enum outcome receive_reply(int fd, const struct question *question,
                                  struct mlw_error *err)
{
	struct mlw_snapshot_reply *reply = question->reply;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ssize_t size;
	int ready;

	do {
		ready = poll(&poll_fd, 1, PATIENCE_MS);
	} while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return mlw_fail(err, "the collector of process %d did not answer in %d s",
		                (int)question->pid, PATIENCE_MS / 1000);
	size = recv(fd, reply, sizeof(*reply), MSG_DONTWAIT);
	if (size <= 0)
		return mlw_fail(err,
		                "the recording of process %d ended before the "
		                "snapshot was taken",
		                (int)question->pid);
	if (size != (ssize_t)sizeof(*reply) || reply->magic != MLW_WIRE_MAGIC ||
	    reply->version != MLW_WIRE_VERSION)
		return NOT_THERE; /* of another version: it does not know the question */
	if (reply->status == MLW_SNAPSHOT_STRANGER)
		return NOT_THERE;
	reply->text[sizeof(reply->text) - 1] = '\0';
	if (reply->status != MLW_SNAPSHOT_TAKEN)
		return mlw_fail(err, "%s", reply->text);
	return DONE;
}

/* `path` is that of a collector's socket, or is claimed to be. */
static enum outcome ask_there(const char *path, const struct question *question,
                              struct mlw_error *err)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t length = strlen(path), end = strlen(SOCKET);
	enum outcome outcome;
	uid_t owner;
	int fd;

	if (length >= sizeof(folder) || length <= end ||
	    strcmp(path + length - end, SOCKET))
		return NOT_THERE;
	snprintf(folder, sizeof(folder), "%.*s", (int)(length - end), path);
	if (!is_private(folder, &owner))
		return NOT_THERE;
	fd = connect_to(path, owner);
	if (fd < 0)
		return NOT_THERE;
	outcome =
	        send_request(fd, question) ? receive_reply(fd, question, err) : NOT_THERE;
	close(fd);
	return outcome;
}

/* All folders of collectors in `parent`, which may be NULL. */
static enum outcome ask_in(const char *parent, const struct question *question,
                           struct mlw_error *err)
{
	DIR *directory = parent && *parent == '/' ? opendir(parent) : NULL;
	enum outcome outcome = NOT_THERE;
	const struct dirent *entry;

	if (!directory)
		return NOT_THERE;
	while (outcome == NOT_THERE && (entry = readdir(directory))) {
		char *path;

		if (strncmp(entry->d_name, FOLDER, strlen(FOLDER)) != 0 ||
		    asprintf(&path, "%s/%s" SOCKET, parent, entry->d_name) < 0)
			continue;
		outcome = ask_there(path, question, err);
		free(path);
	}
	closedir(directory);
	return outcome;
}

/* A variable in what /proc/PID/environ holds: `size` bytes, and a NUL behind them. */
static const char *variable(const char *environment, size_t size, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = environment; at < environment + size;
	     at += strlen(at) + 1) {
		if (!strncmp(at, name, length) && at[length] == '=')
			return at + length + 1;
	}
	return NULL;
}

/* What the environment of the process knows: its socket, or where its launcher's
 * collector has made one. */
static enum outcome ask_by_environment(const struct question *question,
                                       struct mlw_error *err)
{
	enum outcome outcome = NOT_THERE;
	size_t size = 0;
	char *environment = mlw_proc_environment(question->pid, &size);
	const char *path;

	if (!environment)
		return NOT_THERE;
	path = variable(environment, size, MLW_ENV_SOCKET);
	if (path)
		outcome = ask_there(path, question, err);
	if (outcome == NOT_THERE)
		outcome = ask_in(variable(environment, size, "XDG_RUNTIME_DIR"), question,
		                 err);
	if (outcome == NOT_THERE)
		outcome = ask_in(variable(environment, size, "TMPDIR"), question, err);
	free(environment);
	return outcome;
}

static enum outcome ask_everywhere(const struct question *question, struct mlw_error *err)
{
	const char *const places[] = { getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"),
		                       "/tmp" };
	enum outcome outcome = ask_by_environment(question, err);

	for (size_t i = 0; outcome == NOT_THERE && i < 3; i++)
		outcome = ask_in(places[i], question, err);
	return outcome;
}

/* Why nobody has answered. */
static int explain(pid_t pid, struct mlw_error *err)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (stat(path, &status))
		return mlw_fail(err, "there is no process %d", (int)pid);
	if (status.st_uid != geteuid() && geteuid() != 0)
		return mlw_fail(err, "process %d belongs to another user", (int)pid);
	return mlw_fail(err, "process %d is not being recorded", (int)pid);
}

int mlw_ask_snapshot(pid_t pid, const char *name, struct mlw_taken_snapshot *taken,
                     struct mlw_error *err)
{
	struct mlw_snapshot_reply reply = { 0 };
	const struct question question = { .pid = pid, .name = name, .reply = &reply };
	enum outcome outcome;

	if (mlw_snapshot_name_check(name, err))
		return -1;
	outcome = ask_everywhere(&question, err);
	if (outcome == NOT_THERE)
		return explain(pid, err);
	if (outcome == FAILED)
		return -1;
	taken->at_us = reply.at_us;
	taken->size = reply.size;
	taken->count = reply.count;
	snprintf(taken->file, sizeof(taken->file), "%s", reply.text);
	return 0;
}
