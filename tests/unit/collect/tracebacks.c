/* SPDX-License-Identifier: MIT */
#include "collect/tracebacks.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collect/errands.h"
#include "producer.h"

static struct producer producer;
static struct mlw_tracebacks tracebacks;

static void setup(void)
{
	producer_init(&producer);
	tracebacks = (struct mlw_tracebacks){ 0 };
}

static void teardown(void)
{
	mlw_tracebacks_release(&tracebacks);
	producer_release(&producer);
}

TestSuite(tracebacks, .init = setup, .fini = teardown, .timeout = 20);

struct answer {
	struct mlw_traceback_reply reply;
	uint64_t addresses[MLW_TRACEBACK_FRAMES];
};

/* The descriptor on which the answer comes. */
static int ask(uint32_t domain, uint64_t address, bool text)
{
	const struct mlw_traceback_request request = { .domain = domain,
		                                       .address = address,
		                                       .text = text };
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	mlw_tracebacks_ask(&tracebacks, producer.process, &request, ends[1]);
	return ends[0];
}

/* Bytes of the answer; -1: there is none yet. */
static ssize_t hear(int guest, struct answer *answer)
{
	return recv(guest, answer, sizeof(*answer), MSG_DONTWAIT);
}

static void go_round(void)
{
	producer_read(&producer);
	mlw_tracebacks_answer(&tracebacks, &producer.run);
}

/* Without modules an offset is the address of the call. */
static void allocate(struct writer *writer, uint64_t address, uint32_t size)
{
	static const uint64_t stack[] = { 0x1001, 0x2001, 0x3001 };

	put_stack(writer, MLW_SLOT_NONE, 0, 3, stack);
	put_alloc(writer, MLW_EVENT_ALLOC, address, size, -1);
	writer_publish(writer);
}

Test(tracebacks, the_most_recent_call_is_first)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	struct answer answer;
	int guest;

	allocate(&writer, 0x10000, 40);
	guest = ask(0, 0x10000, false);
	cr_expect_eq(hear(guest, &answer), -1);
	go_round();
	cr_assert_eq(hear(guest, &answer), sizeof(answer.reply) + 3 * sizeof(uint64_t));
	cr_expect_eq(answer.reply.status, MLW_TRACEBACK_FOUND);
	cr_expect_eq(answer.reply.count, 3);
	cr_expect_eq(answer.reply.size, 40);
	cr_expect_eq(answer.reply.truncated, 0);
	cr_expect_eq(answer.addresses[0], 0x3001);
	cr_expect_eq(answer.addresses[2], 0x1001);
	cr_expect_eq(hear(guest, &answer), 0, "the connection has ended");
	close(guest);
}

Test(tracebacks, what_is_not_live_is_unknown)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	static const struct {
		uint32_t domain;
		uint64_t address;
	} unknown[] = { { 0, 0x20000 },  { 0, 0x10008 },  { 1, 0x10000 },
		        { 15, 0x10000 }, { 16, 0x10000 }, { 999, 0x10000 },
		        { 0, 0x30000 } };

	allocate(&writer, 0x10000, 40);
	allocate(&writer, 0x30000, 40);
	put_free(&writer, MLW_EVENT_FREE, 0x30000, -1);
	writer_publish(&writer);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		int guest = ask(unknown[i].domain, unknown[i].address, i % 2);
		struct answer answer;

		go_round();
		cr_assert_eq(hear(guest, &answer), sizeof(answer.reply));
		cr_expect_eq(answer.reply.status, MLW_TRACEBACK_UNKNOWN);
		close(guest);
	}
}

Test(tracebacks, what_was_forgotten_is_unknown)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	struct answer answer;
	int guest;

	allocate(&writer, 0x10000, 40);
	producer_read(&producer);
	mlw_process_clear(producer.process, &producer.run, 0);
	guest = ask(0, 0x10000, false);
	go_round();
	cr_assert_eq(hear(guest, &answer), sizeof(answer.reply));
	cr_expect_eq(answer.reply.status, MLW_TRACEBACK_UNKNOWN);
	close(guest);
}

/* The ring waits for a ticket that another thread has taken: the free may be behind. */
Test(tracebacks, an_answer_waits_until_all_is_read)
{
	struct writer first = writer_claim(producer.process, 0, 1);
	struct writer second = writer_claim(producer.process, 1, 2);
	struct answer answer;
	int guest;

	put_alloc(&first, MLW_EVENT_ALLOC, 0x10000, 8, 0);
	put_free(&second, MLW_EVENT_FREE, 0x10000, 1);
	writer_publish(&second);
	guest = ask(0, 0x10000, false);
	go_round();
	cr_expect_eq(hear(guest, &answer), -1);
	writer_publish(&first);
	go_round();
	cr_assert_eq(hear(guest, &answer), sizeof(answer.reply));
	cr_expect_eq(answer.reply.status, MLW_TRACEBACK_UNKNOWN);
	close(guest);
}

Test(tracebacks, as_text)
{
	static const char expected[] =
	        "Memory block allocated at (most recent call first):\n"
	        "  Address 0x3000\n  Address 0x2000\n  Address 0x1000\n\n";
	struct writer writer = writer_claim(producer.process, 0, 1);
	char text[MLW_TRACEBACK_PART + 1];
	struct answer answer;
	ssize_t size;
	int guest;

	allocate(&writer, 0x10000, 40);
	guest = ask(0, 0x10000, true);
	go_round();
	cr_assert_eq(hear(guest, &answer), sizeof(answer.reply));
	size = recv(guest, text, sizeof(text) - 1, MSG_DONTWAIT);
	cr_assert_eq(size, (ssize_t)strlen(expected));
	text[size] = '\0';
	cr_expect_str_eq(text, expected);
	close(guest);
}

static void expect_text(uint64_t address, const char *start)
{
	char text[MLW_TRACEBACK_PART + 1] = "";
	int guest = ask(0, address, true);
	struct answer answer;

	go_round();
	cr_assert_eq(hear(guest, &answer), sizeof(answer.reply));
	cr_expect_eq(answer.reply.status,
	             start ? MLW_TRACEBACK_FOUND : MLW_TRACEBACK_UNKNOWN);
	cr_expect_eq(recv(guest, text, sizeof(text) - 1, MSG_DONTWAIT) > 0,
	             start != NULL);
	if (start)
		cr_expect(!strncmp(text, start, strlen(start)), "%s", text);
	close(guest);
}

/* free() may be about to find that it is damaged. */
Test(tracebacks, the_text_knows_the_latest_that_was_freed)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	allocate(&writer, 0x10000, 40);
	allocate(&writer, 0x20000, 40);
	put_free(&writer, MLW_EVENT_FREE, 0x10000, -1);
	writer_publish(&writer);
	expect_text(0x10000, "Freed memory block allocated at (most");
	expect_text(0x20000, "Memory block allocated at (most");
	put_free(&writer, MLW_EVENT_FREE, 0x20000, -1);
	writer_publish(&writer);
	expect_text(0x10000, NULL);
	allocate(&writer, 0x30000, 40); /* both at once are one step */
	put_free(&writer, MLW_EVENT_FREE, 0x30000, -1);
	allocate(&writer, 0x40000, 40);
	expect_text(0x30000, "Freed memory block allocated at (most");
	mlw_process_clear(producer.process, &producer.run, 0);
	expect_text(0x30000, NULL);
}

Test(tracebacks, a_block_that_is_being_resized_is_live)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	allocate(&writer, 0x10000, 40);
	put_free(&writer, MLW_EVENT_REALLOC_FREE, 0x10000, -1);
	writer_publish(&writer);
	expect_text(0x10000, "Memory block allocated at (most");
	put_alloc(&writer, MLW_EVENT_REALLOC_ALLOC, 0x20000, 60, -1);
	writer_publish(&writer);
	expect_text(0x10000, NULL);
}

/* Who has gone away in the meantime. */
Test(tracebacks, nobody_need_be_there)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	allocate(&writer, 0x10000, 40);
	close(ask(0, 0x10000, false));
	close(ask(0, 0x10000, true));
	go_round();
	cr_expect_null(tracebacks.asked);
	close(ask(0, 0x10000, true));
}

/* The guest reads more slowly than there is room for. */
Test(tracebacks, a_long_text_arrives_whole)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	uint64_t stack[MLW_STACK_MAX_FRAMES];
	const struct mlw_traceback_request request = { .address = 0x10000, .text = 1 };
	char part[MLW_TRACEBACK_PART];
	struct answer answer;
	int ends[2], room = 1, rounds = 0;
	size_t size = 0;
	ssize_t got;

	for (uint64_t i = 0; i < MLW_STACK_MAX_FRAMES; i++)
		stack[i] = 0x100001 + i;
	producer.options.depth = MLW_STACK_MAX_FRAMES;
	put_stack(&writer, MLW_SLOT_NONE, 0, MLW_STACK_MAX_FRAMES, stack);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x10000, 40, -1);
	writer_publish(&writer);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	mlw_tracebacks_ask(&tracebacks, producer.process, &request, ends[1]);
	go_round();
	cr_assert_eq(hear(ends[0], &answer), sizeof(answer.reply));
	for (; (got = recv(ends[0], part, sizeof(part), MSG_DONTWAIT)); go_round()) {
		cr_assert_lt(rounds++, 1000);
		size += got > 0 ? (size_t)got : 0;
	}
	cr_expect_gt(rounds, 1);
	cr_expect_geq(size, MLW_STACK_MAX_FRAMES * strlen("  Address 0x100000\n"));
	cr_expect_null(tracebacks.asked);
	close(ends[0]);
}

static void announce(uint64_t start, const char *path, uint32_t generation)
{
	struct mlw_segment *segment = producer.process->shared.segment;
	uint64_t number = atomic_fetch_add(&segment->module_head, 1);
	struct mlw_module_slot *slot = &segment->modules[number % MLW_MODULE_SLOTS];

	slot->start = slot->bias = start;
	slot->end = start + 0x1000;
	slot->generation = generation;
	slot->path_size = (uint32_t)strlen(path);
	memcpy(slot->path, path, slot->path_size + 1);
	atomic_store(&slot->ready, number + 1);
}

static uint64_t innermost(void)
{
	int guest = ask(0, 0x10000, false);
	struct answer answer;

	go_round();
	cr_assert_geq(hear(guest, &answer), (ssize_t)sizeof(answer.reply) + 8);
	close(guest);
	return answer.addresses[0];
}

/* Every generation announces what is loaded again. */
Test(tracebacks, a_module_that_stays_is_one_row)
{
	struct writer writer = writer_claim(producer.process, 0, 1);
	const struct mlw_module_map *map = &producer.process->modules;

	for (uint32_t i = 1; i < 50; i++) {
		announce(0x3000, "one.so", i);
		announce(0x5000, "two.so", i);
		producer_read(&producer);
	}
	cr_expect_eq(map->count, 2);
	allocate(&writer, 0x10000, 40);
	cr_expect_eq(innermost(), 0x3001 | MLW_TRACEBACK_MODULE);
}

Test(tracebacks, a_module_in_the_place_of_another)
{
	struct writer writer = writer_claim(producer.process, 0, 1);

	announce(0x3000, "one.so", 0);
	allocate(&writer, 0x10000, 40);
	cr_expect_eq(innermost(), 0x3001 | MLW_TRACEBACK_MODULE);
	announce(0x3000, "two.so", 1);
	cr_expect_eq(innermost(), 0);
	announce(0x3000, "one.so", 2);
	cr_expect_eq(innermost(), 0x3001 | MLW_TRACEBACK_MODULE);
	cr_expect_eq(producer.process->modules.count, 3);
	/* What a late thread still has of the first two. */
	for (uint32_t i = 0; i < 3; i++) {
		struct mlw_error err;
		uint32_t frame = mlw_module_map_frame(
		        &producer.process->modules, &producer.run.tree, i, 0x3001, &err);

		cr_expect_eq(producer.run.tree.frames[frame].module, i == 1 ? 2 : 1);
	}
}
