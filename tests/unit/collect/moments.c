/* SPDX-License-Identifier: MIT */
#include "collect/moments.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collect/guest.h"
#include "producer.h"

static struct producer producer;
static struct mlw_moments moments;

static void setup(void)
{
	producer_init(&producer);
	moments = (struct mlw_moments){ 0 };
}

static void teardown(void)
{
	mlw_moments_release(&moments);
	producer_release(&producer);
}

TestSuite(moments, .init = setup, .fini = teardown, .timeout = 20);

static bool take(uint64_t now_us)
{
	return mlw_moments_take(&moments, &producer.order, &producer.run, now_us);
}

Test(moments, a_cut_is_later_than_the_tick_before_and_earlier_than_the_one_after)
{
	struct mlw_run_page page = { 0 };
	uint64_t before, cut;

	producer.decoder.page = &page;
	mlw_decoder_pulse(&producer.decoder);
	before = atomic_load(&page.tick) >> 1;
	cut = mlw_decoder_cut(&producer.decoder);
	cr_expect_leq(before, cut);
	cr_expect_gt(atomic_load(&page.tick) >> 1, cut);
	cr_expect_geq(mlw_decoder_clock(&producer.decoder), atomic_load(&page.tick) >> 1);
	cr_expect_gt(mlw_decoder_cut(&producer.decoder), cut);
}

Test(moments, nothing_is_taken_that_nobody_wants)
{
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 0);
	cr_expect_eq(producer.order.cut_us, 0);
	cr_expect_not(take(0));
}

Test(moments, a_snapshot_waits_for_what_has_to_wait_but_not_for_ever)
{
	mlw_moments_want(&moments, "x", -1);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 1000);
	cr_expect_neq(producer.order.cut_us, 0);
	producer.order.waiting = 1;
	take(2000);
	cr_expect_neq(producer.order.cut_us, 0);
	take(1000000);
	cr_expect_eq(producer.order.cut_us, 0);
}

/* Who asks while a cut is being read wants what he did before he asked. */
Test(moments, a_wish_gets_a_cut_of_its_own)
{
	mlw_moments_want(&moments, "x", -1);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 0);
	mlw_moments_want(&moments, "y", -1);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 0);
	take(0);
	mlw_moments_answer(&moments, &producer.run, "f");
	cr_expect_not_null(moments.wanted);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 0);
	take(0);
	mlw_moments_answer(&moments, &producer.run, "f");
	cr_expect_null(moments.wanted);
}

static struct mlw_snapshot_reply reply_of(int fd)
{
	struct mlw_snapshot_reply reply = { 0 };

	cr_assert_eq(recv(fd, &reply, sizeof(reply), MSG_DONTWAIT),
	             (ssize_t)sizeof(reply));
	return reply;
}

Test(moments, the_answer_comes_after_the_snapshot)
{
	char byte;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	mlw_moments_want(&moments, "x", ends[0]);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 0);
	mlw_moments_answer(&moments, &producer.run, "f");
	cr_expect_eq(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
	cr_expect(take(0));
	mlw_moments_answer(&moments, &producer.run, "f");
	/* This run has no file. */
	cr_expect_eq(reply_of(ends[1]).status, MLW_SNAPSHOT_FAILED);
	cr_expect_eq(recv(ends[1], &byte, 1, MSG_DONTWAIT), 0);
	close(ends[1]);
}

Test(moments, whoever_still_waits_at_the_end_sees_the_end)
{
	char byte;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	mlw_moments_want(&moments, "x", ends[0]);
	mlw_moments_release(&moments);
	cr_expect_eq(recv(ends[1], &byte, 1, MSG_DONTWAIT), 0);
	close(ends[1]);
}

Test(moments, without_events_we_look_less_and_less_often)
{
	uint64_t now_us = 0, first, last;

	mlw_moments_point(&moments, &producer.household, now_us);
	cr_expect(moments.has_point);
	first = mlw_moments_sleep(&moments, 1000000, now_us);
	for (int i = 0; i < 60; i++) {
		now_us += mlw_moments_sleep(&moments, 1000000, now_us);
		mlw_moments_point(&moments, &producer.household, now_us);
	}
	last = mlw_moments_sleep(&moments, 1000000, now_us);
	cr_expect_lt(first, 50000);
	cr_expect_eq(last, 1000000);
}

static uint32_t hear(const void *bytes, size_t size)
{
	union mlw_message message;
	struct ucred peer;
	uint32_t kind;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	cr_assert_eq(send(ends[0], bytes, size, 0), (ssize_t)size);
	kind = mlw_guest_hear(ends[1], &message, &peer);
	close(ends[0]);
	close(ends[1]);
	return kind;
}

Test(guest, only_whole_and_sound_messages_are_heard)
{
	struct mlw_snapshot_request request = { .magic = MLW_WIRE_MAGIC,
		                                .version = MLW_WIRE_VERSION,
		                                .kind = MLW_HELLO_SNAPSHOT,
		                                .pid = 5,
		                                .name = "x" };
	struct mlw_snapshot_request wrong;
	char longer[sizeof(request) + 1] = { 0 };

	cr_expect_eq(hear(&request, sizeof(request)), MLW_HELLO_SNAPSHOT);
	cr_expect_eq(hear(&request, sizeof(request) - 1), 0);
	cr_expect_eq(hear(&request, sizeof(struct mlw_hello)), 0);
	memcpy(longer, &request, sizeof(request));
	cr_expect_eq(hear(longer, sizeof(longer)), 0);
	wrong = request;
	wrong.version++;
	cr_expect_eq(hear(&wrong, sizeof(wrong)), 0);
	wrong = request;
	wrong.pid = -1;
	cr_expect_eq(hear(&wrong, sizeof(wrong)), 0);
	wrong.pid = 0; /* who asks */
	cr_expect_eq(hear(&wrong, sizeof(wrong)), MLW_HELLO_SNAPSHOT);
	wrong = request;
	memset(wrong.name, 'x', sizeof(wrong.name));
	cr_expect_eq(hear(&wrong, sizeof(wrong)), 0);
}

/* What a forked child does can be read only when its parent has told of the fork. */
Test(moments, a_snapshot_waits_for_a_child_that_cannot_be_read_yet)
{
	const struct mlw_hello hello = { .magic = MLW_WIRE_MAGIC,
		                         .version = MLW_WIRE_VERSION,
		                         .kind = MLW_HELLO_PROCESS,
		                         .pid = 4243,
		                         .forked_from = producer.process->own_pid,
		                         .fork_sequence = 7 };
	struct writer parent = writer_claim(producer.process, 0, 100), writer;

	producer.options.follow_children = true;
	put_alloc(&parent, MLW_EVENT_ALLOC, 0x1000, 1, -1);
	writer_publish(&parent);
	producer_read(&producer);
	writer = writer_claim(producer_meet(&producer, 4243, &hello), 0, 4243);
	put_alloc(&writer, MLW_EVENT_ALLOC, 0x2000, 1, -1);
	writer_publish(&writer);
	mlw_moments_want(&moments, "child", -1);
	mlw_moments_begin(&moments, &producer.order, &producer.decoder, 1000);
	producer_read(&producer);
	cr_expect_eq(producer.order.waiting, 1);
	take(1000);
	cr_expect_neq(producer.order.cut_us, 0);
	put_control(&parent, MLW_CONTROL_FORK, 7);
	writer_publish(&parent);
	producer_read(&producer);
	take(1000);
	cr_expect_eq(producer.order.cut_us, 0);
	cr_expect_eq(producer_totals(&producer)->live_count, 2);
}
