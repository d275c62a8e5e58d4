/* SPDX-License-Identifier: MIT */
#ifndef MLW_LEAK_KIND_H
#define MLW_LEAK_KIND_H

/*
 * What a block that was never freed is.
 *
 * A recording alone tells two kinds apart. What the C library and the loader keep for
 * themselves until the process ends is `runtime`: threads' vectors and thread-local
 * storage, buffers of stdio streams, the environment, lists of exit handlers, locales,
 * message catalogues, time zones, users and hosts that were looked up, loaded objects,
 * and the C++ library's emergency pool for exceptions. All else is `unclassified`. The
 * others say whether the program could still reach the block, which is not recorded.
 */

#include "analyze/recording.h"

const char *mlw_leak_kind_name(enum mallow_leak_kind kind);

/* On the way from the most recent frame outward; zeroed before it. */
struct mlw_runtime_walk {
	bool through_cxx;
	bool is_runtime; /* the answer */
};

/* True when the answer is known. */
bool mlw_runtime_step(struct mlw_runtime_walk *walk, const struct mlw_frame *frame);

/*
 * Goes by the names of the functions of the C library on the stack, from the most recent
 * one outward to the first frame of anything else: without its symbols (libc6-dbg) some
 * of these are not known, and what they keep is unclassified.
 */
int mlw_leak_kind_of(struct mlw_recording *recording, uint32_t trace,
                     enum mallow_leak_kind *kind, struct mlw_error *err);

/* Does the C library keep for itself what is allocated in its function `name`? */
bool mlw_runtime_keeps(const char *name);

#endif /* MLW_LEAK_KIND_H */
