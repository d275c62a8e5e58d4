/* SPDX-License-Identifier: MIT */
#ifndef PRODUCER_H
#define PRODUCER_H

/*
 * A traced process that exists in the test alone: it fills rings of a real segment as
 * libmallow.so does (wire/event.h), and the collector's side reads them.
 */

#include "collect/household.h"
#include "collect/options.h"
#include "collect/order.h"
#include "collect/run.h"

struct producer {
	struct mlw_run_options options;
	struct mlw_run run;
	struct mlw_decoder decoder;
	struct mlw_order order;
	struct mlw_household household;
	struct mlw_process *process; /* the first: borrowed from the household */
};

void producer_init(struct producer *producer);
void producer_release(struct producer *producer);

/* One more process, with `hello` as its words of greeting (NULL: fresh). */
struct mlw_process *producer_meet(struct producer *producer, int32_t pid,
                                  const struct mlw_hello *hello);

/* A writer of one ring. */
struct writer {
	struct mlw_process *process;
	struct mlw_ring_view *view;
	struct mlw_ring *ring;
	uint64_t head; /* written, perhaps not published yet */
};

struct writer writer_claim(struct mlw_process *process, uint32_t index, uint32_t tid);
void writer_put(struct writer *writer, uint64_t word);
void writer_publish(struct writer *writer);
void writer_done(struct writer *writer);

/* Events. `ticket` < 0: without one. The stack of allocations: the cursor. */
void put_time(struct writer *writer, uint64_t us);
void put_alloc(struct writer *writer, enum mlw_event_type type, uint64_t address,
               uint32_t size, int64_t ticket);
void put_free(struct writer *writer, enum mlw_event_type type, uint64_t address,
              int64_t ticket);
void put_stack(struct writer *writer, uint32_t slot, uint32_t keep, uint32_t count,
               const uint64_t *pcs);
void put_control(struct writer *writer, enum mlw_control control, uint64_t value);

/* Rounds until nothing moves; returns the words read. */
uint64_t producer_read(struct producer *producer);

/* What two writers have put; then the model is checked. */
void producer_read_two(struct producer *producer, struct writer *first,
                       struct writer *second);

const struct mlw_totals *producer_totals(const struct producer *producer);
/* Of the process's own domain `index`, when only it has any. */
const struct mlw_totals *producer_domain(const struct producer *producer, uint32_t index);

/* A domain or a scope of the process gets its name. */
void put_name(struct mlw_shared_name *shared, const char *name);

#endif /* PRODUCER_H */
