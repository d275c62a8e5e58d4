/* SPDX-License-Identifier: MIT */
/*
 * Any words in the rings of a process: the collector reads, counts what makes no sense,
 * and its model stays whole.
 *
 * The input is a list of steps, each begun by a byte: a well-formed word (type, arg,
 * value), any word, another ring, its state, its head, something that it asks for, what
 * happens to a pool, or a round of the collector. The process has names for two domains and
 * two scopes.
 */
#include <string.h>

#include "collect/errands.h"
#include "collect/household.h"
#include "collect/order.h"
#include "fuzz.h"

#define NO_PROCESS 0x3fffffff /* beyond any pid: /proc knows nothing of it */
#define ROUNDS     10000 /* more than it takes to read everything */

struct world {
	struct mlw_run_options options;
	struct mlw_run run;
	struct mlw_decoder decoder;
	struct mlw_order order;
	struct mlw_household household;
	struct mlw_process *process;
	uint32_t ring;
	uint64_t heads[MLW_RINGS_FIRST + MLW_RINGS_BIG];
};

static void name(struct mlw_shared_name *shared, const char *text)
{
	strcpy(shared->text, text);
	atomic_store(&shared->ready, 1);
}

static void make_names(struct mlw_segment *segment)
{
	name(&segment->domains[0], "objects");
	name(&segment->domains[1], "arenas");
	name(&segment->scopes[0], "parse");
	name(&segment->scopes[1], "emit");
}

static void make_process(struct world *world)
{
	const struct mlw_config config = { 0 };
	struct mlw_error err;

	world->process = mlw_process_new(NO_PROCESS, &err);
	world->process->own_pid = 1;
	must(!mlw_shared_init(&world->process->shared, &config, &err), err.text);
	must(!mlw_process_add_slab(world->process, &world->process->shared.slabs[0],
	                           &err),
	     err.text);
	make_names(world->process->shared.segment);
}

static void open_world(struct world *world)
{
	struct mlw_error err;

	*world = (struct world){
		.options = { .depth = 16, .follow_children = true, .keep_events = true }
	};
	must(!mlw_run_init(&world->run, &world->options, NULL, "/nowhere/libmallow.so",
	                   &err),
	     err.text);
	mlw_decoder_init(&world->decoder, &world->run, NULL, 0);
	make_process(world);
	mlw_household_init(&world->household, &world->run, world->process);
	mlw_household_meet(&world->household, world->process, 0);
	mlw_household_inherit(&world->household, 0);
}

static void close_world(struct world *world)
{
	mlw_household_release(&world->household);
	mlw_order_release(&world->order);
	mlw_run_release(&world->run);
}

static struct mlw_ring *ring_of(struct world *world)
{
	return &world->process->shared.segment->rings[world->ring];
}

/* Where the collector put the ring; what the segment says may be nonsense by now. */
static void put(struct world *world, uint64_t word)
{
	const struct mlw_ring_view *view = &world->process->views[world->ring];
	uint64_t *data = (uint64_t *)(uintptr_t)view->data;

	data[world->heads[world->ring]++ & view->mask] = word;
}

static void publish(struct world *world)
{
	atomic_store(&ring_of(world)->head, world->heads[world->ring]);
}

/* More often than not one that makes sense. */
static void put_pool(struct world *world, struct input *input)
{
	uint64_t op = take(input, 1) % 7, kind = MLW_MAP_TRACKED + take(input, 1) % 3;

	put(world, mlw_word(MLW_EVENT_POOL, MLW_SLOT_NONE, take(input, 1) % 4));
	put(world, op << 32 | kind << 40);
	put(world, take(input, 1));
	put(world, take(input, 1));
	put(world, take(input, 1) % 16);
	publish(world);
}

static void go_round(struct world *world)
{
	uint64_t now = mlw_decoder_clock(&world->decoder), cut;
	struct mlw_process *processes = world->household.processes;

	mlw_household_inherit(&world->household, now);
	mlw_errands_look(processes, now);
	if (!world->order.cut_us)
		mlw_errands_begin(processes, &world->order, &world->decoder, now);
	mlw_order_round(&world->order, &world->decoder, processes);
	cut = world->order.cut_us;
	world->order.cut_us = 0;
	if (cut)
		mlw_errands_do(processes, &world->run, cut);
	mlw_errands_tell(processes);
	mlw_household_finish(&world->household, now);
	for (uint32_t i = 0; i < world->process->ring_count; i++)
		world->heads[i] =
		        atomic_load(&world->process->shared.segment->rings[i].head);
}

static void ask(struct world *world, struct input *input)
{
	struct mlw_segment *segment = world->process->shared.segment;
	uint32_t errand = (uint32_t)take(input, 1);

	atomic_store(&segment->late, errand / MLW_ERRANDS % 2);
	atomic_store(&segment->errands[errand % MLW_ERRANDS].asked,
	             (uint32_t)take(input, 4));
}

static void step(struct world *world, struct input *input)
{
	uint64_t type, arg;

	switch (take(input, 1) % 10) {
	case 0:
		put(world, take(input, 8));
		break;
	case 1:
		world->ring =
		        (uint32_t)take(input, 1) % (MLW_RINGS_FIRST + MLW_RINGS_BIG);
		break;
	case 2:
		atomic_store(&ring_of(world)->state, (uint32_t)take(input, 1) % 5);
		break;
	case 3:
		publish(world);
		go_round(world);
		break;
	case 4:
		atomic_store(&ring_of(world)->head, take(input, 4));
		go_round(world);
		break;
	case 5:
		ask(world, input);
		go_round(world);
		break;
	case 6:
		put_pool(world, input);
		break;
	default:
		type = take(input, 1) % 16;
		arg = take(input, 2) & 0xfff;
		put(world,
		    mlw_word((enum mlw_event_type)type, (uint32_t)arg, take(input, 6)));
		publish(world);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	struct mlw_error err;
	struct world world;
	int rounds = 0;

	open_world(&world);
	while (input.size)
		step(&world, &input);
	must(mlw_heap_check(world.run.heap, &err), err.text);
	world.process->gone = true;
	while (!world.process->finished && rounds++ < ROUNDS)
		go_round(&world);
	must(world.process->finished, "a process that is gone is never read to its end");
	must(mlw_heap_check(world.run.heap, &err), err.text);
	close_world(&world);
	return 0;
}
