/* SPDX-License-Identifier: MIT */
#ifndef MLW_MODEL_H
#define MLW_MODEL_H

/*
 * What a .mallow file holds, as plain structs: the writer takes them, the reader gives
 * them back. Ids count from 1 in the order of writing; 0 means none. Times are
 * microseconds since the start of the run unless the name says otherwise.
 *
 *	run 1 - n process 1 - n thread
 *	module 1 - n frame 1 - n location (inlined frames first)
 *	node: a frame and the node of its caller (0: outermost)
 *	trace: a node (the most recent frame) + thread + domain + scope
 *	chunk: changes; checkpoint: totals of every trace at one moment
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/blocks.h"
#include "heap/heap.h"

enum mlw_ended {
	MLW_ENDED_RUNNING = 0,
	MLW_ENDED_EXIT = 1,
	MLW_ENDED_SIGNAL = 2,
	MLW_ENDED_EXEC = 3,
	MLW_ENDED_DETACHED = 4,
	MLW_ENDED_LOST = 5,
};

struct mlw_run_row {
	const char *command; /* JSON array of strings */
	const char *working_directory;
	const char *version; /* of the mallow that recorded */
	const char *options; /* JSON object, for people */
	int64_t started_at_ns; /* CLOCK_REALTIME */
	uint64_t duration_ns;
	uint64_t time_resolution_ns;
	uint64_t peak_uncertainty; /* bytes */
	uint64_t lost_events;
	uint64_t damaged_events; /* ring contents that made no sense, skipped */
	uint64_t stacks_verified;
	uint64_t stack_mismatches;
	uint64_t collector_cpu_ns;
	uint64_t collector_peak_rss; /* bytes */
	uint64_t collector_events;
	uint32_t depth; /* --depth */
	uint32_t ended; /* enum mlw_ended, of the first process */
	int32_t exit_code; /* with MLW_ENDED_EXIT */
	int32_t signal; /* with MLW_ENDED_SIGNAL */
	bool closed; /* the collector closed the file; the run's, when saved */
	uint64_t sample_bytes; /* --sample, 0: everything was recorded */
	/* The writer knows these itself. */
	bool keeps_addresses;
	bool keeps_events; /* false: --record sites */
	uint64_t cut_changes; /* after mlw_writer_stop_events: not kept, only counted */
	uint32_t saved; /* enum mlw_saved */
};

/*
 * A file of one snapshot knows what was live: its allocations are those of its live
 * blocks, nothing was freed, its peak is what it holds. Each of its frames is one of the
 * source and has at most one location; none stands before the site, or is hidden.
 */
enum mlw_saved {
	MLW_SAVED_NOT = 0, /* a recording */
	MLW_SAVED_OF_RUN = 1,
	/* Threads and processes are what who built it called them: thread.tid and
	 * process.pid, 0 none. */
	MLW_SAVED_BUILT = 2,
};

struct mlw_metadata_row {
	const char *key;
	const void *value; /* a NUL stands behind it */
	size_t size;
};

struct mlw_process_row {
	uint32_t id, parent; /* parent: process id, 0 none */
	int32_t pid;
	const char *command; /* JSON array */
	uint64_t started_us, ended_us;
	uint32_t ended; /* enum mlw_ended */
	int32_t exit_code; /* -1: not known */
	int32_t signal;
	bool recorded;
	const char *reason; /* why not recorded, or NULL */
	uint64_t lost_events;
	uint64_t tracer_size; /* bytes that Mallow used in it */
	uint64_t peak_rss; /* bytes, 0 not known */
};

struct mlw_thread_row {
	uint32_t id, process;
	int32_t tid;
	const char *name; /* may be "" */
	uint64_t started_us, ended_us; /* ended 0: not ended by itself */
};

struct mlw_module_row {
	uint32_t id;
	const char *path;
	const uint8_t *build_id;
	size_t build_id_size;
};

/* offset: link-time address of the call (return address - 1 - bias). module 0: the
 * run-time address itself, in no known module. */
struct mlw_frame_row {
	uint32_t module;
	uint64_t offset;
};

/* One source-level frame of a machine frame; several where functions were inlined, the
 * innermost first. Strings may be NULL: unknown. */
struct mlw_location_row {
	uint32_t frame;
	const char *function; /* demangled */
	const char *file;
	uint32_t line; /* 0 unknown */
	bool inlined; /* inlined into the next location of the same frame */
};

enum mlw_trace_flag {
	MLW_TRACE_TRUNCATED = 1, /* outermost frames are missing */
};

/* Above that flag, in a saved snapshot: how many frames more the stack had. */
#define MLW_TRACE_MORE_FRAMES_SHIFT 1
#define MLW_TRACE_MORE_FRAMES_MAX   (UINT32_MAX >> MLW_TRACE_MORE_FRAMES_SHIFT)

struct mlw_trace_row {
	uint32_t node; /* 0: no stack */
	uint32_t thread;
	uint32_t domain;
	uint32_t scope; /* 0 none */
	uint32_t flags;
};

enum mlw_name_kind {
	MLW_NAME_DOMAIN = 1,
	MLW_NAME_SCOPE = 2,
};

/* What the program itself has named: domain or scope `number` of traces. */
struct mlw_name_row {
	uint32_t kind; /* enum mlw_name_kind */
	uint32_t number;
	const char *text;
};

/* The pools of a process in one domain whose blocks take the same, as they were when it
 * ended. Sizes are bytes. */
struct mlw_pool_row {
	uint32_t process;
	uint32_t domain;
	uint64_t block_size; /* that each block takes; 0: as many as were asked for */
	uint64_t created; /* pools in all its life */
	uint64_t pools;
	uint64_t size; /* of their memory */
	uint64_t peak_size; /* the most that it ever was */
	uint64_t blocks;
	uint64_t used_size; /* that was asked for */
	uint64_t free_size; /* of memory in which no block lies */
	uint64_t largest_free; /* in one piece */
};

/* A block that was live at the end. */
struct mlw_live_row {
	uint32_t process;
	struct mlw_block block;
};

/* A named moment. `name` "peak" is never stored. */
struct mlw_snapshot_row {
	const char *name;
	uint64_t at_us;
	uint64_t size, count; /* live then, malloc domain */
};

struct mlw_timeline_row {
	uint64_t at_us;
	uint64_t size, count; /* live */
	uint64_t rss; /* bytes, all recorded processes; 0 not known */
	uint64_t allocations; /* so far */
};

#endif /* MLW_MODEL_H */
