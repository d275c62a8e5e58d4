/* SPDX-License-Identifier: MIT */
#include "collect/household.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/proc.h"
#include "collect/unrecorded.h"

#define INHERIT_PATIENCE_US 1000000u
#define LOOK_FIRST_US       2000u
#define LOOK_LONGEST_US     100000u
#define NAMES_FIRST_US      20000u
#define NAMES_US            1000000u
#define MALLOC_NOT_OURS     2u /* mlw_segment.interposed */

static void append(struct mlw_household *household, struct mlw_process *process)
{
	process->next = NULL;
	*household->last = process;
	household->last = &process->next;
}

/* The program has its row, and id 1, before anybody can say hello. */
void mlw_household_init(struct mlw_household *household, struct mlw_run *run,
                        struct mlw_process *program)
{
	*household = (struct mlw_household){ .run = run, .program = program };
	household->last = &household->processes;
	append(household, program);
	program->id = ++run->process_count;
	mlw_process_write(program, run);
}

void mlw_household_release(struct mlw_household *household)
{
	struct mlw_process *next;

	if (!household)
		return;
	for (struct mlw_process *process = household->processes; process;
	     process = next) {
		next = process->next;
		mlw_process_free(process);
	}
	*household = (struct mlw_household){ 0 };
}

/* The latest process of that pid that had begun before `process`. */
static struct mlw_process *find_pid(const struct mlw_household *household, int32_t pid,
                                    bool own, const struct mlw_process *process)
{
	struct mlw_process *found = NULL, *living = NULL;

	for (struct mlw_process *other = household->processes; other;
	     other = other->next) {
		if (other == process || (own ? other->own_pid : other->pid) != pid)
			continue;
		found = other;
		if (!other->gone)
			living = other;
	}
	return living ? living : found;
}

/* A fork whose child executed another program before it said anything. */
static struct mlw_process *find_fork_parent(const struct mlw_household *household,
                                            int32_t pid)
{
	for (struct mlw_process *other = household->processes; other; other = other->next)
		for (size_t i = 0; i < other->fork_count; i++)
			if (other->forks[i].child == pid) {
				mlw_blocks_free(mlw_process_take_fork(
				        other, other->forks[i].sequence));
				return other;
			}
	return NULL;
}

static struct mlw_process *find_replaced(const struct mlw_household *household,
                                         const struct mlw_process *process)
{
	struct mlw_process *found = NULL;

	for (struct mlw_process *other = household->processes; other; other = other->next)
		if (other != process && other->pid == process->pid && other->replaced)
			found = other;
	return found;
}

static struct mlw_process *find_parent(const struct mlw_household *household,
                                       const struct mlw_process *process)
{
	struct mlw_process *parent;

	if (process->hello.forked_from)
		return find_pid(household, process->hello.forked_from, true, process);
	parent = find_replaced(household, process);
	if (!parent)
		parent = find_fork_parent(household, process->pid);
	if (!parent && process->parent_pid)
		parent = find_pid(household, process->parent_pid, false, process);
	return parent;
}

void mlw_household_meet(struct mlw_household *household, struct mlw_process *process,
                        uint64_t now_us)
{
	struct mlw_run *run = household->run;

	process->met = true;
	process->started_us = now_us;
	process->look_distance_us = LOOK_FIRST_US;
	process->next_look_us = now_us + LOOK_FIRST_US;
	process->next_names_us = now_us + NAMES_FIRST_US;
	if (process != household->program) {
		process->id = ++run->process_count;
		process->parent = find_parent(household, process);
		append(household, process);
	}
	mlw_process_write(process, run);
}

void mlw_household_leave_out(struct mlw_household *household, struct mlw_process *process,
                             uint64_t now_us)
{
	process->started_us = now_us;
	process->reason = "children are not followed (--no-follow-children)";
	process->id = ++household->run->process_count;
	process->parent = find_parent(household, process);
	append(household, process);
	/* Nothing of it is recorded but how it ends. */
	mlw_process_finish(process, household->run, now_us);
	process->ended_us = 0;
	mlw_process_write(process, household->run);
}

static bool may_still_tell(const struct mlw_process *process, uint64_t now_us)
{
	const struct mlw_process *parent = process->parent;

	return parent && !parent->finished && process->hello.fork_sequence &&
	       now_us < process->started_us + INHERIT_PATIENCE_US;
}

static void inherit(struct mlw_run *run, struct mlw_process *process, uint64_t now_us)
{
	struct mlw_process *parent = process->parent;
	struct mlw_error err;
	bool forked = process->hello.forked_from && parent;

	if (forked && process->hello.fork_sequence)
		process->blocks =
		        mlw_process_take_fork(parent, process->hello.fork_sequence);
	if (process->blocks || (forked && may_still_tell(process, now_us)))
		return;
	process->blocks =
	        mlw_blocks_new(forked ? parent->blocks : NULL, run->ordinal, &err);
	if (!process->blocks)
		mlw_run_died(run, &err);
}

void mlw_household_inherit(struct mlw_household *household, uint64_t now_us)
{
	for (struct mlw_process *process = household->processes; process;
	     process = process->next)
		if (process->met && !process->blocks && !process->finished)
			inherit(household->run, process, now_us);
}

/* After an exec was announced: is it another program by now, and which? */
static void look_at_exec(struct mlw_process *process)
{
	char path[sizeof(process->executable)], proc[32];

	mlw_proc_link(process->pid, "exe", path, sizeof(path));
	if (!path[0] || !strcmp(path, process->executable) || process->exec_command)
		return;
	process->exec_command = mlw_proc_command(process->pid);
	snprintf(proc, sizeof(proc), "/proc/%d/exe", (int)process->pid);
	mlw_unrecorded_reason(proc, process->exec_reason, sizeof(process->exec_reason));
}

static void look_at(struct mlw_household *household, struct mlw_process *process,
                    uint64_t now_us)
{
	uint64_t peak;

	if (process->exec_tried)
		look_at_exec(process);
	if (now_us >= process->next_look_us) {
		peak = mlw_proc_memory(process->pid, "VmHWM:");
		if (peak > process->peak_rss)
			process->peak_rss = peak;
		if (process->look_distance_us < LOOK_LONGEST_US)
			process->look_distance_us *= 2;
		process->next_look_us = now_us + process->look_distance_us;
	}
	if (now_us >= process->next_names_us) {
		mlw_process_check_threads(process, household->run, now_us);
		process->next_names_us = now_us + NAMES_US;
	}
}

void mlw_household_look(struct mlw_household *household, uint64_t now_us)
{
	for (struct mlw_process *process = household->processes; process;
	     process = process->next)
		if (process->met && !process->gone)
			look_at(household, process, now_us);
}

/* It executed a program that never said hello: that has a row of its own. */
static void succeed(struct mlw_household *household, struct mlw_process *process)
{
	static const char unknown[] = "it ended before it allocated anything";
	struct mlw_process *successor;
	struct mlw_error err;

	successor = mlw_process_new(process->pid, &err);
	if (!successor) {
		mlw_run_died(household->run, &err);
		return;
	}
	process->replaced = true;
	successor->parent = process;
	successor->command = process->exec_command;
	process->exec_command = NULL;
	memcpy(successor->exec_reason, process->exec_reason,
	       sizeof(successor->exec_reason));
	successor->reason = successor->exec_reason[0] ? successor->exec_reason : unknown;
	successor->gone = true;
	successor->has_status = process->has_status;
	successor->status = process->status;
	successor->started_us = process->exec_us;
	successor->id = ++household->run->process_count;
	append(household, successor);
}

static bool is_drained(const struct mlw_process *process)
{
	if (process->met && !process->blocks)
		return false;
	for (uint32_t i = 0; i < process->ring_count; i++)
		if (atomic_load_explicit(&process->views[i].ring->head,
		                         memory_order_acquire) != process->views[i].tail)
			return false;
	return true;
}

/* Is there a reason why nothing of it is in the recording? */
static void explain(const struct mlw_household *household, struct mlw_process *process)
{
	if (!process->met && !process->reason && process == household->program) {
		mlw_unrecorded_command(household->run->options->command[0],
		                       process->exec_reason,
		                       sizeof(process->exec_reason));
		process->reason = process->exec_reason;
	}
	if (!process->met || process->reason ||
	    atomic_load(&process->shared.segment->interposed) != MALLOC_NOT_OURS)
		return;
	if (mlw_unrecorded_allocator(process->executable, process->exec_reason,
	                             sizeof(process->exec_reason)))
		process->reason = process->exec_reason;
}

void mlw_household_finish(struct mlw_household *household, uint64_t now_us)
{
	for (struct mlw_process *process = household->processes; process;
	     process = process->next) {
		if (!process->gone || process->finished ||
		    (!household->run->dead && !is_drained(process)))
			continue;
		if (process->exec_tried && !process->replaced)
			succeed(household, process);
		else
			explain(household, process);
		mlw_process_finish(process, household->run, now_us);
	}
}

static struct mlw_process *last_program(const struct mlw_household *household)
{
	struct mlw_process *last = household->program;

	for (struct mlw_process *process = household->processes; process;
	     process = process->next)
		if (process->parent == last && process->pid == last->pid)
			last = process;
	return last;
}

const struct mlw_process *mlw_household_final_program(
        const struct mlw_household *household)
{
	return last_program(household);
}

void mlw_household_program_ended(struct mlw_household *household, int status,
                                 uint64_t peak_rss)
{
	struct mlw_process *program = last_program(household);

	program->has_status = true;
	program->status = status;
	if (program == household->program && household->run->process_count == 1 &&
	    peak_rss > program->peak_rss)
		program->peak_rss = peak_rss;
	if (program->finished)
		mlw_process_write(program, household->run);
}

bool mlw_household_program_done(const struct mlw_household *household)
{
	return last_program(household)->finished;
}

size_t mlw_household_living(struct mlw_household *household, uint64_t now_us)
{
	size_t living = 0;

	for (struct mlw_process *process = household->processes; process;
	     process = process->next) {
		living += !process->finished;
		living += mlw_process_check_forks(process, now_us);
	}
	return living;
}

uint64_t mlw_household_resident(struct mlw_household *household)
{
	uint64_t resident = 0;

	for (struct mlw_process *process = household->processes; process;
	     process = process->next) {
		uint64_t now;

		if (!process->met || process->gone)
			continue;
		/* One that has ended just now has nothing any more. */
		now = mlw_proc_resident(process->statm);
		if (now)
			process->resident = now;
		resident += process->resident;
	}
	return resident;
}
