/* SPDX-License-Identifier: MIT */
#include "collect/meet.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "collect/guest.h"
#include "collect/note.h"
#include "collect/proc.h"
#include "store/snapshot_name.h"
#include "wire/sample.h"

#define GUESTS_MAX 128u

/* A recorded process, watched until it ends. */
struct peer {
	struct mlw_process *process;
	int pidfd;
	uint32_t number; /* config.process */
};

struct mlw_meeting {
	pthread_t thread;
	pthread_mutex_t lock; /* of the notices */
	struct mlw_notice *first, **last;

	const struct mlw_run_options *options;
	const struct mlw_folder *folder;
	const struct mlw_run_memory *memory;
	struct mlw_process *program;
	int launcher;
	pid_t launcher_pid;
	int stop; /* eventfd */
	uint32_t numbers;

	struct peer *peers;
	size_t peer_count, peer_capacity;
	int guests[GUESTS_MAX]; /* connected, have not said anything yet */
	size_t guest_count;
	struct pollfd *polls;
	size_t poll_capacity;
};

void mlw_ring_doorbell(struct mlw_run_page *page)
{
	atomic_fetch_add(&page->doorbell, 1);
	if (atomic_load(&page->sleeping))
		syscall(SYS_futex, &page->doorbell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static bool tell(struct mlw_meeting *meeting, const struct mlw_notice *notice)
{
	struct mlw_notice *copy = malloc(sizeof(*copy));

	if (!copy)
		return false;
	*copy = *notice;
	copy->next = NULL;
	pthread_mutex_lock(&meeting->lock);
	*meeting->last = copy;
	meeting->last = &copy->next;
	pthread_mutex_unlock(&meeting->lock);
	mlw_ring_doorbell(meeting->memory->page);
	return true;
}

struct mlw_notice *mlw_meeting_notices(struct mlw_meeting *meeting)
{
	struct mlw_notice *first;

	pthread_mutex_lock(&meeting->lock);
	first = meeting->first;
	meeting->first = NULL;
	meeting->last = &meeting->first;
	pthread_mutex_unlock(&meeting->lock);
	return first;
}

static struct peer *find_peer(struct mlw_meeting *meeting, pid_t pid)
{
	for (size_t i = 0; i < meeting->peer_count; i++)
		if (meeting->peers[i].process->pid == pid)
			return &meeting->peers[i];
	return NULL;
}

static int watch(struct mlw_meeting *meeting, struct mlw_process *process, int pidfd,
                 uint32_t number, struct mlw_error *err)
{
	if (mlw_grow(&meeting->peers, &meeting->peer_capacity, meeting->peer_count + 1,
	             sizeof(*meeting->peers), err))
		return -1;
	meeting->peers[meeting->peer_count++] =
	        (struct peer){ .process = process, .pidfd = pidfd, .number = number };
	return 0;
}

/* Everything of a reply: `fds` (count of them) go along. */
static void answer(int guest, const struct mlw_welcome *welcome, const int *fds,
                   size_t count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct mlw_welcome copy = *welcome;
	struct iovec part = { .iov_base = &copy, .iov_len = sizeof(copy) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	copy.magic = MLW_WIRE_MAGIC;
	copy.version = MLW_WIRE_VERSION;
	if (count) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	}
	sendmsg(guest, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void refuse(int guest, enum mlw_welcome_status status)
{
	const struct mlw_welcome welcome = { .status = status };

	answer(guest, &welcome, NULL, 0);
}

static struct mlw_config make_config(const struct mlw_meeting *meeting, pid_t pid,
                                     uint32_t number)
{
	const struct mlw_run_options *options = meeting->options;

	return (struct mlw_config){
		.stall_ns = options->stall_ns,
		.process = number,
		.unwinder = options->unwinder,
		.verify_every = options->verify_every,
		.snapshot_signal = (uint32_t)options->snapshot_signal,
		.record_maps = options->record_maps,
		.follow_children = options->follow_children,
		.depth = options->depth,
		.blind = !mlw_proc_shares_ids(pid),
		.sample_bytes = options->sample_bytes,
		.sample_scale = mlw_sample_scale(options->sample_bytes),
		.sample_seed = options->sample_seed,
	};
}

/* What /proc tells while the process waits for our answer, and so cannot end. */
static void learn(struct mlw_process *process, const struct mlw_hello *hello)
{
	process->hello = *hello;
	process->own_pid = hello->pid;
	process->parent_pid = mlw_proc_parent(process->pid);
	free(process->command);
	process->command = mlw_proc_command(process->pid);
	mlw_proc_thread_name(process->pid, process->pid, process->name,
	                     sizeof(process->name));
	process->statm = mlw_proc_open(process->pid, "statm");
	process->resident = mlw_proc_resident(process->statm);
	mlw_proc_link(process->pid, "exe", process->executable,
	              sizeof(process->executable));
	mlw_module_map_meet(&process->modules, process->pid);
}

static int prepare(struct mlw_meeting *meeting, struct mlw_process *process,
                   const struct mlw_hello *hello, uint32_t number, struct mlw_error *err)
{
	const struct mlw_config config = make_config(meeting, process->pid, number);

	if (mlw_shared_init(&process->shared, &config, err))
		return -1;
	if (mlw_process_add_slab(process, &process->shared.slabs[0], err))
		return -1;
	process->sees_threads = !config.blind;
	learn(process, hello);
	return 0;
}

static void welcome_process(const struct mlw_meeting *meeting, int guest,
                            const struct mlw_process *process)
{
	const struct mlw_welcome welcome = { .status = MLW_WELCOME_RECORD,
		                             .ring_count = process->shared.ring_count,
		                             .segment_size = process->shared.size };
	const int fds[2] = { meeting->memory->fd, process->shared.fd };

	answer(guest, &welcome, fds, 2);
}

static bool is_followed(const struct mlw_meeting *meeting, pid_t pid)
{
	return meeting->options->follow_children || meeting->program->pid == pid;
}

/* The process that this hello begins: the program, a new one, or a new image of `peer`.
 */
static struct mlw_process *make_process(const struct mlw_meeting *meeting,
                                        const struct peer *peer, pid_t pid,
                                        struct mlw_error *err)
{
	if (peer && peer->process == meeting->program && !peer->process->shared.segment)
		return meeting->program;
	return mlw_process_new(pid, err);
}

static void say_gone(struct mlw_meeting *meeting, size_t index)
{
	struct peer peer = meeting->peers[index];
	struct mlw_notice notice = { .kind = MLW_NOTICE_GONE, .process = peer.process };

	notice.has_status =
	        mlw_proc_wait_status(peer.process->pid, peer.pidfd, &notice.status);
	close(peer.pidfd);
	meeting->peers[index] = meeting->peers[--meeting->peer_count];
	tell(meeting, &notice);
}

/* The peer of that pid; one that has ended has left the pid to another process. */
static struct peer *find_living(struct mlw_meeting *meeting, pid_t pid)
{
	struct peer *peer = find_peer(meeting, pid);

	if (!peer || !mlw_proc_ended(peer->pidfd))
		return peer;
	say_gone(meeting, (size_t)(peer - meeting->peers));
	return NULL;
}

/* `replaced` (NULL: none) is whom the process follows under its pid. */
static int enroll(struct mlw_meeting *meeting, struct peer *peer,
                  struct mlw_process *process, struct mlw_process **replaced,
                  struct mlw_error *err)
{
	int pidfd;

	*replaced = NULL;
	if (peer && peer->process == process)
		return 0;
	if (peer) {
		*replaced = peer->process;
		peer->process = process;
		peer->number = meeting->numbers;
		return 0;
	}
	pidfd = mlw_proc_pidfd(process->pid);
	if (pidfd < 0)
		return mlw_fail(err, "process %d is gone", (int)process->pid);
	if (watch(meeting, process, pidfd, meeting->numbers, err)) {
		close(pidfd);
		return -1;
	}
	return 0;
}

/* --no-follow-children: it is named all the same, and watched until it ends. */
static void leave_out(struct mlw_meeting *meeting, int guest, struct peer *peer,
                      pid_t pid, const struct mlw_hello *hello)
{
	struct mlw_notice notice = { .kind = MLW_NOTICE_LEFT_OUT };
	struct mlw_error err;

	notice.process = mlw_process_new(pid, &err);
	if (notice.process &&
	    enroll(meeting, peer, notice.process, &notice.replaced, &err)) {
		mlw_process_free(notice.process);
	} else if (notice.process) {
		learn(notice.process, hello);
		tell(meeting, &notice);
	}
	refuse(guest, MLW_WELCOME_REFUSED);
}

static void greet(struct mlw_meeting *meeting, int guest, pid_t pid,
                  const struct mlw_hello *hello)
{
	struct peer *peer = find_living(meeting, pid);
	struct mlw_notice notice = { .kind = MLW_NOTICE_MET };
	struct mlw_process *process;
	struct mlw_error err;

	if (!is_followed(meeting, pid)) {
		leave_out(meeting, guest, peer, pid, hello);
		return;
	}
	process = make_process(meeting, peer, pid, &err);
	if (!process || prepare(meeting, process, hello, ++meeting->numbers, &err) ||
	    enroll(meeting, peer, process, &notice.replaced, &err)) {
		if (process != meeting->program)
			mlw_process_free(process);
		refuse(guest, MLW_WELCOME_REFUSED);
		return;
	}
	if (peer)
		peer->number = meeting->numbers;
	notice.process = process;
	tell(meeting, &notice);
	welcome_process(meeting, guest, process);
}

static void give_rings(struct mlw_meeting *meeting, int guest, pid_t pid,
                       const struct mlw_hello *hello)
{
	struct peer *peer = find_peer(meeting, pid);
	struct mlw_notice notice = { .kind = MLW_NOTICE_RINGS };
	struct mlw_welcome welcome = { .status = MLW_WELCOME_RECORD };
	struct mlw_shared *shared;
	struct mlw_error err;

	if (!peer || peer->number != hello->process || !peer->process->shared.segment ||
	    mlw_shared_grow(&peer->process->shared, &err)) {
		refuse(guest, MLW_WELCOME_FULL);
		return;
	}
	shared = &peer->process->shared;
	notice.process = peer->process;
	notice.slab = shared->slabs[shared->slab_count - 1];
	tell(meeting, &notice);
	welcome.ring_count = shared->ring_count;
	welcome.segment_size = notice.slab.size;
	welcome.slab_offset = notice.slab.offset;
	answer(guest, &welcome, &shared->fd, 1);
}

static bool is_recorded(struct mlw_meeting *meeting, pid_t pid)
{
	const struct peer *peer = find_peer(meeting, pid);

	return pid == meeting->launcher_pid ||
	       (peer && peer->process->shared.segment && !mlw_proc_ended(peer->pidfd));
}

/* True: the guest waits for the drain thread's answer. */
static bool hand_over(struct mlw_meeting *meeting, int guest, pid_t peer,
                      const struct mlw_snapshot_request *request)
{
	const struct mlw_snapshot_reply stranger = { .status = MLW_SNAPSHOT_STRANGER };
	struct mlw_notice notice = { .kind = MLW_NOTICE_SNAPSHOT, .guest = guest };
	struct mlw_error err;

	if (!is_recorded(meeting, request->pid ? request->pid : peer)) {
		mlw_guest_reply(guest, &stranger);
		return false;
	}
	if (mlw_snapshot_name_check(request->name, &err)) {
		mlw_guest_fail(guest, MLW_SNAPSHOT_BAD_NAME, err.text);
		return false;
	}
	memcpy(notice.name, request->name, sizeof(notice.name));
	return tell(meeting, &notice);
}

/* The same. Who is not recorded is told nothing. */
static bool hand_over_traceback(struct mlw_meeting *meeting, int guest, pid_t pid,
                                const struct mlw_traceback_request *request)
{
	const struct peer *peer = find_peer(meeting, pid);
	struct mlw_notice notice = { .kind = MLW_NOTICE_TRACEBACK,
		                     .traceback = *request,
		                     .guest = guest };

	if (!peer || !peer->process->shared.segment)
		return false;
	notice.process = peer->process;
	return tell(meeting, &notice);
}

/* True: the guest is the drain thread's to close. */
static bool serve(struct mlw_meeting *meeting, int guest)
{
	union mlw_message message;
	struct ucred peer;

	switch (mlw_guest_hear(guest, &message, &peer)) {
	case MLW_HELLO_PROCESS:
		greet(meeting, guest, peer.pid, &message.hello);
		return false;
	case MLW_HELLO_MORE_RINGS:
		give_rings(meeting, guest, peer.pid, &message.hello);
		return false;
	case MLW_HELLO_SNAPSHOT:
		return hand_over(meeting, guest, peer.pid, &message.snapshot);
	case MLW_HELLO_TRACEBACK:
		return hand_over_traceback(meeting, guest, peer.pid, &message.traceback);
	default:
		refuse(guest, MLW_WELCOME_REFUSED);
		return false;
	}
}

static void serve_guest(struct mlw_meeting *meeting, size_t index)
{
	if (!serve(meeting, meeting->guests[index]))
		close(meeting->guests[index]);
	meeting->guests[index] = meeting->guests[--meeting->guest_count];
}

/* Somebody who connects and says nothing must not keep others out. */
static void accept_guests(struct mlw_meeting *meeting)
{
	int guest;

	while ((guest = accept4(meeting->folder->listener, NULL, NULL, SOCK_CLOEXEC)) >=
	       0) {
		if (meeting->guest_count == GUESTS_MAX) {
			close(meeting->guests[0]);
			meeting->guests[0] = meeting->guests[--meeting->guest_count];
		}
		meeting->guests[meeting->guest_count++] = guest;
	}
}

static void hear_launcher(struct mlw_meeting *meeting)
{
	struct mlw_notice notice = { 0 };
	struct mlw_note note;
	int status = mlw_note_receive(meeting->launcher, &note, false);

	if (status < 0)
		return;
	if (status == 0) {
		meeting->launcher = -1;
		meeting->launcher_pid = 0;
		notice.kind = MLW_NOTICE_ALONE;
	} else if (note.kind == MLW_NOTE_ENDED) {
		notice.kind = MLW_NOTICE_ENDED;
		notice.has_status = true;
		notice.status = note.value;
		notice.peak_rss = note.peak_rss;
	} else if (note.kind == MLW_NOTE_SNAPSHOT) {
		notice.kind = MLW_NOTICE_SNAPSHOT;
		notice.guest = -1;
		snprintf(notice.name, sizeof(notice.name), "signal");
	} else if (note.kind == MLW_NOTE_CALLED_OFF) {
		notice.kind = MLW_NOTICE_CALLED_OFF;
	} else {
		return;
	}
	tell(meeting, &notice);
}

/* Fixed places first, then peers, then guests. */
enum { POLL_STOP, POLL_LAUNCHER, POLL_LISTENER, POLL_FIXED };

static size_t fill_polls(struct mlw_meeting *meeting)
{
	size_t count = POLL_FIXED + meeting->peer_count + meeting->guest_count;
	struct pollfd *polls;
	struct mlw_error err;

	if (mlw_grow(&meeting->polls, &meeting->poll_capacity, count, sizeof(*polls),
	             &err))
		return 0;
	polls = meeting->polls;
	polls[POLL_STOP] = (struct pollfd){ .fd = meeting->stop, .events = POLLIN };
	polls[POLL_LAUNCHER] =
	        (struct pollfd){ .fd = meeting->launcher, .events = POLLIN };
	polls[POLL_LISTENER] =
	        (struct pollfd){ .fd = meeting->folder->listener, .events = POLLIN };
	polls += POLL_FIXED;
	for (size_t i = 0; i < meeting->peer_count; i++)
		*polls++ = (struct pollfd){ .fd = meeting->peers[i].pidfd,
			                    .events = POLLIN };
	for (size_t i = 0; i < meeting->guest_count; i++)
		*polls++ = (struct pollfd){ .fd = meeting->guests[i], .events = POLLIN };
	return count;
}

/* Asks anew: serving guests may have moved peers to other places. */
static void bury(struct mlw_meeting *meeting)
{
	for (size_t i = meeting->peer_count; i-- > 0;)
		if (mlw_proc_ended(meeting->peers[i].pidfd))
			say_gone(meeting, i);
}

/* Backwards, because the last takes the place of what is removed. Guests before deaths:
 * a process that said hello and died was alive. */
static void handle(struct mlw_meeting *meeting)
{
	const struct pollfd *polls = meeting->polls;
	size_t peers = meeting->peer_count, guests = meeting->guest_count;
	bool death = false;

	if (polls[POLL_LAUNCHER].revents)
		hear_launcher(meeting);
	for (size_t i = 0; i < peers; i++)
		death |= polls[POLL_FIXED + i].revents != 0;
	for (size_t i = guests; i-- > 0;)
		if (polls[POLL_FIXED + peers + i].revents)
			serve_guest(meeting, i);
	if (death)
		bury(meeting);
	if (polls[POLL_LISTENER].revents)
		accept_guests(meeting);
}

static void *meet(void *argument)
{
	struct mlw_meeting *meeting = argument;
	size_t count;

	while ((count = fill_polls(meeting))) {
		if (poll(meeting->polls, count, -1) < 0 && errno != EINTR)
			break;
		if (meeting->polls[POLL_STOP].revents)
			break;
		handle(meeting);
	}
	return NULL;
}

static void free_meeting(struct mlw_meeting *meeting)
{
	for (size_t i = 0; i < meeting->peer_count; i++)
		close(meeting->peers[i].pidfd);
	for (size_t i = 0; i < meeting->guest_count; i++)
		close(meeting->guests[i]);
	if (meeting->stop >= 0)
		close(meeting->stop);
	pthread_mutex_destroy(&meeting->lock);
	free(meeting->peers);
	free(meeting->polls);
	free(meeting);
}

/* Who made a pair of sockets; 0: nobody knows. */
static pid_t maker_of(int fd)
{
	struct ucred maker;
	socklen_t size = sizeof(maker);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &size) ? 0 : maker.pid;
}

static int watch_program(struct mlw_meeting *meeting, struct mlw_error *err)
{
	int pidfd = mlw_proc_pidfd(meeting->program->pid);

	if (pidfd < 0)
		return mlw_fail(err, "the program cannot be watched: %s",
		                strerror(errno));
	if (watch(meeting, meeting->program, pidfd, 0, err)) {
		close(pidfd);
		return -1;
	}
	return 0;
}

struct mlw_meeting *mlw_meeting_start(const struct mlw_run_options *options,
                                      const struct mlw_folder *folder,
                                      const struct mlw_run_memory *memory,
                                      struct mlw_process *program, int launcher,
                                      struct mlw_error *err)
{
	struct mlw_meeting *meeting = calloc(1, sizeof(*meeting));

	if (!meeting) {
		mlw_fail(err, "out of memory");
		return NULL;
	}
	*meeting = (struct mlw_meeting){ .options = options,
		                         .folder = folder,
		                         .memory = memory,
		                         .program = program,
		                         .launcher = launcher,
		                         .launcher_pid = maker_of(launcher),
		                         .last = &meeting->first,
		                         .stop = eventfd(0, EFD_CLOEXEC) };
	pthread_mutex_init(&meeting->lock, NULL);
	if (watch_program(meeting, err) ||
	    (pthread_create(&meeting->thread, NULL, meet, meeting) &&
	     mlw_fail(err, "no thread: %s", strerror(errno)))) {
		free_meeting(meeting);
		return NULL;
	}
	return meeting;
}

void mlw_meeting_stop(struct mlw_meeting *meeting)
{
	const uint64_t one = 1;
	struct mlw_notice *notice, *next;

	if (!meeting)
		return;
	if (write(meeting->stop, &one, sizeof(one)) == (ssize_t)sizeof(one))
		pthread_join(meeting->thread, NULL);
	for (notice = mlw_meeting_notices(meeting); notice; notice = next) {
		next = notice->next;
		if ((notice->kind == MLW_NOTICE_MET ||
		     notice->kind == MLW_NOTICE_LEFT_OUT) &&
		    notice->process != meeting->program)
			mlw_process_free(notice->process);
		if ((notice->kind == MLW_NOTICE_SNAPSHOT ||
		     notice->kind == MLW_NOTICE_TRACEBACK) &&
		    notice->guest >= 0)
			close(notice->guest);
		free(notice);
	}
	free_meeting(meeting);
}
