/* SPDX-License-Identifier: MIT */
#ifndef MLW_RECORD_H
#define MLW_RECORD_H

/*
 * What the hooks say to the collector, an event a function. `frame` is the hook's own
 * frame address: the stack begins at its caller. Nothing here touches errno.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/event.h"

/* ALLOC or REALLOC_ALLOC, after the real function succeeded. */
void mlw_record_alloc(enum mlw_event_type type, const void *block, size_t size,
                      const uintptr_t *frame);

/* FREE, REALLOC_FREE or REALLOC_UNDO, before the real function (UNDO: after). */
void mlw_record_free(enum mlw_event_type type, const void *block, const uintptr_t *frame);

/*
 * Allocators call themselves: jemalloc's aligned operator new calls the public
 * aligned_alloc (record/outer.h), and its delete the public free. Such a call is recorded
 * once, where it was made first or last:
 *
 *	mlw_record_free(MLW_EVENT_FREE, block, frame);
 *	mlw_record_skip(block);
 *	real_delete(block);
 *	mlw_record_skip(NULL);
 */
void mlw_record_skip(const void *block);

/* MAP after, UNMAP before the real call; of mappings only under --mmap. 0; -ENOTCONN: not
 * recorded; -ENOBUFS: the event is lost, and counted. */
int mlw_record_map(const void *address, size_t length, uint32_t kind,
                   const uintptr_t *frame);
int mlw_record_unmap(const void *address, size_t length, uint32_t kind,
                     const uintptr_t *frame);
int mlw_record_maps_wanted(void);

/* POOL: `words` are its 3rd to 5th, `kind` the domain's where one is named. As
 * mlw_record_map. */
int mlw_record_pool(const void *pool, enum mlw_pool_op op, uint32_t kind,
                    const uint64_t words[3], const uintptr_t *frame);

/* A realloc whose old block was sampled has succeeded, and its new one is not. */
void mlw_record_realloc_end(const uintptr_t *frame);

/* Also while the program has stopped the recording: how it goes on with the process. */
void mlw_record_control(enum mlw_control control, uint64_t value, const uintptr_t *frame);

#endif /* MLW_RECORD_H */
