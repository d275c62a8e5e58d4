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

struct mlw_domains {
	uint32_t ids[MLW_DOMAINS]; /* the run's, 0: not asked for yet */
	struct mlw_blocks *blocks[MLW_DOMAINS]; /* by the run's id - MLW_DOMAIN_USER */
};

void mlw_domains_free(struct mlw_domains *domains); /* NULL is fine */

/* A block begins, or ends. False: `kind` is no domain that the process has named. */
bool mlw_domains_track(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                       const struct mlw_memo *stack, uint64_t address, uint64_t size);
bool mlw_domains_untrack(struct mlw_run *run, struct mlw_thread *thread, uint32_t kind,
                         uint64_t address);

#endif /* MLW_COLLECT_DOMAINS_H */
