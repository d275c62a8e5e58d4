/* SPDX-License-Identifier: MIT */
#ifndef MLW_GUEST_H
#define MLW_GUEST_H

/* Who connects to the collector's socket, and what they may say (wire/hello.h). */

#include <sys/socket.h>

#include "wire/hello.h"

union mlw_message {
	struct mlw_hello hello;
	struct mlw_snapshot_request snapshot;
	struct mlw_traceback_request traceback;
};

/*
 * The kind (enum mlw_hello_kind) of what the guest has said, checked; 0 if it made no
 * sense, or came from another user. Does not wait.
 */
uint32_t mlw_guest_hear(int guest, union mlw_message *message, struct ucred *peer);

/* Answers a request for a snapshot; magic and version are filled in. */
void mlw_guest_reply(int guest, const struct mlw_snapshot_reply *reply);
/* The same with a status that is a failure, and a sentence. */
void mlw_guest_fail(int guest, enum mlw_snapshot_status status, const char *text);

#endif /* MLW_GUEST_H */
