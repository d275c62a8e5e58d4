/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_MODULES_H
#define MLW_COLLECT_MODULES_H

/*
 * Which file a pc belongs to. The run knows a module by path and build-id, and keeps the
 * file open from its first announcement on, so that a file that is replaced or deleted
 * while the program runs still gives its names. A process knows where its modules are
 * mapped, generation by generation.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "collect/tree.h"
#include "wire/segment.h"

#define MLW_MODULES_MAX 65535u

struct mlw_module {
	char *path;
	uint8_t build_id[MLW_BUILD_ID_MAX];
	uint32_t build_id_size;
	int fd; /* -1: none */
	uint32_t file_id; /* id in the recording's file, 0: not written */
	bool own; /* libmallow itself: its frames are not shown */
};

/* Of the run. Numbers count from 1: number n is modules[n - 1]. */
struct mlw_modules {
	struct mlw_module *modules;
	size_t count, capacity;
	char *library; /* path of libmallow.so */
};

int mlw_modules_init(struct mlw_modules *modules, const char *library,
                     struct mlw_error *err);
void mlw_modules_release(struct mlw_modules *modules);

struct mlw_mapped_module {
	uint64_t start, end, bias;
	uint32_t first, last; /* generations in which it was announced */
	uint32_t module; /* the run's number */
};

#define MLW_PC_CACHE_BITS 14u
#define MLW_PC_CACHE      (1u << MLW_PC_CACHE_BITS) /* entries */

struct mlw_pc_entry {
	uint64_t pc;
	uint32_t generation;
	uint32_t frame; /* the tree's, 0: empty */
};

/* Of one process. */
struct mlw_module_map {
	int32_t pid;
	char *executable; /* path, "" unknown; NULL before mlw_module_map_meet */
	int executable_fd; /* -1: none, or given to the run's module */
	char *directory; /* the working directory when last seen, NULL: never */
	uint64_t tail; /* announcements read */
	struct mlw_mapped_module *mapped;
	size_t count, capacity;
	struct mlw_pc_entry *cache; /* direct-mapped; NULL until the first pc */
};

/*
 * Learns the executable while the process waits for an answer: a short program is gone
 * when its first announcement is read.
 */
void mlw_module_map_meet(struct mlw_module_map *map, int32_t pid);
void mlw_module_map_release(struct mlw_module_map *map);

/* Takes over what the process has announced by now. Returns announcements that made no
 * sense and were left out, -1 without memory. */
int mlw_module_map_read(struct mlw_module_map *map, struct mlw_modules *modules,
                        struct mlw_segment *segment, struct mlw_error *err);

/* The same as below for a pc that is not in the cache. */
uint32_t mlw_module_map_other(struct mlw_module_map *map, struct mlw_tree *tree,
                              uint32_t generation, uint64_t pc, struct mlw_error *err);

static inline size_t mlw_pc_place(uint64_t pc)
{
	return (size_t)(mlw_hash64_high(pc) >> (64 - MLW_PC_CACHE_BITS));
}

/* The tree's frame for a pc as it is in a STACK event, or 0 without memory. */
static inline uint32_t mlw_module_map_frame(struct mlw_module_map *map,
                                            struct mlw_tree *tree, uint32_t generation,
                                            uint64_t pc, struct mlw_error *err)
{
	if (map->cache) {
		const struct mlw_pc_entry *entry = &map->cache[mlw_pc_place(pc)];

		if (entry->frame && entry->pc == pc && entry->generation == generation)
			return entry->frame;
	}
	return mlw_module_map_other(map, tree, generation, pc, err);
}

/* Where module number `module` is mapped: what to add to its offsets. False: it is not,
 * any more, for another one was announced later that lies there. One that is unloaded,
 * and nothing in its place, is not known here. */
bool mlw_module_map_bias(const struct mlw_module_map *map, uint32_t module,
                         uint64_t *bias);

#endif /* MLW_COLLECT_MODULES_H */
