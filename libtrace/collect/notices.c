/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "collect/collector_state.h"

static void add_rings(struct mlw_collector *collector, const struct mlw_notice *notice)
{
	struct mlw_error err;

	if (!notice->process->finished &&
	    mlw_process_add_slab(notice->process, &notice->slab, &err))
		mlw_run_died(&collector->run, &err);
}

static void end_process(struct mlw_collector *collector, struct mlw_process *process,
                        uint64_t now_us)
{
	process->gone = true;
	process->ended_us = now_us;
	if (process->finished)
		mlw_process_write(process, &collector->run);
}

static void hear_gone(struct mlw_collector *collector, const struct mlw_notice *notice,
                      uint64_t now_us)
{
	struct mlw_process *process = notice->process;

	if (notice->has_status && !process->has_status) {
		process->has_status = true;
		process->status = notice->status;
	}
	end_process(collector, process, now_us);
}

static void hear_replaced(struct mlw_collector *collector,
                          const struct mlw_notice *notice, uint64_t now_us)
{
	if (!notice->replaced)
		return;
	notice->replaced->replaced = true;
	end_process(collector, notice->replaced, now_us);
}

static void hear(struct mlw_collector *collector, const struct mlw_notice *notice,
                 uint64_t now_us)
{
	switch (notice->kind) {
	case MLW_NOTICE_MET:
		hear_replaced(collector, notice, now_us);
		mlw_household_meet(&collector->household, notice->process, now_us);
		break;
	case MLW_NOTICE_LEFT_OUT:
		hear_replaced(collector, notice, now_us);
		mlw_household_leave_out(&collector->household, notice->process, now_us);
		break;
	case MLW_NOTICE_RINGS:
		add_rings(collector, notice);
		break;
	case MLW_NOTICE_GONE:
		hear_gone(collector, notice, now_us);
		break;
	case MLW_NOTICE_ENDED:
		collector->program_ended = true;
		mlw_household_program_ended(&collector->household, notice->status,
		                            notice->peak_rss);
		break;
	case MLW_NOTICE_SNAPSHOT:
		mlw_moments_want(&collector->moments, notice->name, notice->guest);
		break;
	case MLW_NOTICE_TRACEBACK:
		mlw_tracebacks_ask(&collector->tracebacks, notice->process,
		                   &notice->traceback, notice->guest);
		break;
	case MLW_NOTICE_ALONE:
		collector->launcher = -1;
		collector->alone = true;
		break;
	case MLW_NOTICE_CALLED_OFF:
		collector->called_off = true;
		break;
	}
}

void mlw_collector_hear(struct mlw_collector *collector, uint64_t now_us)
{
	struct mlw_notice *notice = mlw_meeting_notices(collector->meeting), *next;

	for (; notice; notice = next) {
		next = notice->next;
		hear(collector, notice, now_us);
		free(notice);
	}
}
