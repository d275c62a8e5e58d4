/* SPDX-License-Identifier: MIT */
#include "collect/thread.h"

#include <stdlib.h>
#include <string.h>

struct mlw_thread *mlw_thread_new(struct mlw_process *process, struct mlw_error *err)
{
	struct mlw_thread *thread = calloc(1, sizeof(*thread));

	if (!thread) {
		mlw_fail(err, "out of memory (a thread)");
		return NULL;
	}
	thread->process = process;
	return thread;
}

void mlw_thread_free(struct mlw_thread *thread)
{
	if (!thread)
		return;
	free(thread->cursor);
	free(thread);
}

void mlw_thread_reset(struct mlw_thread *thread)
{
	thread->depth = 0;
	thread->size_high = 0;
	thread->detached = thread->last = (struct mlw_memo){ 0 };
	memset(thread->memo, 0, sizeof(thread->memo));
}
