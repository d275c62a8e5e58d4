/* SPDX-License-Identifier: MIT */
#include "collect/symbols.h"

#include <stdlib.h>

#include "symbol/cache.h"
#include "symbol/symbolizer.h"

/* A frame to be resolved. */
struct want {
	uint32_t module;
	uint32_t frame; /* id in the file */
	uint64_t offset;
};

struct wants {
	struct want *wants;
	uint64_t *offsets;
	size_t count;
};

static void release_wants(struct wants *wants)
{
	free(wants->wants);
	free(wants->offsets);
}

static int compare_wants(const void *a, const void *b)
{
	const struct want *left = a, *right = b;

	if (left->module != right->module)
		return left->module < right->module ? -1 : 1;
	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return 0;
}

/* By module and offset, as the symbolizer likes them. */
static int gather(const struct mlw_run *run, uint32_t done, struct wants *wants,
                  struct mlw_error *err)
{
	size_t limit = run->written_frames - done;

	wants->wants = malloc((limit + 1) * sizeof(*wants->wants));
	wants->offsets = malloc((limit + 1) * sizeof(*wants->offsets));
	if (!wants->wants || !wants->offsets)
		return mlw_fail(err, "out of memory (%zu frames)", limit);
	for (size_t i = 1; i < run->tree.frame_count; i++) {
		const struct mlw_tree_frame *frame = &run->tree.frames[i];

		if (frame->module && frame->file_id > done && wants->count < limit)
			wants->wants[wants->count++] =
			        (struct want){ .module = frame->module,
				               .frame = frame->file_id,
				               .offset = frame->offset };
	}
	qsort(wants->wants, wants->count, sizeof(*wants->wants), compare_wants);
	for (size_t i = 0; i < wants->count; i++)
		wants->offsets[i] = wants->wants[i].offset;
	return 0;
}

struct writing {
	struct mlw_run *run;
	const struct want *wants; /* of this module, as many as asked for */
	struct mlw_symbol_cache *cache; /* NULL: none */
};

static int write_locations(const struct writing *writing, const struct want *want,
                           const struct mlw_symbol *symbols, size_t count)
{
	struct mlw_run *run = writing->run;
	struct mlw_error err;

	for (size_t i = 0; i < count && run->writer; i++) {
		struct mlw_location_row row = { .frame = want->frame,
			                        .function = symbols[i].function,
			                        .file = symbols[i].file,
			                        .line = symbols[i].line,
			                        .inlined = symbols[i].inlined };

		mlw_run_stored(run, mlw_writer_location(run->writer, &row, &err), &err);
	}
	return run->writer ? 0 : 1;
}

static int take_resolved(size_t index, const struct mlw_symbol *symbols, size_t count,
                         void *context)
{
	const struct writing *writing = context;
	const struct want *want = &writing->wants[index];

	mlw_symbol_cache_add(writing->cache, want->offset, symbols, count);
	return write_locations(writing, want, symbols, count);
}

/* Writes what the cache knows; moves the others to the front and returns their number. */
static size_t write_known(const struct writing *writing, struct want *wants,
                          uint64_t *offsets, size_t count)
{
	const struct mlw_symbol *symbols;
	size_t unknown = 0, symbol_count;

	for (size_t i = 0; i < count; i++) {
		if (mlw_symbol_cache_find(writing->cache, wants[i].offset, &symbols,
		                          &symbol_count)) {
			write_locations(writing, &wants[i], symbols, symbol_count);
			continue;
		}
		offsets[unknown] = wants[i].offset;
		wants[unknown++] = wants[i];
	}
	return unknown;
}

static int resolve_unknown(struct writing *writing, struct mlw_symbolizer *symbolizer,
                           const struct mlw_module *module, const uint64_t *offsets,
                           size_t count, struct mlw_error *err)
{
	const struct mlw_symbol_source source = { .path = module->path,
		                                  .fd = module->fd,
		                                  .build_id = module->build_id,
		                                  .build_id_size =
		                                          module->build_id_size };
	struct mlw_symbol_object *object = NULL;
	int result;

	if (mlw_symbolizer_open(symbolizer, &source, &object, err))
		return -1;
	result = mlw_symbol_object_resolve(object, offsets, count, take_resolved, writing,
	                                   err);
	mlw_symbol_object_free(object);
	return result < 0 ? -1 : 0;
}

static int resolve_module(struct mlw_run *run, struct mlw_symbolizer *symbolizer,
                          const struct wants *wants, size_t first, size_t count,
                          struct mlw_error *err)
{
	const struct mlw_module *module =
	        &run->modules.modules[wants->wants[first].module - 1];
	const struct mlw_build_id id = { module->build_id, module->build_id_size };
	struct writing writing = { .run = run, .wants = wants->wants + first };
	int result = 0;

	writing.cache = mlw_symbol_cache_open(id);
	count = write_known(&writing, wants->wants + first, wants->offsets + first,
	                    count);
	if (count && run->writer)
		result = resolve_unknown(&writing, symbolizer, module,
		                         wants->offsets + first, count, err);
	mlw_symbol_cache_close(writing.cache);
	return result;
}

static int resolve_all(struct mlw_run *run, struct mlw_symbolizer *symbolizer,
                       const struct wants *wants, void (*pulse)(void *context),
                       void *context, struct mlw_error *err)
{
	size_t first = 0, end;

	for (; first < wants->count && run->writer; first = end) {
		end = first;
		while (end < wants->count &&
		       wants->wants[end].module == wants->wants[first].module)
			end++;
		if (resolve_module(run, symbolizer, wants, first, end - first, err))
			return -1;
		if (pulse)
			pulse(context);
	}
	return 0;
}

int mlw_symbols_resolve(struct mlw_run *run, uint32_t *done, void (*pulse)(void *context),
                        void *context, struct mlw_error *err)
{
	const struct mlw_symbolizer_options options = { .debuginfod = false };
	struct mlw_symbolizer *symbolizer = NULL;
	struct wants wants = { 0 };
	int result = -1;

	if (!run->writer || run->written_frames == *done)
		return 0;
	if (gather(run, *done, &wants, err) ||
	    mlw_symbolizer_new(&options, &symbolizer, err))
		goto out;
	result = resolve_all(run, symbolizer, &wants, pulse, context, err);
	if (!result)
		*done = run->written_frames;
out:
	mlw_symbolizer_free(symbolizer);
	release_wants(&wants);
	return result;
}
