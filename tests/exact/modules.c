/* SPDX-License-Identifier: MIT */
/*
 * Preloaded where valgrind is the reference: writes the first address, the end, the bias
 * and the name of each module to MODULES.PID when the process ends, and before a library
 * goes away, so that addresses in valgrind's report become offsets. Without malloc, and
 * with a thread-local variable, as libmallow.so has one: the loader allocates by their
 * number.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

__thread int x __attribute__((tls_model("initial-exec")));

static int write_module(struct dl_phdr_info *info, size_t size, void *context)
{
	char line[4352];
	unsigned long start = -1ul, end = 0;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type != PT_LOAD)
			continue;
		if (header->p_vaddr < start)
			start = header->p_vaddr;
		if (header->p_vaddr + header->p_memsz > end)
			end = header->p_vaddr + header->p_memsz;
	}
	size = (size_t)snprintf(line, sizeof(line), "%lx %lx %lx %s\n",
	                        info->dlpi_addr + start, info->dlpi_addr + end,
	                        info->dlpi_addr, info->dlpi_name);
	return write(*(int *)context, line, size) < 0;
}

static __attribute__((destructor)) void write_modules(void)
{
	char path[512];
	int file;

	snprintf(path, sizeof(path), "%s.%d", MODULES, getpid());
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file < 0)
		return;
	dl_iterate_phdr(write_module, &file);
	close(file);
}

int dlclose(void *handle)
{
	int (*real)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "dlclose");

	write_modules();
	return real(handle);
}
