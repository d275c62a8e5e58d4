/* SPDX-License-Identifier: MIT */
#ifndef MLW_MEET_STATE_H
#define MLW_MEET_STATE_H

/* What the files of the meeting thread share: meet.c waits for whatever happens, greet.c
 * answers who has said something. */

#include <poll.h>
#include <pthread.h>

#include "collect/meet.h"

#define MLW_GUESTS_MAX 128u

/* A recorded process, watched until it ends. */
struct mlw_peer {
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

	struct mlw_peer *peers;
	size_t peer_count, peer_capacity;
	int guests[MLW_GUESTS_MAX]; /* connected, have not said anything yet */
	size_t guest_count;
	struct pollfd *polls;
	size_t poll_capacity;
};

/* Hands a copy of the notice to the drain thread; false without memory. */
bool mlw_meeting_tell(struct mlw_meeting *meeting, const struct mlw_notice *notice);

/* Who goes by that pid; NULL: nobody. The second asks whether it lives: one that has ended
 * has left the pid to another process. */
struct mlw_peer *mlw_meeting_peer(struct mlw_meeting *meeting, pid_t pid);
struct mlw_peer *mlw_meeting_living_peer(struct mlw_meeting *meeting, pid_t pid);

/* Watches a process until it ends. `pidfd` is the meeting's from then on, unless this
 * fails. */
int mlw_meeting_watch(struct mlw_meeting *meeting, struct mlw_process *process, int pidfd,
                      uint32_t number, struct mlw_error *err);

/* Hears what a guest has to say, and answers it. True: the guest is the drain thread's to
 * close. */
bool mlw_meeting_serve(struct mlw_meeting *meeting, int guest);

#endif /* MLW_MEET_STATE_H */
