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
#include "collect/meet_state.h"
#include "collect/note.h"
#include "collect/proc.h"

void mlw_ring_doorbell(struct mlw_run_page *page)
{
	atomic_fetch_add(&page->doorbell, 1);
	if (atomic_load(&page->sleeping))
		syscall(SYS_futex, &page->doorbell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool mlw_meeting_tell(struct mlw_meeting *meeting, const struct mlw_notice *notice)
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

struct mlw_peer *mlw_meeting_peer(struct mlw_meeting *meeting, pid_t pid)
{
	for (size_t i = 0; i < meeting->peer_count; i++)
		if (meeting->peers[i].process->pid == pid)
			return &meeting->peers[i];
	return NULL;
}

int mlw_meeting_watch(struct mlw_meeting *meeting, struct mlw_process *process, int pidfd,
                      uint32_t number, struct mlw_error *err)
{
	if (mlw_grow(&meeting->peers, &meeting->peer_capacity, meeting->peer_count + 1,
	             sizeof(*meeting->peers), err))
		return -1;
	meeting->peers[meeting->peer_count++] =
	        (struct mlw_peer){ .process = process, .pidfd = pidfd, .number = number };
	return 0;
}

static void say_gone(struct mlw_meeting *meeting, size_t index)
{
	struct mlw_peer peer = meeting->peers[index];
	struct mlw_notice notice = { .kind = MLW_NOTICE_GONE, .process = peer.process };

	notice.has_status =
	        mlw_proc_wait_status(peer.process->pid, peer.pidfd, &notice.status);
	close(peer.pidfd);
	meeting->peers[index] = meeting->peers[--meeting->peer_count];
	mlw_meeting_tell(meeting, &notice);
}

struct mlw_peer *mlw_meeting_living_peer(struct mlw_meeting *meeting, pid_t pid)
{
	struct mlw_peer *peer = mlw_meeting_peer(meeting, pid);

	if (!peer || !mlw_proc_ended(peer->pidfd))
		return peer;
	say_gone(meeting, (size_t)(peer - meeting->peers));
	return NULL;
}

static void serve_guest(struct mlw_meeting *meeting, size_t index)
{
	if (!mlw_meeting_serve(meeting, meeting->guests[index]))
		close(meeting->guests[index]);
	meeting->guests[index] = meeting->guests[--meeting->guest_count];
}

/* Somebody who connects and says nothing must not keep others out. */
static void accept_guests(struct mlw_meeting *meeting)
{
	int guest;

	while ((guest = accept4(meeting->folder->listener, NULL, NULL, SOCK_CLOEXEC)) >=
	       0) {
		if (meeting->guest_count == MLW_GUESTS_MAX) {
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
	mlw_meeting_tell(meeting, &notice);
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
	if (mlw_meeting_watch(meeting, meeting->program, pidfd, 0, err)) {
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
