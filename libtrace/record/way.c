/* SPDX-License-Identifier: MIT */
#include "record/way.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "record/begin.h"
#include "record/session.h"
#include "record/sys.h"

static char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
static char library_path[4096];
static _Atomic uint64_t wanted; /* pid << 32 | depth: a forked child wants nothing */
static _Atomic int error_of_begin;

const char *mlw_session_socket(void)
{
	return socket_path[0] ? socket_path : NULL;
}

const char *mlw_session_library(void)
{
	return library_path;
}

bool mlw_way_learn(void)
{
	Dl_info info;

	if (library_path[0])
		return true;
	if (!dladdr((void *)(uintptr_t)&mlw_way_find, &info) || !info.dli_fname ||
	    strlen(info.dli_fname) >= sizeof(library_path))
		return false;
	strcpy(library_path, info.dli_fname);
	return true;
}

/* The loader has filled the environment before it runs any allocating code. */
static bool learn_environment(void)
{
	const char *path;

	if (socket_path[0])
		return true;
	path = secure_getenv(MLW_ENV_SOCKET);
	if (!path || !path[0] || strlen(path) >= sizeof(socket_path) || !mlw_way_learn())
		return false;
	strcpy(socket_path, path);
	return true;
}

static uint64_t own_wish(uint32_t depth)
{
	return (uint64_t)mlw_sys3(SYS_getpid, 0, 0, 0) << 32 | depth;
}

static uint32_t wanted_depth(void)
{
	uint64_t wish = atomic_load(&wanted);

	return wish >> 32 == own_wish(0) >> 32 ? (uint32_t)wish : 0;
}

/* Where nobody records this program, it may want that itself. What has failed for the
 * environment's sake is not tried again, by no child either. */
static bool begin_run(void)
{
	uint32_t wish = wanted_depth(), depth = wish;
	struct mlw_begun begun = { .error = -ENOENT };
	int status;

	if (!wish)
		depth = atomic_load(&error_of_begin) ? 0 : mlw_begin_wanted();
	if (!depth || !mlw_way_learn())
		return false;
	status = mlw_begin(depth, library_path, &begun);
	atomic_store(&error_of_begin, status);
	if (status && !wish)
		mlw_begin_complain(begun.text);
	if (status)
		return false;
	strcpy(socket_path, begun.socket);
	if (begun.library[0])
		strcpy(library_path, begun.library);
	return true;
}

bool mlw_way_find(void)
{
	return learn_environment() || begin_run();
}

void mlw_way_want(uint32_t depth)
{
	if (depth)
		atomic_store(&error_of_begin, 0);
	atomic_store(&wanted, own_wish(depth));
}

int mlw_way_error(void)
{
	return atomic_load(&error_of_begin);
}
