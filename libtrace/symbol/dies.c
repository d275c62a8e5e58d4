/* SPDX-License-Identifier: MIT */
#include "symbol/dies.h"

#include <dwarf.h>
#include <stddef.h>

#define LONGEST_CHAIN 16

bool mlw_die_child(Dwarf_Die *parent, Dwarf_Die *child)
{
	return dwarf_haschildren(parent) > 0 && dwarf_child(parent, child) == 0;
}

bool mlw_die_sibling(Dwarf_Die *die)
{
	const char *before = die->addr;

	return dwarf_siblingof(die, die) == 0 && (const char *)die->addr > before;
}

static bool follow(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Die target;

	if (!dwarf_attr(die, name, &attr) || !dwarf_formref_die(&attr, &target))
		return false;
	*die = target;
	return true;
}

Dwarf_Die mlw_die_origin(Dwarf_Die *die)
{
	Dwarf_Die origin = *die;

	for (int i = 0; i < LONGEST_CHAIN; i++)
		if (!follow(&origin, DW_AT_abstract_origin) &&
		    !follow(&origin, DW_AT_specification))
			break;
	return origin;
}

/* dwarf_attr_integrate follows the same references, and as few of them. */
static const char *string_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	const char *string = dwarf_formstring(dwarf_attr_integrate(die, name, &attr));

	return string && *string ? string : NULL;
}

const char *mlw_die_linkage_name(Dwarf_Die *die)
{
	const char *name = string_of(die, DW_AT_linkage_name);

	return name ? name : string_of(die, DW_AT_MIPS_linkage_name);
}

const char *mlw_die_name(Dwarf_Die *die)
{
	return string_of(die, DW_AT_name);
}
