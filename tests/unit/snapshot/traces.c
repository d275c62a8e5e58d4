/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "build.h"

static struct mallow_snapshot *snapshot;

static void open_one(void)
{
	snapshot = build_old();
}

static void close_one(void)
{
	mallow_snapshot_free(snapshot);
}

TestSuite(snapshot_traces, .init = open_one, .fini = close_one);

Test(snapshot_traces, are_what_was_added)
{
	static const struct {
		uint32_t domain, line, total;
		uint64_t size;
		const char *file;
	} expected[] = {
		{ 0, 2, 2, 10, "a" }, { 0, 2, 2, 10, "a" }, { 0, 2, 2, 10, "a" },
		{ 1, 5, 2, 2, "a" },  { 2, 1, 1, 66, "b" }, { 3, 0, 1, 7, "unknown" },
	};

	cr_assert_eq(mallow_snapshot_trace_count(snapshot), 6);
	for (size_t i = 0; i < 6; i++) {
		const struct mallow_trace *trace = mallow_snapshot_trace(snapshot, i);
		struct mallow_frame frame = mallow_traceback_frame(trace->traceback, 0);

		cr_expect_eq(trace->domain, expected[i].domain);
		cr_expect_eq(trace->size, expected[i].size);
		cr_expect_eq(trace->count, 1);
		cr_expect_eq(trace->thread, 0);
		cr_expect_eq(trace->process, 0);
		cr_expect_null(trace->scope);
		cr_expect_str_eq(frame.file, expected[i].file);
		cr_expect_eq(frame.line, expected[i].line);
		cr_expect_eq(mallow_traceback_count(trace->traceback), expected[i].total);
		cr_expect_eq(mallow_traceback_total_frames(trace->traceback),
		             expected[i].total);
	}
	cr_expect_null(mallow_snapshot_trace(snapshot, 6));
	cr_expect_eq(mallow_snapshot_at_ns(snapshot), 0);
}

Test(snapshot_traces, keep_all_that_they_are_given)
{
	struct mallow_frame frame = { .function = "f",
		                      .file = "f.c",
		                      .module = "/f",
		                      .offset = 9,
		                      .line = 8,
		                      .inlined = true };
	char scope[] = "load";
	struct mallow_new_trace given = { .frames = &frame,
		                          .frame_count = 1,
		                          .total_frames = 5,
		                          .size = 64,
		                          .count = 4,
		                          .domain = 17,
		                          .thread = 3,
		                          .process = 2,
		                          .scope = scope };
	const struct mallow_trace *trace;

	cr_assert_eq(mallow_snapshot_add(snapshot, &given, NULL), 0);
	memset(scope, 'x', 4);
	memset(&frame, 0, sizeof(frame));
	trace = mallow_snapshot_trace(snapshot, 6);
	frame = mallow_traceback_frame(trace->traceback, 0);
	cr_expect_str_eq(frame.function, "f");
	cr_expect_str_eq(frame.file, "f.c");
	cr_expect_str_eq(frame.module, "/f");
	cr_expect_eq(frame.offset, 9);
	cr_expect_eq(frame.line, 8);
	cr_expect(frame.inlined);
	cr_expect_eq(mallow_traceback_total_frames(trace->traceback), 5);
	cr_expect(mallow_traceback_truncated(trace->traceback));
	cr_expect_eq(trace->size, 64);
	cr_expect_eq(trace->count, 4);
	cr_expect_eq(trace->domain, 17);
	cr_expect_eq(trace->thread, 3);
	cr_expect_eq(trace->process, 2);
	cr_expect_str_eq(trace->scope, "load");
}

Test(snapshot_traces, known_domains_have_their_names)
{
	cr_expect_str_eq(mallow_snapshot_domain_name(snapshot, 0), "malloc");
	cr_expect_str_eq(mallow_snapshot_domain_name(snapshot, 1), "mmap");
	cr_expect_str_eq(mallow_snapshot_domain_name(snapshot, 2), "brk");
	cr_expect_null(mallow_snapshot_domain_name(snapshot, 3));
}
