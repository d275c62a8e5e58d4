/* SPDX-License-Identifier: MIT */
#include "collect/options.h"

#include <string.h>

#include "wire/segment.h"

int mlw_run_unwinder(const char *name)
{
	static const char *const names[] = { [MLW_UNWINDER_AUTO] = "auto",
		                             [MLW_UNWINDER_LIBUNWIND] = "libunwind",
		                             [MLW_UNWINDER_FP] = "fp" };

	for (int i = 0; i < (int)(sizeof(names) / sizeof(*names)); i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}
