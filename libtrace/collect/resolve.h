/* SPDX-License-Identifier: MIT */
#ifndef MLW_RESOLVE_H
#define MLW_RESOLVE_H

/*
 * Operations on addresses become changes of blocks: which block a pointer is, and
 * whether it is one of this process, of its parent at the fork, or of nobody that is
 * known. To be called in the order in which things happened (collect/order.h).
 */

#include "collect/run.h"
#include "collect/thread.h"

/* `trace`: of the malloc domain. A block that is live there already is freed first: its
 * free was lost, or an allocator called itself. */
void mlw_resolve_alloc(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                       uint64_t size, uint32_t trace);
/* An allocation and its free, when that is what the thread does next, of any domain:
 * `blocks` are that one's. False, and nothing was done, when they have to be taken one by
 * one. */
bool mlw_resolve_pair(struct mlw_run *run, struct mlw_thread *thread,
                      const struct mlw_blocks *blocks, uint64_t address, uint64_t size,
                      uint32_t trace);
bool mlw_resolve_malloc_pair(struct mlw_run *run, struct mlw_thread *thread,
                             uint64_t address, uint64_t size, uint32_t trace);
void mlw_resolve_free(struct mlw_run *run, struct mlw_thread *thread, uint64_t address);

/* The two halves of a realloc, and the second half of one that failed. */
void mlw_resolve_realloc_free(struct mlw_run *run, struct mlw_thread *thread,
                              uint64_t address);
void mlw_resolve_realloc_alloc(struct mlw_run *run, struct mlw_thread *thread,
                               uint64_t address, uint64_t size, uint32_t trace);
void mlw_resolve_realloc_undo(struct mlw_run *run, struct mlw_thread *thread);
/* Of one whose new block is not sampled: the old one has ended. */
void mlw_resolve_realloc_end(struct mlw_run *run, struct mlw_thread *thread);

/* Mappings. `trace`: of the mapping's domain. */
void mlw_resolve_map(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                     uint64_t size, uint32_t trace);
void mlw_resolve_unmap(struct mlw_run *run, struct mlw_thread *thread, uint64_t address,
                       uint64_t size);

/* Blocks of another domain, which are in `blocks`. What is tracked there already is
 * replaced; the end of one that is not is nothing. */
void mlw_resolve_track(struct mlw_run *run, struct mlw_thread *thread,
                       struct mlw_blocks *blocks, uint64_t address, uint64_t size,
                       uint32_t trace);
void mlw_resolve_untrack(struct mlw_run *run, struct mlw_thread *thread,
                         struct mlw_blocks *blocks, uint64_t address);
/* The end of all of them; the table, which still has them, is the caller's to free. */
void mlw_resolve_untrack_all(struct mlw_run *run, struct mlw_thread *thread,
                             const struct mlw_blocks *blocks);

#endif /* MLW_RESOLVE_H */
