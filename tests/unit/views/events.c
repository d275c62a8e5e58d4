/* SPDX-License-Identifier: MIT */

/* The table events over random recordings: every row, and every way to leave some out. */

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "database.h"
#include "sample.h"
#include "store/reader.h"

#define CHANGES 6000u

struct scene {
	struct database database;
	struct sample sample; /* at the end of the recording */
	char *path;
};

static void open_scene(struct scene *scene, uint64_t seed)
{
	sample_init(&scene->sample, seed, CHANGES);
	scene->path = sample_path();
	sample_record(scene->path, &scene->sample, CHANGES);
	database_open(&scene->database, scene->path);
}

static void close_scene(struct scene *scene)
{
	database_close(&scene->database);
	sample_release(&scene->sample);
	sample_remove(scene->path);
}

/* What the file says, written as the rows of a query by hand. */
struct transcript {
	struct mlw_strbuf text;
};

static const char *op_name(unsigned domain, bool is_old)
{
	if (domain == MLW_DOMAIN_MALLOC)
		return is_old ? "free" : "alloc";
	if (domain == MLW_DOMAIN_MMAP || domain == MLW_DOMAIN_BRK)
		return is_old ? "unmap" : "map";
	return is_old ? "untrack" : "track";
}

static void write_old(struct transcript *transcript, const struct mlw_change *change,
                      uint64_t number)
{
	const char *op =
	        change->old_kind == MLW_OLD_INHERITED ? "inherited_free" : "foreign_free";

	mlw_strbuf_printf(&transcript->text, "%" PRIu64 "|%" PRIu64 "|%" PRIu32,
	                  number + 1, change->time_us * 1000, change->thread);
	if (change->old_kind == MLW_OLD_BLOCK)
		mlw_strbuf_printf(&transcript->text,
		                  "|%s|%" PRIu32 "|%" PRIu64 "|%" PRIu64 "|%d|%" PRIu64
		                  "\n",
		                  op_name(sample_domain_of(change->old.trace), true),
		                  change->old.trace, change->old.size,
		                  change->old.ordinal, change->op == MLW_OP_REALLOC,
		                  (change->time_us - change->old.time_us) * 1000);
	else
		mlw_strbuf_printf(&transcript->text, "|%s|NULL|NULL|NULL|%d|NULL\n", op,
		                  change->op == MLW_OP_REALLOC);
}

static void write_new(struct transcript *transcript, const struct mlw_change *change,
                      uint64_t number)
{
	mlw_strbuf_printf(&transcript->text,
	                  "%" PRIu64 "|%" PRIu64 "|%" PRIu32 "|%s|%" PRIu32 "|%" PRIu64
	                  "|%" PRIu64 "|%d|NULL\n",
	                  number + 1, change->time_us * 1000, change->thread,
	                  op_name(sample_domain_of(change->trace), false), change->trace,
	                  change->size, change->ordinal, change->op == MLW_OP_REALLOC);
}

static void write_shrink(struct transcript *transcript, const struct mlw_change *change,
                         uint64_t number)
{
	mlw_strbuf_printf(&transcript->text,
	                  "%" PRIu64 "|%" PRIu64 "|%" PRIu32 "|shrink|%" PRIu32
	                  "|%" PRIu64 "|%" PRIu64 "|0|NULL\n",
	                  number + 1, change->time_us * 1000, change->thread,
	                  change->old.trace, change->old.size - change->size,
	                  change->old.ordinal);
}

static int write_change(const struct mlw_change *change, uint64_t number, void *context,
                        struct mlw_error *err)
{
	struct transcript *transcript = context;

	(void)err;
	if (change->op == MLW_OP_SHRINK) {
		write_shrink(transcript, change, number);
		return 0;
	}
	if (mlw_op_is_mark(change->op)) {
		mlw_strbuf_printf(&transcript->text,
		                  "%" PRIu64 "|%" PRIu64 "|%" PRIu32
		                  "|%s|NULL|NULL|NULL|0|NULL\n",
		                  number + 1, change->time_us * 1000, change->thread,
		                  change->op == MLW_OP_END ? "exit" : "clear");
		return 0;
	}
	if (change->old_kind != MLW_OLD_NONE)
		write_old(transcript, change, number);
	if (change->op != MLW_OP_FREE)
		write_new(transcript, change, number);
	return 0;
}

Test(events, every_change_is_there_in_order)
{
	struct transcript transcript = { MLW_STRBUF_INIT };
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	struct scene scene;

	open_scene(&scene, 1);
	cr_assert_eq(mlw_reader_open(&reader, scene.path, &err), 0, "%s", err.text);
	cr_assert_eq(mlw_reader_changes(reader, 0, write_change, &transcript, &err), 0);
	mlw_reader_close(reader);
	database_expect(&scene.database,
	                "SELECT number, at_ns, thread, op, trace, size, block, realloc, "
	                "lifetime_ns FROM events",
	                transcript.text.text);
	mlw_strbuf_release(&transcript.text);
	close_scene(&scene);
}

Test(events, sums_are_those_of_the_heap)
{
	struct mlw_strbuf expected = MLW_STRBUF_INIT;
	const struct mlw_totals *totals;
	struct scene scene;

	open_scene(&scene, 2);
	totals = mlw_heap_totals(scene.sample.heap);
	mlw_strbuf_printf(&expected,
	                  "%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64 "|%" PRIu64
	                  "|%" PRIu64 "|%" PRIu64 "\n",
	                  totals->allocations, totals->allocated_size, totals->frees,
	                  totals->reallocations, totals->live_size,
	                  totals->inherited_frees, totals->foreign_frees);
	database_expect(
	        &scene.database,
	        "SELECT sum(op = 'alloc'), sum(iif(op = 'alloc', size, 0)),"
	        " sum(op = 'free'), sum(op = 'alloc' AND realloc),"
	        " sum(iif(op = 'alloc', size, iif(op IN ('free', 'shrink'), -size, 0))),"
	        " sum(op = 'inherited_free'), sum(op = 'foreign_free')"
	        " FROM events WHERE domain = 'malloc'",
	        expected.text);
	mlw_strbuf_release(&expected);
	close_scene(&scene);
}

/* What is forgotten has no free. */
static bool is_forgotten(uint32_t trace)
{
	return sample_process_of(sample_thread_of(trace)) == SAMPLE_CLEARING;
}

Test(events, sums_by_trace_are_those_of_the_heap)
{
	struct scene scene;

	open_scene(&scene, 3);
	for (uint32_t i = 1; i <= SAMPLE_TRACES; i++) {
		struct mlw_trace_totals totals;
		char text[256], expected[128];

		if (is_forgotten(i))
			continue;
		mlw_heap_trace(scene.sample.heap, i, &totals);
		snprintf(text, sizeof(text),
		         "SELECT count(*) FILTER (WHERE op IN ('alloc', 'map', 'track')),"
		         " total(iif(op IN ('alloc', 'map', 'track'), size, -size))"
		         " FROM events WHERE trace = %u",
		         i);
		snprintf(expected, sizeof(expected), "%" PRIu64 "|%" PRIu64 ".0\n",
		         totals.allocations, totals.live_size);
		database_expect(&scene.database, text, expected);
	}
	close_scene(&scene);
}

/* Live bytes by trace after so many changes, against the model at that moment. */
static void compare_moment(struct scene *scene, struct mlw_reader *reader,
                           uint64_t number)
{
	struct mlw_error err = { "" };
	struct mlw_heap *heap;

	cr_assert_eq(mlw_reader_heap(reader, number, &heap, &err), 0, "%s", err.text);
	for (uint32_t i = 1; i <= SAMPLE_TRACES; i++) {
		struct mlw_trace_totals totals;
		char text[256];

		if (is_forgotten(i))
			continue;
		mlw_heap_trace(heap, i, &totals);
		snprintf(text, sizeof(text),
		         "SELECT total(iif(op IN ('alloc', 'map', 'track'), size, -size))"
		         " FROM events WHERE trace = %u AND number <= %" PRIu64,
		         i, number);
		cr_assert_eq(database_number(&scene->database, text),
		             (int64_t)totals.live_size);
	}
	mlw_heap_free(heap);
}

Test(events, sums_up_to_a_moment_are_those_of_the_heap_then)
{
	struct mlw_error err = { "" };
	struct mlw_reader *reader;
	struct scene scene;

	open_scene(&scene, 4);
	cr_assert_eq(mlw_reader_open(&reader, scene.path, &err), 0, "%s", err.text);
	for (uint64_t number = 0; number <= CHANGES; number += 1499)
		compare_moment(&scene, reader, number);
	mlw_reader_close(reader);
	close_scene(&scene);
}

static uint64_t pick(struct sample *sample, uint64_t limit)
{
	return sample_random(sample, limit);
}

/* A time of the recording, or one beside it. */
static int64_t pick_time(struct scene *scene)
{
	char text[64];

	snprintf(text, sizeof(text), "SELECT at_ns FROM every WHERE number = %" PRIu64,
	         1 + pick(&scene->sample, CHANGES));
	return database_number(&scene->database, text) +
	       (int64_t)pick(&scene->sample, 3) - 1;
}

/* A condition over events at random: what a person would write, and what nobody would. */
/* What stands for a letter behind '$' in a term. */
struct words {
	const char *how, *op;
	uint64_t id, trace, number;
	int64_t ns;
};

static void write_word(const struct words *words, char letter, struct mlw_strbuf *text)
{
	switch (letter) {
	case 'h':
		mlw_strbuf_puts(text, words->how);
		break;
	case 'o':
		mlw_strbuf_puts(text, words->op);
		break;
	case 'i':
		mlw_strbuf_printf(text, "%" PRIu64, words->id);
		break;
	case 'r':
		mlw_strbuf_printf(text, "%" PRIu64, words->trace);
		break;
	case 'n':
		mlw_strbuf_printf(text, "%" PRIu64, words->number);
		break;
	case 'm':
		mlw_strbuf_printf(text, "%" PRIu64, words->number + 300);
		break;
	case 'b':
		mlw_strbuf_printf(text, "%" PRIu64, words->number / 2);
		break;
	case 'd':
		mlw_strbuf_printf(text, "%" PRIu64, words->number / 3);
		break;
	default:
		mlw_strbuf_printf(text, "%" PRId64, words->ns);
		break;
	}
}

static const char *const term_texts[] = {
	"number $h $n",
	"number BETWEEN $n AND $m",
	"number $h 'word'",
	"number $h NULL",
	"at_ns $h $t",
	"at_ns $h $t.25",
	"at_ns $h -($t)",
	"at_ns $h (SELECT at_ns FROM every WHERE number = $n)",
	"op = '$o'",
	"op IN ('$o', 'free', 5)",
	"op <> '$o'",
	"op COLLATE nocase = '$o'",
	"thread = $i",
	"thread IN ($i, 1, NULL, '2')",
	"thread = '$i'",
	"process = $i",
	"trace = $r.0",
	"trace = $r.5",
	"trace IN (SELECT id FROM traces WHERE id $h $r)",
	"block $h $b",
	"block IN ($b, $d)",
	"(trace = $r OR thread = $i)",
};

static void write_term(struct scene *scene, struct mlw_strbuf *text)
{
	static const char *const compare[] = { "=", "<", "<=", ">", ">=" };
	static const char *const ops[] = { "alloc",  "free",  "map",
		                           "shrink", "Alloc", "exit" };
	struct sample *sample = &scene->sample;
	const struct words words = {
		.how = compare[pick(sample, 5)],
		.op = ops[pick(sample, 6)],
		.id = pick(sample, 8),
		.trace = pick(sample, SAMPLE_TRACES + 3),
		.number = pick(sample, CHANGES + 10),
		.ns = pick_time(scene),
	};
	const char *at =
	        term_texts[pick(sample, sizeof(term_texts) / sizeof(*term_texts))];

	for (; *at; at++) {
		if (*at == '$')
			write_word(&words, *++at, text);
		else
			mlw_strbuf_putc(text, *at);
	}
}

static void write_condition(struct scene *scene, struct mlw_strbuf *text)
{
	unsigned terms = 1 + (unsigned)pick(&scene->sample, 3);

	for (unsigned i = 0; i < terms; i++) {
		mlw_strbuf_puts(text, i ? " AND " : "");
		write_term(scene, text);
	}
}

/* `every` has all rows of events, and nothing to push down to. */
static void compare_scans(struct scene *scene, const char *condition)
{
	static const char columns[] =
	        "number, at_ns, op, process, thread, trace, domain, "
	        "size, block, realloc, lifetime_ns";
	char pushed[1024], scanned[1024];
	char *rows;

	snprintf(pushed, sizeof(pushed),
	         "SELECT rowid, %s FROM events WHERE %s ORDER BY rowid", columns,
	         condition);
	snprintf(scanned, sizeof(scanned),
	         "SELECT id, %s FROM every WHERE %s ORDER BY id", columns, condition);
	rows = database_rows(&scene->database, scanned);
	database_expect(&scene->database, pushed, rows);
	free(rows);
}

Test(events, what_is_pushed_down_is_what_a_whole_scan_finds, .timeout = 120)
{
	for (uint64_t seed = 11; seed < 15; seed++) {
		struct scene scene;

		open_scene(&scene, seed);
		free(database_rows(
		        &scene.database,
		        "CREATE TEMP TABLE every AS SELECT rowid AS id, * FROM events"));
		for (unsigned i = 0; i < 150; i++) {
			struct mlw_strbuf condition = MLW_STRBUF_INIT;

			write_condition(&scene, &condition);
			compare_scans(&scene, condition.text);
			mlw_strbuf_release(&condition);
		}
		close_scene(&scene);
	}
}

Test(events, joins_find_the_same_from_either_side)
{
	struct scene scene;
	char *rows;

	open_scene(&scene, 21);
	free(database_rows(
	        &scene.database,
	        "CREATE TEMP TABLE every AS SELECT rowid AS id, * FROM events"));
	rows = database_rows(&scene.database,
	                     "SELECT t.id, count(e.id) FROM traces t LEFT JOIN every e"
	                     " ON e.trace = t.id AND e.op = 'alloc' GROUP BY t.id");
	database_expect(&scene.database,
	                "SELECT t.id, count(e.rowid) FROM traces t LEFT JOIN events e"
	                " ON e.trace = t.id AND e.op = 'alloc' GROUP BY t.id",
	                rows);
	database_expect(&scene.database,
	                "SELECT t.id, count(e.rowid) FROM traces t CROSS JOIN events e"
	                " WHERE e.trace = t.id AND e.op = 'alloc' GROUP BY t.id"
	                " UNION SELECT id, 0 FROM traces WHERE id NOT IN"
	                " (SELECT trace FROM every WHERE op = 'alloc')",
	                rows);
	free(rows);
	close_scene(&scene);
}

static uint64_t chunks_for(struct scene *scene, const char *text)
{
	uint64_t before = mlw_views_chunks_read(scene->database.views);

	free(database_rows(&scene->database, text));
	return mlw_views_chunks_read(scene->database.views) - before;
}

/* A chunk a commit, a commit every 1,000 changes. */
Test(events, chunks_out_of_range_are_not_read)
{
	struct scene scene;
	char text[128];
	int64_t at;

	open_scene(&scene, 31);
	cr_assert_geq(chunks_for(&scene, "SELECT count(*) FROM events"), 6);
	cr_assert_leq(chunks_for(&scene, "SELECT * FROM events WHERE number = 3000"), 1);
	cr_assert_eq(chunks_for(&scene, "SELECT * FROM events WHERE number > 1000000"),
	             0);
	cr_assert_eq(chunks_for(&scene,
	                        "SELECT * FROM events WHERE at_ns < -1 AND number < 0"),
	             1); /* bounds are of what there is: the first one remains */
	cr_assert_eq(chunks_for(&scene, "SELECT * FROM events LIMIT 5"), 1);
	cr_assert_eq(chunks_for(&scene, "SELECT * FROM events ORDER BY at_ns LIMIT 5"),
	             1);
	at = database_number(&scene.database,
	                     "SELECT at_ns FROM events WHERE number = 3000");
	snprintf(text, sizeof(text),
	         "SELECT * FROM events WHERE at_ns BETWEEN %lld AND %lld",
	         (long long)at - 1000, (long long)at + 1000);
	cr_assert_leq(chunks_for(&scene, text), 2);
	snprintf(text, sizeof(text), "SELECT * FROM events WHERE block > %lld",
	         (long long)scene.sample.ordinal - 10);
	cr_assert_leq(chunks_for(&scene, text), 2);
	close_scene(&scene);
}

Test(events, rows_keep_their_ids)
{
	struct scene scene;
	int64_t number;

	open_scene(&scene, 41);
	number = database_number(
	        &scene.database,
	        "SELECT number FROM events WHERE op = 'free' AND realloc");
	for (int64_t id = 2 * number - 1; id <= 2 * number; id++) {
		char text[96], expected[64];

		snprintf(text, sizeof(text),
		         "SELECT number, op FROM events WHERE rowid = %lld",
		         (long long)id);
		snprintf(expected, sizeof(expected), "%lld|%s\n", (long long)number,
		         id == 2 * number ? "alloc" : "free");
		database_expect(&scene.database, text, expected);
	}
	close_scene(&scene);
}
