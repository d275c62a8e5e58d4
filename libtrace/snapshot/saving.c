/* SPDX-License-Identifier: MIT */
#include "snapshot/saving.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void mlw_saving_release(struct mlw_saving *saving)
{
	mlw_numbering_release(&saving->modules);
	mlw_numbering_release(&saving->names);
	mlw_numbering_release(&saving->frames);
	mlw_numbering_release(&saving->nodes);
	mlw_numbering_release(&saving->processes);
	mlw_numbering_release(&saving->threads);
	mlw_numbering_release(&saving->scopes);
	free(saving->node_of);
	free(saving->path);
}

bool mlw_saving_of_run(const struct mlw_saving *saving)
{
	return saving->recording && saving->recording->run->saved != MLW_SAVED_BUILT;
}

/* The number of a key; *is_new if it had none, so that its row is to be written. 0
 * without memory. */
static uint32_t number(struct mlw_numbering *numbering, const struct mlw_key *key,
                       bool *is_new, struct mlw_error *err)
{
	size_t before = numbering->count;
	uint32_t found = mlw_numbering_add(numbering, key, err);

	*is_new = numbering->count > before;
	return found;
}

static uint64_t pointer_key(const char *interned)
{
	return (uint64_t)(uintptr_t)interned;
}

static int copy_threads(struct mlw_saving *saving, struct mlw_error *err)
{
	const struct mlw_recording *recording = saving->recording;

	for (size_t i = 0; i < recording->process_count; i++) {
		if (mlw_writer_process(saving->writer, &recording->processes[i], err))
			return -1;
	}
	for (size_t i = 0; i < recording->thread_count; i++) {
		if (mlw_writer_thread(saving->writer, &recording->threads[i], err) ||
		    mlw_heap_add_thread(saving->heap, recording->threads[i].process, err))
			return -1;
	}
	return 0;
}

static struct mlw_key process_key(const struct mallow_trace *trace)
{
	return (struct mlw_key){ { trace->process } };
}

static struct mlw_key thread_key(const struct mallow_trace *trace)
{
	return (struct mlw_key){ { trace->thread, trace->process } };
}

static int add_process(struct mlw_saving *saving, const struct mallow_trace *trace,
                       uint32_t *id, struct mlw_error *err)
{
	struct mlw_key key = process_key(trace);
	bool is_new;

	*id = number(&saving->processes, &key, &is_new, err);
	if (!*id || !is_new)
		return *id ? 0 : -1;
	return mlw_writer_process(saving->writer,
	                          &(struct mlw_process_row){
	                                  .id = *id,
	                                  .pid = (int32_t)trace->process,
	                                  .command = "[]",
	                                  .ended = MLW_ENDED_LOST,
	                                  .exit_code = -1,
	                                  .recorded = true,
	                          },
	                          err);
}

static int add_thread(struct mlw_saving *saving, const struct mallow_trace *trace,
                      struct mlw_error *err)
{
	struct mlw_key key = thread_key(trace);
	struct mlw_thread_row row = { .tid = (int32_t)trace->thread, .name = "" };
	bool is_new;

	row.id = number(&saving->threads, &key, &is_new, err);
	if (!row.id || !is_new)
		return row.id ? 0 : -1;
	if (add_process(saving, trace, &row.process, err) ||
	    mlw_writer_thread(saving->writer, &row, err))
		return -1;
	return mlw_heap_add_thread(saving->heap, row.process, err);
}

int mlw_saving_threads(struct mlw_saving *saving, struct mlw_error *err)
{
	const struct mallow_snapshot *snapshot = saving->snapshot;

	if (mlw_saving_of_run(saving))
		return copy_threads(saving, err);
	for (size_t i = 0; i < snapshot->count; i++) {
		if (add_thread(saving, &snapshot->traces[i], err))
			return -1;
	}
	return 0;
}

uint32_t mlw_saving_process(const struct mlw_saving *saving,
                            const struct mallow_trace *trace)
{
	struct mlw_key key = process_key(trace);

	return mlw_saving_of_run(saving) ? trace->process
	                                 : mlw_numbering_find(&saving->processes, &key);
}

/* Of two builds under one path neither is named. */
static void find_build(const struct mlw_recording *recording, struct mlw_module_row *row)
{
	for (size_t i = 0; recording && i < recording->module_count; i++) {
		const struct mlw_module_row *other = &recording->modules[i];

		if (strcmp(other->path, row->path) != 0 || !other->build_id)
			continue;
		if (row->build_id &&
		    (row->build_id_size != other->build_id_size ||
		     memcmp(row->build_id, other->build_id, row->build_id_size) != 0)) {
			row->build_id = NULL;
			row->build_id_size = 0;
			return;
		}
		row->build_id = other->build_id;
		row->build_id_size = other->build_id_size;
	}
}

/* 0 for NULL. */
static int add_module(struct mlw_saving *saving, const char *path, uint32_t *id,
                      struct mlw_error *err)
{
	struct mlw_module_row row = { .path = path };
	struct mlw_key key = { { pointer_key(path) } };
	bool is_new;

	*id = 0;
	if (!path)
		return 0;
	*id = row.id = number(&saving->modules, &key, &is_new, err);
	if (!row.id || !is_new)
		return row.id ? 0 : -1;
	find_build(saving->recording, &row);
	return mlw_writer_module(saving->writer, &row, err);
}

static int write_frame(struct mlw_saving *saving, const struct mlw_frame *frame,
                       uint32_t id, struct mlw_error *err)
{
	struct mlw_frame_row row = { .offset = frame->offset };
	struct mlw_location_row location = {
		.frame = id,
		.function = frame->function,
		.file = frame->file,
		.line = frame->line,
		.inlined = frame->inlined,
	};

	if (add_module(saving, frame->module, &row.module, err) ||
	    mlw_writer_frame(saving->writer, &row, err))
		return -1;
	if (!frame->function && !frame->file && !frame->line && !frame->inlined)
		return 0;
	return mlw_writer_location(saving->writer, &location, err);
}

/* Equal frames are one: a key has room for half of what one is. */
static int add_frame(struct mlw_saving *saving, const struct mlw_frame *frame,
                     uint32_t *id, struct mlw_error *err)
{
	struct mlw_key key = { { pointer_key(frame->function), pointer_key(frame->file),
		                 (uint64_t)frame->line << 1 | frame->inlined } };
	bool is_new;

	*id = number(&saving->names, &key, &is_new, err);
	if (!*id)
		return -1;
	key = (struct mlw_key){ { *id, pointer_key(frame->module), frame->offset } };
	*id = number(&saving->frames, &key, &is_new, err);
	if (!*id || !is_new)
		return *id ? 0 : -1;
	return write_frame(saving, frame, *id, err);
}

/* Writes the nodes of the stack that are not there yet; saving->path holds its frames,
 * outermost first. They follow one another: once one is new, so are the rest. */
static int write_nodes(struct mlw_saving *saving, size_t count, uint32_t *node,
                       struct mlw_error *err)
{
	uint32_t parent = 0;
	size_t known = 0;

	*node = 0;
	for (size_t i = 0; i < count; i++) {
		struct mlw_key key = { { *node, saving->path[i] } };
		bool is_new;

		*node = number(&saving->nodes, &key, &is_new, err);
		if (!*node)
			return -1;
		if (!is_new) {
			parent = *node;
			known = i + 1;
		}
	}
	if (known == count)
		return 0;
	return mlw_writer_nodes(saving->writer, parent, saving->path + known,
	                        count - known, err);
}

static int add_stack(struct mlw_saving *saving, const struct mallow_traceback *traceback,
                     uint32_t *node, struct mlw_error *err)
{
	size_t count = traceback->count;

	if (mlw_grow(&saving->path, &saving->path_capacity, count + 1,
	             sizeof(*saving->path), err))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (add_frame(saving, traceback->frames[i], &saving->path[count - 1 - i],
		              err))
			return -1;
	}
	return write_nodes(saving, count, node, err);
}

/* Tracebacks of an origin are few beside the traces that share them. */
static int find_node(struct mlw_saving *saving, const struct mallow_traceback *traceback,
                     uint32_t *node, struct mlw_error *err)
{
	uint32_t *known = &saving->node_of[traceback->id];

	if (!*known) {
		if (add_stack(saving, traceback, node, err))
			return -1;
		*known = *node + 1;
	}
	*node = *known - 1;
	return 0;
}

static int add_scope(struct mlw_saving *saving, const char *name, uint32_t *id,
                     struct mlw_error *err)
{
	struct mlw_name_row row = { .kind = MLW_NAME_SCOPE, .text = name };
	struct mlw_key key = { { pointer_key(name) } };
	bool is_new;

	*id = 0;
	if (!name)
		return 0;
	*id = row.number = number(&saving->scopes, &key, &is_new, err);
	if (!*id || !is_new)
		return *id ? 0 : -1;
	return mlw_writer_name(saving->writer, &row, err);
}

static uint32_t flags_of(const struct mallow_traceback *traceback)
{
	uint64_t more = traceback->total_frames - traceback->count;

	if (more > MLW_TRACE_MORE_FRAMES_MAX)
		more = MLW_TRACE_MORE_FRAMES_MAX;
	return (uint32_t)more << MLW_TRACE_MORE_FRAMES_SHIFT |
	       (traceback->truncated ? MLW_TRACE_TRUNCATED : 0);
}

int mlw_saving_trace(struct mlw_saving *saving, const struct mallow_trace *trace,
                     struct mlw_trace_row *row, struct mlw_error *err)
{
	struct mlw_key key = thread_key(trace);

	*row = (struct mlw_trace_row){
		.domain = trace->domain,
		.flags = flags_of(trace->traceback),
	};
	row->thread = mlw_saving_of_run(saving)
	                      ? trace->thread
	                      : mlw_numbering_find(&saving->threads, &key);
	if (find_node(saving, trace->traceback, &row->node, err))
		return -1;
	return add_scope(saving, trace->scope, &row->scope, err);
}
