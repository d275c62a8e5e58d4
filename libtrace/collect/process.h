/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_PROCESS_H
#define MLW_COLLECT_PROCESS_H

/*
 * A process of the run: what the meeting thread learnt when it said hello, and what the
 * drain thread makes of its rings. It belongs to the drain thread from the moment on that
 * it is handed over; only `shared` is grown by the meeting thread afterwards, and told.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "collect/domains.h"
#include "collect/maps.h"
#include "collect/modules.h"
#include "collect/pools.h"
#include "collect/run.h"
#include "collect/shared.h"
#include "collect/thread.h"
#include "heap/blocks.h"
#include "wire/hello.h"

/*
 * A ring and how far it has been read. Layout and tail are our own: those in the shared
 * memory are only told.
 */
struct mlw_ring_view {
	struct mlw_process *process; /* borrowed */
	struct mlw_ring *ring; /* borrowed: shared memory */
	const uint64_t *data; /* borrowed: shared memory */
	uint64_t offset; /* of data in the segment */
	uint32_t mask; /* words - 1 */
	uint64_t tail, head; /* head: as of this round */
	uint64_t told; /* the tail that the writer knows */
	uint32_t step; /* words after which he is told again */
	struct mlw_thread *thread; /* owned; NULL until its first event */
	uint64_t idle_since_us; /* claimed, and nothing new since */
	uint64_t idle_tail; /* tail then */
	uint64_t orphan_since_us; /* has events, and no thread has switched to it */
	bool blocked; /* its next event waits for the ticket of another ring */
	bool forced; /* apply its next event all the same */
	bool is_later; /* its next event is later than what is being read */
	uint32_t wanted_counter, wanted_ticket; /* the ticket of that event */
	uint64_t blocked_since_us; /* 0: not blocked as of the latest round */
	uint64_t blocked_tail, searched_head; /* where it was blocked, see order.c */
};

/* A fork whose child may still ask about its inheritance. */
struct mlw_fork {
	uint64_t sequence;
	uint64_t since_us;
	struct mlw_blocks *blocks; /* the child's, empty */
	int32_t child; /* pid as the parent sees it, 0 unknown yet */
	int pidfd; /* of the child, -1 none */
};

/* A ticket that was applied before its turn (collect/order.h). */
struct mlw_early_ticket {
	uint32_t counter, ticket;
};

#define MLW_EARLY_TICKETS 64u

/* How far it is with one kind of errand: numbers as in wire/segment.h. */
struct mlw_errand_state {
	uint32_t seen; /* asked for, as of the latest look */
	uint32_t cut; /* asked for when the cut began that is being read */
	uint32_t done;
};

struct mlw_process {
	struct mlw_process *next;

	/* Learnt at the meeting. */
	int32_t pid;
	int32_t own_pid; /* as the process sees itself */
	bool sees_threads; /* it is in our pid namespace */
	int32_t parent_pid;
	struct mlw_hello hello;
	bool met; /* it has said hello: `shared` is there */
	struct mlw_shared shared;
	char *command; /* JSON, NULL unknown */
	char name[16]; /* of its first thread, as it was then */
	char executable[256];
	int statm; /* descriptor of /proc/PID/statm, -1 */

	/* The end, as told by the meeting thread. */
	bool gone; /* no more events come */
	bool replaced; /* by exec: the pid goes on */
	bool finished; /* drained to the end, everything written */
	bool has_status;
	int status; /* as waitpid gives it */
	uint64_t gone_us;
	uint64_t next_look_us, look_distance_us; /* when /proc is asked again */
	uint64_t next_names_us;

	uint32_t id; /* in the file */
	uint32_t last_thread; /* the file's id of its youngest thread, 0: none */
	struct mlw_process *parent; /* borrowed */
	uint64_t started_us, ended_us;
	uint64_t peak_rss, tracer_size, lost_events;
	uint64_t resident; /* as of the latest look */
	int exit_value; /* of CONTROL_EXIT, -1: none */
	bool exec_tried; /* CONTROL_EXEC, and nothing since */
	uint64_t exec_us;
	char *exec_command; /* of the program that never said hello, JSON */
	char exec_reason[128];
	const char *reason; /* why not recorded, NULL: recorded */
	bool lossy;

	struct mlw_blocks *blocks; /* NULL until the inheritance is known */
	uint64_t traced_size, traced_peak; /* live bytes of all domains, for itself */
	uint64_t forgotten; /* blocks with ordinals up to this one are */
	struct mlw_errand_state errands[MLW_ERRANDS];
	uint64_t looked_us; /* when one was last asked for */
	uint32_t window; /* as in the segment */
	struct mlw_maps maps;
	struct mlw_domains *domains; /* NULL: it has tracked nothing */
	struct mlw_pools *pools; /* NULL: it has created none */
	uint32_t *scopes; /* the run's ids of its own, 0 not asked; NULL: it is in none */
	struct mlw_module_map modules;

	uint32_t ring_count;
	struct mlw_ring_view *views; /* MLW_RING_MAX */
	uint32_t first_ring; /* of the first thread, where it goes on */
	bool ticketed; /* the first thread has begun to take tickets */
	uint32_t next_ticket[MLW_TICKET_COUNTERS];
	struct mlw_early_ticket early[MLW_EARLY_TICKETS];
	uint32_t early_count;

	struct mlw_fork *forks;
	size_t fork_count, fork_capacity;
};

struct mlw_process *mlw_process_new(pid_t pid, struct mlw_error *err);
void mlw_process_free(struct mlw_process *process);

/* Makes views for the rings of slab number `slab` of its shared memory. */
int mlw_process_add_slab(struct mlw_process *process, const struct mlw_shared_slab *slab,
                         struct mlw_error *err);

/* The thread that writes `view`, made known to the run at its first event; NULL when the
 * run is dead. */
struct mlw_thread *mlw_process_thread(struct mlw_process *process, struct mlw_run *run,
                                      struct mlw_ring_view *view, uint64_t now_us);

/* All is read of a ring that nobody will write any more. */
bool mlw_process_ring_is_over(const struct mlw_process *process,
                              const struct mlw_ring_view *view);

/* Has all been read that was there when its rings were last looked at? */
bool mlw_process_is_read(const struct mlw_process *process);

/* The writer of `view` has ended: its thread goes, and the ring may be claimed again (by
 * a thread of a process that lives; of one that is gone only at the very end, because its
 * head stays where it is). */
void mlw_process_free_ring(struct mlw_process *process, struct mlw_run *run,
                           struct mlw_ring_view *view, uint64_t now_us);

/* Remembers a fork, and gives its blocks to the child that asks; NULL: unknown. */
void mlw_process_forked(struct mlw_process *process, struct mlw_run *run,
                        uint64_t sequence, uint64_t now_us);
void mlw_process_fork_child(struct mlw_process *process, uint64_t sequence, int32_t pid);
struct mlw_blocks *mlw_process_take_fork(struct mlw_process *process, uint64_t sequence);

/* Forgets forks whose child has ended without a word, and those that failed. True while
 * a child lives that may still say hello. */
bool mlw_process_check_forks(struct mlw_process *process, uint64_t now_us);

/* Reads the names of its threads again, and takes back rings whose thread has vanished
 * (killed, or made and ended by raw clone) and that have been idle for a second. */
void mlw_process_check_threads(struct mlw_process *process, struct mlw_run *run,
                               uint64_t now_us);

/* Forgets all its blocks, as of `at_us`. What it does with them from then on is none of
 * the recording's. */
void mlw_process_clear(struct mlw_process *process, struct mlw_run *run, uint64_t at_us);

/* How often its writers are told, see mlw_segment.window. */
void mlw_process_set_window(struct mlw_process *process, uint32_t window);

/* After the last event: ends its threads, writes what it leaves behind, and gives back
 * its memory. What its children ask for stays. */
void mlw_process_finish(struct mlw_process *process, struct mlw_run *run,
                        uint64_t now_us);

/* Writes the row of the process as it is now. */
void mlw_process_write(const struct mlw_process *process, struct mlw_run *run);

#endif /* MLW_COLLECT_PROCESS_H */
