/* SPDX-License-Identifier: MIT */
#ifndef MLW_PAIRING_H
#define MLW_PAIRING_H

/*
 * What of one recording is what of another, of another run or of another build, never by
 * address: a group of either has a key, and equal keys are the same thing.
 *
 *	line		file, and line in the new build (line_map.h)
 *	function	function and file; function and module where no file is known
 *	file, module	path, or what is left of it in another folder (same_names.h)
 *	trace		all of the stack's frames by function, file and line
 *	process		the command's words, then the program's name, in order
 *	thread		process and name, in order
 *	domain, scope, size	themselves
 *
 * A call of which nothing but its place in the module is known is the same only in
 * modules of one build-id.
 *
 *	mlw_pairing_new(&pairing, &old_subject, &new_subject, err);
 *	mlw_pairing_key(pairing, MALLOW_OLD, by, group, &key, &moved, err);
 *	mlw_pairing_free(pairing);
 */

#include "analyze/groups.h"
#include "analyze/same_names.h"
#include "analyze/subject.h"

struct mlw_pairing;

/* The subjects must be whole (query.up_to_place) and outlive the pairing. */
int mlw_pairing_new(struct mlw_pairing **pairing, struct mlw_subject *old_subject,
                    struct mlw_subject *new_subject, enum mallow_key by,
                    struct mlw_error *err);
void mlw_pairing_free(struct mlw_pairing *pairing); /* NULL is fine */

/* `moved`: the group is of the old side, and its lines are others in the new build. `by`
 * is that of mlw_pairing_new. */
int mlw_pairing_key(struct mlw_pairing *pairing, enum mallow_side side,
                    const struct mlw_group *group, struct mlw_key *key, bool *moved,
                    struct mlw_error *err);

#endif /* MLW_PAIRING_H */
