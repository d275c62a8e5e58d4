/* SPDX-License-Identifier: MIT */
#include "collect/modules.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "collect/proc.h"

int mlw_modules_init(struct mlw_modules *modules, const char *library,
                     struct mlw_error *err)
{
	*modules = (struct mlw_modules){ .library = strdup(library) };
	return modules->library ? 0 : mlw_fail(err, "out of memory");
}

void mlw_modules_release(struct mlw_modules *modules)
{
	if (!modules)
		return;
	for (size_t i = 0; i < modules->count; i++) {
		free(modules->modules[i].path);
		if (modules->modules[i].fd >= 0)
			close(modules->modules[i].fd);
	}
	free(modules->modules);
	free(modules->library);
	*modules = (struct mlw_modules){ 0 };
}

/* Remembers where relative names count from. One that has just ended has no working
 * directory any more: then what was seen last is the best that is known. */
static void see_directory(struct mlw_module_map *map)
{
	char directory[PATH_MAX], *seen;

	mlw_proc_link(map->pid, "cwd", directory, sizeof(directory));
	seen = *directory ? strdup(directory) : NULL;
	if (!seen)
		return;
	free(map->directory);
	map->directory = seen;
}

static void forget_executable(struct mlw_module_map *map)
{
	if (map->executable && map->executable_fd >= 0)
		close(map->executable_fd);
	free(map->executable);
	map->executable = NULL;
}

void mlw_module_map_meet(struct mlw_module_map *map, int32_t pid)
{
	char path[PATH_MAX];

	forget_executable(map);
	map->pid = pid;
	mlw_proc_link(pid, "exe", path, sizeof(path));
	map->executable = strdup(path);
	map->executable_fd = map->executable ? mlw_proc_open(pid, "exe") : -1;
	see_directory(map);
}

void mlw_module_map_release(struct mlw_module_map *map)
{
	if (!map)
		return;
	free(map->mapped);
	free(map->cache);
	free(map->directory);
	forget_executable(map);
	*map = (struct mlw_module_map){ 0 };
}

/* One announcement, copied out of the shared memory and made whole. */
struct announcement {
	uint64_t start, end, bias;
	uint32_t generation;
	uint32_t build_id_size;
	uint8_t build_id[MLW_BUILD_ID_MAX];
	char path[MLW_MODULE_PATH + 1];
};

static bool read_slot(const struct mlw_module_slot *slot, struct announcement *out)
{
	uint32_t path_size = slot->path_size;

	*out = (struct announcement){ .start = slot->start,
		                      .end = slot->end,
		                      .bias = slot->bias,
		                      .generation = slot->generation,
		                      .build_id_size = slot->build_id_size };
	if (out->start >= out->end || path_size > MLW_MODULE_PATH ||
	    out->build_id_size > MLW_BUILD_ID_MAX)
		return false;
	memcpy(out->build_id, slot->build_id, out->build_id_size);
	memcpy(out->path, slot->path, path_size);
	return true;
}

/* As the process sees it: the executable has no name, a relative one counts from its
 * working directory. What is not a file ("linux-vdso.so.1") keeps its name. */
static void absolute_path(struct mlw_module_map *map, const char *name, char *path,
                          size_t size)
{
	if (!*name)
		snprintf(path, size, "%s", map->executable ? map->executable : "");
	else if (*name == '/' || !strchr(name, '/'))
		snprintf(path, size, "%s", name);
	else {
		see_directory(map);
		if (!map->directory ||
		    snprintf(path, size, "%s/%s", map->directory, name) >= (int)size)
			*path = '\0';
	}
	if (!*path)
		snprintf(path, size, "%s", *name ? name : "(executable)");
}

/* The end of the mapping that begins at `start`: a module has several, one behind the
 * other. 0: none. */
static uint64_t mapping_end(pid_t pid, uint64_t start)
{
	int fd = mlw_proc_open(pid, "maps");
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	uintmax_t from, to = 0;
	char line[PATH_MAX + 128];
	bool found = false;

	if (!maps) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%jx-%jx", &from, &to) == 2 && from == start;
	fclose(maps);
	return found ? to : 0;
}

/* What is mapped, also when the name has gone or means another file by now. The kernel
 * lets only the privileged do this. */
static int open_mapped(pid_t pid, uint64_t start)
{
	uint64_t end = mapping_end(pid, start);
	char file[64];

	if (!end)
		return -1;
	snprintf(file, sizeof(file), "map_files/%jx-%jx", (uintmax_t)start,
	         (uintmax_t)end);
	return mlw_proc_open(pid, file);
}

static int take_executable(struct mlw_module_map *map)
{
	int fd = map->executable ? map->executable_fd : -1;

	map->executable_fd = -1;
	return fd;
}

static int open_file(struct mlw_module_map *map, const struct announcement *from,
                     const char *path)
{
	char below_root[PATH_MAX + 32];
	int fd = *from->path ? open_mapped(map->pid, from->start) : take_executable(map);

	if (fd >= 0 || *path != '/')
		return fd;
	snprintf(below_root, sizeof(below_root), "/proc/%d/root%s", (int)map->pid, path);
	fd = open(below_root, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* A name of a device or a pipe must not be read from. */
static int open_regular(struct mlw_module_map *map, const struct announcement *from,
                        const char *path)
{
	int fd = open_file(map, from, path);
	struct stat status;

	if (fd < 0 || (!fstat(fd, &status) && S_ISREG(status.st_mode)))
		return fd;
	close(fd);
	return -1;
}

static uint32_t find_module(const struct mlw_modules *modules,
                            const struct announcement *from, const char *path)
{
	for (size_t i = 0; i < modules->count; i++) {
		const struct mlw_module *module = &modules->modules[i];

		if (module->build_id_size == from->build_id_size &&
		    !memcmp(module->build_id, from->build_id, from->build_id_size) &&
		    !strcmp(module->path, path))
			return (uint32_t)i + 1;
	}
	return 0;
}

static uint32_t intern_module(struct mlw_modules *modules, struct mlw_module_map *map,
                              const struct announcement *from, struct mlw_error *err)
{
	struct mlw_module *module;
	char path[PATH_MAX];
	uint32_t number;

	absolute_path(map, from->path, path, sizeof(path));
	number = find_module(modules, from, path);
	if (number)
		return number;
	if (modules->count == MLW_MODULES_MAX) {
		mlw_fail(err, "more than %u modules", MLW_MODULES_MAX);
		return 0;
	}
	if (mlw_grow(&modules->modules, &modules->capacity, modules->count + 1,
	             sizeof(*modules->modules), err))
		return 0;
	module = &modules->modules[modules->count];
	*module = (struct mlw_module){ .path = strdup(path),
		                       .build_id_size = from->build_id_size,
		                       .own = !strcmp(path, modules->library) };
	if (!module->path) {
		mlw_fail(err, "out of memory");
		return 0;
	}
	memcpy(module->build_id, from->build_id, from->build_id_size);
	module->fd = open_regular(map, from, path);
	return (uint32_t)++modules->count;
}

static bool overlap(const struct mlw_mapped_module *a, const struct mlw_mapped_module *b)
{
	return a->start < b->end && b->start < a->end;
}

/* The same module is announced anew in every generation in which one of its pcs turns up:
 * as long as no other one was where it is, that is one row. */
static bool is_known(struct mlw_module_map *map, const struct mlw_mapped_module *mapped)
{
	struct mlw_mapped_module *known = NULL;

	for (size_t i = map->count; i-- > 0 && !known;)
		if (overlap(&map->mapped[i], mapped))
			known = &map->mapped[i];
	if (!known || known->module != mapped->module || known->bias != mapped->bias ||
	    known->start != mapped->start || known->end != mapped->end)
		return false;
	if (mapped->first < known->first)
		known->first = mapped->first;
	if (mapped->last > known->last)
		known->last = mapped->last;
	return true;
}

static int add_mapped(struct mlw_module_map *map, struct mlw_modules *modules,
                      const struct announcement *from, struct mlw_error *err)
{
	uint32_t module = intern_module(modules, map, from, err);

	const struct mlw_mapped_module mapped = { .start = from->start,
		                                  .end = from->end,
		                                  .bias = from->bias,
		                                  .first = from->generation,
		                                  .last = from->generation,
		                                  .module = module };

	if (!module)
		return -1;
	if (is_known(map, &mapped))
		return 0;
	if (mlw_grow(&map->mapped, &map->capacity, map->count + 1, sizeof(*map->mapped),
	             err))
		return -1;
	map->mapped[map->count++] = mapped;
	return 0;
}

/* At most one lap at a time: the process cannot keep us here. */
int mlw_module_map_read(struct mlw_module_map *map, struct mlw_modules *modules,
                        struct mlw_segment *segment, struct mlw_error *err)
{
	struct announcement from;
	int damaged = 0;

	for (uint32_t i = 0; i < MLW_MODULE_SLOTS; i++) {
		struct mlw_module_slot *slot =
		        &segment->modules[map->tail % MLW_MODULE_SLOTS];

		if (atomic_load_explicit(&slot->ready, memory_order_acquire) !=
		    map->tail + 1)
			break;
		if (!read_slot(slot, &from))
			damaged++;
		else if (add_mapped(map, modules, &from, err))
			return -1;
		map->tail++;
		atomic_store_explicit(&segment->module_tail, map->tail,
		                      memory_order_release);
	}
	return damaged;
}

/*
 * The latest announcement wins, should two overlap. A thread may announce a module while
 * another thread begins a new generation: then it is listed under the new one only.
 */
static const struct mlw_mapped_module *find_mapped(const struct mlw_module_map *map,
                                                   uint32_t generation, uint64_t address)
{
	const struct mlw_mapped_module *other = NULL;

	for (size_t i = map->count; i-- > 0;) {
		const struct mlw_mapped_module *mapped = &map->mapped[i];

		if (address < mapped->start || address >= mapped->end)
			continue;
		if (mapped->first <= generation && generation <= mapped->last)
			return mapped;
		if (!other)
			other = mapped;
	}
	return other;
}

static uint32_t make_frame(const struct mlw_module_map *map, struct mlw_tree *tree,
                           uint32_t generation, uint64_t pc, struct mlw_error *err)
{
	uint64_t call = pc & MLW_PC_EXACT ? pc & ~MLW_PC_EXACT : pc - 1;
	const struct mlw_mapped_module *mapped = find_mapped(map, generation, call);

	if (mapped)
		return mlw_tree_frame(tree, mapped->module, call - mapped->bias, err);
	return mlw_tree_frame(tree, 0, call, err);
}

uint32_t mlw_module_map_other(struct mlw_module_map *map, struct mlw_tree *tree,
                              uint32_t generation, uint64_t pc, struct mlw_error *err)
{
	struct mlw_pc_entry *entry;

	if (!map->cache) {
		map->cache = calloc(MLW_PC_CACHE, sizeof(*map->cache));
		if (!map->cache) {
			mlw_fail(err, "out of memory");
			return 0;
		}
	}
	entry = &map->cache[mlw_pc_place(pc)];
	*entry = (struct mlw_pc_entry){ .pc = pc,
		                        .generation = generation,
		                        .frame = make_frame(map, tree, generation, pc,
		                                            err) };
	return entry->frame;
}

/* Did the place of row `index` go to a module that was announced later? */
static bool is_replaced(const struct mlw_module_map *map, size_t index)
{
	const struct mlw_mapped_module *mapped = &map->mapped[index];

	for (size_t i = index + 1; i < map->count; i++)
		if (overlap(&map->mapped[i], mapped) &&
		    map->mapped[i].last >= mapped->last)
			return true;
	return false;
}

bool mlw_module_map_bias(const struct mlw_module_map *map, uint32_t module,
                         uint64_t *bias)
{
	for (size_t i = map->count; i-- > 0;) {
		if (map->mapped[i].module != module || is_replaced(map, i))
			continue;
		*bias = map->mapped[i].bias;
		return true;
	}
	return false;
}
