/* SPDX-License-Identifier: MIT */
/*
 * dlopen and dlclose, and our own constructor.
 *
 * dlopen looks at its caller (RUNPATH, $ORIGIN, namespace), so it must find the program's
 * return address: it is entered by a jump, and nothing can be done after it. Nothing
 * needs to be: modules are found when their first pc turns up.
 */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>

#include "record/modules.h"
#include "record/objects.h"
#include "record/public.h"
#include "record/real.h"
#include "record/rules.h"
#include "record/sample.h"
#include "record/session.h"
#include "record/thread.h"
#include "record/way.h"

/* Rules that say "no module here" may become wrong. */
MLW_PUBLIC void *dlopen(const char *file, int mode)
{
	mlw_real_ready();
	if (mlw_rules_have_negative())
		atomic_fetch_add(&mlw_generation, 1);
	return mlw_real.dlopen(file, mode);
}

static int read_unloads(struct dl_phdr_info *info, size_t size, void *unloads)
{
	(void)size;
	*(unsigned long long *)unloads = info->dlpi_subs;
	return 1;
}

/* Most calls of dlclose unload nothing: then rules and stacks stay valid. */
MLW_PUBLIC int dlclose(void *handle)
{
	unsigned long long before = 0, after = 1;
	int status;

	mlw_real_ready();
	dl_iterate_phdr(read_unloads, &before);
	status = mlw_real.dlclose(handle);
	dl_iterate_phdr(read_unloads, &after);
	if (after != before) {
		mlw_objects_changed();
		atomic_fetch_add(&mlw_generation, 1);
	}
	return status;
}

/*
 * A program that never allocates still meets the collector, and one whose malloc is not
 * ours (an allocator inside the executable) is found out.
 */
__attribute__((constructor)) static void start(void)
{
	struct mlw_thread *thread;
	void *found;

	mlw_real_ready();
	mlw_way_learn();
	pthread_atfork(NULL, NULL, mlw_sample_forked);
	thread = mlw_thread_enter(__builtin_frame_address(0));
	/* Whoever starts the recording later has other threads beside him. */
	mlw_objects_init();
	if (!thread)
		return;
	found = dlsym(RTLD_DEFAULT, "malloc");
	atomic_store(&thread->segment->interposed,
	             found == (void *)(uintptr_t)&malloc ? 1 : 2);
	mlw_thread_leave(thread);
}
