/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_RECORDER_H
#define MLW_TEST_RECORDER_H

/*
 * Makes a .mallow file of a few known stacks, as the collector would: the writer and the
 * heap model, driven by hand. Every failure fails the test.
 *
 *	struct recorder recorder;
 *
 *	recorder_open(&recorder);
 *	thread = recorder_thread(&recorder, recorder_process(...), "main");
 *	block = recorder_alloc(&recorder, trace, 100);
 *	recorder_free(&recorder, thread, block);
 *	recorder_close(&recorder);	recorder.path can be read now
 *	recorder_remove(&recorder);
 */

#include "store/writer.h"

#define RECORDER_BLOCKS 4096
#define RECORDER_TRACES 64

struct recorder {
	char folder[64];
	char path[96];
	struct mlw_writer *writer;
	struct mlw_heap *heap;
	uint64_t time_us; /* of the next change: set it freely, only forward */
	uint64_t lost_events;
	uint64_t sample_bytes; /* as the heap was told */
	bool sites_only;
	uint32_t processes, threads, modules, frames, nodes, traces;
	uint32_t thread_of[RECORDER_TRACES];
	uint64_t blocks; /* ordinals so far */
	struct {
		uint32_t trace;
		uint64_t size, time_us;
	} block[RECORDER_BLOCKS];
};

void recorder_open(struct recorder *recorder);
void recorder_open_sites(struct recorder *recorder); /* --record sites */
void recorder_close(struct recorder *recorder);
/* As if the collector had been killed after its last commit. */
void recorder_die(struct recorder *recorder);
void recorder_remove(struct recorder *recorder);

uint32_t recorder_process(struct recorder *recorder, uint32_t parent,
                          const char *command);
uint32_t recorder_thread(struct recorder *recorder, uint32_t process, const char *name);
uint32_t recorder_module(struct recorder *recorder, const char *path);
/* The same with a build-id, which is the text. */
uint32_t recorder_built_module(struct recorder *recorder, const char *path,
                               const char *build_id);
/* A frame with one location; function and file may be NULL: then it has none. */
uint32_t recorder_frame(struct recorder *recorder, uint32_t module, const char *function,
                        const char *file, uint32_t line);
/* `inner` was inlined into `outer`. */
uint32_t recorder_inlined_frame(struct recorder *recorder, uint32_t module,
                                const char *inner, const char *outer, const char *file);
/* Frames of a stack, outermost first, ended by 0; returns the innermost node. */
uint32_t recorder_stack(struct recorder *recorder, const uint32_t *frames);
uint32_t recorder_trace(struct recorder *recorder, uint32_t node, uint32_t thread,
                        uint32_t domain, uint32_t flags);

/* A snapshot of what there is now. */
void recorder_snapshot(struct recorder *recorder, const char *name);
/* The same, and no event is kept from now on (--max-size). */
void recorder_cut(struct recorder *recorder, const char *name);

uint64_t recorder_alloc(struct recorder *recorder, uint32_t trace, uint64_t size);
void recorder_free(struct recorder *recorder, uint32_t thread, uint64_t block);
/* All but `left` bytes of a mapping are unmapped. */
void recorder_shrink(struct recorder *recorder, uint32_t thread, uint64_t block,
                     uint64_t left);
/* The end of the thread's process. */
void recorder_end(struct recorder *recorder, uint32_t thread);
/* The thread's process forgets what it has. */
void recorder_clear(struct recorder *recorder, uint32_t thread);
uint64_t recorder_realloc(struct recorder *recorder, uint64_t block, uint32_t trace,
                          uint64_t size);

#endif /* MLW_TEST_RECORDER_H */
