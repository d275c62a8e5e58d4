/* SPDX-License-Identifier: MIT */
#ifndef MLW_NODES_H
#define MLW_NODES_H

/*
 * The nodes of a recording: a node is a frame and the node of its caller. There may be a
 * hundred million, and nearly all follow their caller: they are kept in runs, in the file
 * and in memory, where a node costs 4 bytes and a bit.
 *
 *	parent(id) = id - 1, or what `parents` says where a run begins
 */

#include "base/runs.h"
#include "store/bytes.h"

/* Zeroed nodes are none. Element 0 of frames and parents is never used. */
struct mlw_nodes {
	uint32_t *frames; /* by id */
	size_t count; /* ids are 1 to count */
	size_t frame_capacity;
	struct mlw_runs runs;
	uint32_t *parents; /* by run: of its first node, 0 without */
	size_t parent_capacity;
};

void mlw_nodes_release(struct mlw_nodes *nodes);

/* The id of a node's caller, 0 for an outermost one. */
static inline uint32_t mlw_nodes_parent(const struct mlw_nodes *nodes, uint32_t id)
{
	if (!mlw_runs_begins(&nodes->runs, id))
		return id - 1;
	return nodes->parents[mlw_runs_of(&nodes->runs, id)];
}

/* Nodes to be encoded that follow one another, each of them the caller of the next. */
struct mlw_node_run {
	uint32_t length;
	uint32_t parent; /* of the first, 0: none */
};

/* `runs` are all of the nodes, whose `frames` are here; `first`: the id of the first. */
void mlw_nodes_encode(const struct mlw_node_run *runs, size_t run_count,
                      const uint32_t *frames, size_t count, uint64_t first,
                      struct mlw_bytes *bytes);

/*
 * Adds `count` nodes to `nodes`. *sound becomes false if there are more or fewer bytes
 * than nodes, a node would come before its caller, or a frame is 0 or above
 * `frame_limit`; `nodes` is then of no use any more. Fails without memory.
 */
int mlw_nodes_decode(const struct mlw_unpacked *unpacked, struct mlw_nodes *nodes,
                     size_t count, uint32_t frame_limit, bool *sound,
                     struct mlw_error *err);

#endif /* MLW_NODES_H */
