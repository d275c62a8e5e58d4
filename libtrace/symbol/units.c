/* SPDX-License-Identifier: MIT */
#include "symbol/units.h"

#include <dwarf.h>
#include <stdlib.h>

#include "base/array.h"
#include "symbol/dies.h"

static Dwarf_Die unit_die(Dwarf_CU *cu)
{
	Dwarf_Die die;

	if (dwarf_cu_info(cu, NULL, NULL, &die, NULL, NULL, NULL, NULL))
		return (Dwarf_Die){ 0 };
	return die;
}

/*
 * Adds the ranges of `die` that lie in the object's code to `ranges`, with `value`, and
 * their number to *added.
 */
static int add_code_ranges(struct mlw_ranges *ranges, const struct mlw_ranges *code,
                           Dwarf_Die *die, uint32_t value, size_t *added,
                           struct mlw_error *err)
{
	Dwarf_Addr base, lo, hi;
	ptrdiff_t offset = 0;
	uint32_t segment;

	while ((offset = dwarf_ranges(die, offset, &base, &lo, &hi)) > 0) {
		if (lo >= hi || !mlw_ranges_find(code, lo, &segment))
			continue;
		if (mlw_ranges_add(ranges, lo, hi, value, err))
			return -1;
		++*added;
	}
	return 0;
}

static int add_unit(struct mlw_units *units, Dwarf_CU *cu, Dwarf_Die *die,
                    struct mlw_error *err)
{
	size_t added = 0;

	if (add_code_ranges(&units->ranges, units->code, die, (uint32_t)units->count,
	                    &added, err))
		return -1;
	if (!added)
		return 0;
	if (mlw_grow(&units->items, &units->capacity, units->count + 1,
	             sizeof(*units->items), err))
		return -1;
	units->items[units->count++] = (struct mlw_unit){ .cu = cu };
	return 0;
}

int mlw_units_read(struct mlw_units *units, Dwarf *dwarf, const struct mlw_ranges *code,
                   struct mlw_error *err)
{
	Dwarf_CU *cu = NULL;
	uint8_t type;
	Dwarf_Die die;

	units->code = code;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, NULL) == 0)
		if ((type == DW_UT_compile || type == DW_UT_skeleton) &&
		    add_unit(units, cu, &die, err))
			return -1;
	return mlw_ranges_flatten(&units->ranges, err);
}

static void release_unit(struct mlw_unit *unit)
{
	free(unit->scopes);
	mlw_ranges_release(&unit->ranges);
}

void mlw_units_release(struct mlw_units *units)
{
	if (!units)
		return;
	for (size_t i = 0; i < units->count; i++)
		release_unit(&units->items[i]);
	free(units->items);
	mlw_ranges_release(&units->ranges);
	*units = (struct mlw_units){ 0 };
}

/* The walk through the entries of one unit. */
struct walk {
	struct mlw_unit *unit;
	const struct mlw_ranges *code;
	struct mlw_error *err;
	unsigned int depth;
};

static int walk_children(struct walk *walk, Dwarf_Die *parent, uint32_t scope);

/* Adds a scope and its ranges; *has_code says whether any range was good. */
static int add_scope(struct walk *walk, Dwarf_Die *die, uint32_t caller, bool *has_code)
{
	struct mlw_unit *unit = walk->unit;
	size_t added = 0;

	if (mlw_grow(&unit->scopes, &unit->scope_capacity, unit->scope_count + 1,
	             sizeof(*unit->scopes), walk->err) ||
	    add_code_ranges(&unit->ranges, walk->code, die, (uint32_t)unit->scope_count,
	                    &added, walk->err))
		return -1;
	unit->scopes[unit->scope_count++] = (struct mlw_scope){ die->addr, caller };
	*has_code = added > 0;
	return 0;
}

/* A function without code is an abstract one or a declaration: nothing in it has any. */
static int walk_function(struct walk *walk, Dwarf_Die *die)
{
	struct mlw_unit *unit = walk->unit;
	bool has_code;

	if (add_scope(walk, die, MLW_NO_SCOPE, &has_code))
		return -1;
	if (has_code)
		return walk_children(walk, die, (uint32_t)unit->scope_count - 1);
	unit->scope_count--;
	return 0;
}

/* An inlined call without code of its own may still have some deeper inside. */
static int walk_inlined(struct walk *walk, Dwarf_Die *die, uint32_t scope)
{
	bool has_code;

	if (scope == MLW_NO_SCOPE)
		return 0;
	if (add_scope(walk, die, scope, &has_code))
		return -1;
	return walk_children(walk, die, (uint32_t)walk->unit->scope_count - 1);
}

static int walk_die(struct walk *walk, Dwarf_Die *die, uint32_t scope)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		return walk_function(walk, die);
	case DW_TAG_inlined_subroutine:
		return walk_inlined(walk, die, scope);
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return walk_children(walk, die, scope);
	default:
		return 0;
	}
}

static int walk_children(struct walk *walk, Dwarf_Die *parent, uint32_t scope)
{
	int result = 0;
	Dwarf_Die die;

	if (walk->depth == MLW_DIE_DEPTH)
		return 0;
	walk->depth++;
	for (bool any = mlw_die_child(parent, &die); any && result == 0;
	     any = mlw_die_sibling(&die))
		result = walk_die(walk, &die, scope);
	walk->depth--;
	return result;
}

/* The unit that has the entries: the .dwo file's when libdw finds it. */
static Dwarf_Die entries_of(struct mlw_unit *unit)
{
	Dwarf_Die die, split;

	if (dwarf_cu_info(unit->cu, NULL, NULL, &die, &split, NULL, NULL, NULL))
		return (Dwarf_Die){ 0 };
	return split.cu ? split : die;
}

static void read_lines(struct mlw_unit *unit)
{
	Dwarf_Die die = unit_die(unit->cu);
	Dwarf_Attribute attr;

	if (dwarf_getsrclines(&die, &unit->lines, &unit->line_count))
		unit->line_count = 0;
	if (dwarf_getsrcfiles(&die, &unit->files, &unit->file_count))
		unit->file_count = 0;
	unit->directory = dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &attr));
}

static int read_unit(struct mlw_unit *unit, const struct mlw_ranges *code,
                     struct mlw_error *err)
{
	struct walk walk = { .unit = unit, .code = code, .err = err };
	Dwarf_Die die = entries_of(unit);

	unit->read = true;
	unit->scopes_cu = die.cu;
	read_lines(unit);
	if (die.cu && walk_children(&walk, &die, MLW_NO_SCOPE))
		return -1;
	return mlw_ranges_flatten(&unit->ranges, err);
}

int mlw_units_locate(struct mlw_units *units, uint64_t address, struct mlw_place *place,
                     struct mlw_error *err)
{
	struct mlw_unit *unit;
	uint32_t index;

	*place = (struct mlw_place){ 0 };
	if (!mlw_ranges_find(&units->ranges, address, &index))
		return 0;
	unit = &units->items[index];
	if (!unit->read && read_unit(unit, units->code, err))
		return -1;
	place->unit = unit;
	if (mlw_ranges_find(&unit->ranges, address, &index))
		place->scope = &unit->scopes[index];
	return 0;
}

const struct mlw_scope *mlw_scope_caller(const struct mlw_place *place,
                                         const struct mlw_scope *scope)
{
	return scope->caller == MLW_NO_SCOPE ? NULL : &place->unit->scopes[scope->caller];
}

Dwarf_Die mlw_scope_die(const struct mlw_place *place, const struct mlw_scope *scope)
{
	return (Dwarf_Die){ .addr = scope->die, .cu = place->unit->scopes_cu };
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word number;

	if (dwarf_formudata(dwarf_attr(die, name, &attr), &number))
		return 0;
	return number;
}

struct mlw_position mlw_scope_call(const struct mlw_place *place,
                                   const struct mlw_scope *scope)
{
	Dwarf_Die die = mlw_scope_die(place, scope);
	Dwarf_Word file = number_of(&die, DW_AT_call_file);
	struct mlw_position position = { 0 };

	position.line = (uint32_t)number_of(&die, DW_AT_call_line);
	if (file < place->unit->file_count)
		position.file = dwarf_filesrc(place->unit->files, file, NULL, NULL);
	return position;
}

static Dwarf_Addr row_address(const struct mlw_unit *unit, size_t row)
{
	Dwarf_Addr address = 0;

	dwarf_lineaddr(dwarf_onesrcline(unit->lines, row), &address);
	return address;
}

/* The last row that is not behind `address`; the table is in order. line_count if none.
 */
static size_t row_of(const struct mlw_unit *unit, uint64_t address)
{
	size_t low = 0, high = unit->line_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row_address(unit, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : unit->line_count;
}

struct mlw_position mlw_place_line(const struct mlw_place *place, uint64_t address)
{
	struct mlw_position position = { 0 };
	size_t row = row_of(place->unit, address);
	Dwarf_Line *line;
	bool end = true;
	int number = 0;

	if (row == place->unit->line_count)
		return position;
	line = dwarf_onesrcline(place->unit->lines, row);
	if (dwarf_lineendsequence(line, &end) || end || dwarf_lineno(line, &number))
		return position;
	position.line = number > 0 ? (uint32_t)number : 0;
	position.file = dwarf_linesrc(line, NULL, NULL);
	return position;
}
