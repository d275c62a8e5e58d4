/* SPDX-License-Identifier: MIT */
#include "collect/dump.h"

#include <inttypes.h>

#include "symbol/symbolizer.h"

#define OBJECTS_MAX 32u /* that are kept open; a stack has few modules */

struct object {
	uint32_t module;
	struct mlw_symbol_object *object;
};

struct dump {
	const struct mlw_run *run;
	struct mlw_strbuf *text;
	struct mlw_symbolizer *symbolizer;
	struct object objects[OBJECTS_MAX];
	size_t count;
	const struct mlw_tree_frame *frame; /* that is being named */
};

static void put_symbol(struct mlw_strbuf *text, const struct mlw_symbol *symbol)
{
	mlw_strbuf_printf(text, "  File \"%s\", line %" PRIu32, symbol->file,
	                  symbol->line);
	if (symbol->function)
		mlw_strbuf_printf(text, ", in %s", symbol->function);
	mlw_strbuf_putc(text, '\n');
}

static void put_place(const struct dump *dump, const char *function)
{
	const struct mlw_modules *modules = &dump->run->modules;
	uint32_t module = dump->frame->module;

	if (module)
		mlw_strbuf_printf(dump->text, "  File \"%s\", offset 0x%" PRIx64,
		                  modules->modules[module - 1].path, dump->frame->offset);
	else
		mlw_strbuf_printf(dump->text, "  Address 0x%" PRIx64,
		                  dump->frame->offset);
	if (function)
		mlw_strbuf_printf(dump->text, ", in %s", function);
	mlw_strbuf_putc(dump->text, '\n');
}

static int put_symbols(size_t index, const struct mlw_symbol *symbols, size_t count,
                       void *context)
{
	const struct dump *dump = context;

	(void)index;
	for (size_t i = 0; i < count; i++) {
		if (symbols[i].file)
			put_symbol(dump->text, &symbols[i]);
		else
			put_place(dump, symbols[i].function);
	}
	if (!count)
		put_place(dump, NULL);
	return 0;
}

/* NULL: no memory. The last place is used again and again when there are too many. */
static struct mlw_symbol_object *open_object(struct dump *dump, uint32_t number,
                                             struct mlw_error *err)
{
	const struct mlw_module *module = &dump->run->modules.modules[number - 1];
	const struct mlw_symbol_source source = { .path = module->path,
		                                  .fd = module->fd,
		                                  .build_id = module->build_id,
		                                  .build_id_size =
		                                          module->build_id_size };
	struct object *place;

	for (size_t i = 0; i < dump->count; i++)
		if (dump->objects[i].module == number)
			return dump->objects[i].object;
	if (dump->count == OBJECTS_MAX)
		mlw_symbol_object_free(dump->objects[--dump->count].object);
	place = &dump->objects[dump->count];
	place->module = number;
	if (mlw_symbolizer_open(dump->symbolizer, &source, &place->object, err))
		return NULL;
	dump->count++;
	return place->object;
}

static int put_frame(struct dump *dump, uint32_t node, struct mlw_error *err)
{
	struct mlw_symbol_object *object;

	dump->frame = &dump->run->tree.frames[dump->run->tree.node_frames[node]];
	if (!dump->frame->module) {
		put_place(dump, NULL);
		return 0;
	}
	object = open_object(dump, dump->frame->module, err);
	if (!object)
		return -1;
	return mlw_symbol_object_resolve(object, &dump->frame->offset, 1, put_symbols,
	                                 dump, err);
}

int mlw_dump_stack(const struct mlw_run *run, uint32_t node, bool truncated,
                   struct mlw_strbuf *text, struct mlw_error *err)
{
	const struct mlw_symbolizer_options options = { .debuginfod = false };
	struct dump dump = { .run = run, .text = text };
	int result = mlw_symbolizer_new(&options, &dump.symbolizer, err);

	for (; node && !result; node = mlw_tree_parent(&run->tree, node))
		result = put_frame(&dump, node, err);
	if (truncated)
		mlw_strbuf_puts(text, "  ...\n");
	mlw_strbuf_putc(text, '\n');
	for (size_t i = 0; i < dump.count; i++)
		mlw_symbol_object_free(dump.objects[i].object);
	mlw_symbolizer_free(dump.symbolizer);
	return result;
}
