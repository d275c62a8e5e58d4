/* SPDX-License-Identifier: MIT */
#ifndef MLW_FILTER_H
#define MLW_FILTER_H

/*
 * Which traces an answer is about.
 *
 *	mlw_filter_init(&filter, &rules, recording, err);
 *	passed = mlw_filter_passes(&filter, trace, err);
 *	mlw_filter_release(&filter);
 *
 * A pattern is a glob, case-sensitive, in which `*` also matches '/'. It matches a frame
 * by its function, by its file or its module, each of these as a whole path or as its
 * last part. A trace passes when an include matches its site (no include: all pass) and
 * no exclude does; with all_frames any frame from the site outward counts, not only the
 * site. Domain, threads and processes must match besides.
 */

#include "analyze/recording.h"

#define MLW_DOMAIN_ANY UINT32_MAX

struct mlw_filter {
	struct mlw_filter_rules rules;
	struct mlw_recording *recording;
	uint32_t domain; /* MLW_DOMAIN_ANY */
	bool *threads; /* index thread id - 1: may pass */
	bool absent; /* a thread or process that was asked for is not there */
	uint8_t *verdicts; /* index frame id: what the patterns said, 0 not asked yet */
	size_t verdict_capacity;
};

/* Fails when a domain, or a thread or process that may not be absent, is not in the
 * recording. */
int mlw_filter_init(struct mlw_filter *filter, const struct mlw_filter_rules *rules,
                    struct mlw_recording *recording, struct mlw_error *err);
void mlw_filter_release(struct mlw_filter *filter); /* zeroed is fine */

/* 1 it passes, 0 it does not, -1 failure. */
int mlw_filter_passes(struct mlw_filter *filter, uint32_t trace, struct mlw_error *err);

#endif /* MLW_FILTER_H */
