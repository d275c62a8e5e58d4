/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "snapshot/run.h"

_Static_assert((int)MALLOW_OP_ALLOC == (int)MLW_OP_ALLOC &&
                       (int)MALLOW_OP_FREE == (int)MLW_OP_FREE &&
                       (int)MALLOW_OP_REALLOC == (int)MLW_OP_REALLOC &&
                       (int)MALLOW_OP_SHRINK == (int)MLW_OP_SHRINK &&
                       (int)MALLOW_OP_END == (int)MLW_OP_END &&
                       (int)MALLOW_OP_CLEAR == (int)MLW_OP_CLEAR,
               "operations are numbered as in a file");
_Static_assert((int)MALLOW_FREED_NOTHING == (int)MLW_OLD_NONE &&
                       (int)MALLOW_FREED_BLOCK == (int)MLW_OLD_BLOCK &&
                       (int)MALLOW_FREED_INHERITED == (int)MLW_OLD_INHERITED &&
                       (int)MALLOW_FREED_FOREIGN == (int)MLW_OLD_FOREIGN,
               "what was freed is numbered as in a file");

struct telling {
	struct mlw_origin *origin;
	const struct mallow_traceback **tracebacks; /* by trace id; NULL: not asked yet */
	bool (*visit)(void *context, const struct mallow_event *event);
	void *context;
};

/* Fills in of a block what its trace says, and what follows from number and size. */
static int place_block(struct telling *telling, uint32_t trace,
                       struct mallow_block *block, struct mlw_error *err)
{
	struct mlw_recording *recording = telling->origin->recording;
	const struct mallow_traceback **traceback = &telling->tracebacks[trace];
	const struct mlw_trace_row *row = &recording->traces[trace - 1];
	bool is_malloc = row->domain == MLW_DOMAIN_MALLOC;
	struct mlw_weight weight = mlw_weigh(is_malloc ? recording->run->sample_bytes : 0,
	                                     block->size, block->number);

	if (!*traceback)
		*traceback = mlw_run_traceback(telling->origin, trace, err);
	block->traceback = *traceback;
	block->blocks = weight.count;
	block->bytes = weight.size;
	block->domain = row->domain;
	block->thread = row->thread;
	block->process = recording->threads[row->thread - 1].process;
	if (!*traceback)
		return -1;
	return mlw_recording_scope(recording, row->scope, &block->scope, err);
}

static int place_blocks(struct telling *telling, const struct mlw_change *change,
                        struct mallow_event *event, struct mlw_error *err)
{
	if (change->op == MLW_OP_ALLOC || change->op == MLW_OP_REALLOC) {
		event->block.number = change->ordinal;
		event->block.size = change->size;
		event->block.at_ns = event->at_ns;
		if (place_block(telling, change->trace, &event->block, err))
			return -1;
	}
	if (change->old_kind != MLW_OLD_BLOCK)
		return 0;
	event->old.number = change->old.ordinal;
	event->old.size = change->old.size;
	event->old.at_ns = change->old.time_us * NS_PER_US;
	return place_block(telling, change->old.trace, &event->old, err);
}

static int tell(const struct mlw_change *change, uint64_t number, void *context,
                struct mlw_error *err)
{
	struct telling *telling = context;
	const struct mlw_recording *recording = telling->origin->recording;
	struct mallow_event event = {
		.number = number + 1,
		.at_ns = change->time_us * NS_PER_US,
		.op = (enum mallow_op)change->op,
		.freed = (enum mallow_freed)change->old_kind,
		.thread = change->thread,
		.process = recording->threads[change->thread - 1].process,
		.left = change->op == MLW_OP_SHRINK ? change->size : 0,
		.address = change->address,
	};

	if (place_blocks(telling, change, &event, err))
		return -1;
	return !telling->visit(telling->context, &event);
}

/* The first event that is not before that time. */
static int find_first(struct mlw_reader *reader, uint64_t from_ns, uint64_t *number,
                      struct mlw_error *err)
{
	uint64_t us = from_ns / NS_PER_US + (from_ns % NS_PER_US != 0);

	*number = 0;
	return us ? mlw_reader_number_at(reader, us - 1, number, err) : 0;
}

static int tell_all(struct telling *telling, uint64_t from_ns, struct mlw_error *err)
{
	struct mlw_recording *recording = telling->origin->recording;
	uint64_t first;

	if (!recording->run->keeps_events)
		return mlw_fail(err, "there are no events, because %s",
		                mlw_recording_lacks_events(recording));
	telling->tracebacks =
	        calloc(recording->trace_count + 1, sizeof(struct mallow_traceback *));
	if (!telling->tracebacks)
		return mlw_fail(err, "out of memory");
	if (find_first(recording->reader, from_ns, &first, err))
		return -1;
	return mlw_reader_changes(recording->reader, first, tell, telling, err);
}

int mallow_run_events(struct mallow_run *run, uint64_t from_ns,
                      bool (*visit)(void *context, const struct mallow_event *event),
                      void *context, struct mallow_error *err)
{
	struct telling telling = { run->origin, NULL, visit, context };
	struct mlw_error inner;
	int result = tell_all(&telling, from_ns, &inner);

	free(telling.tracebacks);
	if (!result)
		return 0;
	mlw_snapshot_blame(run->file, &inner);
	return mlw_snapshot_fail(err, &inner);
}
