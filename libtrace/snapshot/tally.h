/* SPDX-License-Identifier: MIT */
#ifndef MLW_TALLY_H
#define MLW_TALLY_H

/*
 * The traces of one snapshot, or of an old and a new one, put into the same groups and
 * added up for each side.
 *
 *	struct mlw_tally tally = { .key = MALLOW_BY_LINE };
 *
 *	mlw_tally_add(&tally, old, MALLOW_OLD, err);
 *	mlw_tally_add(&tally, now, MALLOW_NEW, err);
 *	mlw_tally_sort(&tally);
 *	mlw_tally_release(&tally);
 *
 * Texts of both sides are interned in one set, so that groups of two runs meet.
 */

#include "analyze/same_names.h"
#include "snapshot/state.h"

struct mlw_tally_row {
	uint64_t size[2], count[2]; /* index enum mallow_side */
	uint64_t stamp; /* the trace that was added last */
	/* The least of its frames, as mlw_frame_compare orders them; NULL: no stack, or
	 * not by frame. */
	const struct mlw_frame *frame;
	const struct mallow_traceback *traceback; /* by traceback */
	uint32_t id; /* by thread, process, domain */
	const char *name; /* by scope, and of a domain that has one */
};

struct mlw_tally {
	enum mallow_key key; /* set these two before the first is added */
	bool cumulative;
	struct mlw_tally_row *rows;
	size_t count, capacity;
	uint64_t stamp;
	struct mlw_intern strings;
	struct mlw_numbering keys; /* number: place in rows + 1, until they are sorted */
	struct mlw_numbering names, calls, stacks; /* of whole stacks: tally.c */
};

void mlw_tally_release(struct mlw_tally *tally); /* zeroed is fine */

/* Fails if the key cannot count cumulatively. */
int mlw_tally_add(struct mlw_tally *tally, const struct mallow_snapshot *snapshot,
                  enum mallow_side side, struct mlw_error *err);

/* By (|size_diff|, size, |count_diff|, count, traceback) downward: with one side alone
 * the order of statistics. */
void mlw_tally_sort(struct mlw_tally *tally);

#endif /* MLW_TALLY_H */
