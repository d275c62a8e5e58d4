/* SPDX-License-Identifier: MIT */
/* Where a block was allocated: the collector knows. */
#include <errno.h>
#include <mallow/mallow.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "record/api.h"
#include "record/objects.h"
#include "record/public.h"
#include "record/sys.h"
#include "wire/hello.h"

#define FRAME ((const uintptr_t *)__builtin_frame_address(0))

_Static_assert(MALLOW_TRACEBACK_FRAMES == MLW_TRACEBACK_FRAMES, "room for all");
_Static_assert(sizeof(void *) == sizeof(uint64_t), "an address is a word");

static bool await(int fd)
{
	uint64_t deadline = mlw_sys_now_ns() + mlw_session->config.stall_ns;
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	long got;

	do {
		struct timespec slice = { .tv_nsec = 100000000 };

		got = mlw_sys6(SYS_ppoll, (long)&poll, 1, (long)&slice, 0, 8, 0);
	} while ((got == 0 || got == -EINTR) && !mlw_session_collector_gone() &&
	         mlw_sys_now_ns() < deadline);
	return got == 1;
}

/* Asks on a connection of its own: *fd, which the caller closes. `size`: of `addresses`.
 */
static int ask(const struct mlw_traceback_request *request, int *fd,
               struct mlw_traceback_reply *reply, void *addresses, size_t size)
{
	struct iovec parts[2] = { { reply, sizeof(*reply) }, { addresses, size } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	long got;

	*fd = mlw_session_connect();
	if (*fd < 0 || mlw_sys6(SYS_sendto, *fd, (long)request, sizeof(*request),
	                        MSG_NOSIGNAL, 0, 0) != (long)sizeof(*request))
		return -ENOTCONN;
	if (!await(*fd))
		return mlw_session_collector_gone() ? -ENOTCONN : -ETIMEDOUT;
	got = mlw_sys3(SYS_recvmsg, *fd, (long)&message, MSG_DONTWAIT);
	if (got < (long)sizeof(*reply) || reply->magic != MLW_WIRE_MAGIC ||
	    reply->version != MLW_WIRE_VERSION)
		return -ENOTCONN;
	if (size && (uint64_t)got != sizeof(*reply) + reply->count * sizeof(uint64_t))
		return -ENOTCONN;
	return reply->status == MLW_TRACEBACK_FOUND ? 0 : -ENOENT;
}

static struct mlw_traceback_request request_for(int domain, const void *block)
{
	return (struct mlw_traceback_request){ .magic = MLW_WIRE_MAGIC,
		                               .version = MLW_WIRE_VERSION,
		                               .kind = MLW_HELLO_TRACEBACK,
		                               .domain = (uint32_t)domain,
		                               .address = (uintptr_t)block };
}

static int may_ask(const uintptr_t *frame)
{
	if (!mlw_api_session(frame))
		return -ENOTCONN;
	if (mlw_sandboxed)
		return -EPERM;
	return mlw_api_inside_hook(frame) ? -EDEADLK : 0;
}

/* That a module is unloaded no event says. */
static void leave_out_unloaded(struct mallow_block_traceback *traceback)
{
	struct mlw_object object;

	for (unsigned i = 0; i < traceback->count; i++) {
		uintptr_t pc = (uintptr_t)traceback->frames[i];

		if (!(pc & MLW_TRACEBACK_MODULE))
			continue;
		pc &= ~MLW_TRACEBACK_MODULE;
		traceback->frames[i] =
		        mlw_object_find(pc - 1, &object) ? (void *)pc : NULL;
	}
}

MLW_PUBLIC int mallow_recorder_get_traceback(int domain, const void *block,
                                             struct mallow_block_traceback *traceback)
{
	struct mlw_traceback_request request = request_for(domain, block);
	struct mlw_traceback_reply reply;
	int status = may_ask(FRAME), fd = -1;

	if (status)
		return status;
	if (domain < 0 || !traceback)
		return -EINVAL;
	status = ask(&request, &fd, &reply, traceback->frames, sizeof(traceback->frames));
	if (fd >= 0)
		mlw_sys3(SYS_close, fd, 0, 0);
	if (status)
		return status;
	traceback->size = reply.size;
	traceback->count = reply.count;
	traceback->truncated = reply.truncated;
	leave_out_unloaded(traceback);
	return 0;
}

static void write_all(int fd, const char *text, size_t size)
{
	while (size) {
		long wrote = mlw_sys3(SYS_write, fd, (long)text, (long)size);

		if (wrote == -EINTR)
			continue;
		if (wrote <= 0)
			return;
		text += wrote;
		size -= (size_t)wrote;
	}
}

/* The text comes until the connection ends. */
static void copy_text(int from, int to)
{
	char part[MLW_TRACEBACK_PART];
	long got;

	while (await(from) && (got = mlw_sys6(SYS_recvfrom, from, (long)part,
	                                      sizeof(part), 0, 0, 0)) > 0)
		write_all(to, part, (size_t)got);
}

MLW_PUBLIC int mallow_recorder_dump_traceback(int fd, const void *block)
{
	struct mlw_traceback_request request = request_for(0, block);
	struct mlw_traceback_reply reply;
	int status = may_ask(FRAME), from = -1;

	if (status)
		return status;
	request.text = 1;
	status = ask(&request, &from, &reply, NULL, 0);
	if (!status)
		copy_text(from, fd);
	if (from >= 0)
		mlw_sys3(SYS_close, from, 0, 0);
	return status;
}
