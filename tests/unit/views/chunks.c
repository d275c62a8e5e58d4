/* SPDX-License-Identifier: MIT */

/* Which chunks a query about threads or traces looks into. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "database.h"
#include "recorder.h"

#define CHUNKS 10

static struct recorder recorder;
static struct database database;
static struct mlw_error err;

/* Chunks 0 to 9 of thread 1 and trace 1, but thread 2 with trace 2 also in chunk 6, and
 * a block of trace 3 that comes in chunk 3 and goes in chunk 8. */
static void record(void)
{
	uint64_t block = 0;

	recorder_open(&recorder);
	recorder_process(&recorder, 0, "[\"p\"]");
	recorder_process(&recorder, 1, "[\"q\"]");
	recorder_thread(&recorder, 1, "main");
	recorder_thread(&recorder, 2, "main");
	for (uint32_t thread = 1; thread <= 2; thread++)
		recorder_trace(&recorder, 0, thread, MLW_DOMAIN_MALLOC, 0);
	recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	for (int i = 0; i < CHUNKS; i++) {
		recorder_alloc(&recorder, 1, 10);
		if (i == 3)
			block = recorder_alloc(&recorder, 3, 10);
		if (i == 6)
			recorder_alloc(&recorder, 2, 10);
		if (i == 8)
			recorder_free(&recorder, 1, block);
		recorder_alloc(&recorder, 1, 10);
		cr_assert_eq(mlw_writer_commit(recorder.writer, recorder.heap, &err), 0);
	}
	recorder_close(&recorder);
	database_open(&database, recorder.path);
}

static void remove_all(void)
{
	database_close(&database);
	recorder_remove(&recorder);
}

TestSuite(chunks, .init = record, .fini = remove_all);

static uint64_t read_for(const char *text, const char *rows)
{
	uint64_t before = mlw_views_chunks_read(database.views);

	database_expect(&database, text, rows);
	return mlw_views_chunks_read(database.views) - before;
}

Test(chunks, without_the_thread_are_not_read)
{
	cr_expect_eq(read_for("SELECT count(*) FROM events WHERE thread = 1", "22\n"),
	             CHUNKS);
	cr_expect_eq(read_for("SELECT number FROM events WHERE thread = 2", "15\n"), 1);
	cr_expect_eq(read_for("SELECT number FROM events WHERE process = 2", "15\n"), 1);
	cr_expect_eq(read_for("SELECT count(*) FROM events WHERE thread = 3", "0\n"), 0);
}

Test(chunks, without_the_trace_are_not_read)
{
	cr_expect_eq(read_for("SELECT op FROM events WHERE trace = 3", "alloc\nfree\n"),
	             2);
	cr_expect_eq(read_for("SELECT count(*) FROM events WHERE trace IN (2, 3)", "3\n"),
	             3);
	cr_expect_eq(read_for("SELECT count(*) FROM events WHERE trace = 3"
	                      " AND thread = 2",
	                      "0\n"),
	             0);
}

/* What was left out is done too. */
Test(chunks, that_are_not_read_count_as_done)
{
	uint64_t done, total;

	read_for("SELECT number FROM events WHERE thread = 2 LIMIT 1", "15\n");
	mlw_views_progress(database.views, &done, &total);
	cr_expect_eq(total, 23);
	cr_expect_eq(done, 23);
}
