/* SPDX-License-Identifier: MIT */
#ifndef MLW_COLLECT_RUN_H
#define MLW_COLLECT_RUN_H

/*
 * The run as the collector knows it: the heap model, the stacks, and the file that they
 * are written to. Everything that is decoded goes through here, and only here is the
 * writer called.
 *
 * Two kinds of trouble. When the file cannot be written (a full disk) the writer is given
 * up, `failure` says why, and the run goes on, so that the program is not held up. When
 * memory is out `dead` is set: the rings are emptied unread from then on.
 */

#include <stdbool.h>
#include <stdint.h>

#include "collect/context.h"
#include "collect/map64.h"
#include "collect/modules.h"
#include "collect/options.h"
#include "collect/tree.h"
#include "heap/heap.h"
#include "store/writer.h"
#include "wire/event.h"

#define MLW_RUN_DOMAINS 112u /* domains that programs may name */
#define MLW_RUN_SCOPES  4096u /* and scopes */

/* A trace that was asked for lately; key 0: none. */
struct mlw_recent {
	uint64_t key;
	uint32_t trace;
};

#define MLW_RECENT_TRACES 16384u

struct mlw_run {
	const struct mlw_run_options *options; /* borrowed */
	struct mlw_writer *writer; /* NULL: nothing is stored, or not any more */
	struct mlw_heap *heap;
	struct mlw_tree tree;
	struct mlw_modules modules;
	struct mlw_map64 traces;
	uint64_t *trace_keys; /* by id - 1 */
	size_t trace_key_capacity;
	struct mlw_recent *recent; /* MLW_RECENT_TRACES, by node; may be NULL */

	uint64_t ordinal; /* of the latest allocation */
	uint64_t time_us; /* of the latest change: never goes back */
	uint64_t events; /* changes so far */
	uint64_t events_at_commit;
	uint64_t allocated_size; /* of all allocations and mappings, or more */
	uint64_t lost_events;
	uint64_t damaged_events;
	uint64_t stacks_verified;
	uint64_t stack_mismatches;

	uint32_t process_count, thread_count;
	uint32_t domain_count;
	char *domains[MLW_RUN_DOMAINS]; /* names of those from MLW_DOMAIN_USER on */
	struct mlw_contexts contexts;
	char **scopes; /* names, by id - 1 */
	size_t scope_count, scope_capacity;
	uint32_t written_modules, written_frames, written_nodes;
	bool events_cut; /* --max-size: changes are not stored any more */
	bool snapshot_signalled; /* the program was asked for one by a signal */
	bool dead;
	struct mlw_error failure; /* "" none */
};

/* `writer` may be NULL: nothing is stored. It belongs to the run from then on, also when
 * this fails. `library`: path of libmallow.so. */
int mlw_run_init(struct mlw_run *run, const struct mlw_run_options *options,
                 struct mlw_writer *writer, const char *library, struct mlw_error *err);
void mlw_run_release(struct mlw_run *run);

/* Takes note of a writer's result: a failure gives the writer up. */
void mlw_run_stored(struct mlw_run *run, int result, const struct mlw_error *err);

/* Memory is out: what `err` says. */
void mlw_run_died(struct mlw_run *run, const struct mlw_error *err);

/* Each writes a row. A row that was written before is replaced, by id. */
void mlw_run_put_process(struct mlw_run *run, const struct mlw_process_row *row);
void mlw_run_put_thread(struct mlw_run *run, const struct mlw_thread_row *row);
void mlw_run_put_pools(struct mlw_run *run, const struct mlw_pool_row *row);

/* Declares the next thread to the model: its id, or 0 when the run is dead. */
uint32_t mlw_run_add_thread(struct mlw_run *run, uint32_t process);

/*
 * The id of the trace (stack, context, domain), declared and written when it is new. The
 * stack is cut to --depth and begins outside libmallow. 0 when the run is dead.
 */
uint32_t mlw_run_trace(struct mlw_run *run, uint32_t node, bool truncated,
                       uint32_t context, uint32_t domain);

/* The stack of a trace: its node (0: none) and whether outermost frames are missing. */
uint32_t mlw_run_trace_node(const struct mlw_run *run, uint32_t trace, bool *truncated);

/* The id of the domain that programs call `name`, written when it is new; 0: there are
 * too many, or the run is dead. */
uint32_t mlw_run_domain(struct mlw_run *run, const char *name);

/* The same of a scope, from 1. */
uint32_t mlw_run_scope(struct mlw_run *run, const char *name);

/* The number of a thread in a scope (0: in none); 0 when the run is dead. When there are
 * very many, new ones are in none. */
uint32_t mlw_run_context(struct mlw_run *run, uint32_t thread, uint32_t scope);

/* Can the model count so many bytes more? A program that was damaged may claim any size,
 * and must not use up in a few words what there is for the run; one that was not never
 * comes near 2^63 bytes in all its life. */
static inline bool mlw_run_can_count(const struct mlw_run *run, uint64_t size)
{
	return size <= MLW_SIZE_MOST &&
	       size + run->options->sample_bytes <= INT64_MAX - run->allocated_size;
}

/* The same, and they are counted. */
static inline bool mlw_run_counts(struct mlw_run *run, uint64_t size)
{
	if (!mlw_run_can_count(run, size))
		return false;
	run->allocated_size += size + run->options->sample_bytes;
	return true;
}

/* Stores the state of the model under `name`, as that of `at_us`. */
void mlw_run_snapshot(struct mlw_run *run, const char *name, uint64_t at_us);

/* Stores no more changes, but a snapshot "max-size": of what comes later the file knows
 * the snapshots and the end. Nothing to do where no changes are stored anyway. */
void mlw_run_cut(struct mlw_run *run);

/* Applies and stores one change. */
static inline void mlw_run_change(struct mlw_run *run, const struct mlw_change *change)
{
	struct mlw_error err;
	int result;

	mlw_heap_apply(run->heap, change);
	run->events += change->op != MLW_OP_END; /* that is none of the program's */
	result = run->writer ? mlw_writer_change(run->writer, change, &err) : 0;
	if (__builtin_expect(result < 0, 0))
		mlw_run_stored(run, -1, &err);
	else if (__builtin_expect(result > 0, 0))
		mlw_run_cut(run);
}

/* The same of an ALLOC and the FREE of its block right after it, at the same time; false,
 * and nothing was done, when they have to come one by one. */
static inline bool mlw_run_pair(struct mlw_run *run, const struct mlw_change *alloc)
{
	if (run->writer && !mlw_writer_takes_pair(run->writer, alloc))
		return false;
	if (!mlw_heap_apply_pair(run->heap, alloc))
		return false;
	run->events += 2;
	if (run->writer)
		mlw_writer_pair(run->writer, alloc);
	return true;
}

#endif /* MLW_COLLECT_RUN_H */
