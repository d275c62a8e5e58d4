/* SPDX-License-Identifier: MIT */
#include "cmd/save.h"

#include <ctype.h>
#include <inttypes.h>
#include <mallow/snapshot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "cmd/output.h"
#include "render/reason.h"
#include "render/render.h"
#include "render/sums.h"

static int attach(struct mallow_snapshot *snapshot, const char *word,
                  struct mallow_error *err)
{
	const char *value = strchr(word, '=') + 1;
	struct mlw_strbuf key = MLW_STRBUF_INIT;
	int result;

	mlw_strbuf_add(&key, word, (size_t)(value - 1 - word));
	result = mallow_snapshot_set_metadata(snapshot, key.text, value, strlen(value),
	                                      err);
	mlw_strbuf_release(&key);
	return result;
}

static int save(struct mallow_snapshot *snapshot, const struct mlw_selection *selection,
                struct mlw_error *err)
{
	struct mallow_error inner;

	for (size_t i = 0; i < selection->metadata.count; i++) {
		if (attach(snapshot, selection->metadata.words[i], &inner))
			return mlw_reason(err, &inner);
	}
	if (mallow_snapshot_save(snapshot, selection->output, selection->force, &inner))
		return mlw_reason(err, &inner);
	return 0;
}

/* As lists have it: of NAME#2, NAME. For the caller to free; NULL without memory. */
static char *name_of(const char *place)
{
	const char *at = strrchr(place, '@');
	const char *when = at ? at + 1 : "end";
	const char *mark = strrchr(when, '#');
	bool numbered = mark && mark > when && isdigit((unsigned char)mark[1]);

	return strndup(when, numbered ? (size_t)(mark - when) : strlen(when));
}

/* In malloc's domain, as every list of snapshots says it. */
static void add_up(const struct mallow_snapshot *snapshot, struct mallow_taken *row)
{
	row->at_ns = mallow_snapshot_at_ns(snapshot);
	for (size_t i = 0; i < mallow_snapshot_trace_count(snapshot); i++) {
		const struct mallow_trace *trace = mallow_snapshot_trace(snapshot, i);

		if (trace->domain == MALLOW_DOMAIN_MALLOC) {
			row->size += trace->size;
			row->count += trace->count;
		}
	}
}

static void say(const struct mallow_taken *row, const struct mallow_about *about,
                const struct mlw_selection *selection)
{
	char size[MLW_UNIT_TEXT], time[MLW_UNIT_TEXT];

	mlw_style_name(stdout, selection->query.place, 0);
	printf(": size=%s, count=%" PRIu64 ", at %s, in ", mlw_size_text(row->size, size),
	       row->count, mlw_duration_text(row->at_ns, time));
	mlw_style_name(stdout, selection->output, 0);
	fputc('\n', stdout);
	mlw_sample_write(stdout, about);
}

/* The moment is one of a file, as far as that goes. */
static void answer(const struct mallow_taken *row, const struct mallow_about *about,
                   const struct mlw_selection *selection)
{
	if (selection->format == MLW_FORMAT_JSON)
		mlw_render_taken_json(row, about, stdout);
	else if (selection->format == MLW_FORMAT_CSV)
		mlw_render_taken_csv(row, stdout);
	else
		say(row, about, selection);
	mlw_output_incomplete(about->file, about->closed, about->complete);
	if (selection->format == MLW_FORMAT_CSV)
		mlw_output_sampled(about->file, about->sample_bytes);
}

static struct mallow_about describe(const struct mallow_snapshot *snapshot)
{
	return (struct mallow_about){
		.file = mallow_snapshot_file(snapshot),
		.complete = mallow_snapshot_complete(snapshot),
		.closed = mallow_snapshot_closed(snapshot),
		.sample_bytes = mallow_snapshot_sample_bytes(snapshot),
	};
}

static int save_named(const struct mlw_selection *selection, const char *name,
                      struct mlw_error *err)
{
	struct mallow_taken row = { .name = name, .nth = 1 };
	struct mallow_snapshot *snapshot;
	struct mallow_about about;
	struct mallow_error inner;
	int result;

	if (mallow_snapshot_open(&snapshot, selection->query.place, &inner))
		return mlw_reason(err, &inner);
	result = save(snapshot, selection, err);
	if (!result) {
		add_up(snapshot, &row);
		about = describe(snapshot);
		answer(&row, &about, selection);
	}
	mallow_snapshot_free(snapshot);
	return result;
}

int mlw_save_snapshot(const struct mlw_selection *selection, struct mlw_error *err)
{
	char *name = name_of(selection->query.place);
	int result;

	if (!name)
		return mlw_fail(err, "out of memory");
	result = save_named(selection, name, err);
	free(name);
	return result;
}
