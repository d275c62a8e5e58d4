/* SPDX-License-Identifier: MIT */
#include "cmd/examine.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/library.h"
#include "symbol/executable.h"

static void examine_processor(struct mlw_findings *findings, const struct utsname *name)
{
	bool known = !strcmp(name->machine, "x86_64");

	mlw_findings_add(findings, known ? MLW_FINDING_FINE : MLW_FINDING_BAD,
	                 "processor", "%s", name->machine);
	if (!known)
		mlw_findings_mend(findings, "this version of mallow records x86-64 only");
}

/* MADV_WIPEONFORK keeps a forked child out of its parent's recording; Linux 4.14. */
static bool wipes_on_fork(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                  -1, 0);
	bool works;

	if (page == MAP_FAILED)
		return false;
	works = !madvise(page, size, MADV_WIPEONFORK);
	munmap(page, size);
	return works;
}

static void examine_kernel(struct mlw_findings *findings, const struct utsname *name)
{
	bool works = wipes_on_fork();

	mlw_findings_add(findings, works ? MLW_FINDING_FINE : MLW_FINDING_BAD, "kernel",
	                 "%s %s%s", name->sysname, name->release,
	                 works ? "" : ", without MADV_WIPEONFORK");
	if (!works)
		mlw_findings_mend(findings, "Linux 4.14 or newer is needed");
}

static void examine_shared_memory(struct mlw_findings *findings)
{
	int fd = memfd_create("mallow-doctor", MFD_CLOEXEC);
	bool works = fd >= 0 && !ftruncate(fd, 4096);

	mlw_findings_add(findings, works ? MLW_FINDING_FINE : MLW_FINDING_BAD,
	                 "shared memory", "memfd_create %s",
	                 works ? "works" : strerror(errno));
	if (!works)
		mlw_findings_mend(findings, "allow memfd_create in this sandbox's "
		                            "seccomp filter");
	if (fd >= 0)
		close(fd);
}

static void examine_library(struct mlw_findings *findings)
{
	struct mlw_error err;
	char *path = mlw_library_find(&err);

	mlw_findings_add(findings, path ? MLW_FINDING_FINE : MLW_FINDING_BAD,
	                 "libmallow.so", "%s", path ? path : err.text);
	if (!path)
		mlw_findings_mend(findings, "install mallow whole (cmake --install), or "
		                            "set MALLOW_LIBRARY");
	free(path);
}

static void examine_proc(struct mlw_findings *findings)
{
	bool works = !access("/proc/self/maps", R_OK) && !access("/proc/self/exe", R_OK);

	mlw_findings_add(findings, works ? MLW_FINDING_FINE : MLW_FINDING_BAD, "/proc",
	                 "%s", works ? "readable" : "not readable");
	if (!works)
		mlw_findings_mend(findings, "mount -t proc proc /proc");
}

static void examine_folder(struct mlw_findings *findings)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *temporary = getenv("TMPDIR");
	const char *folders[] = { runtime, temporary, "/tmp" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (folders[i] && *folders[i] && !access(folders[i], W_OK | X_OK)) {
			mlw_findings_add(findings, MLW_FINDING_FINE, "meeting point",
			                 "%s is writable", folders[i]);
			return;
		}
	}
	mlw_findings_add(findings, MLW_FINDING_BAD, "meeting point",
	                 "neither XDG_RUNTIME_DIR nor TMPDIR nor /tmp is writable");
	mlw_findings_mend(findings, "set TMPDIR to a folder of your own");
}

static void examine_libunwind(struct mlw_findings *findings)
{
	void *library = dlopen("libunwind.so.8", RTLD_LAZY | RTLD_LOCAL);

	mlw_findings_add(findings, library ? MLW_FINDING_FINE : MLW_FINDING_NOTE,
	                 "libunwind.so.8", "%s",
	                 library ? "for --unwinder=libunwind"
	                         : "not found: --unwinder=libunwind will not work");
	if (!library)
		mlw_findings_mend(findings, "apt install libunwind8");
	else
		dlclose(library);
}

/* Yama's ptrace_scope (Documentation/admin-guide/LSM/Yama.rst); -1: there is none. */
static int ptrace_scope(void)
{
	FILE *in = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = -1;

	if (!in)
		return -1;
	if (fscanf(in, "%d", &scope) != 1)
		scope = -1;
	fclose(in);
	return scope;
}

static void examine_ptrace(struct mlw_findings *findings)
{
	int scope = ptrace_scope();
	bool closed = scope >= 2 && geteuid() != 0;

	mlw_findings_add(
	        findings, closed || scope == 3 ? MLW_FINDING_NOTE : MLW_FINDING_FINE,
	        "leak scan",
	        scope < 0 ? "ptrace is not restricted" : "ptrace_scope is %d", scope);
	if (closed)
		mlw_findings_mend(findings, "sysctl kernel.yama.ptrace_scope=1");
}

static int find_libc(struct dl_phdr_info *info, size_t size, void *context)
{
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	if (!slash || strcmp(slash, "/libc.so.6") != 0)
		return 0;
	snprintf(context, PATH_MAX, "%s", info->dlpi_name);
	return 1;
}

static void examine_libc(struct mlw_findings *findings)
{
	struct mlw_executable libc;
	struct mlw_error err;
	char path[PATH_MAX];

	if (!dl_iterate_phdr(find_libc, path))
		return;
	if (!mlw_executable_inspect(path, &libc, &err) && libc.debug_info) {
		mlw_findings_add(findings, MLW_FINDING_FINE, "libc's symbols",
		                 "debug info %s",
		                 libc.debug_file ? libc.debug_file : path);
	} else {
		mlw_findings_add(findings, MLW_FINDING_NOTE, "libc's symbols",
		                 "%s has no debug info: its own lines stay unknown",
		                 path);
		mlw_findings_mend(findings, "apt install libc6-dbg");
	}
	mlw_executable_release(&libc);
}

void mlw_examine_machine(struct mlw_findings *findings)
{
	struct utsname name;

	if (!uname(&name)) {
		examine_processor(findings, &name);
		examine_kernel(findings, &name);
	}
	examine_shared_memory(findings);
	examine_proc(findings);
	examine_folder(findings);
	examine_library(findings);
	examine_libunwind(findings);
	examine_ptrace(findings);
	examine_libc(findings);
}
