/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_BUILD_H
#define MLW_TEST_BUILD_H

/*
 * Snapshots of known traces, written shortly.
 *
 *	snapshot = build_snapshot();
 *	build_add(snapshot, 3, 0, 10, "a:2 b:4");	three times, domain 0, 10 bytes
 *	build_expect_statistic(snapshot, MALLOW_BY_LINE, false, 0, "a:2: ...");
 *	mallow_snapshot_free(snapshot);
 */

#include <mallow/snapshot.h>

struct mallow_snapshot *build_snapshot(void);

/* `frames`: FILE:LINE or FILE:LINE:FUNCTION with spaces between, most recent first. */
void build_add(struct mallow_snapshot *snapshot, unsigned times, uint32_t domain,
               uint64_t size, const char *frames);

/* The snapshots of tracemalloc's own tests. */
struct mallow_snapshot *build_old(void);
struct mallow_snapshot *build_new(void);

/* All statistics as text, a line each. The caller frees it. */
char *build_statistics(const struct mallow_snapshot *snapshot, enum mallow_key key,
                       bool cumulative);
char *build_differences(const struct mallow_snapshot *now,
                        const struct mallow_snapshot *old, enum mallow_key key,
                        bool cumulative);

/* Compares and frees `text`. */
void build_expect(char *text, const char *expected);

#endif /* MLW_TEST_BUILD_H */
