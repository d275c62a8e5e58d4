/* SPDX-License-Identifier: MIT */
#ifndef MLW_HOUSEHOLD_H
#define MLW_HOUSEHOLD_H

/* The processes of a run: who is whose child, who lives, how each ended. */

#include "collect/decode.h"
#include "collect/process.h"

struct mlw_household {
	struct mlw_run *run; /* borrowed */
	struct mlw_process *processes; /* oldest first; owned */
	struct mlw_process **last;
	struct mlw_process *program; /* the one that was asked for; the first */
};

/* `program` belongs to the household from then on. */
void mlw_household_init(struct mlw_household *household, struct mlw_run *run,
                        struct mlw_process *program);
void mlw_household_release(struct mlw_household *household);

/* A process has said hello. */
void mlw_household_meet(struct mlw_household *household, struct mlw_process *process,
                        uint64_t now_us);
/* A process that is not to be recorded: its row says so, and nobody waits for it. */
void mlw_household_leave_out(struct mlw_household *household, struct mlw_process *process,
                             uint64_t now_us);

/* Gives blocks to new processes, as soon as it is known what they inherit. To be called
 * before and after each round. */
void mlw_household_inherit(struct mlw_household *household, uint64_t now_us);

/* Asks /proc about memory, names and executed programs where it is time. */
void mlw_household_look(struct mlw_household *household, uint64_t now_us);

/* Finishes those that are gone and whose rings have been read to the end. */
void mlw_household_finish(struct mlw_household *household, uint64_t now_us);

/* How the program ended, as its parent knows it. */
void mlw_household_program_ended(struct mlw_household *household, int status,
                                 uint64_t peak_rss);

/* Has the program, whatever it executed, ended and been finished? */
bool mlw_household_program_done(const struct mlw_household *household);

/* Processes that live, recorded ones and forked ones that have said nothing yet. */
size_t mlw_household_living(struct mlw_household *household, uint64_t now_us);

/* Resident memory of all, in bytes. */
uint64_t mlw_household_resident(struct mlw_household *household);

/* The last process under the program's pid: what it executed in the end. */
const struct mlw_process *mlw_household_final_program(
        const struct mlw_household *household);

#endif /* MLW_HOUSEHOLD_H */
