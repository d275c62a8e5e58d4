/* SPDX-License-Identifier: MIT */
#ifndef MLW_PROC_H
#define MLW_PROC_H

/*
 * What the kernel says about a process, from proc(5) and pidfds. Every process may end at
 * any time: then the functions say that they know nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The command line as a JSON array of strings; NULL when it cannot be read. The caller
 * frees it. */
char *mlw_proc_command(pid_t pid);

/* The same as words, NULL at the end; NULL when it cannot be read or is empty. The caller
 * frees it, in one. */
char **mlw_proc_words(pid_t pid);

/* Its environment as it began: variables that end with a NUL each, and one more at the
 * end. NULL when it cannot be read. The caller frees it. */
char *mlw_proc_environment(pid_t pid, size_t *size);

/* `argv` (NULL at the end) as mlw_proc_command gives it. */
char *mlw_proc_json_command(char *const *argv);

/* The target of /proc/PID/`name` ("exe", "cwd"), without a " (deleted)"; "" unknown. */
void mlw_proc_link(pid_t pid, const char *name, char *path, size_t size);

pid_t mlw_proc_parent(pid_t pid); /* 0 unknown */

/* A line of /proc/PID/status in bytes, as "VmHWM:"; 0 unknown. */
uint64_t mlw_proc_memory(pid_t pid, const char *line);

/* The name of a thread; "" unknown. */
void mlw_proc_thread_name(pid_t pid, pid_t tid, char *name, size_t size);
bool mlw_proc_has_thread(pid_t pid, pid_t tid);
/* Is it in our pid namespace, so that its ids of threads mean something to us? */
bool mlw_proc_shares_ids(pid_t pid);

/* Resident bytes, from an open descriptor of /proc/PID/statm; 0 unknown. */
uint64_t mlw_proc_resident(int statm);
int mlw_proc_open(pid_t pid, const char *name); /* -1 */

/*
 * How a process ended, as waitpid would give it, without being its parent: from its
 * pidfd (Linux 6.15, after it was reaped) or, while it is a zombie, from its stat line.
 * False: not known.
 */
bool mlw_proc_wait_status(pid_t pid, int pidfd, int *status);

int mlw_proc_pidfd(pid_t pid); /* -1 */
bool mlw_proc_ended(int pidfd);

#endif /* MLW_PROC_H */
