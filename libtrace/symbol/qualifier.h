/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_QUALIFIER_H
#define MLW_SYMBOL_QUALIFIER_H

/*
 * Names of C++ functions that DWARF gives no linkage name: gcc leaves it out for what is
 * not visible outside its unit (static functions, all that has to do with an anonymous
 * namespace or a lambda). The entry then says only `push_back`; which class and
 * namespaces it is in, only its place in the tree, and libdw has no way from an entry to
 * its parent.
 *
 * So the first such name of a unit makes an outline of the unit: its functions and what
 * encloses them. Cost: one walk through the unit, 24 bytes a function or class.
 */

#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "base/error.h"
#include "symbol/names.h"

struct mlw_outline_entry {
	void *die; /* ascending, as in the section */
	uint32_t parent; /* index of an entry before it, or UINT32_MAX */
};

struct mlw_outline {
	Dwarf_CU *cu;
	struct mlw_outline_entry *entries;
	size_t count;
	size_t capacity;
};

/* Zeroed is empty and ready. */
struct mlw_qualifier {
	struct mlw_outline *outlines;
	size_t count;
	size_t capacity;
};

void mlw_qualifier_release(struct mlw_qualifier *qualifier);

/*
 * The name of the function `die`: demangled with its parameters where there is a linkage
 * name, else qualified and without parameters. *name is kept by `names`; NULL if the
 * function has none. Fails without memory.
 */
int mlw_qualifier_name(struct mlw_qualifier *qualifier, Dwarf_Die *die,
                       struct mlw_names *names, const char **name, struct mlw_error *err);

#endif /* MLW_SYMBOL_QUALIFIER_H */
