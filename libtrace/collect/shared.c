/* SPDX-License-Identifier: MIT */
#include "collect/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096u

/* Sealed against shrinking: a process that truncated it would kill us by SIGBUS. */
static int make_memory(const char *name, uint64_t size, struct mlw_error *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return mlw_fail(err, "no shared memory: %s", strerror(errno));
	if (ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)) {
		mlw_fail(err, "no shared memory: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static void *map_memory(int fd, uint64_t offset, uint64_t size, struct mlw_error *err)
{
	void *base =
	        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);

	if (base != MAP_FAILED)
		return base;
	mlw_fail(err, "no shared memory: %s", strerror(errno));
	return NULL;
}

int mlw_run_memory_init(struct mlw_run_memory *memory, uint64_t start_ns,
                        struct mlw_error *err)
{
	*memory = (struct mlw_run_memory){ .fd = make_memory("mallow-run",
		                                             MLW_RUN_PAGE_SIZE, err) };
	if (memory->fd < 0)
		return -1;
	memory->page = map_memory(memory->fd, 0, MLW_RUN_PAGE_SIZE, err);
	if (!memory->page) {
		mlw_run_memory_release(memory);
		return -1;
	}
	memory->page->magic = MLW_WIRE_MAGIC;
	memory->page->version = MLW_WIRE_VERSION;
	memory->page->start_ns = start_ns;
	return 0;
}

void mlw_run_memory_release(struct mlw_run_memory *memory)
{
	if (!memory)
		return;
	if (memory->page)
		munmap(memory->page, MLW_RUN_PAGE_SIZE);
	if (memory->fd >= 0)
		close(memory->fd);
	*memory = (struct mlw_run_memory){ .fd = -1 };
}

uint32_t mlw_shared_ring_words(const struct mlw_shared_slab *slab, uint32_t index)
{
	return slab->first == 0 && index >= MLW_RINGS_FIRST ? MLW_RING_BIG_WORDS
	                                                    : slab->words;
}

uint64_t mlw_shared_ring_offset(const struct mlw_shared_slab *slab, uint32_t index)
{
	uint32_t small = index - slab->first, big = 0;

	if (slab->first == 0 && index > MLW_RINGS_FIRST) {
		small = MLW_RINGS_FIRST;
		big = index - MLW_RINGS_FIRST;
	}
	return slab->offset +
	       ((uint64_t)small * slab->words + (uint64_t)big * MLW_RING_BIG_WORDS) *
	               sizeof(uint64_t);
}

static void describe_rings(struct mlw_shared *shared, const struct mlw_shared_slab *slab)
{
	for (uint32_t i = slab->first; i < slab->first + slab->count; i++) {
		struct mlw_ring *ring = &shared->segment->rings[i];

		ring->capacity = mlw_shared_ring_words(slab, i);
		ring->data = mlw_shared_ring_offset(slab, i);
		atomic_store_explicit(&ring->state, MLW_RING_FREE, memory_order_release);
	}
}

static uint64_t header_size(void)
{
	return (MLW_SEGMENT_HEADER + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static void describe(struct mlw_shared *shared, const struct mlw_config *config)
{
	struct mlw_segment *segment = shared->segment;

	segment->magic = MLW_WIRE_MAGIC;
	segment->version = MLW_WIRE_VERSION;
	segment->config = *config;
	segment->config.segment_size = shared->size;
	segment->config.ring_count = shared->ring_count;
	segment->config.big_ring_first = MLW_RINGS_FIRST;
	describe_rings(shared, &shared->slabs[0]);
}

int mlw_shared_init(struct mlw_shared *shared, const struct mlw_config *config,
                    struct mlw_error *err)
{
	const uint64_t rings = ((uint64_t)MLW_RINGS_FIRST * MLW_RING_WORDS +
	                        (uint64_t)MLW_RINGS_BIG * MLW_RING_BIG_WORDS) *
	                       sizeof(uint64_t);

	*shared = (struct mlw_shared){ .size = header_size() + rings,
		                       .ring_count = MLW_RINGS_FIRST + MLW_RINGS_BIG,
		                       .slab_count = 1 };
	shared->fd = make_memory("mallow", shared->size, err);
	if (shared->fd < 0)
		return -1;
	shared->segment = map_memory(shared->fd, 0, shared->size, err);
	if (!shared->segment) {
		mlw_shared_release(shared);
		return -1;
	}
	shared->slabs[0] =
	        (struct mlw_shared_slab){ .base = (char *)shared->segment + header_size(),
		                          .offset = header_size(),
		                          .size = rings,
		                          .count = shared->ring_count,
		                          .words = MLW_RING_WORDS };
	describe(shared, config);
	return 0;
}

void mlw_shared_release(struct mlw_shared *shared)
{
	if (!shared)
		return;
	for (uint32_t i = 1; i < shared->slab_count; i++)
		munmap(shared->slabs[i].base, shared->slabs[i].size);
	if (shared->segment)
		munmap(shared->segment, header_size() + shared->slabs[0].size);
	if (shared->fd >= 0)
		close(shared->fd);
	*shared = (struct mlw_shared){ .fd = -1 };
}

int mlw_shared_grow(struct mlw_shared *shared, struct mlw_error *err)
{
	struct mlw_shared_slab *slab = &shared->slabs[shared->slab_count];
	uint64_t size = (uint64_t)MLW_RINGS_SLAB * MLW_RING_SLAB_WORDS * sizeof(uint64_t);

	if (shared->slab_count == MLW_SHARED_SLABS ||
	    shared->ring_count + MLW_RINGS_SLAB > MLW_RING_MAX)
		return mlw_fail(err, "more than %u threads at once", shared->ring_count);
	if (ftruncate(shared->fd, (off_t)(shared->size + size)))
		return mlw_fail(err, "no shared memory: %s", strerror(errno));
	*slab = (struct mlw_shared_slab){ .offset = shared->size,
		                          .size = size,
		                          .first = shared->ring_count,
		                          .count = MLW_RINGS_SLAB,
		                          .words = MLW_RING_SLAB_WORDS };
	slab->base = map_memory(shared->fd, slab->offset, size, err);
	if (!slab->base)
		return -1;
	shared->size += size;
	shared->ring_count += MLW_RINGS_SLAB;
	shared->slab_count++;
	describe_rings(shared, slab);
	return 0;
}

uint64_t mlw_shared_touched(const struct mlw_shared *shared)
{
	struct stat status;

	return fstat(shared->fd, &status) ? 0 : (uint64_t)status.st_blocks * 512;
}

void mlw_shared_forget(const struct mlw_shared *shared, uint64_t offset, uint64_t size)
{
	fallocate(shared->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
	          (off_t)size);
}

bool mlw_shared_name_read(const struct mlw_shared_name *shared, char name[MLW_NAME_SIZE])
{
	if (!atomic_load_explicit(&shared->ready, memory_order_acquire))
		return false;
	memcpy(name, shared->text, MLW_NAME_SIZE);
	name[MLW_NAME_SIZE - 1] = '\0';
	for (char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	return name[0];
}
