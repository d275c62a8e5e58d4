/* SPDX-License-Identifier: MIT */
#include "collect/domains.h"

#include <stdlib.h>

#include "collect/process.h"
#include "collect/resolve.h"

_Static_assert(MLW_MAP_TRACKED == MLW_DOMAIN_USER, "a kind is a domain of the process");
_Static_assert(MLW_DOMAINS == MLW_RUN_DOMAINS, "each can have a name of its own");

void mlw_domains_free(struct mlw_domains *domains)
{
	for (uint32_t i = 0; domains && i < MLW_DOMAINS; i++)
		mlw_blocks_free(domains->blocks[i]);
	free(domains);
}

/* The run's id of the process's domain, 0: there is none. */
static uint32_t find(struct mlw_run *run, struct mlw_process *process, uint32_t kind)
{
	uint32_t index = kind - MLW_MAP_TRACKED;
	char name[MLW_NAME_SIZE];

	if (kind < MLW_MAP_TRACKED || index >= MLW_DOMAINS || !process->shared.segment)
		return 0;
	if (!process->domains)
		process->domains = calloc(1, sizeof(*process->domains));
	if (!process->domains)
		return 0;
	if (!process->domains->ids[index] &&
	    mlw_shared_name_read(&process->shared.segment->domains[index], name))
		process->domains->ids[index] = mlw_run_domain(run, name);
	return process->domains->ids[index];
}

static struct mlw_blocks *blocks_of(struct mlw_run *run, struct mlw_process *process,
                                    uint32_t domain)
{
	struct mlw_blocks **blocks = &process->domains->blocks[domain - MLW_DOMAIN_USER];
	struct mlw_error err;

	if (!*blocks)
		*blocks = mlw_blocks_new(NULL, 0, &err);
	if (!*blocks)
		mlw_run_died(run, &err);
	return *blocks;
}

bool mlw_domains_track(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                       const struct mlw_memo *stack, uint64_t address, uint64_t size)
{
	uint32_t domain = find(run, thread->process, kind), trace;
	struct mlw_blocks *blocks;

	if (!domain)
		return false;
	blocks = blocks_of(run, thread->process, domain);
	trace = mlw_run_trace(run, stack->node, stack->truncated || !stack->valid,
	                      thread->context, domain);
	if (!blocks || !trace || !mlw_run_counts(run, size))
		return false;
	mlw_resolve_track(run, thread, blocks, address, size, trace);
	return true;
}

bool mlw_domains_untrack(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                         uint64_t address)
{
	uint32_t domain = find(run, thread->process, kind);
	struct mlw_blocks *blocks;

	if (!domain)
		return false;
	blocks = blocks_of(run, thread->process, domain);
	if (blocks)
		mlw_resolve_untrack(run, thread, blocks, address);
	return blocks;
}
