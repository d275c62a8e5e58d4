/* SPDX-License-Identifier: MIT */
#ifndef MLW_REAL_H
#define MLW_REAL_H

/*
 * The functions that the hooks stand in front of: the next definition after ours in the
 * program's search order, so that a program's own jemalloc or tcmalloc stays in use.
 * Looked up once, at the first call of any hook; what is asked for during the look-up
 * itself comes from a small arena that is never given back.
 */

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/hidden.h"

#define MLW_ARENA_SIZE 32768u

struct mlw_real {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void *(*memalign)(size_t, size_t);
	void *(*valloc)(size_t);
	void *(*pvalloc)(size_t);
	size_t (*malloc_usable_size)(void *);
	void *(*mmap)(void *, size_t, int, int, int, off_t);
	int (*munmap)(void *, size_t);
	void *(*mremap)(void *, size_t, size_t, int, ...);
	int (*brk)(void *);
	void *(*sbrk)(intptr_t);
	void *(*dlopen)(const char *, int);
	int (*dlclose)(void *);
	pid_t (*fork)(void);
	int (*execve)(const char *, char *const[], char *const[]);
	int (*execvpe)(const char *, char *const[], char *const[]);
	int (*fexecve)(int, char *const[], char *const[]);
	int (*execveat)(int, const char *, char *const[], char *const[], int);
	int (*posix_spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
	                   const posix_spawnattr_t *, char *const[], char *const[]);
	int (*posix_spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
	                    const posix_spawnattr_t *, char *const[], char *const[]);
	int (*system)(const char *);
	struct _IO_FILE *(*popen)(const char *, const char *);
	void (*exit)(int);
	void (*exit_now)(int); /* _exit */
	void (*quick_exit)(int);
};

extern MLW_HIDDEN struct mlw_real mlw_real;
extern MLW_HIDDEN bool mlw_real_known;

/* Looks everything up. False while a look-up is under way: use the arena. */
bool mlw_real_find(void);

static inline bool mlw_real_ready(void)
{
	return __builtin_expect(mlw_real_known, 1) || mlw_real_find();
}

/* The arena: zeroed, aligned to `alignment` (a power of 2), NULL when it is used up. */
void *mlw_arena_alloc(size_t alignment, size_t size);
extern MLW_HIDDEN char mlw_arena[MLW_ARENA_SIZE];

static inline bool mlw_arena_owns(const void *block)
{
	return __builtin_expect((uintptr_t)block - (uintptr_t)mlw_arena < MLW_ARENA_SIZE,
	                        0);
}

size_t mlw_arena_size(const void *block); /* of a block that it owns */

#endif /* MLW_REAL_H */
