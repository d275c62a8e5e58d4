/* SPDX-License-Identifier: MIT */
#include "symbol/qualifier.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "symbol/dies.h"

#define NO_PARENT UINT32_MAX

/* Classes in functions in classes: each level may lead to another entry's enclosures. */
#define DEEPEST_NAME 64

struct walk {
	struct mlw_outline *outline;
	struct mlw_error *err;
	unsigned int depth;
};

static int outline_children(struct walk *walk, Dwarf_Die *parent, uint32_t index);

static int outline_entry(struct walk *walk, Dwarf_Die *die, uint32_t parent)
{
	struct mlw_outline *outline = walk->outline;

	if (mlw_grow(&outline->entries, &outline->capacity, outline->count + 1,
	             sizeof(*outline->entries), walk->err))
		return -1;
	outline->entries[outline->count++] =
	        (struct mlw_outline_entry){ die->addr, parent };
	return outline_children(walk, die, (uint32_t)outline->count - 1);
}

static int outline_die(struct walk *walk, Dwarf_Die *die, uint32_t parent)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_namespace:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
		return outline_entry(walk, die, parent);
	case DW_TAG_lexical_block:
		return outline_children(walk, die, parent);
	default:
		return 0;
	}
}

static int outline_children(struct walk *walk, Dwarf_Die *parent, uint32_t index)
{
	int result = 0;
	Dwarf_Die die;

	if (walk->depth == MLW_DIE_DEPTH)
		return 0;
	walk->depth++;
	for (bool any = mlw_die_child(parent, &die); any && result == 0;
	     any = mlw_die_sibling(&die))
		result = outline_die(walk, &die, index);
	walk->depth--;
	return result;
}

/* The outline of the unit that `die` is in, made when it is not there yet. */
static struct mlw_outline *outline_of(struct mlw_qualifier *qualifier, Dwarf_Die *die,
                                      struct mlw_error *err)
{
	struct walk walk = { .err = err };
	Dwarf_Die unit;

	for (size_t i = 0; i < qualifier->count; i++)
		if (qualifier->outlines[i].cu == die->cu)
			return &qualifier->outlines[i];
	if (mlw_grow(&qualifier->outlines, &qualifier->capacity, qualifier->count + 1,
	             sizeof(*qualifier->outlines), err))
		return NULL;
	walk.outline = &qualifier->outlines[qualifier->count++];
	*walk.outline = (struct mlw_outline){ .cu = die->cu };
	if (dwarf_diecu(die, &unit, NULL, NULL) &&
	    outline_children(&walk, &unit, NO_PARENT))
		return NULL;
	return walk.outline;
}

static int by_die(const void *key, const void *item)
{
	const char *die = key;
	const char *other = ((const struct mlw_outline_entry *)item)->die;

	return (die > other) - (die < other);
}

/* In *parent what encloses `die`; false when nothing does. */
static bool enclosing(const struct mlw_outline *outline, const Dwarf_Die *die,
                      Dwarf_Die *parent)
{
	const struct mlw_outline_entry *entry;

	if (!outline->count)
		return false;
	entry = bsearch(die->addr, outline->entries, outline->count,
	                sizeof(*outline->entries), by_die);
	if (!entry || entry->parent == NO_PARENT)
		return false;
	*parent = (Dwarf_Die){ .addr = outline->entries[entry->parent].die,
		               .cu = outline->cu };
	return true;
}

static const char *own_name(Dwarf_Die *die)
{
	const char *name = mlw_die_name(die);

	if (name)
		return name;
	return dwarf_tag(die) == DW_TAG_namespace ? "(anonymous namespace)"
	                                          : "(anonymous class)";
}

static int append_name(struct mlw_qualifier *qualifier, Dwarf_Die *die,
                       struct mlw_strbuf *text, unsigned int depth, struct mlw_error *err)
{
	Dwarf_Die origin = mlw_die_origin(die), parent;
	struct mlw_outline *outline = outline_of(qualifier, &origin, err);

	if (!outline)
		return -1;
	if (depth < DEEPEST_NAME && enclosing(outline, &origin, &parent)) {
		if (append_name(qualifier, &parent, text, depth + 1, err))
			return -1;
		mlw_strbuf_puts(text, "::");
	}
	mlw_strbuf_puts(text, own_name(&origin));
	return 0;
}

/*
 * By the unit of the instance or of its origin: a partial unit, as dwz makes them, names
 * no language, nor does the unit that gcc makes of several at link time.
 */
static bool is_cpp(Dwarf_Die *die)
{
	Dwarf_Die unit;

	switch (dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : -1) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* DW_LANG_C_plus_plus_17, younger than libdw's header */
	case 0x2c: /* DW_LANG_C_plus_plus_20 */
		return true;
	default:
		return false;
	}
}

static int qualify(struct mlw_qualifier *qualifier, Dwarf_Die *origin,
                   struct mlw_names *names, const char **name, struct mlw_error *err)
{
	struct mlw_strbuf text = MLW_STRBUF_INIT;

	*name = mlw_names_get(names, origin->addr);
	if (*name)
		return 0;
	if (append_name(qualifier, origin, &text, 0, err)) {
		mlw_strbuf_release(&text);
		return -1;
	}
	*name = mlw_names_keep(names, origin->addr, mlw_strbuf_detach(&text), err);
	return *name ? 0 : -1;
}

int mlw_qualifier_name(struct mlw_qualifier *qualifier, Dwarf_Die *die,
                       struct mlw_names *names, const char **name, struct mlw_error *err)
{
	const char *raw = mlw_die_linkage_name(die);
	Dwarf_Die origin;

	*name = NULL;
	if (!raw) {
		raw = mlw_die_name(die);
		origin = mlw_die_origin(die);
		if (raw && (is_cpp(die) || is_cpp(&origin)))
			return qualify(qualifier, &origin, names, name, err);
	}
	if (!raw)
		return 0;
	*name = mlw_names_demangle(names, raw, err);
	return *name ? 0 : -1;
}

void mlw_qualifier_release(struct mlw_qualifier *qualifier)
{
	if (!qualifier)
		return;
	for (size_t i = 0; i < qualifier->count; i++)
		free(qualifier->outlines[i].entries);
	free(qualifier->outlines);
	*qualifier = (struct mlw_qualifier){ 0 };
}
