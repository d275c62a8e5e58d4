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

int mlw_domains_each(const struct mlw_domains *domains,
                     int (*visit)(const struct mlw_block *block, void *context),
                     void *context)
{
	int result = 0;

	for (uint32_t i = 0; domains && !result && i < MLW_DOMAINS; i++)
		if (domains->blocks[i])
			result = mlw_blocks_each(domains->blocks[i], visit, context);
	return result;
}

/* The process's domain as it is in the run, with a table for its blocks. */
static struct mlw_own_domain *find(struct mlw_run *run, struct mlw_process *process,
                                   uint32_t index)
{
	struct mlw_own_domain *own = &process->domains->own[index];
	struct mlw_blocks **blocks;
	char name[MLW_NAME_SIZE];
	struct mlw_error err;

	if (!mlw_shared_name_read(&process->shared.segment->domains[index], name))
		return NULL;
	own->id = mlw_run_domain(run, name);
	if (!own->id)
		return NULL;
	blocks = &process->domains->blocks[own->id - MLW_DOMAIN_USER];
	if (!*blocks)
		*blocks = mlw_blocks_new(NULL, 0, &err);
	if (!*blocks)
		mlw_run_died(run, &err);
	own->blocks = *blocks;
	return *blocks ? own : NULL;
}

/* NULL: there is none. */
static inline struct mlw_own_domain *own_domain(struct mlw_run *run,
                                                struct mlw_process *process,
                                                uint32_t kind)
{
	uint32_t index = kind - MLW_MAP_TRACKED;

	if (kind < MLW_MAP_TRACKED || index >= MLW_DOMAINS || !process->shared.segment)
		return NULL;
	if (!process->domains)
		process->domains = calloc(1, sizeof(*process->domains));
	if (!process->domains)
		return NULL;
	if (process->domains->own[index].blocks)
		return &process->domains->own[index];
	return find(run, process, index);
}

uint32_t mlw_domains_id(struct mlw_run *run, struct mlw_process *process, uint32_t kind)
{
	const struct mlw_own_domain *own = own_domain(run, process, kind);

	return own ? own->id : 0;
}

static inline uint32_t trace_in(struct mlw_run *run, const struct mlw_thread *thread,
                                const struct mlw_memo *stack, uint32_t domain)
{
	return mlw_run_trace(run, stack->node, stack->truncated || !stack->valid,
	                     thread->context, domain);
}

bool mlw_domains_track(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                       const struct mlw_memo *stack, uint64_t address, uint64_t size)
{
	struct mlw_own_domain *own = own_domain(run, thread->process, kind);
	uint32_t trace = own ? trace_in(run, thread, stack, own->id) : 0;

	if (!trace || !mlw_run_counts(run, size))
		return false;
	mlw_resolve_track(run, thread, own->blocks, address, size, trace);
	return true;
}

bool mlw_domains_untrack(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                         uint64_t address)
{
	struct mlw_own_domain *own = own_domain(run, thread->process, kind);

	if (own)
		mlw_resolve_untrack(run, thread, own->blocks, address);
	return own;
}

bool mlw_domains_pair(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                      const struct mlw_memo *stack, uint64_t address, uint64_t size)
{
	struct mlw_own_domain *own = own_domain(run, thread->process, kind);
	uint32_t trace = own ? trace_in(run, thread, stack, own->id) : 0;

	return trace && mlw_run_can_count(run, size) &&
	       mlw_resolve_pair(run, thread, own->blocks, address, size, trace) &&
	       mlw_run_counts(run, size);
}

uint32_t mlw_domains_known(const struct mlw_domains *domains, uint32_t kind)
{
	uint32_t index = kind - MLW_MAP_TRACKED;

	return domains && kind >= MLW_MAP_TRACKED && index < MLW_DOMAINS
	               ? domains->own[index].id
	               : 0;
}

bool mlw_domains_find(const struct mlw_domains *domains, uint32_t kind, uint64_t address,
                      struct mlw_block *block)
{
	uint32_t index = kind - MLW_MAP_TRACKED;

	return mlw_domains_known(domains, kind) && domains->own[index].blocks &&
	       mlw_blocks_find(domains->own[index].blocks, address, block);
}
