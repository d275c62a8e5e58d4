/* SPDX-License-Identifier: MIT */
#ifndef MLW_SHARED_H
#define MLW_SHARED_H

/*
 * The memory that the collector makes and shares: the run page, and a segment for each
 * process (wire/segment.h). A segment grows by slabs of rings; its pages are paid for
 * only where somebody has touched them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/segment.h"

#define MLW_SHARED_SLABS (1u + MLW_RING_MAX / MLW_RINGS_SLAB)

struct mlw_run_memory {
	int fd;
	struct mlw_run_page *page;
};

/* Fills magic, version and start. The caller releases it. */
int mlw_run_memory_init(struct mlw_run_memory *memory, uint64_t start_ns,
                        struct mlw_error *err);
void mlw_run_memory_release(struct mlw_run_memory *memory);

struct mlw_shared_slab {
	char *base;
	uint64_t offset, size; /* within the segment */
	uint32_t first, count; /* rings */
	uint32_t words; /* of each ring, but for the big ones */
};

struct mlw_shared {
	int fd;
	struct mlw_segment *segment;
	uint64_t size;
	uint32_t ring_count;
	uint32_t slab_count;
	struct mlw_shared_slab slabs[MLW_SHARED_SLABS];
};

/* `config`: what the process is told; sizes and ring counts are filled in. */
int mlw_shared_init(struct mlw_shared *shared, const struct mlw_config *config,
                    struct mlw_error *err);
void mlw_shared_release(struct mlw_shared *shared);

/* Adds a slab of rings. Fails without memory and when there are enough. */
int mlw_shared_grow(struct mlw_shared *shared, struct mlw_error *err);

/* Words and data of ring `index` of a slab. */
uint32_t mlw_shared_ring_words(const struct mlw_shared_slab *slab, uint32_t index);
uint64_t mlw_shared_ring_offset(const struct mlw_shared_slab *slab, uint32_t index);

/* Bytes that were really touched. */
uint64_t mlw_shared_touched(const struct mlw_shared *shared);

/* Gives the pages of one ring's data back to the system. */
void mlw_shared_forget(const struct mlw_shared *shared, uint64_t offset, uint64_t size);

/* Copies a name that the process has given; false: there is none. What it has scribbled
 * there ends with a NUL and has no control characters. */
bool mlw_shared_name_read(const struct mlw_shared_name *shared, char name[MLW_NAME_SIZE]);

#endif /* MLW_SHARED_H */
