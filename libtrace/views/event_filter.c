/* SPDX-License-Identifier: MIT */

/*
 * What a query wants of events, as bounds and sets. A filter may let more through than
 * was asked for, never less: SQLite compares again what it was not told to leave out.
 * Only `op` is exact (see events.c).
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "views/events.h"

#define NS_PER_US 1000

const char *const mlw_event_op_names[MLW_EVENT_OPS] = {
	[MLW_EVENT_ALLOC] = "alloc",
	[MLW_EVENT_FREE] = "free",
	[MLW_EVENT_MAP] = "map",
	[MLW_EVENT_UNMAP] = "unmap",
	[MLW_EVENT_TRACK] = "track",
	[MLW_EVENT_UNTRACK] = "untrack",
	[MLW_EVENT_SHRINK] = "shrink",
	[MLW_EVENT_INHERITED_FREE] = "inherited_free",
	[MLW_EVENT_FOREIGN_FREE] = "foreign_free",
	[MLW_EVENT_EXIT] = "exit",
	[MLW_EVENT_CLEAR] = "clear",
};

/* The integers around a value: floor and ceil, equal for an integer. */
struct bounds {
	int64_t low, high;
};

#define LIMIT 9.2e18 /* below 2^63 */

static int64_t clamped(double value)
{
	if (value >= LIMIT)
		return INT64_MAX;
	return value <= -LIMIT ? INT64_MIN : (int64_t)value;
}

/* False for what compares to no integer the way that a number does: NULL, text, a blob.
 */
static bool read_number(sqlite3_value *value, struct bounds *bounds)
{
	double real;

	switch (sqlite3_value_numeric_type(value)) {
	case SQLITE_INTEGER:
		bounds->low = bounds->high = sqlite3_value_int64(value);
		return true;
	case SQLITE_FLOAT:
		real = sqlite3_value_double(value);
		bounds->low = clamped(floor(real));
		bounds->high = clamped(ceil(real));
		return true;
	default:
		return false;
	}
}

/* Calls `take` with each value of a list. */
static int each_value(sqlite3_value *list,
                      void (*take)(sqlite3_value *value, void *context), void *context)
{
	sqlite3_value *value;
	int code;

	for (code = sqlite3_vtab_in_first(list, &value); code == SQLITE_OK;
	     code = sqlite3_vtab_in_next(list, &value))
		take(value, context);
	return code == SQLITE_DONE ? 0 : -1;
}

struct ids {
	uint8_t *passes; /* by id */
	size_t count; /* ids are up to this */
};

static void add_id(sqlite3_value *value, void *context)
{
	struct ids *ids = context;
	struct bounds id;

	if (read_number(value, &id) && id.low >= 1 && (uint64_t)id.low <= ids->count)
		ids->passes[id.low] = 1;
}

/* What is in `set` and among the values; `set` NULL is all. */
static int add_ids(uint8_t **set, size_t count, char how, sqlite3_value *value,
                   struct mlw_error *err)
{
	struct ids ids = { calloc(count + 1, 1), count };

	if (!ids.passes)
		return mlw_fail(err, "out of memory");
	if (how == 'i' && each_value(value, add_id, &ids)) {
		free(ids.passes);
		return mlw_fail(err, "out of memory");
	}
	if (how == '=')
		add_id(value, &ids);
	for (size_t i = 0; *set && i <= count; i++)
		ids.passes[i] &= (*set)[i];
	free(*set);
	*set = ids.passes;
	return 0;
}

/* Threads of the processes among the values. */
static int add_processes(struct mlw_event_filter *filter,
                         const struct mlw_recording *recording, char how,
                         sqlite3_value *value, struct mlw_error *err)
{
	uint8_t *processes = NULL, *threads = filter->threads;
	size_t count = recording->thread_count;

	if (add_ids(&processes, recording->process_count, how, value, err) || !processes)
		return -1;
	if (!threads)
		threads = malloc(count + 1);
	if (!threads) {
		free(processes);
		return mlw_fail(err, "out of memory");
	}
	if (!filter->threads)
		memset(threads, 1, count + 1);
	for (size_t i = 1; i <= count; i++)
		threads[i] &= processes[recording->threads[i - 1].process];
	filter->threads = threads;
	free(processes);
	return 0;
}

static void add_op(sqlite3_value *value, void *context)
{
	const char *name = sqlite3_value_type(value) == SQLITE_TEXT
	                           ? (const char *)sqlite3_value_text(value)
	                           : NULL;
	uint32_t *ops = context;

	for (unsigned i = 0; name && i < MLW_EVENT_OPS; i++)
		if (!strcmp(name, mlw_event_op_names[i]) &&
		    strlen(name) == (size_t)sqlite3_value_bytes(value))
			*ops |= 1u << i;
}

static int add_ops(struct mlw_event_filter *filter, char how, sqlite3_value *value,
                   struct mlw_error *err)
{
	uint32_t ops = 0;

	if (how == '=')
		add_op(value, &ops);
	else if (each_value(value, add_op, &ops))
		return mlw_fail(err, "out of memory");
	filter->ops &= ops;
	return 0;
}

/* Narrows [*min, *max] to what `how` leaves, both included; values below 0 are none. */
static void narrow(uint64_t *min, uint64_t *max, char how, const struct bounds *value)
{
	bool is_lower = how == '=' || how == '>' || how == 'g';
	bool is_upper = how == '=' || how == '<' || how == 'l';

	if (is_lower && value->low > 0 && (uint64_t)value->low > *min)
		*min = (uint64_t)value->low;
	if (is_upper && (value->high < 0 || (uint64_t)value->high < *max))
		*max = value->high < 0 ? 0 : (uint64_t)value->high;
}

/* Bounds of a column in those of what the file has. Nothing compares to what is no
 * number the way that is expected here: then nothing is left out. */
static void add_bounds(struct mlw_event_filter *filter, char column, char how,
                       sqlite3_value *value)
{
	uint64_t ignored = UINT64_MAX;
	struct bounds bounds;

	if (sqlite3_value_type(value) == SQLITE_NULL)
		filter->nothing = true;
	if (!read_number(value, &bounds))
		return;
	if (column == 'b') {
		narrow(&filter->block_min, &ignored, how, &bounds);
	} else if (column == 't') {
		bounds.low = bounds.low > 0 ? bounds.low / NS_PER_US : 0;
		bounds.high = bounds.high > 0 ? bounds.high / NS_PER_US : bounds.high;
		narrow(&filter->us_min, &filter->us_max, how, &bounds);
	} else { /* the column counts from 1, the bounds from 0 */
		bounds.low -= bounds.low > INT64_MIN;
		bounds.high -= bounds.high > INT64_MIN;
		narrow(&filter->number_min, &filter->number_max, how, &bounds);
	}
}

static int add_constraint(struct mlw_event_filter *filter, struct mlw_views *views,
                          char column, char how, sqlite3_value *value,
                          struct mlw_error *err)
{
	const struct mlw_recording *recording = views->recording;

	switch (column) {
	case 'h':
		return add_ids(&filter->threads, recording->thread_count, how, value,
		               err);
	case 'r':
		return add_ids(&filter->traces, recording->trace_count, how, value, err);
	case 'p':
		return add_processes(filter, recording, how, value, err);
	case 'o':
		return add_ops(filter, how, value, err);
	default:
		add_bounds(filter, column, how, value);
		return 0;
	}
}

int mlw_event_filter_init(struct mlw_event_filter *filter, struct mlw_views *views,
                          const char *plan, sqlite3_value **values, struct mlw_error *err)
{
	*filter = (struct mlw_event_filter){
		.number_max = UINT64_MAX,
		.us_max = UINT64_MAX,
		.ops = (1u << MLW_EVENT_OPS) - 1,
	};
	for (size_t i = 0; plan && plan[2 * i]; i++)
		if (add_constraint(filter, views, plan[2 * i], plan[2 * i + 1], values[i],
		                   err))
			return -1;
	return 0;
}

void mlw_event_filter_release(struct mlw_event_filter *filter)
{
	free(filter->threads);
	free(filter->traces);
	*filter = (struct mlw_event_filter){ 0 };
}

static size_t lowest_id(const uint8_t *passes, size_t count)
{
	size_t id = 1;

	while (id <= count && !passes[id])
		id++;
	return id;
}

/* The number of changes before which none of the threads and traces existed. */
static int find_birth(const struct mlw_event_filter *filter, struct mlw_views *views,
                      uint64_t *number, struct mlw_error *err)
{
	const struct mlw_recording *recording = views->recording;
	const struct mlw_checkpoint_head *checkpoints;
	size_t thread = 0, trace = 0, count;

	*number = 0;
	if (filter->threads)
		thread = lowest_id(filter->threads, recording->thread_count);
	if (filter->traces)
		trace = lowest_id(filter->traces, recording->trace_count);
	if (!thread && !trace)
		return 0;
	if (mlw_reader_checkpoints(recording->reader, &checkpoints, &count, err))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (checkpoints[i].threads < thread || checkpoints[i].traces < trace)
			*number = checkpoints[i].number;
	return 0;
}

/* What the bounds are compared with: all of it grows from chunk to chunk. */
struct chunks {
	const struct mlw_chunk_head *heads;
	size_t count;
	const struct mlw_event_filter *filter;
	uint64_t birth;
};

/* Can chunk `index`, or one after it, have what is looked for? */
static bool is_reached(const struct chunks *chunks, size_t index)
{
	const struct mlw_chunk_head *head = &chunks->heads[index];
	const struct mlw_event_filter *filter = chunks->filter;
	uint64_t end = head->first + head->count;
	uint64_t blocks = index + 1 < chunks->count ? head[1].ordinal : UINT64_MAX;

	return head->end_us >= filter->us_min && end > filter->number_min &&
	       end > chunks->birth && blocks >= filter->block_min;
}

/* Has all of it happened before chunk `index`? */
static bool is_passed(const struct chunks *chunks, size_t index)
{
	const struct mlw_chunk_head *head = &chunks->heads[index];

	return head->start_us > chunks->filter->us_max ||
	       head->first > chunks->filter->number_max;
}

/* The first chunk of which it is true, as it is of all that follow. */
static size_t search(const struct chunks *chunks,
                     bool (*is_true)(const struct chunks *chunks, size_t index))
{
	size_t low = 0, high = chunks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_true(chunks, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

int mlw_event_filter_chunks(const struct mlw_event_filter *filter,
                            struct mlw_views *views, size_t *first, size_t *end,
                            struct mlw_error *err)
{
	struct chunks chunks = { .filter = filter };

	*first = *end = 0;
	if (!views->recording->run->keeps_events)
		return mlw_fail(err, "%s: keeps no events, because %s",
		                mlw_reader_path(views->recording->reader),
		                mlw_recording_lacks_events(views->recording));
	if (mlw_reader_chunks(views->recording->reader, &chunks.heads, &chunks.count,
	                      err) ||
	    find_birth(filter, views, &chunks.birth, err))
		return -1;
	if (filter->nothing)
		return 0;
	*first = search(&chunks, is_reached);
	*end = search(&chunks, is_passed);
	return 0;
}

bool mlw_event_filter_may_be_in(const struct mlw_event_filter *filter,
                                const struct mlw_recording *recording,
                                const struct mlw_chunk_head *head)
{
	if (filter->threads &&
	    !mlw_id_list_has(head->threads, head->threads_size, filter->threads,
	                     recording->thread_count + 1))
		return false;
	return !filter->traces ||
	       mlw_id_list_has(head->traces, head->traces_size, filter->traces,
	                       recording->trace_count + 1);
}
