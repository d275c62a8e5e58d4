/* SPDX-License-Identifier: MIT */
#include "collect/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* A trace's key: node, and context, domain and "truncated" packed into 32 bits. */
#define DOMAINS_MAX   (MLW_DOMAIN_USER + MLW_RUN_DOMAINS)
#define CONTEXT_SHIFT 8u
#define SPREAD        41u /* contexts of one stack, among the recent traces */

_Static_assert(DOMAINS_MAX << 1 == 1u << CONTEXT_SHIFT, "a domain fits the key");
_Static_assert(MLW_CONTEXTS_MAX << (CONTEXT_SHIFT - 1) <= UINT32_C(1) << 31,
               "so does a context");

int mlw_run_init(struct mlw_run *run, const struct mlw_run_options *options,
                 struct mlw_writer *writer, const char *library, struct mlw_error *err)
{
	*run = (struct mlw_run){ .options = options, .writer = writer };
	run->recent = calloc(MLW_RECENT_TRACES, sizeof(*run->recent));
	run->heap = mlw_heap_new(err);
	if (!run->heap || mlw_modules_init(&run->modules, library, err)) {
		mlw_run_release(run);
		return -1;
	}
	mlw_heap_set_sample(run->heap, options->sample_bytes);
	return 0;
}

void mlw_run_release(struct mlw_run *run)
{
	if (!run)
		return;
	mlw_writer_release(run->writer);
	mlw_modules_release(&run->modules);
	mlw_map64_release(&run->traces);
	free(run->trace_keys);
	free(run->recent);
	mlw_tree_release(&run->tree);
	mlw_heap_free(run->heap);
	for (uint32_t i = 0; i < run->domain_count; i++)
		free(run->domains[i]);
	for (size_t i = 0; i < run->scope_count; i++)
		free(run->scopes[i]);
	free(run->scopes);
	mlw_contexts_release(&run->contexts);
	*run = (struct mlw_run){ 0 };
}

void mlw_run_stored(struct mlw_run *run, int result, const struct mlw_error *err)
{
	if (!result)
		return;
	if (!run->failure.text[0])
		run->failure = *err;
	mlw_writer_release(run->writer);
	run->writer = NULL;
}

void mlw_run_died(struct mlw_run *run, const struct mlw_error *err)
{
	run->dead = true;
	if (!run->failure.text[0])
		run->failure = *err;
}

void mlw_run_put_process(struct mlw_run *run, const struct mlw_process_row *row)
{
	struct mlw_error err;

	if (run->writer)
		mlw_run_stored(run, mlw_writer_process(run->writer, row, &err), &err);
}

void mlw_run_put_thread(struct mlw_run *run, const struct mlw_thread_row *row)
{
	struct mlw_error err;

	if (run->writer)
		mlw_run_stored(run, mlw_writer_thread(run->writer, row, &err), &err);
}

void mlw_run_put_pools(struct mlw_run *run, const struct mlw_pool_row *row)
{
	struct mlw_error err;

	if (run->writer)
		mlw_run_stored(run, mlw_writer_pools(run->writer, row, &err), &err);
}

void mlw_run_snapshot(struct mlw_run *run, const char *name, uint64_t at_us)
{
	struct mlw_snapshot_row row = { .name = name, .at_us = at_us };
	struct mlw_error err;

	mlw_heap_held(run->heap, &row.size, &row.count);
	if (run->writer)
		mlw_run_stored(run,
		               mlw_writer_snapshot(run->writer, &row, run->heap, &err),
		               &err);
}

void mlw_run_cut(struct mlw_run *run)
{
	struct mlw_error err;

	if (run->events_cut || !run->options->keep_events)
		return;
	run->events_cut = true;
	mlw_run_snapshot(run, "max-size", run->time_us);
	if (run->writer)
		mlw_run_stored(run, mlw_writer_stop_events(run->writer, run->heap, &err),
		               &err);
}

uint32_t mlw_run_add_thread(struct mlw_run *run, uint32_t process)
{
	struct mlw_error err;

	if (mlw_heap_add_thread(run->heap, process, &err)) {
		mlw_run_died(run, &err);
		return 0;
	}
	return ++run->thread_count;
}

static void write_name(struct mlw_run *run, enum mlw_name_kind kind, uint32_t id,
                       const char *name)
{
	const struct mlw_name_row row = { kind, id, name };
	struct mlw_error err;

	if (run->writer)
		mlw_run_stored(run, mlw_writer_name(run->writer, &row, &err), &err);
}

uint32_t mlw_run_domain(struct mlw_run *run, const char *name)
{
	struct mlw_error err;
	uint32_t index = 0;

	while (index < run->domain_count && strcmp(run->domains[index], name) != 0)
		index++;
	if (index < run->domain_count)
		return MLW_DOMAIN_USER + index;
	if (index == MLW_RUN_DOMAINS)
		return 0;
	run->domains[index] = strdup(name);
	if (!run->domains[index]) {
		mlw_fail(&err, "out of memory (a domain)");
		mlw_run_died(run, &err);
		return 0;
	}
	run->domain_count++;
	write_name(run, MLW_NAME_DOMAIN, MLW_DOMAIN_USER + index, name);
	return MLW_DOMAIN_USER + index;
}

static uint32_t add_scope(struct mlw_run *run, const char *name)
{
	struct mlw_error err;
	char *copy = strdup(name);

	if (!copy || mlw_grow(&run->scopes, &run->scope_capacity, run->scope_count + 1,
	                      sizeof(*run->scopes), &err)) {
		free(copy);
		mlw_fail(&err, "out of memory (a scope)");
		mlw_run_died(run, &err);
		return 0;
	}
	run->scopes[run->scope_count++] = copy;
	write_name(run, MLW_NAME_SCOPE, (uint32_t)run->scope_count, name);
	return (uint32_t)run->scope_count;
}

uint32_t mlw_run_scope(struct mlw_run *run, const char *name)
{
	for (size_t i = 0; i < run->scope_count; i++)
		if (!strcmp(run->scopes[i], name))
			return (uint32_t)i + 1;
	return run->scope_count < MLW_RUN_SCOPES ? add_scope(run, name) : 0;
}

uint32_t mlw_run_context(struct mlw_run *run, uint32_t thread, uint32_t scope)
{
	struct mlw_error err;
	uint32_t context;

	if (run->contexts.count >= MLW_CONTEXTS_MAX / 2)
		scope = 0; /* what is left is for threads, which have to have one */
	context = mlw_contexts_find(&run->contexts, thread, scope, &err);
	if (!context)
		mlw_run_died(run, &err);
	return context;
}

static uint32_t write_module(struct mlw_run *run, uint32_t number, struct mlw_error *err)
{
	struct mlw_module *module;

	if (!number)
		return 0;
	module = &run->modules.modules[number - 1];
	if (!module->file_id) {
		struct mlw_module_row row = { .id = run->written_modules + 1,
			                      .path = module->path,
			                      .build_id = module->build_id,
			                      .build_id_size = module->build_id_size };

		if (!mlw_writer_module(run->writer, &row, err))
			module->file_id = ++run->written_modules;
	}
	return module->file_id;
}

static uint32_t write_frame(struct mlw_run *run, uint32_t id, struct mlw_error *err)
{
	struct mlw_tree_frame *frame = &run->tree.frames[id];
	struct mlw_frame_row row = { .offset = frame->offset };

	if (frame->file_id)
		return frame->file_id;
	row.module = write_module(run, frame->module, err);
	if (frame->module && !row.module)
		return 0;
	if (!mlw_writer_frame(run->writer, &row, err))
		frame->file_id = ++run->written_frames;
	return frame->file_id;
}

/* Nodes `first` to `last` of a run (at most MLW_DEPTH_MAX), whose caller is written. */
static int write_nodes(struct mlw_run *run, uint32_t first, uint32_t last,
                       struct mlw_error *err)
{
	uint32_t parent = mlw_tree_parent(&run->tree, first), count = last - first + 1;
	uint32_t frames[MLW_DEPTH_MAX];

	assert(count <= MLW_DEPTH_MAX);
	for (uint32_t i = 0; i < count; i++) {
		frames[i] = write_frame(run, run->tree.node_frames[first + i], err);
		if (!frames[i])
			return -1;
	}
	if (parent)
		parent = mlw_tree_file_id(&run->tree, parent);
	if (mlw_writer_nodes(run->writer, parent, frames, count, err) ||
	    mlw_tree_written(&run->tree, last, run->written_nodes + 1, err))
		return -1;
	run->written_nodes += count;
	return 0;
}

/* Callers before their callees: the file's ids count in the order of writing. */
static int write_stack(struct mlw_run *run, uint32_t node, struct mlw_error *err)
{
	uint32_t first[MLW_DEPTH_MAX], last[MLW_DEPTH_MAX];
	size_t count = 0;

	while (node && !mlw_tree_file_id(&run->tree, node) && count < MLW_DEPTH_MAX) {
		last[count] = node;
		first[count] = mlw_tree_unwritten(&run->tree, node);
		node = mlw_tree_parent(&run->tree, first[count++]);
	}
	for (; count > 0; count--)
		if (write_nodes(run, first[count - 1], last[count - 1], err))
			return -1;
	return 0;
}

static void write_trace(struct mlw_run *run, uint32_t node, bool truncated,
                        const struct mlw_context *context, uint32_t domain)
{
	struct mlw_trace_row row = { .thread = context->thread,
		                     .domain = domain,
		                     .scope = context->scope,
		                     .flags = truncated ? MLW_TRACE_TRUNCATED : 0 };
	struct mlw_error err;

	if (!run->writer)
		return;
	if (write_stack(run, node, &err)) {
		mlw_run_stored(run, -1, &err);
		return;
	}
	row.node = node ? mlw_tree_file_id(&run->tree, node) : 0;
	mlw_run_stored(run, mlw_writer_trace(run->writer, &row, &err), &err);
}

static bool is_own(const struct mlw_run *run, uint32_t node)
{
	uint32_t module = run->tree.frames[run->tree.node_frames[node]].module;

	return module && run->modules.modules[module - 1].own;
}

/* The stack as it is shown: from outside libmallow, and not deeper than --depth. */
static uint32_t shown_stack(struct mlw_run *run, uint32_t node, bool *truncated)
{
	struct mlw_error err;
	uint32_t cut;

	while (node && is_own(run, node))
		node = mlw_tree_parent(&run->tree, node);
	if (!node || mlw_tree_depth(&run->tree, node) <= run->options->depth)
		return node;
	cut = mlw_tree_cut(&run->tree, node, run->options->depth, &err);
	if (!cut)
		mlw_run_died(run, &err);
	*truncated = true;
	return cut;
}

static uint64_t trace_key(uint32_t node, bool truncated, uint32_t context,
                          uint32_t domain)
{
	return (uint64_t)node << 32 | context << CONTEXT_SHIFT | domain << 1 | truncated;
}

static uint32_t find_or_add_trace(struct mlw_run *run, uint32_t node, bool truncated,
                                  uint32_t context, uint32_t domain)
{
	const struct mlw_context *parts = &run->contexts.rows[context - 1];
	struct mlw_error err;
	uint64_t key;
	uint32_t id;

	node = shown_stack(run, node, &truncated);
	if (run->dead || domain >= DOMAINS_MAX)
		return 0;
	key = trace_key(node, truncated, context, domain);
	id = mlw_map64_find(&run->traces, key);
	if (id)
		return id;
	id = mlw_heap_trace_count(run->heap) + 1;
	if (mlw_grow(&run->trace_keys, &run->trace_key_capacity, id,
	             sizeof(*run->trace_keys), &err) ||
	    mlw_heap_add_trace(run->heap, parts->thread, domain, &err) ||
	    mlw_map64_add(&run->traces, key, id, &err)) {
		mlw_run_died(run, &err);
		return 0;
	}
	run->trace_keys[id - 1] = key;
	write_trace(run, node, truncated, parts, domain);
	return id;
}

/* What a program does again and again it mostly did not long ago. */
uint32_t mlw_run_trace(struct mlw_run *run, uint32_t node, bool truncated,
                       uint32_t context, uint32_t domain)
{
	uint64_t key = trace_key(node, truncated, context, domain);
	struct mlw_recent *recent;

	if (!run->recent || domain >= DOMAINS_MAX)
		return find_or_add_trace(run, node, truncated, context, domain);
	recent = &run->recent[(node + context * SPREAD) % MLW_RECENT_TRACES];
	if (recent->key != key)
		*recent = (struct mlw_recent){
			.key = key,
			.trace = find_or_add_trace(run, node, truncated, context, domain),
		};
	return recent->trace;
}

uint32_t mlw_run_trace_node(const struct mlw_run *run, uint32_t trace, bool *truncated)
{
	uint64_t key = run->trace_keys[trace - 1];

	*truncated = key & 1;
	return (uint32_t)(key >> 32);
}
