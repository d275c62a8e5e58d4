/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collect/guest.h"
#include "collect/meet_state.h"
#include "collect/proc.h"
#include "store/snapshot_name.h"
#include "wire/sample.h"

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
                                        const struct mlw_peer *peer, pid_t pid,
                                        struct mlw_error *err)
{
	if (peer && peer->process == meeting->program && !peer->process->shared.segment)
		return meeting->program;
	return mlw_process_new(pid, err);
}

/* `replaced` (NULL: none) is whom the process follows under its pid. */
static int enroll(struct mlw_meeting *meeting, struct mlw_peer *peer,
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
	if (mlw_meeting_watch(meeting, process, pidfd, meeting->numbers, err)) {
		close(pidfd);
		return -1;
	}
	return 0;
}

/* --no-follow-children: it is named all the same, and watched until it ends. */
static void leave_out(struct mlw_meeting *meeting, int guest, struct mlw_peer *peer,
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
		mlw_meeting_tell(meeting, &notice);
	}
	refuse(guest, MLW_WELCOME_REFUSED);
}

static void greet(struct mlw_meeting *meeting, int guest, pid_t pid,
                  const struct mlw_hello *hello)
{
	struct mlw_peer *peer = mlw_meeting_living_peer(meeting, pid);
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
	mlw_meeting_tell(meeting, &notice);
	welcome_process(meeting, guest, process);
}

static void give_rings(struct mlw_meeting *meeting, int guest, pid_t pid,
                       const struct mlw_hello *hello)
{
	struct mlw_peer *peer = mlw_meeting_peer(meeting, pid);
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
	mlw_meeting_tell(meeting, &notice);
	welcome.ring_count = shared->ring_count;
	welcome.segment_size = notice.slab.size;
	welcome.slab_offset = notice.slab.offset;
	answer(guest, &welcome, &shared->fd, 1);
}

static bool is_recorded(struct mlw_meeting *meeting, pid_t pid)
{
	const struct mlw_peer *peer = mlw_meeting_peer(meeting, pid);

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
	return mlw_meeting_tell(meeting, &notice);
}

/* The same. Who is not recorded is told nothing. */
static bool hand_over_traceback(struct mlw_meeting *meeting, int guest, pid_t pid,
                                const struct mlw_traceback_request *request)
{
	const struct mlw_peer *peer = mlw_meeting_peer(meeting, pid);
	struct mlw_notice notice = { .kind = MLW_NOTICE_TRACEBACK,
		                     .traceback = *request,
		                     .guest = guest };

	if (!peer || !peer->process->shared.segment)
		return false;
	notice.process = peer->process;
	return mlw_meeting_tell(meeting, &notice);
}

bool mlw_meeting_serve(struct mlw_meeting *meeting, int guest)
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
