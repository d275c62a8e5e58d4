/* SPDX-License-Identifier: MIT */
#include "snapshot/tally.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/groups.h"
#include "base/array.h"

/* One snapshot that is being added. */
struct side {
	struct mlw_tally *tally;
	const struct mlw_origin *origin;
	enum mallow_side which;
	uint32_t *frame_numbers; /* index frame id: of its key, 0 not asked yet */
	uint32_t *stack_numbers; /* index traceback id: of its stack, 0 not asked yet */
};

void mlw_tally_release(struct mlw_tally *tally)
{
	free(tally->rows);
	mlw_intern_release(&tally->strings);
	mlw_numbering_release(&tally->keys);
	mlw_numbering_release(&tally->names);
	mlw_numbering_release(&tally->calls);
	mlw_numbering_release(&tally->stacks);
	*tally = (struct mlw_tally){ 0 };
}

/* The same frame with the texts of the tally's set. */
static int intern_frame(struct mlw_tally *tally, const struct mlw_frame *frame,
                        struct mlw_frame *own, struct mlw_error *err)
{
	*own = *frame;
	own->function = mlw_intern(&tally->strings, frame->function, err);
	own->file = mlw_intern(&tally->strings, frame->file, err);
	own->module = mlw_intern(&tally->strings, frame->module, err);
	if ((frame->function && !own->function) || (frame->file && !own->file) ||
	    (frame->module && !own->module))
		return -1;
	return 0;
}

/* The row of `key`, new and zero if there was none; NULL without memory. */
static struct mlw_tally_row *find_row(struct mlw_tally *tally, const struct mlw_key *key,
                                      struct mlw_error *err)
{
	uint32_t number;

	if (mlw_grow(&tally->rows, &tally->capacity, tally->count + 1,
	             sizeof(*tally->rows), err))
		return NULL;
	number = mlw_numbering_add(&tally->keys, key, err);
	if (!number)
		return NULL;
	if (number > tally->count)
		tally->rows[tally->count++] = (struct mlw_tally_row){ 0 };
	return &tally->rows[number - 1];
}

/* Once for each trace, however often it comes by. */
static void count_trace(struct side *side, struct mlw_tally_row *row,
                        const struct mallow_trace *trace)
{
	if (row->stamp == side->tally->stamp)
		return;
	row->stamp = side->tally->stamp;
	row->size[side->which] += trace->size;
	row->count[side->which] += trace->count;
}

static struct mlw_tally_row *row_of_frame(struct side *side,
                                          const struct mlw_frame *frame,
                                          struct mlw_error *err)
{
	struct mlw_tally *tally = side->tally;
	uint32_t number = frame ? side->frame_numbers[frame->id] : 0;
	struct mlw_tally_row *row;
	struct mlw_frame own;
	struct mlw_key key;

	if (number)
		return &tally->rows[number - 1];
	if (frame && intern_frame(tally, frame, &own, err))
		return NULL;
	mlw_group_key_of_frame(&key, tally->key, frame ? &own : NULL);
	row = find_row(tally, &key, err);
	if (row && frame) {
		side->frame_numbers[frame->id] = (uint32_t)(row - tally->rows) + 1;
		if (!row->frame || mlw_frame_compare(frame, row->frame) < 0)
			row->frame = frame;
	}
	return row;
}

static int add_by_frame(struct side *side, const struct mallow_trace *trace,
                        struct mlw_error *err)
{
	const struct mallow_traceback *traceback = trace->traceback;
	size_t count = side->tally->cumulative ? traceback->count : 1;

	if (!traceback->count)
		count = 1;
	for (size_t i = 0; i < count; i++) {
		struct mlw_tally_row *row;

		row = row_of_frame(side, traceback->count ? traceback->frames[i] : NULL,
		                   err);
		if (!row)
			return -1;
		count_trace(side, row, trace);
	}
	return 0;
}

static uint64_t pointer_key(const char *interned)
{
	return (uint64_t)(uintptr_t)interned;
}

/*
 * A stack is numbered from its most recent call on: each further call makes, of the
 * number of those before it and its own, the next number. 0 without memory.
 */
static uint32_t longer_stack(struct mlw_tally *tally, uint32_t stack,
                             const struct mlw_frame *frame, struct mlw_error *err)
{
	struct mlw_frame own;
	struct mlw_key key;
	uint32_t number;

	if (intern_frame(tally, frame, &own, err))
		return 0;
	key = (struct mlw_key){ { pointer_key(own.function), pointer_key(own.file),
		                  own.line } };
	number = mlw_numbering_add(&tally->names, &key, err);
	if (!number)
		return 0;
	key = (struct mlw_key){ { number, pointer_key(own.module), own.offset } };
	number = mlw_numbering_add(&tally->calls, &key, err);
	if (!number)
		return 0;
	key = (struct mlw_key){ { stack, number, 0 } };
	return mlw_numbering_add(&tally->stacks, &key, err);
}

static int number_stack(struct side *side, const struct mallow_traceback *traceback,
                        uint32_t *number, struct mlw_error *err)
{
	uint32_t stack = side->stack_numbers[traceback->id];

	for (size_t i = 0; !stack && i < traceback->count; i++) {
		*number = i ? *number : 0;
		*number = longer_stack(side->tally, *number, traceback->frames[i], err);
		if (!*number)
			return -1;
		if (i + 1 == traceback->count)
			stack = *number;
	}
	side->stack_numbers[traceback->id] = stack;
	*number = stack;
	return 0;
}

static int add_by_traceback(struct side *side, const struct mallow_trace *trace,
                            struct mlw_error *err)
{
	struct mlw_tally_row *row;
	struct mlw_key key = { { 0 } };
	uint32_t number = 0;

	if (number_stack(side, trace->traceback, &number, err))
		return -1;
	key.part[0] = number;
	row = find_row(side->tally, &key, err);
	if (!row)
		return -1;
	row->traceback = trace->traceback;
	count_trace(side, row, trace);
	return 0;
}

static uint32_t id_of(enum mallow_key key, const struct mallow_trace *trace)
{
	switch (key) {
	case MALLOW_BY_THREAD:
		return trace->thread;
	case MALLOW_BY_PROCESS:
		return trace->process;
	case MALLOW_BY_DOMAIN:
		return trace->domain;
	default:
		return 0;
	}
}

static const char *name_of(const struct side *side, const struct mallow_trace *trace)
{
	switch (side->tally->key) {
	case MALLOW_BY_DOMAIN:
		return mlw_origin_domain(side->origin, trace->domain);
	case MALLOW_BY_SCOPE:
		return trace->scope;
	default:
		return NULL;
	}
}

/* By name, where there is one: the numbers of two runs mean nothing to each other. */
static int add_by_id(struct side *side, const struct mallow_trace *trace,
                     struct mlw_error *err)
{
	struct mlw_tally *tally = side->tally;
	struct mlw_tally_row *row;
	const char *name = name_of(side, trace);
	struct mlw_key key = { { 0, name ? 0 : id_of(tally->key, trace) } };

	if (name) {
		const char *kept = mlw_intern(&tally->strings, name, err);

		if (!kept)
			return -1;
		key.part[0] = pointer_key(kept);
	}
	row = find_row(tally, &key, err);
	if (!row)
		return -1;
	row->id = id_of(tally->key, trace);
	row->name = name;
	count_trace(side, row, trace);
	return 0;
}

static int add_traces(struct side *side, const struct mallow_snapshot *snapshot,
                      struct mlw_error *err)
{
	struct mlw_tally *tally = side->tally;

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mallow_trace *trace = &snapshot->traces[i];
		int result;

		tally->stamp++;
		if (mlw_key_is_frame(tally->key))
			result = add_by_frame(side, trace, err);
		else if (tally->key == MALLOW_BY_TRACEBACK)
			result = add_by_traceback(side, trace, err);
		else
			result = add_by_id(side, trace, err);
		if (result)
			return -1;
	}
	return 0;
}

static int check(const struct mlw_tally *tally, struct mlw_error *err)
{
	if (!mlw_key_name(tally->key))
		return mlw_fail(err, "there is no key %d to group by", (int)tally->key);
	if (tally->key == MALLOW_BY_SIZE)
		return mlw_fail(err, "a snapshot does not know the sizes of single "
		                     "blocks: ask the run");
	if (tally->cumulative && !mlw_key_is_frame(tally->key))
		return mlw_fail(
		        err,
		        "only line, file, function and module count cumulatively, not %s",
		        tally->key == MALLOW_BY_TRACEBACK ? "traceback"
		                                          : mlw_key_name(tally->key));
	return 0;
}

int mlw_tally_add(struct mlw_tally *tally, const struct mallow_snapshot *snapshot,
                  enum mallow_side which, struct mlw_error *err)
{
	struct mlw_origin *origin = snapshot->origin;
	struct side side = { .tally = tally, .origin = origin, .which = which };
	int result;

	if (check(tally, err))
		return -1;
	side.frame_numbers = calloc(mlw_origin_frame_count(origin) + 1, sizeof(uint32_t));
	side.stack_numbers = calloc(origin->traceback_count + 1, sizeof(uint32_t));
	if (side.frame_numbers && side.stack_numbers)
		result = add_traces(&side, snapshot, err);
	else
		result = mlw_fail(err, "out of memory");
	free(side.frame_numbers);
	free(side.stack_numbers);
	return result;
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint64_t distance(const uint64_t sides[2])
{
	return sides[MALLOW_NEW] > sides[MALLOW_OLD]
	               ? sides[MALLOW_NEW] - sides[MALLOW_OLD]
	               : sides[MALLOW_OLD] - sides[MALLOW_NEW];
}

static int compare_tracebacks(const struct mallow_traceback *a,
                              const struct mallow_traceback *b)
{
	struct mallow_traceback first = { .frames = a->frames, .count = a->count };
	struct mallow_traceback second = { .frames = b->frames, .count = b->count };

	return mlw_traceback_compare(&first, &second);
}

static int compare_keys(const struct mlw_tally_row *a, const struct mlw_tally_row *b)
{
	if (a->traceback && b->traceback)
		return compare_tracebacks(a->traceback, b->traceback);
	if (a->frame && b->frame)
		return mlw_frame_compare(a->frame, b->frame);
	if (a->frame || b->frame)
		return a->frame ? 1 : -1;
	if (a->name && b->name)
		return strcmp(a->name, b->name);
	if (a->name || b->name)
		return a->name ? 1 : -1;
	return compare_number(b->id, a->id);
}

static int compare_rows(const void *first, const void *second)
{
	const struct mlw_tally_row *a = second, *b = first; /* downward */
	int order = compare_number(distance(a->size), distance(b->size));

	if (!order)
		order = compare_number(a->size[MALLOW_NEW], b->size[MALLOW_NEW]);
	if (!order)
		order = compare_number(distance(a->count), distance(b->count));
	if (!order)
		order = compare_number(a->count[MALLOW_NEW], b->count[MALLOW_NEW]);
	return order ? order : compare_keys(a, b);
}

void mlw_tally_sort(struct mlw_tally *tally)
{
	if (tally->count)
		qsort(tally->rows, tally->count, sizeof(*tally->rows), compare_rows);
}
