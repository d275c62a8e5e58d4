/* SPDX-License-Identifier: MIT */
#include "collect/unrecorded.h"

#include <stdio.h>
#include <stdlib.h>

#include "symbol/executable.h"

static bool explain(const struct mlw_executable *executable, char *reason, size_t size)
{
	if (!executable->elf)
		snprintf(reason, size, "it is not an ELF program");
	else if (!executable->native)
		snprintf(reason, size,
		         "it is a program for another machine (%u bits, %s)",
		         executable->bits, mlw_executable_machine(executable));
	else if (!executable->dynamic)
		snprintf(reason, size,
		         "it is a static program: nothing can be preloaded");
	else if (executable->secure)
		snprintf(reason, size,
		         "it gets privileges of its file (setuid, setgid or "
		         "capabilities): "
		         "nothing is preloaded then");
	else if (executable->own_malloc && executable->dynamic_malloc)
		snprintf(reason, size,
		         "an allocator%s%s is linked into the executable itself",
		         executable->allocator[0] ? ", " : "", executable->allocator);
	else
		return false;
	return true;
}

/* The malloc that the loader finds in an executable at a fixed address may be no more
 * than its entry for a library's. */
bool mlw_unrecorded_allocator(const char *path, char *reason, size_t size)
{
	struct mlw_executable executable;
	struct mlw_error err;
	bool own;

	own = !mlw_executable_inspect(path, &executable, &err) && executable.own_malloc &&
	      executable.dynamic_malloc;
	if (own)
		explain(&executable, reason, size);
	mlw_executable_release(&executable);
	return own;
}

bool mlw_unrecorded_reason(const char *path, char *reason, size_t size)
{
	struct mlw_executable executable;
	struct mlw_error err;
	bool found;

	reason[0] = '\0';
	found = !mlw_executable_inspect(path, &executable, &err) &&
	        explain(&executable, reason, size);
	mlw_executable_release(&executable);
	return found;
}

void mlw_unrecorded_command(const char *command, char *reason, size_t size)
{
	struct mlw_error err;
	char *path = NULL;

	if (mlw_executable_find(command, &path, &err) ||
	    !mlw_unrecorded_reason(path, reason, size))
		snprintf(reason, size,
		         "it allocated nothing, or could not load libmallow.so");
	free(path);
}
