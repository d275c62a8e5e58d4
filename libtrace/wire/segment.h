/* SPDX-License-Identifier: MIT */
#ifndef MLW_SEGMENT_H
#define MLW_SEGMENT_H

/*
 * The shared memory between a traced process and the collector.
 *
 * One run page for the whole run, mapped by the collector and by every process of the
 * run; one segment for each process, made by the collector as a memfd and handed over by
 * the meeting socket (wire/hello.h). Neither side keeps a descriptor of the other.
 *
 *	segment:  | struct mlw_segment | ring data | ring data | ... | further slabs |
 *
 * The collector believes nothing that it reads here: a traced program can write anything
 * into it. It reads configuration and layout from its own memory, never from the segment.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "wire/event.h"

#define MLW_WIRE_MAGIC     UINT32_C(0x314c574d) /* "MWL1" */
#define MLW_WIRE_VERSION   6u
#define MLW_CACHE_LINE     64
#define MLW_RING_MAX       2048u /* rings a process may have */
#define MLW_MODULE_SLOTS   128u
#define MLW_MODULE_PATH    424u
#define MLW_BUILD_ID_MAX   32u
#define MLW_RUN_PAGE_SIZE  4096u
#define MLW_SEGMENT_HEADER sizeof(struct mlw_segment)

#define MLW_TICK_IDLE 1u /* low bit of mlw_run_page.tick */

/*
 * collector: a robust futex. It holds the thread id of the collector's drain thread; the
 * kernel sets FUTEX_OWNER_DIED in it when that thread ends. 0: not recording any more.
 *
 * tick: microseconds since the start of the run, shifted left by one, stored by the
 * collector whenever it looks at the rings. With MLW_TICK_IDLE it has stopped looking:
 * the next event must ring the doorbell.
 *
 * A writer rings the doorbell by adding 1 to it and, if `sleeping` is not 0, waking the
 * futex.
 */
struct mlw_run_page {
	uint32_t magic;
	uint32_t version;
	uint64_t start_ns; /* CLOCK_MONOTONIC at the start of the run */
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t tick;
	_Atomic uint64_t heartbeat; /* grows as long as the collector makes progress */
	_Atomic uint32_t collector;
	_Alignas(MLW_CACHE_LINE) _Atomic uint32_t doorbell;
	_Atomic uint32_t sleeping;
};

_Static_assert(sizeof(struct mlw_run_page) <= MLW_RUN_PAGE_SIZE, "fits its page");

enum mlw_ring_state {
	MLW_RING_ABSENT = 0, /* no memory yet */
	MLW_RING_FREE = 1, /* may be claimed, by compare and swap */
	MLW_RING_CLAIMED = 2, /* a thread writes it */
	MLW_RING_DONE = 3, /* its writer will never write again; the collector drains it,
	                      empties it and makes it FREE */
	MLW_RING_LINGERING = 4, /* its writer is past the last destructor that it can
	                           know of and may still write: when the thread `tid` is
	                           gone the ring is as good as DONE */
};

/*
 * A ring: one writer (a thread), one reader (the collector). Positions count words and
 * never wrap; the index in the data is position & (capacity - 1), capacity a power of 2.
 *
 *	tail <= head <= tail + capacity
 *	words in [tail, head) are complete events
 *
 * A writer that finds no room sets `waiting` and waits on the low half of `tail`.
 */
struct mlw_ring {
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t head;
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t tail;
	_Atomic uint32_t waiting;
	_Alignas(MLW_CACHE_LINE) _Atomic uint32_t state;
	uint32_t tid; /* of the claiming thread, in its own pid namespace */
	uint32_t capacity; /* words; written by the collector */
	uint64_t data; /* byte offset in the segment; written by the collector */
};

_Static_assert(sizeof(struct mlw_ring) == 192, "three cache lines");

/*
 * One announced module. A slot is reserved by adding 1 to module_head (slot number n is
 * at n % MLW_MODULE_SLOTS once module_tail > n - MLW_MODULE_SLOTS), filled, and made
 * valid by storing n + 1 in `ready`. Every module is announced in every generation in
 * which one of its pcs is used, before the first event that carries such a pc.
 */
struct mlw_module_slot {
	_Atomic uint64_t ready;
	uint64_t start; /* of the mapping, inclusive */
	uint64_t end; /* exclusive */
	uint64_t bias; /* run-time address minus link-time address */
	uint32_t generation;
	uint32_t build_id_size; /* 0: none */
	uint8_t build_id[MLW_BUILD_ID_MAX];
	uint32_t path_size; /* bytes of path without a NUL; cut at MLW_MODULE_PATH */
	char path[MLW_MODULE_PATH + 4]; /* as the loader has it; "" is the executable */
};

_Static_assert(sizeof(struct mlw_module_slot) <= 512, "half a kilobyte");

/*
 * The name of a domain or a scope of the process's own. Written once, before the first
 * event that carries its number, and valid from `ready` on.
 */
#define MLW_DOMAINS   112u
#define MLW_SCOPES    1024u
#define MLW_NAME_SIZE 64u

struct mlw_shared_name {
	_Atomic uint32_t ready;
	char text[MLW_NAME_SIZE]; /* ends with a NUL */
};

/*
 * What a thread may want of the collector, and waits for: it adds 1 to `asked`, rings the
 * doorbell and waits on the futex `done` until that has come as far. All that any thread
 * of the process had published when it asked has been read by then.
 */
enum mlw_errand {
	/* `traced_size` and `traced_peak` are to be of that moment. */
	MLW_ERRAND_LOOK = 0,
	MLW_ERRAND_RESET_PEAK = 1, /* traced_peak becomes traced_size */
	MLW_ERRAND_CLEAR = 2, /* all blocks are forgotten */
	MLW_ERRANDS,
};

struct mlw_errand_word {
	_Atomic uint32_t asked;
	_Atomic uint32_t done;
};

struct mlw_ticket {
	_Alignas(MLW_CACHE_LINE) _Atomic uint32_t next;
};

enum mlw_unwinder {
	MLW_UNWINDER_AUTO = 0,
	MLW_UNWINDER_LIBUNWIND = 1,
	MLW_UNWINDER_FP = 2,
};

/* What the collector tells the process. Written before the segment is handed over. */
struct mlw_config {
	uint64_t segment_size; /* bytes to map at first */
	uint64_t stall_ns;
	uint32_t process; /* the collector's number for this process */
	uint32_t ring_count; /* entries of rings[] that have memory */
	uint32_t big_ring_first; /* rings[big_ring_first..ring_count) are for SWITCH */
	uint32_t unwinder; /* enum mlw_unwinder */
	uint32_t verify_every; /* compare every Nth stack with libunwind; 0: none */
	uint32_t snapshot_signal; /* 0: none */
	uint32_t record_maps; /* --mmap */
	uint32_t follow_children;
	uint32_t depth; /* frames of a stack that are kept, for who asks */
	uint32_t blind; /* the collector cannot see when a thread is gone */
	/* --sample (wire/sample.h): malloc's blocks that are not sampled are not told, of
	 * frees all that may be of one that is. */
	uint64_t sample_bytes; /* 0: everything is recorded */
	uint64_t sample_scale;
	uint64_t sample_seed;
};

struct mlw_segment {
	uint32_t magic;
	uint32_t version;
	struct mlw_config config;

	/* Written by the process. */
	_Alignas(MLW_CACHE_LINE) _Atomic uint32_t threaded; /* tickets are being taken */
	_Atomic uint32_t lossy; /* the process gave up waiting at least once */
	_Atomic uint64_t lost_events; /* not (yet) told by a LOST event */
	_Atomic uint64_t stacks_verified;
	_Atomic uint64_t stack_mismatches;
	_Atomic uint64_t tracer_size; /* bytes of private memory that Mallow uses there */
	/* The recording began, or went on, when the process had been running for a while:
	 * pointers that are not known are of then. */
	_Atomic uint32_t late;
	_Atomic uint32_t interposed; /* 1: malloc is ours; 2: something precedes us */
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t module_head;
	/* Written by the collector. */
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t module_tail;

	/* Written by the collector, but for `asked`: live bytes in all domains, and their
	 * highest sum since the start or the latest errand that lowered it. */
	_Alignas(MLW_CACHE_LINE) _Atomic uint64_t traced_size;
	_Atomic uint64_t traced_peak;
	_Alignas(MLW_CACHE_LINE) struct mlw_errand_word errands[MLW_ERRANDS];
	/* While threads look often: writers that have more words than this unread give
	 * the reader a moment, so that a look need not wait for all that fits a ring; 0:
	 * they do not. */
	_Atomic uint32_t window;

	struct mlw_ticket tickets[MLW_TICKET_COUNTERS];
	struct mlw_module_slot modules[MLW_MODULE_SLOTS];
	struct mlw_shared_name domains[MLW_DOMAINS];
	struct mlw_shared_name scopes[MLW_SCOPES];
	struct mlw_ring rings[MLW_RING_MAX];
};

/*
 * Sizes that the collector chooses by; here because tests of both sides use them. A
 * process starts with MLW_RINGS_FIRST small rings and MLW_RINGS_BIG big ones, mapped at
 * once but paid for only where they are touched; a process with more threads asks for
 * slabs of MLW_RINGS_SLAB more.
 */
#define MLW_RINGS_FIRST     64u
#define MLW_RINGS_BIG       4u
#define MLW_RINGS_SLAB      64u
#define MLW_RING_WORDS      8192u /* 64 KiB */
#define MLW_RING_BIG_WORDS  131072u /* 1 MiB */
#define MLW_RING_SLAB_WORDS 4096u /* 32 KiB, for processes with many threads */

#endif /* MLW_SEGMENT_H */
