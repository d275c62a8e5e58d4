/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_DOMAINS_H
#define MLW_COLLECT_DOMAINS_H

/*
 * The blocks that a process tracks in domains of its own, by domain and address. The
 * process numbers its domains as it names them; in the run a domain is its name, so that
 * those of two processes with one name are one.
 */

#include "collect/run.h"
#include "collect/thread.h"
#include "heap/blocks.h"
#include "wire/segment.h"

/* One as the process has numbered it. */
struct mlw_own_domain {
	uint32_t id; /* the run's */
	struct mlw_blocks *blocks; /* borrowed; NULL: not asked for yet */
};

struct mlw_domains {
	struct mlw_own_domain own[MLW_DOMAINS]; /* by kind - MLW_MAP_TRACKED */
	struct mlw_blocks *blocks[MLW_DOMAINS]; /* by the run's id - MLW_DOMAIN_USER */
};

void mlw_domains_free(struct mlw_domains *domains); /* NULL is fine */

/* As mlw_blocks_each, of all domains; of NULL nothing. */
int mlw_domains_each(const struct mlw_domains *domains,
                     int (*visit)(const struct mlw_block *block, void *context),
                     void *context);

/* The run's id of the domain that the process calls `kind`, 0: there is none. */
uint32_t mlw_domains_id(struct mlw_run *run, struct mlw_process *process, uint32_t kind);
/* The same of a domain that has been used; of NULL 0. */
uint32_t mlw_domains_known(const struct mlw_domains *domains, uint32_t kind);

/* The block at `address` in the domain that the process calls `kind`; false: none. */
bool mlw_domains_find(const struct mlw_domains *domains, uint32_t kind, uint64_t address,
                      struct mlw_block *block);

/* A block begins, or ends. False: `kind` is no domain that the process has named. */
bool mlw_domains_track(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                       const struct mlw_memo *stack, uint64_t address, uint64_t size);
bool mlw_domains_untrack(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                         uint64_t address);

/* Both at once, of a block that ends as soon as it has begun; false, and nothing was
 * done, when they have to be taken one by one. */
bool mlw_domains_pair(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                      const struct mlw_memo *stack, uint64_t address, uint64_t size);

#endif /* MLW_COLLECT_DOMAINS_H */
