/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_SAMPLE_H
#define MLW_TEST_SAMPLE_H

/* Random recordings for the tests of the store. */

#include <stdint.h>

#include "heap/heap.h"
#include "store/writer.h"

#define SAMPLE_PROCESSES 3u
#define SAMPLE_THREADS   5u
#define SAMPLE_TRACES    60u
#define SAMPLE_ENDING    3u /* the process that ends before the others */
#define SAMPLE_END_AT    200u /* after that many allocations */
#define SAMPLE_CLEARING  1u /* the process that forgets what it has */
#define SAMPLE_CLEAR_AT  170u

struct sample_block {
	uint64_t size, time_us, address;
	uint32_t trace;
};

/* A random stream of changes, and the model to which all of them were applied. */
struct sample {
	struct mlw_heap *heap;
	struct sample_block *blocks; /* by ordinal */
	uint64_t *live; /* ordinals */
	size_t live_count;
	uint64_t capacity;
	uint64_t state;
	uint64_t time_us;
	uint64_t ordinal;
	uint64_t last_address;
	bool ended; /* process SAMPLE_ENDING */
	bool cleared; /* process SAMPLE_CLEARING has */
};

void sample_init(struct sample *sample, uint64_t seed, uint64_t changes);
void sample_release(struct sample *sample);
uint64_t sample_random(struct sample *sample, uint64_t limit);

/* The next change, already applied to sample->heap. */
struct mlw_change sample_next(struct sample *sample);

uint32_t sample_process_of(uint32_t thread);
uint32_t sample_thread_of(uint32_t trace);
uint32_t sample_domain_of(uint32_t trace);

/* A fresh model with the sample's threads and traces. */
struct mlw_heap *sample_heap(void);

/* A path in a folder of the test's own; sample_remove removes the folder. */
char *sample_path(void);
void sample_remove(char *path);

struct mlw_writer *sample_create(const char *path, bool keep_events, bool keep_addresses);
/* Processes, threads, modules, frames, nodes, traces, locations, run. */
void sample_describe(struct mlw_writer *writer);
void sample_close(struct mlw_writer *writer, const struct mlw_heap *heap);

/* A whole small recording; the sample is left at its end. */
void sample_record(const char *path, struct sample *sample, uint64_t changes);

/* Are both models in the same state? Asserts it. */
void sample_compare(const struct mlw_heap *found, const struct mlw_heap *expected);

#endif /* MLW_TEST_SAMPLE_H */
