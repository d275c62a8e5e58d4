/* SPDX-License-Identifier: MIT */
#include "collect/scopes.h"

#include <stdlib.h>

#include "collect/process.h"

/* The run's id of the process's scope. */
static bool find(struct mlw_run *run, struct mlw_process *process, uint64_t number,
                 uint32_t *id)
{
	char name[MLW_NAME_SIZE];

	if (number > MLW_SCOPES || !process->shared.segment)
		return false;
	if (!process->scopes)
		process->scopes = calloc(MLW_SCOPES, sizeof(*process->scopes));
	if (!process->scopes)
		return false;
	if (!process->scopes[number - 1]) {
		if (!mlw_shared_name_read(&process->shared.segment->scopes[number - 1],
		                          name))
			return false;
		process->scopes[number - 1] = mlw_run_scope(run, name);
	}
	*id = process->scopes[number - 1];
	return true;
}

bool mlw_scopes_enter(struct mlw_run *run, struct mlw_thread *thread, uint64_t number)
{
	uint32_t scope = 0, context;

	if (number && !find(run, thread->process, number, &scope))
		return false;
	context = mlw_run_context(run, thread->id, scope);
	if (context)
		thread->context = context;
	return context;
}
