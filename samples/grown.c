/* SPDX-License-Identifier: MIT */

/* grown OLD NEW: which sites of a program hold more at the end of a new recording than at
 * that of an old one, be it of another build. Exit status 1 if one does: a gate for CI in
 * sixty lines, asked of libmallow-analysis as `mallow diff` asks. */

#include <err.h>
#include <inttypes.h>
#include <mallow/snapshot.h>
#include <stdio.h>

static uint64_t growth(const struct mallow_change *change)
{
	uint64_t now = change->row.sums.size, before = change->old_sums.size;

	return now > before ? now - before : 0;
}

/* "+924 B  book_new  samples/build_2/shelf.c:72  (new)" */
static void show(const struct mallow_change *change)
{
	struct mallow_frame site = mallow_traceback_frame(change->row.traceback, 0);
	char size[MALLOW_SIZE_TEXT];

	printf("%s  %s  %s:%" PRIu32 "  (%s",
	       mallow_format_size((int64_t)growth(change), true, size),
	       site.function ? site.function : "?", site.file ? site.file : "?",
	       site.line, mallow_match_name(change->match));
	if (change->old_traceback)
		printf(", was line %" PRIu32,
		       mallow_traceback_frame(change->old_traceback, 0).line);
	puts(")");
}

int main(int argc, char **argv)
{
	struct mallow_query query = { .changed_only = true };
	struct mallow_changes *changes;
	struct mallow_error reason;
	int status = 0;

	if (argc < 3 || argc > 4)
		errx(2, "usage: grown OLD NEW [SOURCE-ROOT]");
	query.place = argv[1];
	query.names.source_root = argc > 3 ? argv[3] : NULL;
	if (mallow_changes_new(&changes, &query, argv[2], &reason))
		errx(2, "%s", reason.text);
	for (size_t i = 0; i < mallow_changes_count(changes); i++) {
		const struct mallow_change *change = mallow_changes_row(changes, i);

		if (growth(change)) {
			show(change);
			status = 1;
		}
	}
	mallow_changes_free(changes);
	return status;
}
