/* SPDX-License-Identifier: MIT */
/*
 * x_confine HOW N: takes rights away from itself, allocates N times under the limit,
 * prints its allocations and ends with status 11. HOW: address-space (RLIMIT_AS little
 * above what it has), files (RLIMIT_NOFILE 4), no-files (RLIMIT_NOFILE 0), chroot (into
 * an empty folder, needs root), strict (seccomp's strict mode; ends by SYS_exit), filter
 * (seccomp that kills on everything but what malloc and output need), user (setuid to
 * nobody, needs root). "late-" before HOW: forks first, and the child, whose recording
 * has not begun, does it. Status 77: this machine does not let it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "x_say.h"

#define ALLOW(number)                                             \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##number, 0, 1), \
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int give_up(const char *what)
{
	x_say(2, "x_confine: %s: %s\n", what, strerror(errno));
	_exit(77);
}

static void limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit both = { value, value };

	if (setrlimit(what, &both))
		give_up("setrlimit");
}

static void limit_address_space(void)
{
	char text[64] = "";
	FILE *file = fopen("/proc/self/statm", "r");

	if (!file || !fgets(text, sizeof(text), file))
		give_up("statm");
	fclose(file);
	limit(RLIMIT_AS, strtoull(text, NULL, 10) * 4096 + (4u << 20));
}

static void filter(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(brk),
		ALLOW(mmap),
		ALLOW(munmap),
		ALLOW(mremap),
		ALLOW(mprotect),
		ALLOW(madvise),
		ALLOW(write),
		ALLOW(exit),
		ALLOW(exit_group),
		ALLOW(futex),
		ALLOW(rt_sigreturn),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(rules) / sizeof(rules[0]), rules };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		give_up("seccomp");
}

static void into_chroot(void)
{
	char folder[] = "/tmp/x_confine.XXXXXX";

	if (!mkdtemp(folder) || chroot(folder) || chdir("/"))
		give_up("chroot");
}

static void confine(const char *how)
{
	if (!strcmp(how, "address-space"))
		limit_address_space();
	else if (!strcmp(how, "files"))
		limit(RLIMIT_NOFILE, 4);
	else if (!strcmp(how, "no-files"))
		limit(RLIMIT_NOFILE, 0);
	else if (!strcmp(how, "chroot"))
		into_chroot();
	else if (!strcmp(how, "user")) {
		if (setgid(65534) || setuid(65534))
			give_up("setuid");
	} else if (!strcmp(how, "filter"))
		filter();
	else if (strcmp(how, "strict"))
		_exit(98);
}

static long allocate(long n)
{
	long i, made = 0;

	for (i = 0; i < n; i++) {
		void *block = malloc((size_t)(10 + i % 100));

		made += block != NULL;
		free(block);
	}
	return made;
}

static void work(const char *how, long n)
{
	confine(how);
	/* Strict mode leaves read, write, exit and sigreturn: the heap was grown before.
	 */
	if (!strcmp(how, "strict") && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		give_up("seccomp");
	x_say(1, "%ld\n", allocate(n));
	syscall(SYS_exit, 11);
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;
	int status;

	free(malloc(1));
	if (strncmp(how, "late-", 5))
		work(how, n);
	if (fork() == 0)
		work(how + 5, n);
	if (wait(&status) < 0 || !WIFEXITED(status))
		return 97;
	return WEXITSTATUS(status);
}
