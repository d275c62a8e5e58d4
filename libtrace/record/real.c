/* SPDX-License-Identifier: MIT */
#include "record/real.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include "record/sample.h"

struct mlw_real mlw_real;
bool mlw_real_known;

static bool finding;

#define ARENA_ALIGN 16u

_Alignas(4096) char mlw_arena[MLW_ARENA_SIZE];
static size_t arena_used;

/* A block's size stands in the 16 bytes before it. */
void *mlw_arena_alloc(size_t alignment, size_t size)
{
	size_t align = alignment < ARENA_ALIGN ? ARENA_ALIGN : alignment;
	size_t start = (arena_used + ARENA_ALIGN + align - 1) & ~(align - 1);

	if (align > 4096 || size > MLW_ARENA_SIZE || start + size > MLW_ARENA_SIZE)
		return NULL;
	arena_used = start + size;
	mlw_sample_is_other(mlw_arena + start);
	memcpy(mlw_arena + start - ARENA_ALIGN, &size, sizeof(size));
	return mlw_arena + start;
}

size_t mlw_arena_size(const void *block)
{
	size_t size;

	memcpy(&size, (const char *)block - ARENA_ALIGN, sizeof(size));
	return size;
}

/* ISO C has no conversion from dlsym's void * to a function: POSIX says its bytes do. */
static void find(void *function, const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
}

static void find_allocator(struct mlw_real *real)
{
	find(&real->malloc, "malloc");
	find(&real->calloc, "calloc");
	find(&real->realloc, "realloc");
	find(&real->free, "free");
	find(&real->posix_memalign, "posix_memalign");
	find(&real->aligned_alloc, "aligned_alloc");
	find(&real->memalign, "memalign");
	find(&real->valloc, "valloc");
	find(&real->pvalloc, "pvalloc");
	find(&real->malloc_usable_size, "malloc_usable_size");
}

static void find_maps(struct mlw_real *real)
{
	find(&real->mmap, "mmap");
	find(&real->munmap, "munmap");
	find(&real->mremap, "mremap");
	find(&real->brk, "brk");
	find(&real->sbrk, "sbrk");
	find(&real->dlopen, "dlopen");
	find(&real->dlclose, "dlclose");
}

static void find_processes(struct mlw_real *real)
{
	find(&real->fork, "fork");
	find(&real->execve, "execve");
	find(&real->execvpe, "execvpe");
	find(&real->fexecve, "fexecve");
	find(&real->execveat, "execveat");
	find(&real->posix_spawn, "posix_spawn");
	find(&real->posix_spawnp, "posix_spawnp");
	find(&real->system, "system");
	find(&real->popen, "popen");
	find(&real->exit, "exit");
	find(&real->exit_now, "_exit");
	find(&real->quick_exit, "quick_exit");
}

/*
 * The first call comes from the loader or the first constructor, long before a second
 * thread: no lock. All these names exist in every supported glibc, because a look-up that
 * fails would allocate its error text.
 */
bool mlw_real_find(void)
{
	if (mlw_real_known)
		return true;
	if (finding)
		return false;
	finding = true;
	find_allocator(&mlw_real);
	find_maps(&mlw_real);
	find_processes(&mlw_real);
	mlw_real_known = true;
	return true;
}
