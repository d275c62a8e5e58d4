/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "build.h"

static struct mallow_snapshot *old, *now;

static void open_both(void)
{
	old = build_old();
	now = build_new();
}

static void close_both(void)
{
	mallow_snapshot_free(old);
	mallow_snapshot_free(now);
}

TestSuite(snapshot_differences, .init = open_both, .fini = close_both);

Test(snapshot_differences, by_line)
{
	build_expect(build_differences(now, old, MALLOW_BY_LINE, false),
	             "a:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B\n"
	             "c:578: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "b:1: size=0 B (-66 B), count=0 (-1)\n"
	             "unknown:0: size=0 B (-7 B), count=0 (-1)\n"
	             "a:2: size=30 B (+0 B), count=3 (+0), average=10 B\n");
}

Test(snapshot_differences, numbers_of_a_row)
{
	const struct mallow_difference *row;
	struct mallow_differences *differences;

	cr_assert_eq(mallow_snapshot_compare_to(now, old, MALLOW_BY_LINE, false,
	                                        &differences, NULL),
	             0);
	cr_assert_eq(mallow_differences_count(differences), 5);
	row = mallow_differences_get(differences, 2);
	cr_expect_str_eq(mallow_traceback_frame(row->traceback, 0).file, "b");
	cr_expect_eq(row->size, 0);
	cr_expect_eq(row->size_diff, -66);
	cr_expect_eq(row->count, 0);
	cr_expect_eq(row->count_diff, -1);
	mallow_differences_free(differences);
}

Test(snapshot_differences, by_file)
{
	build_expect(build_differences(now, old, MALLOW_BY_FILE, false),
	             "a: size=5032 B (+5000 B), count=5 (+1), average=1006 B\n"
	             "c: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "b: size=0 B (-66 B), count=0 (-1)\n"
	             "unknown: size=0 B (-7 B), count=0 (-1)\n");
}

Test(snapshot_differences, by_traceback)
{
	build_expect(build_differences(now, old, MALLOW_BY_TRACEBACK, false),
	             "a:5: size=5002 B (+5000 B), count=2 (+1), average=2501 B\n"
	             "c:578: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "b:1: size=0 B (-66 B), count=0 (-1)\n"
	             "unknown:0: size=0 B (-7 B), count=0 (-1)\n"
	             "a:2: size=30 B (+0 B), count=3 (+0), average=10 B\n");
}

Test(snapshot_differences, cumulative)
{
	build_expect(build_differences(now, old, MALLOW_BY_FILE, true),
	             "a: size=5032 B (+5000 B), count=5 (+1), average=1006 B\n"
	             "b: size=5032 B (+4934 B), count=5 (+0), average=1006 B\n"
	             "c: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "unknown: size=0 B (-7 B), count=0 (-1)\n");
}

Test(snapshot_differences, of_one_snapshot_with_itself_keep_every_row)
{
	build_expect(build_differences(old, old, MALLOW_BY_FILE, false),
	             "b: size=66 B (+0 B), count=1 (+0), average=66 B\n"
	             "a: size=32 B (+0 B), count=4 (+0), average=8 B\n"
	             "unknown: size=7 B (+0 B), count=1 (+0), average=7 B\n");
}

Test(snapshot_differences, scopes_meet_by_their_names)
{
	struct mallow_new_trace trace = { .size = 1, .scope = "load" };

	cr_assert_eq(mallow_snapshot_add(old, &trace, NULL), 0);
	trace.size = 5;
	cr_assert_eq(mallow_snapshot_add(now, &trace, NULL), 0);
	build_expect(build_differences(now, old, MALLOW_BY_SCOPE, false),
	             "(no scope): size=5432 B (+5327 B), count=6 (+0), average=905 B\n"
	             "load: size=5 B (+4 B), count=1 (+0), average=5 B\n");
}

Test(snapshot_differences, domains_meet_by_their_names)
{
	build_add(old, 1, 16, 8, "z:1");
	build_add(old, 1, 17, 1, "z:1");
	build_add(now, 1, 17, 20, "z:1");
	cr_assert_eq(mallow_snapshot_name_domain(old, 16, "mesh", NULL), 0);
	cr_assert_eq(mallow_snapshot_name_domain(now, 17, "mesh", NULL), 0);
	build_expect(build_differences(now, old, MALLOW_BY_DOMAIN, false),
	             "brk: size=5002 B (+4936 B), count=2 (+1), average=2501 B\n"
	             "domain 4: size=400 B (+400 B), count=1 (+1), average=400 B\n"
	             "mesh: size=20 B (+12 B), count=1 (+0), average=20 B\n"
	             "domain 3: size=0 B (-7 B), count=0 (-1)\n"
	             "mmap: size=0 B (-2 B), count=0 (-1)\n"
	             "domain 17: size=0 B (-1 B), count=0 (-1)\n"
	             "malloc: size=30 B (+0 B), count=3 (+0), average=10 B\n");
}

Test(snapshot_differences, a_domain_is_named_again_or_not_at_all)
{
	struct mallow_error err;

	cr_expect_null(mallow_snapshot_domain_name(old, 16));
	cr_assert_eq(mallow_snapshot_name_domain(old, 16, "mesh", NULL), 0);
	cr_assert_eq(mallow_snapshot_name_domain(old, 16, "grid", NULL), 0);
	cr_expect_str_eq(mallow_snapshot_domain_name(old, 16), "grid");
	cr_expect_str_eq(mallow_snapshot_domain_name(old, MALLOW_DOMAIN_BRK), "brk");
	cr_expect_eq(mallow_snapshot_name_domain(old, 2, "heap", &err), -1);
	cr_expect_str_eq(err.text, "domain 2 has a name");
	cr_expect_eq(mallow_snapshot_name_domain(old, 16, "", &err), -1);
	cr_expect_str_eq(err.text, "the name of a domain is not empty");
}

/* Each row ties with the one above in all that comes before what decides. */
Test(snapshot_differences, are_ordered_by_size_diff_size_count_diff_count_and_place)
{
	struct mallow_snapshot *before = build_snapshot(), *after = build_snapshot();

	build_add(before, 1, 0, 100, "shrunk:1");
	build_add(after, 1, 0, 100, "grown:1");
	build_add(before, 1, 0, 90, "larger:1");
	build_add(after, 2, 0, 95, "larger:1");
	build_add(before, 1, 0, 60, "counted:1");
	build_add(before, 1, 0, 0, "fewer:1");
	build_add(before, 2, 0, 40, "fewer:1");
	build_add(after, 1, 0, 20, "fewer:1");
	build_add(after, 1, 0, 20, "more:1");
	build_add(before, 1, 0, 80, "more:1");
	build_add(before, 5, 0, 16, "many:1");
	build_add(after, 4, 0, 5, "many:1");
	build_add(before, 1, 0, 80, "odd:1");
	build_add(after, 1, 0, 10, "odd:1");
	build_add(after, 1, 0, 10, "odd:1");
	build_add(before, 2, 0, 0, "z:2");
	build_add(before, 2, 0, 0, "z:10");
	build_expect(build_differences(after, before, MALLOW_BY_LINE, false),
	             "larger:1: size=190 B (+100 B), count=2 (+1), average=95 B\n"
	             "grown:1: size=100 B (+100 B), count=1 (+1), average=100 B\n"
	             "shrunk:1: size=0 B (-100 B), count=0 (-1)\n"
	             "fewer:1: size=20 B (-60 B), count=1 (-2), average=20 B\n"
	             "many:1: size=20 B (-60 B), count=4 (-1), average=5 B\n"
	             "odd:1: size=20 B (-60 B), count=2 (+1), average=10 B\n"
	             "more:1: size=20 B (-60 B), count=1 (+0), average=20 B\n"
	             "counted:1: size=0 B (-60 B), count=0 (-1)\n"
	             "z:10: size=0 B (+0 B), count=0 (-2)\n"
	             "z:2: size=0 B (+0 B), count=0 (-2)\n");
	mallow_snapshot_free(before);
	mallow_snapshot_free(after);
}
