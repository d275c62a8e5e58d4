/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_DIES_H
#define MLW_SYMBOL_DIES_H

/*
 * Steps through the tree of debugging information entries, safe in damaged files: a
 * sibling that is not further on in the section than where we are ends the list, so that
 * each walk ends.
 *
 *	for (bool any = mlw_die_child(parent, &die); any; any = mlw_die_sibling(&die))
 */

#include <stdbool.h>

#include <elfutils/libdw.h>

/* Deeper nesting than compilers write. Whoever recurses stops here. */
#define MLW_DIE_DEPTH 512

bool mlw_die_child(Dwarf_Die *parent, Dwarf_Die *child);
bool mlw_die_sibling(Dwarf_Die *die);

/*
 * Where what `die` is an instance or a definition of was declared: follows
 * DW_AT_abstract_origin and DW_AT_specification to their end (at most 16 steps).
 */
Dwarf_Die mlw_die_origin(Dwarf_Die *die);

/* The linkage name of `die` or of its origins, or NULL. */
const char *mlw_die_linkage_name(Dwarf_Die *die);

/* The same for DW_AT_name. */
const char *mlw_die_name(Dwarf_Die *die);

#endif /* MLW_SYMBOL_DIES_H */
