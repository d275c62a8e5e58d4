/* SPDX-License-Identifier: MIT */
/* The writer of a ring, with a reader of our own in the same process. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/public.h"
#include "record/record.h"
#include "record/thread.h"

#define SMALL 2048u /* words: the smallest ring that an event of any size fits */
#define BIG   8192u
#define HERE  ((const uintptr_t *)__builtin_frame_address(0))

static struct mlw_run_page *run;
static struct mlw_segment *segment;

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	cr_assert(memory != MAP_FAILED);
	return memory;
}

static void add_ring(uint32_t index, uint32_t capacity, uint64_t data)
{
	segment->rings[index].capacity = capacity;
	segment->rings[index].data = data;
	segment->rings[index].state = MLW_RING_FREE;
}

/* Two small rings and a big one. */
static void open_session(void)
{
	size_t header = (sizeof(struct mlw_segment) + 4095) & ~(size_t)4095;
	size_t size = header + (2 * SMALL + BIG) * sizeof(uint64_t);

	run = shared(MLW_RUN_PAGE_SIZE);
	segment = shared(size);
	run->collector = (uint32_t)gettid();
	run->tick = 2;
	add_ring(0, SMALL, header);
	add_ring(1, SMALL, header + SMALL * sizeof(uint64_t));
	add_ring(2, BIG, header + 2 * SMALL * sizeof(uint64_t));
	mlw_session = calloc(1, sizeof(*mlw_session));
	mlw_session->state = MLW_SESSION_READY;
	mlw_session->run = run;
	mlw_session->segment = segment;
	mlw_session->config = (struct mlw_config){ .stall_ns = 200000000,
		                                   .ring_count = 3,
		                                   .big_ring_first = 2 };
	mlw_session->ring_count = 3;
	mlw_session->slab_count = 1;
	mlw_session->slabs[0] =
	        (struct mlw_slab){ .size = size, .base = (char *)segment };
}

static void no_big_ring(void)
{
	segment->rings[2].state = MLW_RING_CLAIMED;
}

static uint64_t word_at(const struct mlw_ring *ring, uint64_t position)
{
	const uint64_t *data =
	        (const uint64_t *)(const void *)((const char *)segment + ring->data);

	return data[position & (ring->capacity - 1)];
}

/* Words of the event whose first word is `word`, for the types written here. */
static uint64_t event_words(uint64_t word)
{
	switch (mlw_word_type(word)) {
	case MLW_EVENT_PAD:
		return mlw_word_value(word);
	case MLW_EVENT_STACK:
		return 1 + (mlw_word_value(word) >> 16 & 0xffff);
	case MLW_EVENT_ALLOC:
		return 2;
	case MLW_EVENT_MAP:
	case MLW_EVENT_UNMAP:
		return 3;
	case MLW_EVENT_POOL:
		return 5;
	default:
		return mlw_word_type(word) == MLW_EVENT_FREE &&
		                       (mlw_word_arg(word) & MLW_ARG_TICKET)
		               ? 2
		               : 1;
	}
}

struct reader {
	uint64_t frees; /* addresses must come as 16, 32, 48, ... */
	uint64_t lost, switches, others;
	bool in_order;
};

static void read_event(struct reader *reader, uint64_t word)
{
	switch (mlw_word_type(word)) {
	case MLW_EVENT_FREE:
		reader->frees++;
		if (mlw_word_value(word) != 16 * (reader->frees + reader->lost))
			reader->in_order = false;
		break;
	case MLW_EVENT_LOST:
		reader->lost += mlw_word_value(word);
		break;
	case MLW_EVENT_SWITCH:
		reader->switches++;
		break;
	case MLW_EVENT_PAD:
	case MLW_EVENT_TIME:
	case MLW_EVENT_GENERATION:
		break;
	default:
		reader->others++;
	}
}

static void drain(struct mlw_ring *ring, struct reader *reader)
{
	uint64_t head = atomic_load(&ring->head), tail = ring->tail;

	while (tail < head) {
		uint64_t word = word_at(ring, tail);

		read_event(reader, word);
		tail += event_words(word);
	}
	cr_assert_eq(tail, head, "an event crosses the published end");
	atomic_store(&ring->tail, tail);
}

static void free_numbers(uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		mlw_record_free(MLW_EVENT_FREE, (const void *)(uintptr_t)(16 * i), HERE);
}

Test(ring, events_are_published_in_order, .init = open_session)
{
	struct reader reader = { .in_order = true };

	free_numbers(1, 100);
	drain(&segment->rings[0], &reader);
	cr_assert_eq(reader.frees, 100);
	cr_assert(reader.in_order);
}

Test(ring, goes_round_many_laps_with_events_of_all_lengths, .init = open_session)
{
	struct reader reader = { .in_order = true };
	uint64_t allocations = 0, freed = 0;

	no_big_ring();
	for (int i = 0; i < 3000; i++) {
		free_numbers(freed + 1, freed + (uint64_t)(i % 7));
		freed += (uint64_t)(i % 7);
		mlw_record_alloc(MLW_EVENT_ALLOC, &reader, 8, HERE);
		allocations++;
		drain(&segment->rings[0], &reader);
	}
	cr_assert_eq(reader.frees, freed);
	cr_assert_geq(reader.others, allocations);
	cr_assert(reader.in_order);
	cr_assert_gt(segment->rings[0].tail, 3 * SMALL);
}

Test(ring, a_full_ring_goes_on_in_a_big_one, .init = open_session)
{
	struct reader reader = { .in_order = true };

	free_numbers(1, 2 * SMALL);
	drain(&segment->rings[0], &reader);
	cr_assert_eq(reader.switches, 1);
	cr_assert_eq(segment->rings[0].state, MLW_RING_DONE);
	drain(&segment->rings[2], &reader);
	cr_assert_eq(reader.frees, 2 * SMALL);
	cr_assert(reader.in_order);
	cr_assert_eq(segment->lost_events, 0);
}

/* Words of CONTROL SCOPE in a ring that nobody has read, in order. */
static uint32_t scopes_told(const struct mlw_ring *ring, uint64_t *numbers, uint32_t size)
{
	uint32_t count = 0;

	for (uint64_t at = ring->tail; at < ring->head;) {
		uint64_t word = word_at(ring, at);

		if (mlw_word_type(word) == MLW_EVENT_CONTROL &&
		    mlw_word_arg(word) == MLW_CONTROL_SCOPE && count < size)
			numbers[count++] = mlw_word_value(word);
		at += event_words(word);
	}
	return count;
}

Test(ring, a_scope_is_told_before_the_next_event_and_only_then, .init = open_session)
{
	uint64_t numbers[4];

	free_numbers(1, 1);
	cr_expect_eq(mallow_recorder_scope_begin("outer"), 0);
	cr_expect_eq(mallow_recorder_scope_begin("inner"), 0);
	cr_expect_eq(mallow_recorder_scope_end(), 0);
	cr_expect_eq(scopes_told(&segment->rings[0], numbers, 4), 0);
	free_numbers(2, 3);
	cr_assert_eq(scopes_told(&segment->rings[0], numbers, 4), 1);
	cr_expect_str_eq(segment->scopes[numbers[0] - 1].text, "outer");
	cr_expect_eq(mallow_recorder_scope_begin("inner"), 0);
	cr_expect_eq(mallow_recorder_scope_end(), 0);
	free_numbers(4, 4);
	cr_expect_eq(scopes_told(&segment->rings[0], numbers, 4), 1);
	cr_expect_eq(mallow_recorder_scope_end(), 0);
	free_numbers(5, 5);
	cr_expect_eq(scopes_told(&segment->rings[0], numbers, 4), 2);
	cr_expect_eq(numbers[1], 0);
}

Test(ring, a_scope_is_told_again_after_a_loss, .init = open_session)
{
	struct reader reader = { .in_order = true };
	uint64_t numbers[4];

	no_big_ring();
	mallow_recorder_scope_begin("outer");
	free_numbers(1, SMALL + 500);
	cr_assert_eq(scopes_told(&segment->rings[0], numbers, 4), 1);
	drain(&segment->rings[0], &reader);
	free_numbers(SMALL + 501, SMALL + 510);
	cr_assert_eq(scopes_told(&segment->rings[0], numbers, 4), 1);
	cr_expect_str_eq(segment->scopes[numbers[0] - 1].text, "outer");
}

/* The event that was written last. */
static const uint64_t *last_event(const struct mlw_ring *ring, uint64_t words)
{
	const uint64_t *data =
	        (const uint64_t *)(const void *)((const char *)segment + ring->data);

	return data + (ring->head - words);
}

Test(ring, pools_are_told_word_by_word, .init = open_session)
{
	const struct mlw_ring *ring = &segment->rings[0];
	const uint64_t kind = (uint64_t)mallow_recorder_domain("objects");
	char memory[64], *pool = memory;
	const uint64_t *words;

	cr_assert_eq(mallow_recorder_is_tracing(), 1);
	cr_expect_eq(mallow_recorder_pool_create((int)kind, pool, memory, 64, 16), 0);
	words = last_event(ring, 5);
	cr_expect_eq(words[0], mlw_word(MLW_EVENT_POOL, MLW_SLOT_NONE, (uintptr_t)pool));
	cr_expect_eq(words[1], (uint64_t)MLW_POOL_CREATE << 32 | kind << 40);
	cr_expect_eq(words[2], (uintptr_t)memory);
	cr_expect_eq(words[3], 64);
	cr_expect_eq(words[4], 16);
	cr_expect_str_eq(segment->domains[kind - MLW_MAP_TRACKED].text, "objects");
	cr_expect_eq(mallow_recorder_pool_alloc(pool, memory + 16, 9), 0);
	words = last_event(ring, 5);
	cr_expect_eq(mlw_word_type(words[0]), MLW_EVENT_POOL);
	cr_expect_eq(words[1], (uint64_t)MLW_POOL_ALLOC << 32);
	cr_expect_eq(words[2], (uintptr_t)memory + 16);
	cr_expect_eq(words[3], 9);
	cr_expect_eq(mallow_recorder_pool_destroy(pool), 0);
	cr_expect_eq(last_event(ring, 5)[1], (uint64_t)MLW_POOL_DESTROY << 32);
}

Test(ring, a_pool_that_cannot_be_is_refused, .init = open_session)
{
	char memory[64];
	void *wild = (void *)(UINTPTR_MAX / 2);
	int objects = mallow_recorder_domain("objects");
	uint64_t head;

	cr_assert_eq(mallow_recorder_is_tracing(), 1);
	head = atomic_load(&segment->rings[0].head);
	cr_expect_eq(mallow_recorder_pool_create(1, memory, memory, 64, 0), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_create(objects, NULL, memory, 64, 0), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_create(objects, memory, NULL, 64, 0), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_create(objects, memory, wild, 64, 0), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_create(objects, memory, memory, 0, 0), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_create(objects, memory, memory, 64, 65),
	             -EINVAL);
	cr_expect_eq(mallow_recorder_pool_alloc(memory, NULL, 1), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_alloc(memory, memory, SIZE_MAX), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_alloc(wild, memory, 1), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_free(memory, wild), -EINVAL);
	cr_expect_eq(mallow_recorder_pool_free(memory, NULL), 0);
	cr_expect_eq(mallow_recorder_pool_reset(NULL), -EINVAL);
	cr_expect_eq(atomic_load(&segment->rings[0].head), head, "and nothing is told");
}

static void *read_slowly(void *context)
{
	struct reader *reader = context;

	while (reader->frees + reader->lost < 10 * SMALL) {
		usleep(500);
		run->heartbeat++;
		drain(&segment->rings[0], reader);
	}
	return NULL;
}

Test(ring, a_full_ring_waits_for_the_reader, .init = open_session)
{
	struct reader reader = { .in_order = true };
	pthread_t thread;

	no_big_ring();
	pthread_create(&thread, NULL, read_slowly, &reader);
	free_numbers(1, 10 * SMALL);
	pthread_join(thread, NULL);
	cr_assert_eq(reader.frees, 10 * SMALL);
	cr_assert_eq(reader.lost, 0);
	cr_assert(reader.in_order);
}

Test(ring, a_reader_that_stalls_costs_counted_events_and_the_rest_is_recorded,
     .init = open_session)
{
	struct reader reader = { .in_order = true };
	uint64_t written = SMALL + 500;

	no_big_ring();
	free_numbers(1, written);
	cr_assert_gt(segment->lost_events, 0);
	drain(&segment->rings[0], &reader);
	free_numbers(written + 1, written + 10);
	drain(&segment->rings[0], &reader);
	cr_assert_eq(reader.frees + reader.lost, written + 10);
	cr_assert_eq(segment->lost_events, 0, "told by the LOST event");
	cr_assert(reader.in_order);
}

Test(ring, the_collectors_death_ends_the_recording_not_the_program, .init = open_session)
{
	no_big_ring();
	run->collector |= FUTEX_OWNER_DIED;
	free_numbers(1, 3 * SMALL);
	cr_assert_eq(mlw_session->state, MLW_SESSION_OFF);
}

static volatile sig_atomic_t handled;
static char mapped[4096];

static void handler(int signal)
{
	(void)signal;
	handled++;
	mlw_record_map(mapped, 4096, MLW_MAP_MMAP, HERE);
	mlw_record_unmap(mapped, 4096, MLW_MAP_MMAP, HERE);
}

struct storm {
	pthread_t target;
	atomic_bool stop;
};

static void *send_signals(void *context)
{
	struct storm *storm = context;

	while (!storm->stop) {
		pthread_kill(storm->target, SIGUSR1);
		usleep(20);
	}
	return NULL;
}

Test(ring, handlers_may_interrupt_a_hook_anywhere, .init = open_session)
{
	struct reader reader = { .in_order = true };
	struct storm storm = { .target = pthread_self() };
	uint64_t rounds = 0;
	pthread_t sender;

	no_big_ring();
	signal(SIGUSR1, handler);
	pthread_create(&sender, NULL, send_signals, &storm);
	for (; handled < 200 || rounds < 4000; rounds++) {
		free_numbers(100 * rounds + 1, 100 * rounds + 100);
		drain(&segment->rings[0], &reader);
	}
	storm.stop = true;
	pthread_join(sender, NULL);
	signal(SIGUSR1, SIG_IGN);
	drain(&segment->rings[0], &reader);
	cr_assert_eq(reader.frees, 100 * rounds);
	cr_assert_geq(reader.others, 2 * (uint64_t)handled);
	cr_assert(reader.in_order);
	cr_assert_eq(segment->lost_events, 0);
}

static void *free_in_thread(void *context)
{
	(void)context;
	mlw_record_free(MLW_EVENT_FREE, (const void *)16, HERE);
	return NULL;
}

static uint64_t last_word(const struct mlw_ring *ring)
{
	uint64_t position = 0, last = 0;

	while (position < ring->head) {
		last = word_at(ring, position);
		position += event_words(last);
	}
	return last;
}

Test(ring, a_second_thread_makes_events_take_tickets, .init = open_session)
{
	pthread_t thread;

	free_numbers(1, 1);
	cr_assert_not(mlw_word_arg(last_word(&segment->rings[0])) & MLW_ARG_TICKET);
	pthread_create(&thread, NULL, free_in_thread, NULL);
	pthread_join(thread, NULL);
	cr_assert(segment->threaded);
	free_numbers(2, 2);
	cr_assert(mlw_word_arg(last_word(&segment->rings[0])) & MLW_ARG_TICKET);
	cr_assert_eq(segment->tickets[mlw_ticket_index(16)].next, 2);
}

/* By a jump, between the two words that say that it is under way: nothing was published
 * from then on. */
Test(ring, a_hook_that_was_left_for_good_is_noticed, .init = open_session)
{
	uint64_t before;

	free_numbers(1, 1);
	before = segment->rings[0].head;
	mlw_local.thread->nesting = 1;
	mlw_local.thread->entry = MLW_NO_ENTRY;
	free_numbers(2, 200);
	cr_expect_eq(mlw_local.thread->nesting, 0);
	cr_expect_gt(segment->rings[0].head, before + 150);
}
