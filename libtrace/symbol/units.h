/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_UNITS_H
#define MLW_SYMBOL_UNITS_H

/*
 * The compilation units of an object's DWARF, by address: which function is here, what
 * was inlined into it, and which line.
 *
 * libdw reads the forms; the searching is ours. Its dwarf_getscopes() goes through a unit
 * from the start for each address and does not find what link-time optimisation inlined
 * from other units; its address table (.debug_aranges) is not written by clang. Here all
 * units' own ranges make one table when the object is opened, and the functions and
 * inlined calls of a unit another, on the first address in it.
 *
 *	mlw_units_read(&units, dwarf, code, err);
 *	mlw_units_locate(&units, address, &place, err);
 *	for (scope = place.scope; scope; scope = mlw_scope_caller(&place, scope))
 *		mlw_scope_die(&place, scope);
 *
 * DWARF 5: 2.17 (ranges), 3.3.8 (inlined calls), 6.2 (lines).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>

#include "base/error.h"
#include "symbol/ranges.h"

/* A function with code, or a call that was inlined into one. */
struct mlw_scope {
	void *die; /* where its entry is in .debug_info */
	uint32_t caller; /* index of the scope it is inlined into, or MLW_NO_SCOPE */
};

#define MLW_NO_SCOPE UINT32_MAX

struct mlw_unit {
	Dwarf_CU *cu; /* has ranges and lines; the skeleton of a split unit */
	Dwarf_CU *scopes_cu; /* has the entries: the split unit's own or cu */
	struct mlw_scope *scopes; /* a caller stands before what is inlined into it */
	size_t scope_count;
	size_t scope_capacity;
	struct mlw_ranges ranges; /* to an index of scopes */
	Dwarf_Lines *lines;
	size_t line_count;
	Dwarf_Files *files; /* what DW_AT_call_file counts */
	size_t file_count;
	const char *directory; /* DW_AT_comp_dir */
	bool read;
};

struct mlw_units {
	const struct mlw_ranges *code; /* borrowed: the object's executable segments */
	struct mlw_unit *items;
	size_t count;
	size_t capacity;
	struct mlw_ranges ranges; /* to an index of items */
};

/* What is at an address; scope NULL and unit NULL when DWARF does not say. */
struct mlw_place {
	const struct mlw_unit *unit;
	const struct mlw_scope *scope; /* the innermost */
};

/* A position in a source file; file NULL or line 0 when not known. */
struct mlw_position {
	const char *file; /* borrowed: of the Dwarf; may be relative to unit->directory */
	uint32_t line;
};

/* `code` drops ranges of what the linker threw away, which begin at 0 or -1. */
int mlw_units_read(struct mlw_units *units, Dwarf *dwarf, const struct mlw_ranges *code,
                   struct mlw_error *err);
void mlw_units_release(struct mlw_units *units);

int mlw_units_locate(struct mlw_units *units, uint64_t address, struct mlw_place *place,
                     struct mlw_error *err);

/* The scope that `scope` is inlined into, or NULL when it is the function itself. */
const struct mlw_scope *mlw_scope_caller(const struct mlw_place *place,
                                         const struct mlw_scope *scope);

/* Its entry, for its name. */
Dwarf_Die mlw_scope_die(const struct mlw_place *place, const struct mlw_scope *scope);

/* Where the inlined `scope` was called. */
struct mlw_position mlw_scope_call(const struct mlw_place *place,
                                   const struct mlw_scope *scope);

/* The line of `address` by the unit's line table. */
struct mlw_position mlw_place_line(const struct mlw_place *place, uint64_t address);

#endif /* MLW_SYMBOL_UNITS_H */
