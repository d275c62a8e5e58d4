/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include <mallow/snapshot.h>

#include "scene.h"

#define MOST 64

/* What was told, up to `limit` of it. */
struct heard {
	struct mallow_event events[MOST];
	size_t count, limit;
};

static bool hear(void *context, const struct mallow_event *event)
{
	struct heard *heard = context;

	cr_assert_lt(heard->count, MOST);
	heard->events[heard->count++] = *event;
	return heard->count != heard->limit;
}

static struct mallow_run *open_run(const char *path)
{
	struct mallow_run *run;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_run_open(&run, path, NULL, &err), 0, "%s", err.text);
	return run;
}

static void listen(struct mallow_run *run, uint64_t from_ns, struct heard *heard)
{
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_run_events(run, from_ns, hear, heard, &err), 0, "%s",
	             err.text);
}

static const char *site_of(const struct mallow_block *block)
{
	return mallow_traceback_frame(block->traceback, 0).function;
}

Test(mallow_events, are_what_the_totals_are_of)
{
	struct scene scene;
	struct heard heard = { 0 };
	struct mallow_totals totals;
	struct mallow_run *run;
	uint64_t size = 0, allocations = 0, frees = 0;

	scene_open(&scene);
	run = open_run(scene.recorder.path);
	listen(run, 0, &heard);
	cr_assert_eq(mallow_run_totals(run, &totals, NULL), 0);
	for (size_t i = 0; i < heard.count; i++) {
		const struct mallow_event *event = &heard.events[i];
		bool is_ours = event->block.domain == MALLOW_DOMAIN_MALLOC;

		cr_expect_eq(event->number, i + 1);
		allocations += event->op == MALLOW_OP_ALLOC && is_ours;
		size += is_ours ? event->block.bytes : 0;
		frees += event->op == MALLOW_OP_FREE;
	}
	cr_expect_eq(allocations, totals.allocations);
	cr_expect_eq(size, totals.allocated_size);
	cr_expect_eq(frees, totals.frees);
	mallow_run_close(run);
	scene_close(&scene);
}

Test(mallow_events, name_both_blocks)
{
	struct scene scene;
	struct heard heard = { 0 };
	struct mallow_run *run;
	const struct mallow_event *event;

	scene_open(&scene);
	run = open_run(scene.recorder.path);
	listen(run, 0, &heard);
	event = &heard.events[0];
	cr_expect_eq(event->op, MALLOW_OP_ALLOC);
	cr_expect_eq(event->freed, MALLOW_FREED_NOTHING);
	cr_expect_eq(event->at_ns, 100000);
	cr_expect_eq(event->block.domain, MALLOW_DOMAIN_MMAP);
	cr_expect_eq(event->block.size, 4096);
	cr_expect_eq(event->old.number, 0);
	event = &heard.events[heard.count - 2]; /* thread 2 frees what thread 1 had */
	cr_expect_eq(event->op, MALLOW_OP_FREE);
	cr_expect_eq(event->freed, MALLOW_FREED_BLOCK);
	cr_expect_eq(event->at_ns, 200000);
	cr_expect_eq(event->thread, 2);
	cr_expect_eq(event->block.number, 0);
	cr_expect_eq(event->old.size, 1000);
	cr_expect_eq(event->old.at_ns, 100000);
	cr_expect_eq(event->old.thread, 1);
	cr_expect_str_eq(site_of(&event->old), "parse");
	event = &heard.events[heard.count - 1];
	cr_expect_eq(event->thread, 3);
	cr_expect_eq(event->process, 2);
	cr_expect_eq(event->block.process, 2);
	cr_expect_eq(event->block.traceback, heard.events[heard.count - 2].old.traceback,
	             "one stack is one traceback");
	mallow_run_close(run);
	scene_close(&scene);
}

Test(mallow_events, begin_at_a_time_and_end_when_it_is_enough)
{
	struct scene scene;
	struct heard all = { 0 }, late = { 0 }, few = { .limit = 2 }, none = { 0 };
	struct mallow_run *run;

	scene_open(&scene);
	run = open_run(scene.recorder.path);
	listen(run, 0, &all);
	listen(run, 200000, &late);
	cr_assert_eq(late.count, 3);
	cr_expect_eq(late.events[0].number, all.events[all.count - 3].number);
	listen(run, 100001, &few);
	cr_assert_eq(few.count, 2);
	cr_expect_eq(few.events[0].at_ns, 200000);
	listen(run, 900000, &none);
	cr_expect_eq(none.count, 0);
	mallow_run_close(run);
	scene_close(&scene);
}

Test(mallow_events, realloc_and_what_is_left_of_a_mapping)
{
	struct recorder recorder;
	struct heard heard = { 0 };
	struct mallow_run *run;
	uint32_t thread, frames[2] = { 0 }, trace, mapping;
	uint64_t block;

	recorder_open(&recorder);
	thread = recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"prog\"]"),
	                         "main");
	frames[0] = recorder_frame(&recorder, recorder_module(&recorder, "/bin/prog"),
	                           "main", "a.c", 1);
	trace = recorder_trace(&recorder, recorder_stack(&recorder, frames), thread, 0,
	                       0);
	mapping = recorder_trace(&recorder, recorder_stack(&recorder, frames), thread, 1,
	                         0);
	recorder.time_us = 100;
	block = recorder_alloc(&recorder, trace, 10);
	recorder_realloc(&recorder, block, trace, 30);
	block = recorder_alloc(&recorder, mapping, 8192);
	recorder_shrink(&recorder, thread, block, 4096);
	recorder_clear(&recorder, thread);
	recorder_end(&recorder, thread);
	recorder_close(&recorder);
	run = open_run(recorder.path);
	listen(run, 0, &heard);
	cr_assert_eq(heard.count, 6);
	cr_expect_eq(heard.events[1].op, MALLOW_OP_REALLOC);
	cr_expect_eq(heard.events[1].old.number, heard.events[0].block.number);
	cr_expect_eq(heard.events[1].old.size, 10);
	cr_expect_eq(heard.events[1].block.size, 30);
	cr_expect_eq(heard.events[1].left, 0);
	cr_expect_eq(heard.events[3].op, MALLOW_OP_SHRINK);
	cr_expect_eq(heard.events[3].old.size, 8192);
	cr_expect_eq(heard.events[3].left, 4096);
	cr_expect_eq(heard.events[4].op, MALLOW_OP_CLEAR);
	cr_expect_eq(heard.events[5].op, MALLOW_OP_END);
	cr_expect_null(heard.events[5].block.traceback);
	mallow_run_close(run);
	recorder_remove(&recorder);
}

Test(mallow_events, were_not_kept_with_totals_by_site)
{
	struct recorder recorder;
	struct heard heard = { 0 };
	struct mallow_run *run;
	struct mallow_error err;

	recorder_open_sites(&recorder);
	recorder_close(&recorder);
	run = open_run(recorder.path);
	cr_assert_eq(mallow_run_events(run, 0, hear, &heard, &err), -1);
	cr_expect_eq(strncmp(err.text, recorder.path, strlen(recorder.path)), 0);
	cr_expect_not_null(strstr(err.text, "there are no events, because only totals by "
	                                    "site were recorded"),
	                   "%s", err.text);
	mallow_run_close(run);
	recorder_remove(&recorder);
}

Test(mallow_events, of_a_sample_tell_what_they_stand_for)
{
	const struct mlw_weight first = mlw_weigh(1000, 10, 1),
	                        second = mlw_weigh(1000, 30, 2);
	struct recorder recorder;
	struct heard heard = { 0 };
	struct mallow_run *run;
	uint32_t trace, mapping;

	recorder_open(&recorder);
	recorder.sample_bytes = 1000;
	mlw_heap_set_sample(recorder.heap, recorder.sample_bytes);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "p");
	trace = recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	mapping = recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MMAP, 0);
	recorder_realloc(&recorder, recorder_alloc(&recorder, trace, 10), trace, 30);
	recorder_alloc(&recorder, mapping, 4096);
	recorder_close(&recorder);
	run = open_run(recorder.path);
	listen(run, 0, &heard);
	cr_assert_eq(heard.count, 3);
	cr_assert_gt(first.count, 1);
	cr_expect_eq(heard.events[0].block.size, 10);
	cr_expect_eq(heard.events[0].block.blocks, first.count);
	cr_expect_eq(heard.events[0].block.bytes, first.size);
	cr_expect_eq(heard.events[1].old.bytes, first.size);
	cr_expect_eq(heard.events[1].block.bytes, second.size);
	cr_expect_eq(heard.events[2].block.blocks, 1);
	cr_expect_eq(heard.events[2].block.bytes, 4096);
	mallow_run_close(run);
	recorder_remove(&recorder);
}
