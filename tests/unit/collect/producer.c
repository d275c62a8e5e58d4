/* SPDX-License-Identifier: MIT */
#include "producer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NO_PROCESS 0x3fffffff /* beyond any pid: /proc knows nothing of it */

static struct mlw_process *make_process(int32_t pid, const struct mlw_hello *hello)
{
	const struct mlw_config config = { 0 };
	struct mlw_error err;
	struct mlw_process *process = mlw_process_new(pid, &err);

	cr_assert_not_null(process);
	cr_assert_eq(mlw_shared_init(&process->shared, &config, &err), 0);
	cr_assert_eq(mlw_process_add_slab(process, &process->shared.slabs[0], &err), 0);
	if (hello)
		process->hello = *hello;
	return process;
}

void producer_init(struct producer *producer)
{
	struct mlw_error err;

	memset(producer, 0, sizeof(*producer));
	producer->options = (struct mlw_run_options){ .depth = MLW_DEPTH_DEFAULT,
		                                      .follow_children = true,
		                                      .keep_events = true };
	cr_assert_eq(mlw_run_init(&producer->run, &producer->options, NULL,
	                          "/nowhere/libmallow.so", &err),
	             0);
	mlw_decoder_init(&producer->decoder, &producer->run, NULL, 0);
	producer->process = make_process(NO_PROCESS, NULL);
	mlw_household_init(&producer->household, &producer->run, producer->process);
	mlw_household_meet(&producer->household, producer->process, 0);
	mlw_household_inherit(&producer->household, 0);
}

void producer_release(struct producer *producer)
{
	mlw_household_release(&producer->household);
	mlw_order_release(&producer->order);
	mlw_run_release(&producer->run);
}

struct mlw_process *producer_meet(struct producer *producer, int32_t pid,
                                  const struct mlw_hello *hello)
{
	struct mlw_process *process = make_process(pid, hello);

	mlw_household_meet(&producer->household, process,
	                   mlw_decoder_clock(&producer->decoder));
	return process;
}

struct writer writer_claim(struct mlw_process *process, uint32_t index, uint32_t tid)
{
	struct mlw_ring *ring = &process->shared.segment->rings[index];

	cr_assert_eq(atomic_load(&ring->state), MLW_RING_FREE);
	atomic_store(&ring->state, MLW_RING_CLAIMED);
	ring->tid = tid;
	return (struct writer){ .process = process,
		                .view = &process->views[index],
		                .ring = ring,
		                .head = atomic_load(&ring->head) };
}

void writer_put(struct writer *writer, uint64_t word)
{
	char *base = (char *)writer->process->shared.segment;
	uint64_t *data = (uint64_t *)(void *)(base + writer->ring->data);

	data[writer->head++ & (writer->ring->capacity - 1)] = word;
}

void writer_publish(struct writer *writer)
{
	atomic_store(&writer->ring->head, writer->head);
}

void writer_done(struct writer *writer)
{
	writer_publish(writer);
	atomic_store(&writer->ring->state, MLW_RING_DONE);
}

void put_time(struct writer *writer, uint64_t us)
{
	writer_put(writer, mlw_word(MLW_EVENT_TIME, 0, us));
}

void put_alloc(struct writer *writer, enum mlw_event_type type, uint64_t address,
               uint32_t size, int64_t ticket)
{
	uint32_t flag = ticket < 0 ? 0 : MLW_ARG_TICKET;

	writer_put(writer, mlw_word(type, MLW_SLOT_NONE | flag, address));
	writer_put(writer, size | (ticket < 0 ? 0 : (uint64_t)ticket << 32));
}

void put_free(struct writer *writer, enum mlw_event_type type, uint64_t address,
              int64_t ticket)
{
	writer_put(writer, mlw_word(type, ticket < 0 ? 0 : MLW_ARG_TICKET, address));
	if (ticket >= 0)
		writer_put(writer, (uint32_t)ticket);
}

void put_stack(struct writer *writer, uint32_t slot, uint32_t keep, uint32_t count,
               const uint64_t *pcs)
{
	writer_put(writer, mlw_word(MLW_EVENT_STACK, slot, keep | (uint64_t)count << 16));
	for (uint32_t i = 0; i < count; i++)
		writer_put(writer, pcs[i]);
}

void put_control(struct writer *writer, enum mlw_control control, uint64_t value)
{
	writer_put(writer, mlw_word(MLW_EVENT_CONTROL, control, value));
}

uint64_t producer_read(struct producer *producer)
{
	uint64_t words, sum = 0;

	do {
		uint64_t now = mlw_decoder_clock(&producer->decoder);

		mlw_household_inherit(&producer->household, now);
		words = mlw_order_round(&producer->order, &producer->decoder,
		                        producer->household.processes);
		mlw_household_inherit(&producer->household, now);
		mlw_household_finish(&producer->household, now);
		sum += words;
	} while (words);
	return sum;
}

const struct mlw_totals *producer_totals(const struct producer *producer)
{
	return mlw_heap_totals(producer->run.heap);
}

void producer_read_two(struct producer *producer, struct writer *first,
                       struct writer *second)
{
	struct mlw_error err;

	writer_publish(first);
	writer_publish(second);
	producer_read(producer);
	cr_expect(mlw_heap_check(producer->run.heap, &err), "%s", err.text);
}

const struct mlw_totals *producer_domain(const struct producer *producer, uint32_t index)
{
	return mlw_heap_domain(producer->run.heap, MLW_DOMAIN_USER + index);
}

void put_name(struct mlw_shared_name *shared, const char *name)
{
	snprintf(shared->text, sizeof(shared->text), "%s", name);
	atomic_store(&shared->ready, 1);
}
