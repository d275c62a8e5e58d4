/* SPDX-License-Identifier: MIT */
#ifndef MLW_OPTIONS_H
#define MLW_OPTIONS_H

/* What `mallow run` was asked to do, checked, as launcher and collector take it. */

#include <stdbool.h>
#include <stdint.h>

#include "wire/sample.h"

#define MLW_DEPTH_DEFAULT 128u
#define MLW_DEPTH_MAX     1024u
#define MLW_SAMPLE_MAX    MLW_SAMPLE_MOST

/* All strings are borrowed. */
struct mlw_run_options {
	const char *output; /* NULL: PROGRAM.PID.mallow in the working directory */
	bool replace; /* --force */
	uint32_t depth;
	bool follow_children;
	bool wait;
	bool keep_events; /* --record events */
	bool keep_addresses;
	bool record_maps; /* --mmap */
	bool require_trace;
	bool quiet;
	uint64_t snapshot_every_us; /* 0: never */
	int snapshot_signal; /* 0: none */
	uint64_t max_size; /* bytes of the file; 0: no limit */
	uint64_t sample_bytes; /* --sample: 1 to MLW_SAMPLE_MAX; 0: everything */
	uint64_t sample_seed; /* of the numbers that are drawn for it */
	uint32_t unwinder; /* enum mlw_unwinder */
	uint32_t verify_every; /* compare every Nth stack with libunwind; 0: none */
	uint64_t stall_ns;
	const char *library; /* absolute path of libmallow.so */
	char *const *command; /* the program and its arguments, NULL at the end */
};

/* What holds where nothing else is asked for. */
void mlw_run_options_init(struct mlw_run_options *options);

/* The number of the unwinder "auto", "libunwind" or "fp"; -1: no other is known. */
int mlw_run_unwinder(const char *name);

#endif /* MLW_OPTIONS_H */
