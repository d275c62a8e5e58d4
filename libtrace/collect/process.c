/* SPDX-License-Identifier: MIT */
#include "collect/process.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "collect/proc.h"
#include "collect/resolve.h"

#define FORKS_MAX     1024u
#define FORK_PATIENCE 10000000u /* us: a fork whose child nobody names has failed */
#define IDLE_PATIENCE 1000000u /* us */
#define BIG_RING      (64u * 1024u) /* bytes: a freed ring's pages are given back */

struct mlw_process *mlw_process_new(pid_t pid, struct mlw_error *err)
{
	struct mlw_process *process = calloc(1, sizeof(*process));

	if (process)
		process->views = calloc(MLW_RING_MAX, sizeof(*process->views));
	if (!process || !process->views) {
		free(process);
		mlw_fail(err, "out of memory (a process)");
		return NULL;
	}
	process->pid = process->own_pid = pid;
	process->shared.fd = -1;
	process->exit_value = -1;
	process->statm = -1;
	process->modules.pid = pid;
	return process;
}

static void release_fork(struct mlw_fork *fork)
{
	mlw_blocks_free(fork->blocks);
	if (fork->pidfd >= 0)
		close(fork->pidfd);
}

void mlw_process_free(struct mlw_process *process)
{
	if (!process)
		return;
	for (size_t i = 0; i < process->fork_count; i++)
		release_fork(&process->forks[i]);
	for (uint32_t i = 0; i < process->ring_count; i++)
		mlw_thread_free(process->views[i].thread);
	if (process->statm >= 0)
		close(process->statm);
	mlw_shared_release(&process->shared);
	mlw_module_map_release(&process->modules);
	mlw_maps_release(&process->maps);
	mlw_domains_free(process->domains);
	mlw_pools_free(process->pools);
	free(process->scopes);
	mlw_blocks_free(process->blocks);
	free(process->forks);
	free(process->views);
	free(process->exec_command);
	free(process->command);
	free(process);
}

static void set_step(struct mlw_ring_view *view, uint32_t window)
{
	view->step = (window && window < view->mask ? window : view->mask) / 4;
}

void mlw_process_set_window(struct mlw_process *process, uint32_t window)
{
	if (window == process->window)
		return;
	process->window = window;
	for (uint32_t i = 0; i < process->ring_count; i++)
		set_step(&process->views[i], window);
	atomic_store(&process->shared.segment->window, window);
}

int mlw_process_add_slab(struct mlw_process *process, const struct mlw_shared_slab *slab,
                         struct mlw_error *err)
{
	if (slab->first != process->ring_count ||
	    slab->count > MLW_RING_MAX - process->ring_count)
		return mlw_fail(err, "rings out of order");
	for (uint32_t i = slab->first; i < slab->first + slab->count; i++) {
		uint64_t offset = mlw_shared_ring_offset(slab, i);
		const char *data = slab->base + (offset - slab->offset);

		process->views[i] = (struct mlw_ring_view){
			.process = process,
			.ring = &process->shared.segment->rings[i],
			.data = (const uint64_t *)(const void *)data,
			.offset = offset,
			.mask = mlw_shared_ring_words(slab, i) - 1,
		};
		set_step(&process->views[i], process->window);
	}
	process->ring_count += slab->count;
	return 0;
}

static void write_thread(struct mlw_run *run, const struct mlw_thread *thread,
                         uint64_t ended_us)
{
	struct mlw_thread_row row = { .id = thread->id,
		                      .process = thread->process->id,
		                      .tid = thread->tid,
		                      .name = thread->name,
		                      .started_us = thread->started_us,
		                      .ended_us = ended_us };

	mlw_run_put_thread(run, &row);
}

/* A short program may be gone by now; its first thread had a name when we met it. */
static void read_name(struct mlw_thread *thread)
{
	const struct mlw_process *process = thread->process;

	mlw_proc_thread_name(process->pid, thread->tid, thread->name,
	                     sizeof(thread->name));
	if (!thread->name[0] && thread->tid == process->own_pid)
		memcpy(thread->name, process->name, sizeof(process->name));
}

struct mlw_thread *mlw_process_thread(struct mlw_process *process, struct mlw_run *run,
                                      struct mlw_ring_view *view, uint64_t now_us)
{
	struct mlw_thread *thread = view->thread;
	struct mlw_error err;

	if (thread)
		return thread;
	thread = mlw_thread_new(process, &err);
	if (!thread) {
		mlw_run_died(run, &err);
		return NULL;
	}
	thread->id = mlw_run_add_thread(run, process->id);
	process->last_thread = thread->id;
	if (thread->id)
		thread->context = mlw_run_context(run, thread->id, 0);
	if (!thread->context) {
		mlw_thread_free(thread);
		return NULL;
	}
	thread->tid = (int32_t)view->ring->tid;
	thread->started_us = now_us;
	read_name(thread);
	write_thread(run, thread, 0);
	view->thread = thread;
	return thread;
}

void mlw_process_free_ring(struct mlw_process *process, struct mlw_run *run,
                           struct mlw_ring_view *view, uint64_t now_us)
{
	uint64_t size = (view->mask + 1ull) * sizeof(uint64_t);

	if (view->thread) {
		/* A realloc that its end has cut short did not happen. */
		mlw_resolve_realloc_undo(run, view->thread);
		write_thread(run, view->thread, view->thread->ended ? now_us : 0);
		mlw_thread_free(view->thread);
	}
	view->thread = NULL;
	view->tail = view->head = view->told = 0;
	view->blocked_since_us = view->idle_since_us = view->orphan_since_us = 0;
	view->blocked = view->forced = view->is_later = false;
	if (process->gone)
		return;
	if (size > BIG_RING)
		mlw_shared_forget(&process->shared, view->offset, size);
	atomic_store_explicit(&view->ring->head, 0, memory_order_relaxed);
	atomic_store_explicit(&view->ring->tail, 0, memory_order_relaxed);
	atomic_store_explicit(&view->ring->waiting, 0, memory_order_relaxed);
	atomic_store_explicit(&view->ring->state, MLW_RING_FREE, memory_order_release);
}

void mlw_process_forked(struct mlw_process *process, struct mlw_run *run,
                        uint64_t sequence, uint64_t now_us)
{
	struct mlw_fork fork = { .sequence = sequence, .since_us = now_us, .pidfd = -1 };
	struct mlw_error err;

	if (!run->options->follow_children || process->fork_count == FORKS_MAX)
		return;
	fork.blocks = mlw_blocks_new(process->blocks, run->ordinal, &err);
	if (!fork.blocks || mlw_grow(&process->forks, &process->fork_capacity,
	                             process->fork_count + 1, sizeof(fork), &err)) {
		mlw_blocks_free(fork.blocks);
		mlw_run_died(run, &err);
		return;
	}
	process->forks[process->fork_count++] = fork;
}

static struct mlw_fork *find_fork(struct mlw_process *process, uint64_t sequence)
{
	for (size_t i = process->fork_count; i-- > 0;)
		if (process->forks[i].sequence == sequence)
			return &process->forks[i];
	return NULL;
}

static void remove_fork(struct mlw_process *process, size_t index)
{
	process->fork_count--;
	memmove(&process->forks[index], &process->forks[index + 1],
	        (process->fork_count - index) * sizeof(*process->forks));
}

void mlw_process_fork_child(struct mlw_process *process, uint64_t sequence, int32_t pid)
{
	struct mlw_fork *fork = find_fork(process, sequence);

	if (!fork || fork->child || pid <= 0)
		return;
	fork->child = pid;
	if (process->own_pid == process->pid)
		fork->pidfd = mlw_proc_pidfd(pid);
}

struct mlw_blocks *mlw_process_take_fork(struct mlw_process *process, uint64_t sequence)
{
	struct mlw_fork *fork = find_fork(process, sequence);
	struct mlw_blocks *blocks;

	if (!fork)
		return NULL;
	blocks = fork->blocks;
	fork->blocks = NULL;
	release_fork(fork);
	remove_fork(process, (size_t)(fork - process->forks));
	return blocks;
}

static bool fork_is_over(const struct mlw_fork *fork, uint64_t now_us)
{
	if (fork->pidfd >= 0)
		return mlw_proc_ended(fork->pidfd);
	return now_us > fork->since_us + FORK_PATIENCE;
}

bool mlw_process_check_forks(struct mlw_process *process, uint64_t now_us)
{
	bool living = false;

	for (size_t i = process->fork_count; i-- > 0;) {
		if (fork_is_over(&process->forks[i], now_us)) {
			release_fork(&process->forks[i]);
			remove_fork(process, i);
		} else if (process->forks[i].pidfd >= 0) {
			living = true;
		}
	}
	return living;
}

static void check_name(struct mlw_run *run, struct mlw_thread *thread)
{
	char name[sizeof(thread->name)];

	mlw_proc_thread_name(thread->process->pid, thread->tid, name, sizeof(name));
	if (!name[0] || !strcmp(name, thread->name))
		return;
	memcpy(thread->name, name, sizeof(name));
	write_thread(run, thread, 0);
}

bool mlw_process_ring_is_over(const struct mlw_process *process,
                              const struct mlw_ring_view *view)
{
	uint32_t state = atomic_load_explicit(&view->ring->state, memory_order_acquire);

	if (state != MLW_RING_DONE &&
	    (state != MLW_RING_LINGERING || !process->sees_threads ||
	     mlw_proc_has_thread(process->pid, (pid_t)view->ring->tid)))
		return false;
	return atomic_load_explicit(&view->ring->head, memory_order_acquire) ==
	       view->tail;
}

bool mlw_process_is_read(const struct mlw_process *process)
{
	if (!process->blocks)
		return false;
	for (uint32_t i = 0; i < process->ring_count; i++)
		if (process->views[i].tail != process->views[i].head)
			return false;
	return true;
}

/* Thread ids of another pid namespace mean nothing here. */
static bool has_vanished(const struct mlw_process *process, struct mlw_ring_view *view,
                         uint64_t now_us)
{
	const struct mlw_ring *ring = view->ring;
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	uint32_t state = atomic_load_explicit(&ring->state, memory_order_acquire);
	pid_t tid = (pid_t)ring->tid;

	if (state != MLW_RING_CLAIMED || head != view->tail || view->idle_tail != head ||
	    !view->idle_since_us) {
		view->idle_since_us = now_us;
		view->idle_tail = view->tail;
		return false;
	}
	return now_us > view->idle_since_us + IDLE_PATIENCE && tid > 0 &&
	       process->sees_threads && !mlw_proc_has_thread(process->pid, tid);
}

void mlw_process_check_threads(struct mlw_process *process, struct mlw_run *run,
                               uint64_t now_us)
{
	for (uint32_t i = 0; i < process->ring_count; i++) {
		struct mlw_ring_view *view = &process->views[i];

		if (view->thread)
			check_name(run, view->thread);
		if (!has_vanished(process, view, now_us))
			continue;
		if (view->thread)
			view->thread->ended = true;
		mlw_process_free_ring(process, run, view, now_us);
	}
}

struct leaving {
	struct mlw_run *run;
	uint32_t process;
	uint64_t forgotten;
};

static int write_live_block(const struct mlw_block *block, void *context)
{
	const struct leaving *leaving = context;
	struct mlw_run *run = leaving->run;
	struct mlw_error err;

	if (!run->writer)
		return 1;
	if (block->ordinal <= leaving->forgotten)
		return 0;
	mlw_run_stored(run,
	               mlw_writer_live_block(run->writer, leaving->process, block, &err),
	               &err);
	return 0;
}

static void take_counters(struct mlw_process *process, struct mlw_run *run)
{
	struct mlw_segment *segment = process->shared.segment;
	uint64_t lost = atomic_load(&segment->lost_events);

	process->lost_events += lost;
	run->lost_events += lost;
	run->stacks_verified += atomic_load(&segment->stacks_verified);
	run->stack_mismatches += atomic_load(&segment->stack_mismatches);
	process->tracer_size =
	        atomic_load(&segment->tracer_size) + mlw_shared_touched(&process->shared);
}

/* A change of the process as a whole; there is none of one that has done nothing. */
static void mark(const struct mlw_process *process, struct mlw_run *run, enum mlw_op op,
                 uint64_t at_us)
{
	struct mlw_change change = { .thread = process->last_thread, .op = (uint8_t)op };

	if (!process->last_thread || run->dead)
		return;
	if (at_us > run->time_us)
		run->time_us = at_us;
	change.time_us = run->time_us;
	mlw_run_change(run, &change);
}

/* Its blocks stay in the tables: that a pointer is one of them is to be known later. */
void mlw_process_clear(struct mlw_process *process, struct mlw_run *run, uint64_t at_us)
{
	mark(process, run, MLW_OP_CLEAR, at_us);
	process->forgotten = run->ordinal;
	process->traced_size = process->traced_peak = 0;
}

void mlw_process_finish(struct mlw_process *process, struct mlw_run *run, uint64_t now_us)
{
	struct leaving leaving = { .run = run,
		                   .process = process->id,
		                   .forgotten = process->forgotten };

	process->finished = true;
	if (!process->ended_us)
		process->ended_us = now_us;
	if (process->met)
		take_counters(process, run);
	for (uint32_t i = 0; i < process->ring_count; i++)
		mlw_process_free_ring(process, run, &process->views[i], now_us);
	/* What it still holds is not live together with anything that comes later. */
	mark(process, run, MLW_OP_END, process->ended_us);
	if (process->blocks)
		mlw_blocks_each(process->blocks, write_live_block, &leaving);
	mlw_domains_each(process->domains, write_live_block, &leaving);
	mlw_pools_each(process->pools, write_live_block, &leaving);
	mlw_maps_each(&process->maps, write_live_block, &leaving);
	mlw_pools_write(process->pools, run, process->id, process->forgotten);
	mlw_process_write(process, run);
	mlw_blocks_free(process->blocks);
	process->blocks = NULL;
	process->ring_count = 0;
	free(process->views);
	process->views = NULL;
	mlw_maps_release(&process->maps);
	mlw_domains_free(process->domains);
	process->domains = NULL;
	mlw_pools_free(process->pools);
	process->pools = NULL;
	free(process->scopes);
	process->scopes = NULL;
	mlw_module_map_release(&process->modules);
	mlw_shared_release(&process->shared);
	if (process->statm >= 0)
		close(process->statm);
	process->statm = -1;
}

static void fill_end(const struct mlw_process *process, struct mlw_process_row *row)
{
	row->exit_code = -1;
	if (!process->gone)
		return;
	row->ended = MLW_ENDED_EXIT;
	if (process->replaced) {
		row->ended = MLW_ENDED_EXEC;
	} else if (!process->has_status && process->exit_value < 0) {
		row->ended = MLW_ENDED_LOST;
	} else if (!process->has_status) {
		row->exit_code = process->exit_value;
	} else if (WIFSIGNALED(process->status)) {
		row->ended = MLW_ENDED_SIGNAL;
		row->signal = WTERMSIG(process->status);
	} else {
		row->exit_code = WEXITSTATUS(process->status);
	}
}

void mlw_process_write(const struct mlw_process *process, struct mlw_run *run)
{
	struct mlw_process_row row = {
		.id = process->id,
		.parent = process->parent ? process->parent->id : 0,
		.pid = process->pid,
		.command = process->command ? process->command : "[]",
		.started_us = process->started_us,
		.ended_us = process->ended_us,
		.recorded = process->met && !process->reason,
		.reason = process->reason,
		.lost_events = process->lost_events,
		.tracer_size = process->tracer_size,
		.peak_rss = process->peak_rss,
	};

	fill_end(process, &row);
	mlw_run_put_process(run, &row);
}
