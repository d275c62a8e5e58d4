/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define MOST_FRAMES 16

struct mallow_snapshot *build_snapshot(void)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_snapshot_new(&snapshot, &err), 0, "%s", err.text);
	return snapshot;
}

void build_add(struct mallow_snapshot *snapshot, unsigned times, uint32_t domain,
               uint64_t size, const char *frames)
{
	struct mallow_frame made[MOST_FRAMES] = { 0 };
	struct mallow_new_trace trace = { .frames = made,
		                          .domain = domain,
		                          .size = size };
	struct mallow_error err = { "" };
	char *text = strdup(frames), *rest = text, *word;

	while ((word = strsep(&rest, " ")) && *word) {
		struct mallow_frame *frame = &made[trace.frame_count++];

		frame->file = strsep(&word, ":");
		frame->line = (uint32_t)strtoul(strsep(&word, ":"), NULL, 10);
		frame->function = word;
		cr_assert_lt(trace.frame_count, MOST_FRAMES);
	}
	for (unsigned i = 0; i < times; i++)
		cr_assert_eq(mallow_snapshot_add(snapshot, &trace, &err), 0, "%s",
		             err.text);
	free(text);
}

struct mallow_snapshot *build_old(void)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 3, 0, 10, "a:2 b:4");
	build_add(snapshot, 1, 1, 2, "a:5 b:4");
	build_add(snapshot, 1, 2, 66, "b:1");
	build_add(snapshot, 1, 3, 7, "unknown:0");
	return snapshot;
}

struct mallow_snapshot *build_new(void)
{
	struct mallow_snapshot *snapshot = build_snapshot();

	build_add(snapshot, 3, 0, 10, "a:2 b:4");
	build_add(snapshot, 1, 2, 2, "a:5 b:4");
	build_add(snapshot, 1, 2, 5000, "a:5 b:4");
	build_add(snapshot, 1, 4, 400, "c:578");
	return snapshot;
}

static void add_line(struct mlw_strbuf *all, char *line)
{
	cr_assert_not_null(line);
	mlw_strbuf_printf(all, "%s\n", line);
	free(line);
}

char *build_statistics(const struct mallow_snapshot *snapshot, enum mallow_key key,
                       bool cumulative)
{
	struct mlw_strbuf all = MLW_STRBUF_INIT;
	struct mallow_statistics *statistics;
	struct mallow_error err = { "" };

	cr_assert_eq(
	        mallow_snapshot_statistics(snapshot, key, cumulative, &statistics, &err),
	        0, "%s", err.text);
	for (size_t i = 0; i < mallow_statistics_count(statistics); i++)
		add_line(&all,
		         mallow_statistic_text(mallow_statistics_get(statistics, i)));
	cr_expect_null(
	        mallow_statistics_get(statistics, mallow_statistics_count(statistics)));
	mallow_statistics_free(statistics);
	return mlw_strbuf_detach(&all);
}

char *build_differences(const struct mallow_snapshot *now,
                        const struct mallow_snapshot *old, enum mallow_key key,
                        bool cumulative)
{
	struct mlw_strbuf all = MLW_STRBUF_INIT;
	struct mallow_differences *differences;
	struct mallow_error err = { "" };

	cr_assert_eq(
	        mallow_snapshot_compare_to(now, old, key, cumulative, &differences, &err),
	        0, "%s", err.text);
	for (size_t i = 0; i < mallow_differences_count(differences); i++)
		add_line(&all,
		         mallow_difference_text(mallow_differences_get(differences, i)));
	cr_expect_null(mallow_differences_get(differences,
	                                      mallow_differences_count(differences)));
	mallow_differences_free(differences);
	return mlw_strbuf_detach(&all);
}

void build_expect(char *text, const char *expected)
{
	cr_assert_not_null(text);
	cr_expect_str_eq(text, expected, "\n%s", text);
	free(text);
}
