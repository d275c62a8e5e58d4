/* SPDX-License-Identifier: MIT */

/* What docs/from-tracemalloc.md shows of C: from_tracemalloc.py does the same in Python.
 */

#include <err.h>
#include <inttypes.h>
#include <mallow/snapshot.h>
#include <stdio.h>
#include <stdlib.h>

static struct mallow_error failure;

static void must(int result)
{
	if (result)
		errx(2, "%s", failure.text);
}

static void print(char *text)
{
	if (!text)
		errx(2, "out of memory");
	puts(text);
	free(text);
}

static void add(struct mallow_snapshot *snapshot, int times, uint32_t domain,
                uint64_t size, struct mallow_frame frame, struct mallow_frame caller)
{
	struct mallow_frame frames[] = { frame, caller };
	struct mallow_new_trace trace = {
		.frames = frames,
		.frame_count = caller.file  ? 2
		               : frame.file ? 1
		                            : 0,
		.domain = domain,
		.size = size,
	};

	while (times--)
		must(mallow_snapshot_add(snapshot, &trace, &failure));
}

static void add_all(struct mallow_snapshot *old, struct mallow_snapshot *new)
{
	const struct mallow_frame none = { .file = NULL };
	const struct mallow_frame a2 = { .file = "a.c", .line = 2 };
	const struct mallow_frame a5 = { .file = "a.c", .line = 5 };
	const struct mallow_frame b1 = { .file = "b.c", .line = 1 };
	const struct mallow_frame b4 = { .file = "b.c", .line = 4 };
	const struct mallow_frame c578 = { .file = "c.c", .line = 578 };
	const struct mallow_frame unknown = { .file = "<unknown>" };

	add(old, 3, 0, 10, a2, b4);
	add(old, 1, 1, 2, a5, b4);
	add(old, 1, 2, 66, b1, none);
	add(old, 1, 3, 7, unknown, none);

	add(new, 3, 0, 10, a2, b4);
	add(new, 1, 2, 2, a5, b4);
	add(new, 1, 2, 5000, a5, b4);
	add(new, 1, 4, 400, c578, none);
}

static void show_statistics(const struct mallow_snapshot *snapshot, enum mallow_key key,
                            bool cumulative)
{
	struct mallow_statistics *statistics;

	must(mallow_snapshot_statistics(snapshot, key, cumulative, &statistics,
	                                &failure));
	for (size_t i = 0; i < mallow_statistics_count(statistics); i++)
		print(mallow_statistic_text(mallow_statistics_get(statistics, i)));
	mallow_statistics_free(statistics);
}

static void show_traces(const struct mallow_snapshot *snapshot)
{
	for (size_t i = 3; i < mallow_snapshot_trace_count(snapshot); i++) {
		const struct mallow_trace *trace = mallow_snapshot_trace(snapshot, i);
		struct mallow_frame site = mallow_traceback_frame(trace->traceback, 0);

		printf("%" PRIu32 " %" PRIu64 " %" PRIu32 " %s:%" PRIu32 "\n",
		       trace->domain, trace->size,
		       mallow_traceback_total_frames(trace->traceback), site.file,
		       site.line);
	}
}

static void show_differences(const struct mallow_snapshot *old,
                             const struct mallow_snapshot *new)
{
	struct mallow_differences *differences;

	must(mallow_snapshot_compare_to(new, old, MALLOW_BY_LINE, false, &differences,
	                                &failure));
	for (size_t i = 0; i < mallow_differences_count(differences); i++)
		print(mallow_difference_text(mallow_differences_get(differences, i)));
	mallow_differences_free(differences);
}

static void show_traceback(const struct mallow_snapshot *snapshot)
{
	struct mallow_statistics *statistics;
	const struct mallow_statistic *largest;

	must(mallow_snapshot_statistics(snapshot, MALLOW_BY_TRACEBACK, false, &statistics,
	                                &failure));
	largest = mallow_statistics_get(statistics, 0);
	printf("%" PRIu64 " %" PRIu64 "\n", largest->size, largest->count);
	print(mallow_traceback_format(largest->traceback, 0, false, NULL));
	print(mallow_traceback_format(largest->traceback, 1, false, NULL));
	print(mallow_traceback_format(largest->traceback, -1, false, NULL));
	print(mallow_traceback_format(largest->traceback, 0, true, NULL));
	mallow_statistics_free(statistics);
}

static void show_filtered(const struct mallow_snapshot *snapshot,
                          const struct mallow_filter *filters, size_t count)
{
	struct mallow_snapshot *filtered;

	must(mallow_snapshot_filter(snapshot, filters, count, &filtered, &failure));
	show_statistics(filtered, MALLOW_BY_LINE, false);
	mallow_snapshot_free(filtered);
}

static void show_filters(const struct mallow_snapshot *snapshot)
{
	struct mallow_filter filters[2] = { MALLOW_FILTER_INIT, MALLOW_FILTER_INIT };

	filters[0].inclusive = false;
	filters[0].file = "a.c";
	filters[1].inclusive = false;
	filters[1].file = "<unknown>";
	filters[1].line = 0;
	show_filtered(snapshot, filters, 2);

	filters[0] = filters[1] = (struct mallow_filter)MALLOW_FILTER_INIT;
	filters[0].file = "b.*";
	filters[0].all_frames = true;
	filters[1].inclusive = false;
	filters[1].domain = 1;
	show_filtered(snapshot, filters, 2);
}

static void show_sizes(void)
{
	static const int64_t sizes[] = { 5002, 10240, 348160, -66 };
	char text[MALLOW_SIZE_TEXT], more[MALLOW_SIZE_TEXT];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		printf("%s %s\n", mallow_format_size(sizes[i], false, text),
		       mallow_format_size(sizes[i], true, more));
}

/* Writes old.mallow into the current folder. */
static void show_saved(struct mallow_snapshot *old)
{
	struct mallow_snapshot *loaded;

	must(mallow_snapshot_set_metadata(old, "commit", "4f2a", 4, &failure));
	must(mallow_snapshot_save(old, "old.mallow", true, &failure));
	must(mallow_snapshot_load(&loaded, "old.mallow", &failure));
	printf("%s %zu\n", (const char *)mallow_snapshot_metadata(loaded, "commit", NULL),
	       mallow_snapshot_trace_count(loaded));
	mallow_snapshot_free(loaded);
}

int main(void)
{
	struct mallow_snapshot *old, *new;
	struct mallow_statistics *statistics;

	must(mallow_snapshot_new(&old, &failure));
	must(mallow_snapshot_new(&new, &failure));
	add_all(old, new);
	show_traces(old);
	show_statistics(new, MALLOW_BY_LINE, false);
	show_statistics(old, MALLOW_BY_FILE, true);
	show_differences(old, new);
	show_traceback(new);
	show_filters(old);
	if (mallow_snapshot_statistics(new, MALLOW_BY_TRACEBACK, true, &statistics,
	                               &failure))
		puts(failure.text);
	show_sizes();
	show_saved(old);
	mallow_snapshot_free(old);
	mallow_snapshot_free(new);
	return 0;
}
