/* SPDX-License-Identifier: MIT */
#include "symbol/functions.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct symbol {
	const char *name;
	uint64_t address;
	uint64_t size;
	uint64_t section_end;
};

struct symbols {
	struct symbol *items;
	size_t count;
	size_t capacity;
};

static bool is_code_symbol(const GElf_Sym *sym)
{
	switch (GELF_ST_TYPE(sym->st_info)) {
	case STT_FUNC:
	case STT_GNU_IFUNC:
	case STT_NOTYPE:
		return sym->st_shndx != SHN_UNDEF;
	default:
		return false;
	}
}

/* The end of the executable section that holds the symbol; 0 when there is none. */
static uint64_t section_end(Elf *elf, GElf_Word index, uint64_t value)
{
	Elf_Scn *section = elf ? elf_getscn(elf, index) : NULL;
	GElf_Shdr header;

	if (!section || !gelf_getshdr(section, &header))
		return 0;
	if (!(header.sh_flags & SHF_EXECINSTR) || value < header.sh_addr ||
	    value - header.sh_addr >= header.sh_size)
		return 0;
	return header.sh_addr + header.sh_size;
}

static int collect_symbol(struct symbols *symbols, Dwfl_Module *module, int index,
                          struct mlw_error *err)
{
	GElf_Word section = SHN_UNDEF;
	Dwarf_Addr bias = 0;
	GElf_Addr address;
	Elf *elf = NULL;
	const char *name;
	uint64_t end;
	GElf_Sym sym;

	name = dwfl_module_getsym_info(module, index, &sym, &address, &section, &elf,
	                               &bias);
	if (!name || !*name || !is_code_symbol(&sym))
		return 0;
	end = section_end(elf, section, sym.st_value);
	if (!end)
		return 0;
	if (mlw_grow(&symbols->items, &symbols->capacity, symbols->count + 1,
	             sizeof(*symbols->items), err))
		return -1;
	symbols->items[symbols->count++] =
	        (struct symbol){ name, address, sym.st_size,
		                 end - sym.st_value + address };
	return 0;
}

static int by_address_and_name(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int add_symbol(struct mlw_functions *functions, const struct symbol *symbol,
                      uint32_t index, uint64_t next, struct mlw_error *err)
{
	uint64_t start = symbol->address;

	functions->names[index] = symbol->name;
	if (symbol->size)
		return mlw_ranges_add(&functions->sized, start, start + symbol->size,
		                      index, err);
	return mlw_ranges_add(&functions->open_ended, start,
	                      next < symbol->section_end ? next : symbol->section_end,
	                      index, err);
}

/* Backwards, since an open end is where the next address with a symbol is. */
static int add_ranges(struct mlw_functions *functions, const struct symbols *symbols,
                      struct mlw_error *err)
{
	uint64_t here = UINT64_MAX, next = UINT64_MAX;

	for (size_t i = symbols->count; i-- > 0;) {
		const struct symbol *symbol = &symbols->items[i];

		if (symbol->address != here) {
			next = here;
			here = symbol->address;
		}
		if (add_symbol(functions, symbol, (uint32_t)i, next, err))
			return -1;
	}
	if (mlw_ranges_flatten(&functions->sized, err))
		return -1;
	return mlw_ranges_flatten(&functions->open_ended, err);
}

int mlw_functions_read(struct mlw_functions *functions, Dwfl_Module *module,
                       struct mlw_error *err)
{
	struct symbols symbols = { 0 };
	int count = dwfl_module_getsymtab(module);
	int result = -1;

	for (int i = 0; i < count; i++)
		if (collect_symbol(&symbols, module, i, err))
			goto out;
	result = 0;
	if (!symbols.count)
		goto out;
	qsort(symbols.items, symbols.count, sizeof(*symbols.items), by_address_and_name);
	functions->names = calloc(symbols.count, sizeof(*functions->names));
	if (!functions->names)
		result = mlw_fail(err, "out of memory (%zu symbols)", symbols.count);
	else
		result = add_ranges(functions, &symbols, err);
out:
	free(symbols.items);
	return result;
}

void mlw_functions_release(struct mlw_functions *functions)
{
	if (!functions)
		return;
	free(functions->names);
	mlw_ranges_release(&functions->sized);
	mlw_ranges_release(&functions->open_ended);
	*functions = (struct mlw_functions){ 0 };
}

const char *mlw_functions_find(const struct mlw_functions *functions, uint64_t address)
{
	uint32_t index;

	if (mlw_ranges_find(&functions->sized, address, &index) ||
	    mlw_ranges_find(&functions->open_ended, address, &index))
		return functions->names[index];
	return NULL;
}
