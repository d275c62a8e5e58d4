/* SPDX-License-Identifier: MIT */
#include "collect/guest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire/segment.h"

static bool is_hello(const struct mlw_hello *hello, ssize_t size)
{
	return size == (ssize_t)sizeof(*hello) &&
	       (hello->kind == MLW_HELLO_PROCESS ||
	        hello->kind == MLW_HELLO_MORE_RINGS) &&
	       hello->pid > 0 && hello->forked_from >= 0;
}

static bool is_request(const struct mlw_snapshot_request *request, ssize_t size)
{
	return size == (ssize_t)sizeof(*request) && request->kind == MLW_HELLO_SNAPSHOT &&
	       request->pid >= 0 && memchr(request->name, 0, sizeof(request->name));
}

static bool is_traceback(const struct mlw_traceback_request *request, ssize_t size)
{
	return size == (ssize_t)sizeof(*request) && request->kind == MLW_HELLO_TRACEBACK;
}

/* Of the same user; root may as well. */
static bool is_permitted(int guest, struct ucred *peer)
{
	socklen_t size = sizeof(*peer);

	return !getsockopt(guest, SOL_SOCKET, SO_PEERCRED, peer, &size) &&
	       peer->pid > 0 && (peer->uid == geteuid() || peer->uid == 0);
}

uint32_t mlw_guest_hear(int guest, union mlw_message *message, struct ucred *peer)
{
	const struct mlw_hello *hello = &message->hello;
	ssize_t size;

	memset(message, 0, sizeof(*message));
	size = recv(guest, message, sizeof(*message), MSG_DONTWAIT | MSG_TRUNC);
	if (size < (ssize_t)sizeof(*hello) || hello->magic != MLW_WIRE_MAGIC ||
	    hello->version != MLW_WIRE_VERSION || !is_permitted(guest, peer))
		return 0;
	if (is_hello(hello, size) || is_request(&message->snapshot, size) ||
	    is_traceback(&message->traceback, size))
		return hello->kind;
	return 0;
}

void mlw_guest_reply(int guest, const struct mlw_snapshot_reply *reply)
{
	struct mlw_snapshot_reply copy = *reply;

	copy.magic = MLW_WIRE_MAGIC;
	copy.version = MLW_WIRE_VERSION;
	send(guest, &copy, sizeof(copy), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void mlw_guest_fail(int guest, enum mlw_snapshot_status status, const char *text)
{
	struct mlw_snapshot_reply reply = { .status = status };

	snprintf(reply.text, sizeof(reply.text), "%s", text);
	mlw_guest_reply(guest, &reply);
}
