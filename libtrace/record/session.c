/* SPDX-License-Identifier: MIT */
#include "record/session.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "record/sandbox.h"
#include "record/sys.h"
#include "record/thread.h"
#include "record/way.h"
#include "wire/hello.h"

#define HELLO_TIMEOUT_MS 10000
#define START_PAUSE_NS   200000
#define START_TRIES      (HELLO_TIMEOUT_MS * 5)

struct mlw_session *_Atomic mlw_session;

/* Survive a fork on purpose: whose child we are, and what children must be told. */
static int32_t previous_pid;
static bool follow_children;
static _Atomic bool began_late; /* something was not recorded before */

bool mlw_session_follows(void)
{
	return follow_children;
}

static struct mlw_session *session_memory(void)
{
	size_t size = (sizeof(struct mlw_session) + 4095) & ~(size_t)4095;
	struct mlw_session *memory = mlw_session, *none = NULL;

	if (memory)
		return memory;
	memory = mlw_sys_map_wiped(size);
	if (!memory || atomic_compare_exchange_strong(&mlw_session, &none, memory))
		return memory;
	mlw_sys_unmap(memory, size); /* another thread was faster */
	return none;
}

int mlw_session_want(uint32_t depth, bool late)
{
	uint32_t off = MLW_SESSION_OFF;

	if (!session_memory())
		return -ENOMEM;
	mlw_way_learn();
	if (mlw_session_socket() && atomic_load(&mlw_session->state) == MLW_SESSION_OFF)
		return -ENOTCONN;
	mlw_way_want(depth);
	if (atomic_compare_exchange_strong(&mlw_session->state, &off, MLW_SESSION_NEW) ||
	    late)
		began_late = true;
	return 0;
}

int mlw_session_wanted(void)
{
	int error = mlw_way_error();

	mlw_way_want(0);
	return error ? error : -ENOTCONN;
}

void mlw_session_set_late(void)
{
	began_late = true;
	atomic_store(&mlw_session->segment->late, 1);
}

int mlw_session_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	long fd = mlw_sys3(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	long status;

	if (fd < 0)
		return -1;
	memcpy(address.sun_path, mlw_session_socket(), strlen(mlw_session_socket()));
	do {
		status = mlw_sys3(SYS_connect, fd, (long)&address, sizeof(address));
	} while (status == -EINTR);
	if (status < 0) {
		mlw_sys3(SYS_close, fd, 0, 0);
		return -1;
	}
	return (int)fd;
}

union descriptors {
	struct cmsghdr header;
	char room[CMSG_SPACE(2 * sizeof(int))];
};

static int take_descriptors(struct msghdr *message, int fds[2])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int count;

	if (!header || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(header), (size_t)(count > 2 ? 2 : count) * sizeof(int));
	return count > 2 ? 2 : count;
}

/* A collector that is stopped must not hold up the start of a program for ever. */
static bool wait_readable(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	struct timespec timeout = { .tv_sec = HELLO_TIMEOUT_MS / 1000 };

	return mlw_sys6(SYS_ppoll, (long)&poll, 1, (long)&timeout, 0, 8, 0) == 1;
}

/* Sends `hello`, receives `welcome` and up to two descriptors: their number, or -1. */
static int ask(const struct mlw_hello *hello, struct mlw_welcome *welcome, int fds[2])
{
	union descriptors control;
	struct iovec part = { .iov_base = welcome, .iov_len = sizeof(*welcome) };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof(control) };
	int fd = mlw_session_connect(), count = -1;

	if (fd < 0)
		return -1;
	if (mlw_sys6(SYS_sendto, fd, (long)hello, sizeof(*hello), MSG_NOSIGNAL, 0, 0) ==
	            (long)sizeof(*hello) &&
	    wait_readable(fd) &&
	    mlw_sys3(SYS_recvmsg, fd, (long)&message, MSG_CMSG_CLOEXEC) ==
	            (long)sizeof(*welcome))
		count = take_descriptors(&message, fds);
	mlw_sys3(SYS_close, fd, 0, 0);
	return count;
}

static void *map_shared(int fd, uint64_t offset, uint64_t size)
{
	long address = mlw_sys6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
	                        MAP_SHARED, fd, (long)offset);

	if (address < 0 && address >= -4095)
		return NULL;
	mlw_sys3(SYS_madvise, address, (long)size, MADV_DONTFORK);
	return (void *)address;
}

static bool map_session(struct mlw_session *session, const struct mlw_welcome *welcome,
                        const int fds[2])
{
	session->run = map_shared(fds[0], 0, MLW_RUN_PAGE_SIZE);
	session->segment = map_shared(fds[1], 0, welcome->segment_size);
	if (!session->run || !session->segment ||
	    session->segment->magic != MLW_WIRE_MAGIC ||
	    session->segment->version != MLW_WIRE_VERSION)
		return false;
	session->config = session->segment->config;
	session->slabs[0] = (struct mlw_slab){ .size = welcome->segment_size,
		                               .base = (char *)session->segment };
	atomic_store_explicit(&session->slab_count, 1, memory_order_relaxed);
	atomic_store_explicit(&session->ring_count, session->config.ring_count,
	                      memory_order_relaxed);
	return true;
}

static void close_all(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		mlw_sys3(SYS_close, fds[i], 0, 0);
}

static bool join_run(struct mlw_session *session)
{
	struct mlw_hello hello = { .magic = MLW_WIRE_MAGIC,
		                   .version = MLW_WIRE_VERSION,
		                   .kind = MLW_HELLO_PROCESS,
		                   .pid = (int32_t)mlw_sys3(SYS_getpid, 0, 0, 0),
		                   .forked_from = previous_pid,
		                   .fork_sequence = mlw_local.fork_sequence };
	struct mlw_welcome welcome;
	int fds[2], count;
	bool joined;

	if (mlw_sandboxed || !mlw_way_find())
		return false;
	count = ask(&hello, &welcome, fds);
	if (count < 0)
		return false;
	joined = count == 2 && welcome.magic == MLW_WIRE_MAGIC &&
	         welcome.status == MLW_WELCOME_RECORD &&
	         map_session(session, &welcome, fds);
	close_all(fds, count);
	session->pid = hello.pid;
	if (joined) {
		previous_pid = hello.pid;
		follow_children = session->config.follow_children;
		atomic_store(&session->segment->late, began_late);
	}
	return joined;
}

static bool await_ready(struct mlw_session *session)
{
	const struct timespec pause = { .tv_nsec = START_PAUSE_NS };
	uint32_t state = MLW_SESSION_STARTING;

	for (int tries = 0; tries < START_TRIES && state == MLW_SESSION_STARTING;
	     tries++) {
		mlw_sys3(SYS_nanosleep, (long)&pause, 0, 0);
		state = atomic_load_explicit(&session->state, memory_order_acquire);
	}
	return state == MLW_SESSION_READY;
}

bool mlw_session_open(void (*prepare)(void), bool *first)
{
	struct mlw_session *session = session_memory();
	uint32_t state = MLW_SESSION_NEW;

	*first = false;
	if (!session)
		return false;
	if (!atomic_compare_exchange_strong(&session->state, &state,
	                                    MLW_SESSION_STARTING))
		return state == MLW_SESSION_READY ||
		       (state == MLW_SESSION_STARTING && await_ready(session));
	*first = join_run(session);
	if (*first)
		prepare();
	atomic_store_explicit(&session->state,
	                      *first ? MLW_SESSION_READY : MLW_SESSION_OFF,
	                      memory_order_release);
	return *first;
}

void mlw_session_off(void)
{
	if (mlw_session)
		atomic_store(&mlw_session->state, MLW_SESSION_OFF);
}

bool mlw_session_collector_gone(void)
{
	uint32_t word =
	        atomic_load_explicit(&mlw_session->run->collector, memory_order_relaxed);

	return word == 0 || (word & FUTEX_OWNER_DIED);
}

uint64_t *mlw_session_ring_data(uint32_t index)
{
	const struct mlw_session *session = mlw_session;
	const struct mlw_ring *ring = &session->segment->rings[index];
	uint32_t slabs = atomic_load_explicit(&session->slab_count, memory_order_acquire);

	for (uint32_t i = 0; i < slabs; i++) {
		const struct mlw_slab *slab = &session->slabs[i];

		if (ring->data >= slab->offset && ring->data < slab->offset + slab->size)
			return (uint64_t *)(slab->base + (ring->data - slab->offset));
	}
	return NULL;
}

static bool claim(uint32_t index)
{
	struct mlw_ring *ring = &mlw_session->segment->rings[index];
	uint32_t state = MLW_RING_FREE;

	return atomic_load_explicit(&ring->state, memory_order_relaxed) ==
	               MLW_RING_FREE &&
	       atomic_compare_exchange_strong(&ring->state, &state, MLW_RING_CLAIMED);
}

static int claim_between(uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		if (claim(i))
			return (int)i;
	return -1;
}

static int claim_small(void)
{
	const struct mlw_session *session = mlw_session;
	int index = claim_between(0, session->config.big_ring_first);

	if (index >= 0)
		return index;
	return claim_between(
	        session->config.ring_count,
	        atomic_load_explicit(&session->ring_count, memory_order_acquire));
}

static bool add_slab(struct mlw_session *session, const struct mlw_welcome *welcome,
                     int fd)
{
	uint32_t count = atomic_load_explicit(&session->slab_count, memory_order_relaxed);
	struct mlw_slab *slab = &session->slabs[count];
	void *base;

	if (count == MLW_SLAB_MAX || welcome->ring_count > MLW_RING_MAX)
		return false;
	base = map_shared(fd, welcome->slab_offset, welcome->segment_size);
	if (!base)
		return false;
	*slab = (struct mlw_slab){ .offset = welcome->slab_offset,
		                   .size = welcome->segment_size,
		                   .base = base };
	atomic_store_explicit(&session->slab_count, count + 1, memory_order_release);
	atomic_store_explicit(&session->ring_count, welcome->ring_count,
	                      memory_order_release);
	return true;
}

static bool ask_for_rings(struct mlw_session *session)
{
	struct mlw_hello hello = { .magic = MLW_WIRE_MAGIC,
		                   .version = MLW_WIRE_VERSION,
		                   .kind = MLW_HELLO_MORE_RINGS,
		                   .process = session->config.process,
		                   .pid = session->pid };
	struct mlw_welcome welcome;
	int fds[2], count = mlw_sandboxed ? -1 : ask(&hello, &welcome, fds);
	bool added = count == 1 && welcome.status == MLW_WELCOME_RECORD &&
	             add_slab(session, &welcome, fds[0]);

	if (count > 0)
		close_all(fds, count);
	return added;
}

static bool is_gone(const struct mlw_session *session, uint32_t tid)
{
	return mlw_sys3(SYS_tgkill, session->pid, (long)tid, 0) == -ESRCH;
}

/* Calls the rings of threads that are gone DONE. How many the collector will free. */
static uint32_t sweep(const struct mlw_session *session)
{
	uint32_t count = atomic_load_explicit(&session->ring_count, memory_order_acquire);
	uint32_t done = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct mlw_ring *ring = &session->segment->rings[i];
		uint32_t state = atomic_load(&ring->state);

		if (state == MLW_RING_LINGERING && is_gone(session, ring->tid) &&
		    atomic_compare_exchange_strong(&ring->state, &state, MLW_RING_DONE))
			state = MLW_RING_DONE;
		done += state == MLW_RING_DONE;
	}
	return done;
}

static bool has_most_rings(const struct mlw_session *session)
{
	return atomic_load_explicit(&session->ring_count, memory_order_relaxed) +
	               MLW_RINGS_SLAB >
	       MLW_RING_MAX;
}

enum more { MORE_ADDED, MORE_COMING, MORE_NONE };

/* Several threads may find all rings taken at once: one asks for more. */
static enum more ask_in_turn(struct mlw_session *session)
{
	uint32_t unlocked = 0;
	bool added;

	if (has_most_rings(session))
		return MORE_NONE;
	if (!atomic_compare_exchange_strong(&session->slab_lock, &unlocked, 1))
		return MORE_COMING;
	added = ask_for_rings(session);
	atomic_store(&session->slab_lock, 0);
	return added ? MORE_ADDED : MORE_NONE;
}

/*
 * While another thread asks we look again every millisecond, for a bounded time: it waits
 * for the collector alone. Where there are no more, those of threads that are gone will
 * be free soon.
 */
static int claim_or_wait(struct mlw_session *session)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int tries = 0; tries < HELLO_TIMEOUT_MS; tries++) {
		int index = claim_small();
		enum more more;

		if (index >= 0)
			return index;
		if (mlw_session_collector_gone())
			return -1;
		more = ask_in_turn(session);
		if (more == MORE_ADDED)
			continue;
		if (more == MORE_NONE && !sweep(session))
			return claim_small();
		mlw_session_wake();
		mlw_sys3(SYS_nanosleep, (long)&pause, 0, 0);
	}
	return -1;
}

int mlw_session_claim(bool big)
{
	struct mlw_session *session = mlw_session;

	if (big)
		return claim_between(session->config.big_ring_first,
		                     session->config.ring_count);
	if (session->config.blind)
		sweep(session);
	return claim_or_wait(session);
}

void mlw_session_wake(void)
{
	struct mlw_run_page *run = mlw_session->run;

	atomic_fetch_add(&run->doorbell, 1);
	if (atomic_load(&run->sleeping))
		mlw_sys6(SYS_futex, (long)&run->doorbell, FUTEX_WAKE, 1, 0, 0, 0);
}

void mlw_session_lost(uint64_t events)
{
	atomic_fetch_add(&mlw_session->segment->lost_events, events);
}

bool mlw_session_is_own(void)
{
	return mlw_session && mlw_session->pid == (int32_t)mlw_sys3(SYS_getpid, 0, 0, 0);
}
