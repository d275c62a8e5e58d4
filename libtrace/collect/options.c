/* SPDX-License-Identifier: MIT */
#include "collect/options.h"

#include <string.h>
#include <sys/random.h>

#include "wire/segment.h"

#define STALL_DEFAULT_NS UINT64_C(10000000000)

void mlw_run_options_init(struct mlw_run_options *options)
{
	*options = (struct mlw_run_options){ .depth = MLW_DEPTH_DEFAULT,
		                             .follow_children = true,
		                             .keep_events = true,
		                             .stall_ns = STALL_DEFAULT_NS };
	/* Without one, every run draws the same. */
	(void)!getrandom(&options->sample_seed, sizeof(options->sample_seed),
	                 GRND_NONBLOCK);
}

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
