/* SPDX-License-Identifier: MIT */
#ifndef MLW_INQUIRY_H
#define MLW_INQUIRY_H

/*
 * SQL asked of one recording: statements in, rows out.
 *
 *	mlw_inquiry_open(&inquiry, "run.mallow", &options, err);
 *	mlw_inquiry_run(inquiry, "SELECT count(*) FROM events", &sink, err);
 *	mlw_inquiry_close(inquiry);
 *
 * The statements run in a database in memory that has nothing but the tables of views.h:
 * the file itself is out of their reach, and opened for reading alone. What would write
 * is refused, but for temporary tables and views, which end with the inquiry.
 *
 * How far a statement has come is told to options->progress: as far as events are scanned
 * for it that is known.
 */

#include <mallow/snapshot.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum mlw_value_kind {
	MLW_VALUE_NULL,
	MLW_VALUE_INTEGER,
	MLW_VALUE_REAL,
	MLW_VALUE_TEXT,
	MLW_VALUE_BLOB,
};

struct mlw_value {
	enum mlw_value_kind kind;
	int64_t integer;
	double real;
	const char *bytes; /* of a text, ended by NUL, or a blob */
	size_t size;
};

/* Where answers go. Each function fails with -1 and a sentence. Names and values are
 * borrowed for the length of the call. */
struct mlw_sink {
	void *context;
	/* A statement has its first row, or has ended without; `is_last`: no statement
	 * follows it. One that fails before that gives nothing. */
	int (*begin)(void *context, const char *const *names, size_t count, bool is_last,
	             struct mlw_error *err);
	int (*row)(void *context, const struct mlw_value *values, size_t count,
	           struct mlw_error *err);
	int (*end)(void *context, struct mlw_error *err);
};

struct mlw_inquiry;

/* `place`: FILE or FILE@end; SQL is about the whole run, wherever its WHERE looks. */
int mlw_inquiry_open(struct mlw_inquiry **inquiry, const char *place,
                     const struct mallow_run_options *options, struct mlw_error *err);
void mlw_inquiry_close(struct mlw_inquiry *inquiry); /* NULL is fine */

/* Runs all statements of `text`, up to the first that fails. */
int mlw_inquiry_run(struct mlw_inquiry *inquiry, const char *text,
                    const struct mlw_sink *sink, struct mlw_error *err);

/* Does the text end with a whole statement, as far as quotes and comments go? */
bool mlw_inquiry_is_whole(const char *text);

const char *mlw_inquiry_file(const struct mlw_inquiry *inquiry); /* without @end */
bool mlw_inquiry_closed(const struct mlw_inquiry *inquiry); /* the recording is */
bool mlw_inquiry_complete(const struct mlw_inquiry *inquiry); /* and lost nothing */
/* Answers came from events of which the recording keeps the first ones only. */
bool mlw_inquiry_cut(const struct mlw_inquiry *inquiry);
/* Blocks were sampled, 1 byte in so many; 0: they were not. */
uint64_t mlw_inquiry_sample(const struct mlw_inquiry *inquiry);

#endif /* MLW_INQUIRY_H */
