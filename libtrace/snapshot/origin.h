/* SPDX-License-Identifier: MIT */
#ifndef MLW_ORIGIN_H
#define MLW_ORIGIN_H

/*
 * What the tracebacks of a snapshot point into. The snapshot, and all that is made of it,
 * hold it together: the last one to go frees it.
 *
 *	mlw_origin_new(&origin, err);
 *	held = mlw_origin_hold(origin);
 *	mlw_origin_drop(held);
 *	mlw_origin_drop(origin);
 */

#include "analyze/numbering.h"
#include "analyze/recording.h"
#include <mallow/snapshot.h>

struct mlw_domain_name {
	uint32_t domain;
	const char *name;
};

struct mlw_origin {
	size_t holders;
	struct mlw_recording *recording; /* NULL: built from traces */
	/* Of a recording: its stacks by {node, that of the site, place in it and flags};
	 * a number is the id of a traceback + 1. */
	struct mlw_numbering stacks;
	struct mlw_intern strings; /* of what was built */
	struct mlw_frame **frames; /* of what was built: index id */
	size_t frame_count, frame_capacity;
	struct mallow_traceback **tracebacks; /* index id */
	size_t traceback_count, traceback_capacity;
	struct mlw_domain_name *domains; /* of what was built */
	size_t domain_count, domain_capacity;
};

int mlw_origin_new(struct mlw_origin **origin, struct mlw_error *err);
struct mlw_origin *mlw_origin_hold(struct mlw_origin *origin);
void mlw_origin_drop(struct mlw_origin *origin); /* NULL is fine */

/* How many frames there are: every mlw_frame.id is below it. */
size_t mlw_origin_frame_count(const struct mlw_origin *origin);

/* A new traceback, whose `count` frames the caller puts into `frames`; NULL without
 * memory. */
struct mallow_traceback *mlw_origin_traceback(struct mlw_origin *origin, size_t count,
                                              const struct mlw_frame ***frames,
                                              struct mlw_error *err);

/* A copy of the caller's frame with its texts interned, with an id of its own. */
const struct mlw_frame *mlw_origin_frame(struct mlw_origin *origin,
                                         const struct mallow_frame *frame,
                                         struct mlw_error *err);

/* The name of a domain, NULL if it has none. */
const char *mlw_origin_domain(const struct mlw_origin *origin, uint32_t domain);

/* Gives one to a domain of what was built; it may have had another. */
int mlw_origin_name_domain(struct mlw_origin *origin, uint32_t domain, const char *name,
                           struct mlw_error *err);

#endif /* MLW_ORIGIN_H */
