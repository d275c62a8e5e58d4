/* SPDX-License-Identifier: MIT */
#include "saved.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

void saved_open(void)
{
	snprintf(folder, sizeof(folder), "/tmp/mallow-saved-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

const char *saved_path(const char *name)
{
	static char paths[4][sizeof(folder) + 256 + 1];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

unsigned saved_count(void)
{
	DIR *list = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	cr_assert_not_null(list);
	while ((entry = readdir(list)))
		count += entry->d_name[0] != '.';
	closedir(list);
	return count;
}

void saved_close(void)
{
	DIR *list = opendir(folder);
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		unlink(saved_path(entry->d_name));
	if (list)
		closedir(list);
	rmdir(folder);
}

void saved_save(const struct mallow_snapshot *snapshot, const char *name)
{
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_snapshot_save(snapshot, saved_path(name), true, &err), 0,
	             "%s", err.text);
}

struct mallow_snapshot *saved_load(const char *name)
{
	struct mallow_snapshot *snapshot;
	struct mallow_error err = { "" };

	cr_assert_eq(mallow_snapshot_load(&snapshot, saved_path(name), &err), 0, "%s",
	             err.text);
	return snapshot;
}

static void expect_same_text(const char *a, const char *b)
{
	cr_assert_eq(!a, !b, "%s, %s", a, b);
	if (a)
		cr_expect_str_eq(a, b);
}

static void expect_same_frame(struct mallow_frame a, struct mallow_frame b)
{
	expect_same_text(a.function, b.function);
	expect_same_text(a.file, b.file);
	expect_same_text(a.module, b.module);
	cr_expect_eq(a.offset, b.offset);
	cr_expect_eq(a.line, b.line);
	cr_expect_eq(a.inlined, b.inlined);
}

static void expect_same_traceback(const struct mallow_traceback *a,
                                  const struct mallow_traceback *b)
{
	cr_assert_eq(mallow_traceback_count(a), mallow_traceback_count(b));
	cr_expect_eq(mallow_traceback_total_frames(a), mallow_traceback_total_frames(b));
	cr_expect_eq(mallow_traceback_truncated(a), mallow_traceback_truncated(b));
	for (size_t i = 0; i < mallow_traceback_count(a); i++)
		expect_same_frame(mallow_traceback_frame(a, i),
		                  mallow_traceback_frame(b, i));
}

static void expect_same_metadata(const struct mallow_snapshot *a,
                                 const struct mallow_snapshot *b)
{
	size_t count = mallow_snapshot_metadata_count(a), size, other;

	cr_assert_eq(count, mallow_snapshot_metadata_count(b));
	for (size_t i = 0; i < count; i++) {
		const char *key = mallow_snapshot_metadata_key(a, i);
		const void *value = mallow_snapshot_metadata(a, key, &size);
		const void *again = mallow_snapshot_metadata(b, key, &other);

		cr_expect_str_eq(key, mallow_snapshot_metadata_key(b, i));
		cr_assert_eq(size, other);
		cr_expect_arr_eq(value, again, size + 1);
	}
}

void saved_expect_same(const struct mallow_snapshot *a, const struct mallow_snapshot *b)
{
	cr_assert_eq(mallow_snapshot_trace_count(a), mallow_snapshot_trace_count(b));
	cr_expect_eq(mallow_snapshot_at_ns(a), mallow_snapshot_at_ns(b));
	for (size_t i = 0; i < mallow_snapshot_trace_count(a); i++) {
		const struct mallow_trace *one = mallow_snapshot_trace(a, i);
		const struct mallow_trace *other = mallow_snapshot_trace(b, i);

		expect_same_traceback(one->traceback, other->traceback);
		cr_expect_eq(one->size, other->size);
		cr_expect_eq(one->count, other->count);
		cr_expect_eq(one->domain, other->domain);
		cr_expect_eq(one->thread, other->thread);
		cr_expect_eq(one->process, other->process);
		expect_same_text(one->scope, other->scope);
		expect_same_text(mallow_snapshot_domain_name(a, one->domain),
		                 mallow_snapshot_domain_name(b, other->domain));
	}
	expect_same_metadata(a, b);
}

unsigned char *saved_read(const char *name, size_t *size)
{
	FILE *file = fopen(saved_path(name), "rb");
	unsigned char *bytes;

	cr_assert_not_null(file);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	bytes = malloc(*size);
	cr_assert_eq(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

void saved_write(const char *name, const void *bytes, size_t size)
{
	FILE *file = fopen(saved_path(name), "wb");

	cr_assert_not_null(file);
	cr_assert_eq(fwrite(bytes, 1, size, file), size);
	fclose(file);
}
