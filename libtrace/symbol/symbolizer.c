/* SPDX-License-Identifier: MIT */
#include "symbol/symbolizer.h"

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "symbol/debugfile.h"
#include "symbol/functions.h"
#include "symbol/names.h"
#include "symbol/qualifier.h"
#include "symbol/units.h"

struct mlw_symbolizer {
	struct mlw_symbolizer_options options;
};

/*
 * Offsets are link-time addresses: the module is placed where its program headers say.
 * Tables are read on the first resolve, since many an opened object is never asked.
 */
struct mlw_symbol_object {
	bool debuginfod;
	bool tables_read;
	bool debugfile_searched;
	char *reason; /* NULL: readable */
	Dwfl *dwfl; /* NULL: nothing to read */
	Dwfl_Module *module;
	Dwarf *alternate; /* from a server; ours to end */
	int alternate_fd;
	Dwarf_Addr dwarf_bias;
	struct mlw_ranges code;
	struct mlw_functions functions;
	struct mlw_units units;
	struct mlw_names names;
	struct mlw_qualifier qualifier;
	struct mlw_symbol *symbols; /* of the address being resolved */
	size_t symbol_count;
	size_t symbol_capacity;
};

int mlw_symbolizer_new(const struct mlw_symbolizer_options *options,
                       struct mlw_symbolizer **symbolizer, struct mlw_error *err)
{
	*symbolizer = calloc(1, sizeof(**symbolizer));
	if (!*symbolizer)
		return mlw_fail(err, "out of memory (symbolizer)");
	(*symbolizer)->options = *options;
	return 0;
}

void mlw_symbolizer_free(struct mlw_symbolizer *symbolizer)
{
	free(symbolizer);
}

/*
 * libdwfl asks for the separate debug file, perhaps twice, and after that for the file
 * that dwz moved common parts to, which libdw finds by itself and share_alternate()
 * below.
 */
static int find_debuginfo(Dwfl_Module *module, void **userdata, const char *name,
                          Dwarf_Addr base, const char *path, const char *link,
                          GElf_Word crc, char **found)
{
	struct mlw_symbol_object *object = *userdata;
	GElf_Addr bias;
	Elf *elf;
	int fd;

	(void)name, (void)base, (void)link, (void)crc;
	errno = 0;
	elf = object->debugfile_searched ? NULL : dwfl_module_getelf(module, &bias);
	if (!elf)
		return -1;
	object->debugfile_searched = true;
	fd = mlw_debugfile_open(elf, path, found);
	if (fd < 0 && object->debuginfod)
		fd = mlw_debugfile_download(mlw_build_id_of(elf), found);
	/* libdwfl takes a set errno for a failure; no debug file is none. */
	errno = 0;
	return fd;
}

static const Dwfl_Callbacks callbacks = {
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static void close_module(struct mlw_symbol_object *object)
{
	if (object->dwfl)
		dwfl_end(object->dwfl);
	object->dwfl = NULL;
	object->module = NULL;
}

/* Takes over `fd`. */
static int report(struct mlw_symbol_object *object, const char *path, int fd)
{
	void **userdata;

	object->dwfl = dwfl_begin(&callbacks);
	if (object->dwfl)
		object->module = dwfl_report_elf(object->dwfl, path, path, fd, 0, true);
	if (!object->module) {
		close(fd);
		close_module(object);
		return -1;
	}
	dwfl_report_end(object->dwfl, NULL, NULL);
	dwfl_module_info(object->module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = object;
	return 0;
}

static int own_descriptor(const struct mlw_symbol_source *source)
{
	if (source->fd >= 0)
		return fcntl(source->fd, F_DUPFD_CLOEXEC, 3);
	if (!source->path)
		return -1;
	return open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static bool same_build_id(struct mlw_symbol_object *object,
                          const struct mlw_symbol_source *source)
{
	struct mlw_build_id wanted = { source->build_id, source->build_id_size };
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(object->module, &bias);

	return elf && (!wanted.size || mlw_build_id_equal(mlw_build_id_of(elf), wanted));
}

/* Returns a reason, or NULL when the file is there and is the one that was loaded. */
static const char *open_file(struct mlw_symbol_object *object,
                             const struct mlw_symbol_source *source)
{
	int fd = own_descriptor(source);

	if (fd < 0)
		return strerror(errno);
	if (report(object, source->path ? source->path : "", fd))
		return "not a readable ELF file";
	if (same_build_id(object, source))
		return NULL;
	close_module(object);
	return "the file was replaced: its build-id is another";
}

/* The file itself is of no use: its debug file has the symbol table and DWARF too. */
static int open_debugfile_alone(struct mlw_symbol_object *object,
                                const struct mlw_symbol_source *source)
{
	struct mlw_build_id id = { source->build_id, source->build_id_size };
	char *path;
	int fd = mlw_debugfile_open_by_build_id(id, &path);

	if (fd < 0 && object->debuginfod)
		fd = mlw_debugfile_download(id, &path);
	if (fd < 0)
		return -1;
	object->debugfile_searched = true;
	if (report(object, path, fd))
		fd = -1;
	free(path);
	return fd < 0 ? -1 : 0;
}

int mlw_symbolizer_open(struct mlw_symbolizer *symbolizer,
                        const struct mlw_symbol_source *source,
                        struct mlw_symbol_object **object, struct mlw_error *err)
{
	struct mlw_symbol_object *opened = calloc(1, sizeof(*opened));
	const char *reason;

	*object = NULL;
	if (!opened)
		return mlw_fail(err, "out of memory (object)");
	opened->debuginfod = symbolizer->options.debuginfod;
	opened->alternate_fd = -1;
	reason = open_file(opened, source);
	if (reason && open_debugfile_alone(opened, source)) {
		opened->reason = strdup(reason);
		if (!opened->reason) {
			mlw_symbol_object_free(opened);
			return mlw_fail(err, "out of memory (object)");
		}
	}
	*object = opened;
	return 0;
}

const char *mlw_symbol_object_reason(const struct mlw_symbol_object *object)
{
	return object->reason;
}

void mlw_symbol_object_free(struct mlw_symbol_object *object)
{
	if (!object)
		return;
	mlw_units_release(&object->units);
	mlw_functions_release(&object->functions);
	mlw_qualifier_release(&object->qualifier);
	mlw_names_release(&object->names);
	mlw_ranges_release(&object->code);
	close_module(object);
	if (object->alternate)
		dwarf_end(object->alternate);
	if (object->alternate_fd >= 0)
		close(object->alternate_fd);
	free(object->symbols);
	free(object->reason);
	free(object);
}

/* The executable segments, at the addresses that DWARF has them. */
static int read_code(struct mlw_symbol_object *object, struct mlw_error *err)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(object->module, &bias);
	size_t count = 0;
	GElf_Phdr header;

	if (!elf || elf_getphdrnum(elf, &count))
		return 0;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD &&
		    (header.p_flags & PF_X) &&
		    mlw_ranges_add(&object->code, header.p_vaddr - object->dwarf_bias,
		                   header.p_vaddr - object->dwarf_bias + header.p_memsz,
		                   0, err))
			return -1;
	return mlw_ranges_flatten(&object->code, err);
}

/* The dwz file by debuginfod, where libdw found none on this machine. */
static void download_alternate(struct mlw_symbol_object *object, Dwarf *dwarf)
{
	struct mlw_build_id id = { 0 };
	const char *name;
	char *path;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &id.bytes);

	if (size <= 0 || dwarf_getalt(dwarf))
		return;
	id.size = (size_t)size;
	object->alternate_fd = mlw_debugfile_download(id, &path);
	if (object->alternate_fd < 0)
		return;
	free(path);
	object->alternate = dwarf_begin(object->alternate_fd, DWARF_C_READ);
	if (object->alternate)
		dwarf_setalt(dwarf, object->alternate);
}

static int read_tables(struct mlw_symbol_object *object, struct mlw_error *err)
{
	Dwarf *dwarf;

	object->tables_read = true;
	if (!object->dwfl)
		return 0;
	if (mlw_functions_read(&object->functions, object->module, err))
		return -1;
	dwarf = dwfl_module_getdwarf(object->module, &object->dwarf_bias);
	if (!dwarf)
		return 0;
	if (object->debuginfod)
		download_alternate(object, dwarf);
	if (read_code(object, err))
		return -1;
	return mlw_units_read(&object->units, dwarf, &object->code, err);
}

static int add_symbol(struct mlw_symbol_object *object, struct mlw_symbol symbol,
                      struct mlw_error *err)
{
	if (mlw_grow(&object->symbols, &object->symbol_capacity, object->symbol_count + 1,
	             sizeof(*object->symbols), err))
		return -1;
	object->symbols[object->symbol_count++] = symbol;
	return 0;
}

/* The function by the ELF symbol at `offset`; NULL when there is none. */
static int name_by_elf(struct mlw_symbol_object *object, uint64_t offset,
                       const char **name, struct mlw_error *err)
{
	const char *raw = mlw_functions_find(&object->functions, offset);

	*name = raw ? mlw_names_demangle(&object->names, raw, err) : NULL;
	return raw && !*name ? -1 : 0;
}

static int set_position(struct mlw_symbol_object *object, const struct mlw_unit *unit,
                        struct mlw_position position, struct mlw_symbol *symbol,
                        struct mlw_error *err)
{
	symbol->line = position.line;
	symbol->file = NULL;
	if (!position.file)
		return 0;
	symbol->file =
	        mlw_names_path(&object->names, position.file, unit->directory, err);
	return symbol->file ? 0 : -1;
}

/* One scope with its name and, from the symbol inside it, its position. */
static int add_scope(struct mlw_symbol_object *object, const struct mlw_place *place,
                     const struct mlw_scope *scope, struct mlw_symbol symbol,
                     uint64_t offset, struct mlw_error *err)
{
	Dwarf_Die die = mlw_scope_die(place, scope);

	if (mlw_qualifier_name(&object->qualifier, &die, &object->names, &symbol.function,
	                       err))
		return -1;
	symbol.inlined = mlw_scope_caller(place, scope) != NULL;
	if (!symbol.function && !symbol.inlined &&
	    name_by_elf(object, offset, &symbol.function, err))
		return -1;
	return add_symbol(object, symbol, err);
}

/*
 * From the innermost inlined call out to the function itself. Each is at the line that
 * the one inside it was called on.
 */
static int add_scopes(struct mlw_symbol_object *object, const struct mlw_place *place,
                      struct mlw_symbol symbol, uint64_t offset, struct mlw_error *err)
{
	const struct mlw_scope *scope = place->scope;

	for (; scope; scope = mlw_scope_caller(place, scope)) {
		if (add_scope(object, place, scope, symbol, offset, err) ||
		    set_position(object, place->unit, mlw_scope_call(place, scope),
		                 &symbol, err))
			return -1;
	}
	return 0;
}

static int resolve(struct mlw_symbol_object *object, uint64_t offset,
                   struct mlw_error *err)
{
	uint64_t address = offset - object->dwarf_bias;
	struct mlw_symbol symbol = { 0 };
	struct mlw_place place;

	object->symbol_count = 0;
	if (mlw_units_locate(&object->units, address, &place, err))
		return -1;
	if (place.unit && set_position(object, place.unit,
	                               mlw_place_line(&place, address), &symbol, err))
		return -1;
	if (place.scope)
		return add_scopes(object, &place, symbol, offset, err);
	if (name_by_elf(object, offset, &symbol.function, err))
		return -1;
	return symbol.function || symbol.file ? add_symbol(object, symbol, err) : 0;
}

int mlw_symbol_object_resolve(struct mlw_symbol_object *object, const uint64_t *offsets,
                              size_t count,
                              int (*visit)(size_t index, const struct mlw_symbol *symbols,
                                           size_t symbol_count, void *context),
                              void *context, struct mlw_error *err)
{
	int result = 0;

	if (!object->tables_read && read_tables(object, err))
		return -1;
	for (size_t i = 0; i < count && result == 0; i++) {
		if (resolve(object, offsets[i], err))
			return -1;
		result = visit(i, object->symbols, object->symbol_count, context);
	}
	return result;
}
