/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
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

TestSuite(snapshot_metadata, .init = open_one, .fini = close_one);

static void set(const char *key, const char *text)
{
	cr_assert_eq(mallow_snapshot_set_metadata(snapshot, key, text,
	                                          text ? strlen(text) : 0, NULL),
	             0);
}

Test(snapshot_metadata, bytes_are_found_under_their_key)
{
	size_t size = 9;

	cr_expect_null(mallow_snapshot_metadata(snapshot, "a", &size));
	cr_expect_eq(size, 0);
	set("a", "one");
	set("b", "");
	cr_expect_str_eq(mallow_snapshot_metadata(snapshot, "a", &size), "one");
	cr_expect_eq(size, 3);
	cr_expect_str_eq(mallow_snapshot_metadata(snapshot, "b", &size), "");
	cr_expect_eq(size, 0);
	cr_expect_null(mallow_snapshot_metadata(snapshot, "A", NULL));
}

Test(snapshot_metadata, a_key_has_one_value)
{
	char text[] = "two";

	set("a", "one");
	set("a", text);
	text[0] = 'T';
	cr_expect_eq(mallow_snapshot_metadata_count(snapshot), 1);
	cr_expect_str_eq(mallow_snapshot_metadata(snapshot, "a", NULL), "two");
	/* What is there may be set again. */
	set("a", mallow_snapshot_metadata(snapshot, "a", NULL));
	cr_expect_str_eq(mallow_snapshot_metadata(snapshot, "a", NULL), "two");
	set("a", NULL);
	set("gone", NULL);
	cr_expect_eq(mallow_snapshot_metadata_count(snapshot), 0);
	cr_expect_null(mallow_snapshot_metadata(snapshot, "a", NULL));
}

Test(snapshot_metadata, keys_are_in_order)
{
	set("b", "");
	set("ab", "");
	set("c", "");
	set("a", "");
	cr_expect_str_eq(mallow_snapshot_metadata_key(snapshot, 0), "a");
	cr_expect_str_eq(mallow_snapshot_metadata_key(snapshot, 1), "ab");
	cr_expect_str_eq(mallow_snapshot_metadata_key(snapshot, 2), "b");
	cr_expect_str_eq(mallow_snapshot_metadata_key(snapshot, 3), "c");
	cr_expect_null(mallow_snapshot_metadata_key(snapshot, 4));
	set("b", NULL);
	cr_expect_str_eq(mallow_snapshot_metadata_key(snapshot, 2), "c");
}

Test(snapshot_metadata, what_is_too_long_is_refused)
{
	static char key[MALLOW_METADATA_KEY_MAX + 2];
	struct mallow_error err;

	memset(key, 'k', MALLOW_METADATA_KEY_MAX);
	set(key, "fits");
	cr_expect_str_eq(mallow_snapshot_metadata(snapshot, key, NULL), "fits");
	key[MALLOW_METADATA_KEY_MAX] = 'k';
	cr_expect_eq(mallow_snapshot_set_metadata(snapshot, key, "x", 1, &err), -1);
	cr_expect_str_eq(err.text, "a key of metadata has 1 to 255 bytes");
	cr_expect_eq(mallow_snapshot_set_metadata(snapshot, "", "x", 1, &err), -1);
	cr_expect_eq(mallow_snapshot_set_metadata(snapshot, "a", "x",
	                                          MALLOW_METADATA_VALUE_MAX + 1, &err),
	             -1);
	cr_expect_str_eq(err.text, "a value of metadata has at most 67108864 bytes");
	cr_expect_eq(mallow_snapshot_metadata_count(snapshot), 1);
}

Test(snapshot_metadata, a_filtered_snapshot_begins_with_a_copy)
{
	struct mallow_snapshot *filtered;

	set("a", "one");
	cr_assert_eq(mallow_snapshot_filter(snapshot, NULL, 0, &filtered, NULL), 0);
	set("a", "two");
	cr_expect_str_eq(mallow_snapshot_metadata(filtered, "a", NULL), "one");
	mallow_snapshot_free(filtered);
}
