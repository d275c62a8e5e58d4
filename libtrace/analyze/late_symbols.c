/* SPDX-License-Identifier: MIT */
#include "analyze/late_symbols.h"

#include <stdlib.h>

#include "base/array.h"
#include "symbol/symbolizer.h"

struct mlw_late_symbols {
	const struct mlw_module_row *modules;
	size_t module_count;
	struct mlw_symbolizer *symbolizer;
	struct mlw_symbol_object **objects; /* index module id - 1; NULL: not opened */
	struct mlw_location_row *rows; /* of the latest question */
	size_t count, capacity;
};

int mlw_late_symbols_new(struct mlw_late_symbols **symbols,
                         const struct mlw_module_row *modules, size_t count,
                         struct mlw_error *err)
{
	struct mlw_symbolizer_options options = { 0 };
	struct mlw_late_symbols *made = calloc(1, sizeof(*made));

	*symbols = NULL;
	if (!made)
		return mlw_fail(err, "out of memory");
	made->modules = modules;
	made->module_count = count;
	made->objects = calloc(count + 1, sizeof(*made->objects));
	if (!made->objects || mlw_symbolizer_new(&options, &made->symbolizer, err)) {
		mlw_late_symbols_free(made);
		return mlw_fail(err, "out of memory");
	}
	*symbols = made;
	return 0;
}

void mlw_late_symbols_free(struct mlw_late_symbols *symbols)
{
	if (!symbols)
		return;
	for (size_t i = 0; symbols->objects && i < symbols->module_count; i++)
		mlw_symbol_object_free(symbols->objects[i]);
	free(symbols->objects);
	mlw_symbolizer_free(symbols->symbolizer);
	free(symbols->rows);
	free(symbols);
}

static int open_object(struct mlw_late_symbols *symbols, uint32_t module,
                       struct mlw_error *err)
{
	const struct mlw_module_row *row = &symbols->modules[module - 1];
	struct mlw_symbol_source source = {
		.path = row->path,
		.fd = -1,
		.build_id = row->build_id,
		.build_id_size = row->build_id_size,
	};

	return mlw_symbolizer_open(symbols->symbolizer, &source,
	                           &symbols->objects[module - 1], err);
}

/* Keeps the symbols of the one offset that is asked for. -2 without memory. */
static int keep(size_t index, const struct mlw_symbol *found, size_t count, void *context)
{
	struct mlw_late_symbols *symbols = context;
	struct mlw_error ignored;

	(void)index;
	if (mlw_grow(&symbols->rows, &symbols->capacity, count, sizeof(*symbols->rows),
	             &ignored))
		return -2;
	for (size_t i = 0; i < count; i++)
		symbols->rows[i] = (struct mlw_location_row){
			.function = found[i].function,
			.file = found[i].file,
			.line = found[i].line,
			.inlined = found[i].inlined,
		};
	symbols->count = count;
	return 0;
}

int mlw_late_symbols_resolve(struct mlw_late_symbols *symbols, uint32_t module,
                             uint64_t offset, const struct mlw_location_row **rows,
                             size_t *count, struct mlw_error *err)
{
	int result;

	*rows = NULL;
	*count = 0;
	if (!module || !symbols->modules[module - 1].path ||
	    !symbols->modules[module - 1].build_id_size)
		return 0;
	if (!symbols->objects[module - 1] && open_object(symbols, module, err))
		return -1;
	symbols->count = 0;
	result = mlw_symbol_object_resolve(symbols->objects[module - 1], &offset, 1, keep,
	                                   symbols, err);
	if (result)
		return result == -2 ? mlw_fail(err, "out of memory") : -1;
	*rows = symbols->rows;
	*count = symbols->count;
	return 0;
}
