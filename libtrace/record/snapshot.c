/* SPDX-License-Identifier: MIT */
#include "record/snapshot.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "record/session.h"
#include "record/sys.h"
#include "wire/hello.h"

#define PATIENCE_NS UINT64_C(30000000000)

static int exchange(int fd, const struct mlw_snapshot_request *request,
                    struct mlw_snapshot_reply *reply)
{
	uint64_t deadline = mlw_sys_now_ns() + PATIENCE_NS, now;
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	struct timespec slice = { .tv_sec = 1 };
	long got;

	if (mlw_sys6(SYS_sendto, fd, (long)request, sizeof(*request), MSG_NOSIGNAL, 0,
	             0) != (long)sizeof(*request))
		return -ENOTCONN;
	do {
		got = mlw_sys6(SYS_ppoll, (long)&poll, 1, (long)&slice, 0, 8, 0);
		slice = (struct timespec){ .tv_sec = 1 }; /* the kernel wrote to it */
		now = mlw_sys_now_ns();
	} while ((got == 0 || got == -EINTR) && now < deadline);
	if (got != 1)
		return -ETIMEDOUT;
	got = mlw_sys6(SYS_recvfrom, fd, (long)reply, sizeof(*reply), MSG_DONTWAIT, 0, 0);
	if (got != (long)sizeof(*reply) || reply->magic != MLW_WIRE_MAGIC)
		return -ENOTCONN;
	return 0;
}

static int result_of(const struct mlw_snapshot_reply *reply)
{
	switch (reply->status) {
	case MLW_SNAPSHOT_TAKEN:
		return 0;
	case MLW_SNAPSHOT_BAD_NAME:
		return -EINVAL;
	case MLW_SNAPSHOT_STRANGER:
		return -ENOTCONN;
	default:
		return -EIO;
	}
}

int mlw_snapshot_ask(const char *name)
{
	struct mlw_snapshot_request request = { .magic = MLW_WIRE_MAGIC,
		                                .version = MLW_WIRE_VERSION,
		                                .kind = MLW_HELLO_SNAPSHOT };
	struct mlw_snapshot_reply reply;
	size_t length = name ? strlen(name) : 0;
	int fd, status;

	if (!length || length >= sizeof(request.name))
		return -EINVAL;
	memcpy(request.name, name, length);
	if (mlw_sandboxed)
		return -EPERM;
	fd = mlw_session_connect();
	if (fd < 0)
		return -ENOTCONN;
	status = exchange(fd, &request, &reply);
	mlw_sys3(SYS_close, fd, 0, 0);
	return status ? status : result_of(&reply);
}
