/* SPDX-License-Identifier: MIT */
#ifndef MLW_TEST_SAVED_H
#define MLW_TEST_SAVED_H

/*
 * A folder for files of snapshots, and what must be the same of two snapshots.
 *
 *	saved_open();
 *	saved_save(snapshot, "a.mallow");
 *	loaded = saved_load("a.mallow");
 *	saved_expect_same(snapshot, loaded);
 *	saved_close();
 */

#include <mallow/snapshot.h>
#include <stddef.h>

void saved_open(void);
void saved_close(void);

/* The path of a file in the folder, valid until the next call but three. */
const char *saved_path(const char *name);

/* Failures fail the test. */
void saved_save(const struct mallow_snapshot *snapshot, const char *name);
struct mallow_snapshot *saved_load(const char *name);

/* All that the public functions say of the traces, and what is attached. */
void saved_expect_same(const struct mallow_snapshot *a, const struct mallow_snapshot *b);

/* The bytes of a file, which the caller frees. */
unsigned char *saved_read(const char *name, size_t *size);
void saved_write(const char *name, const void *bytes, size_t size);

/* Files in the folder. */
unsigned saved_count(void);

#endif /* MLW_TEST_SAVED_H */
