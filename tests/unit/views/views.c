/* SPDX-License-Identifier: MIT */

/* The tables of one small known run (scene.h). */

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "database.h"
#include "scene.h"
#include "views/inquiry.h"

static struct scene scene;
static struct database database;

static void open_views(void)
{
	scene_open(&scene);
	database_open(&database, scene.recorder.path);
}

static void close_views(void)
{
	database_close(&database);
	scene_close(&scene);
}

TestSuite(views, .init = open_views, .fini = close_views);

Test(views, a_run_is_a_row)
{
	database_expect(&database,
	                "SELECT command, ended, exit_code, signal, complete, closed,"
	                " keeps_events, cut_at_ns, live_size, peak_size FROM runs",
	                "prog two words|exit|0|NULL|1|1|1|NULL|402|1202\n");
}

Test(views, processes_and_threads_have_their_totals)
{
	database_expect(&database,
	                "SELECT id, parent, pid, command, recorded, allocations, frees,"
	                " live_size FROM processes",
	                "1|NULL|1001|prog two words|1|10|3|202\n"
	                "2|1|1002|/usr/bin/child|1|1|0|200\n");
	database_expect(&database,
	                "SELECT id, process, tid, name, ended_at_ns, allocations, frees"
	                " FROM threads",
	                "1|1|2001|main|NULL|7|2\n2|1|2002|worker|NULL|3|1\n"
	                "3|2|2003|main|NULL|1|0\n");
}

Test(views, a_key_finds_its_row_alone)
{
	database_expect(&database, "SELECT name FROM threads WHERE id = 2", "worker\n");
	database_expect(&database, "SELECT name FROM threads WHERE id = '2'", "worker\n");
	database_expect(&database, "SELECT name FROM threads WHERE id = 2.5", "");
	database_expect(&database, "SELECT name FROM threads WHERE id = 0", "");
	database_expect(&database, "SELECT name FROM threads WHERE id = 4", "");
	database_expect(&database, "SELECT name FROM threads WHERE id = -1", "");
	database_expect(&database, "SELECT name FROM threads WHERE id IS NULL", "");
	database_expect(&database, "SELECT name FROM threads WHERE id IN (1, 3, 9)",
	                "main\nmain\n");
}

Test(views, sites_are_outside_wrappers)
{
	database_expect(
	        &database,
	        "SELECT trace, site, function, file, line, module, inlined FROM sites",
	        "1|parse /src/parse.c:20|parse|/src/parse.c|20|/usr/bin/prog|0\n"
	        "2|recurse /src/rec.c:5|recurse|/src/rec.c|5|/usr/bin/prog|0\n"
	        "3|libx.so.1+0x1050|NULL|NULL|NULL|/usr/lib/libx.so.1|0\n"
	        "4|libx.so.1+0x1060|NULL|NULL|NULL|/usr/lib/libx.so.1|0\n"
	        "5|parse /src/parse.c:20|parse|/src/parse.c|20|/usr/bin/prog|0\n"
	        "6|xmalloc /src/util.c:3|xmalloc|/src/util.c|3|/usr/bin/prog|0\n"
	        "7|inner /src/inline.c:10|inner|/src/inline.c|10|/usr/bin/prog|1\n"
	        "8|libx.so.1+0x1050|NULL|NULL|NULL|/usr/lib/libx.so.1|0\n");
}

Test(views, frames_are_a_stack_from_the_inside)
{
	database_expect(
	        &database,
	        "SELECT level, function, line, wrapper FROM frames WHERE trace = 1",
	        "0|xmalloc|3|1\n1|parse|20|0\n2|main|10|0\n");
	database_expect(&database,
	                "SELECT level, function, inlined FROM frames WHERE trace = 7",
	                "0|inner|1\n1|outer|0\n2|main|0\n");
	database_expect(&database, "SELECT count(*), count(DISTINCT rowid) FROM frames",
	                "20|20\n");
}

Test(views, traces_have_what_they_hold)
{
	database_expect(
	        &database,
	        "SELECT id, process, thread, domain, depth, truncated, allocations,"
	        " allocated_size, live_size, live_count, peak_size, temporary_count"
	        " FROM traces WHERE id IN (1, 2, 7, 8)",
	        "1|1|1|malloc|3|0|3|1150|150|2|1150|0\n"
	        "2|1|1|malloc|4|1|1|30|30|1|30|0\n"
	        "7|1|1|malloc|3|0|2|1000|0|0|0|2\n"
	        "8|1|1|mmap|2|0|1|4096|4096|1|4096|0\n");
}

Test(views, modules_and_moments)
{
	database_expect(&database, "SELECT id, path, build_id FROM modules WHERE id < 3",
	                "1|/usr/bin/prog|NULL\n2|/usr/lib/libx.so.1|NULL\n");
	database_expect(&database, "SELECT count(*) FROM snapshots", "0\n");
	database_expect(&database, "SELECT count(*) FROM timeline", "0\n");
}

Test(views, nothing_can_be_written)
{
	database_expect_failure(&database, "INSERT INTO threads (id) VALUES (9)",
	                        "table threads may not be modified");
	database_expect_failure(&database, "DELETE FROM events",
	                        "table events may not be modified");
}

/* Without an end of the file, blocks are what events left. */
Test(unclosed, live_blocks_are_replayed)
{
	struct recorder recorder;
	uint32_t frame, trace;
	uint64_t first, second;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "main");
	frame = recorder_frame(&recorder, recorder_module(&recorder, "/p"), "f", "f.c",
	                       1);
	trace = recorder_trace(&recorder,
	                       recorder_stack(&recorder, (uint32_t[]){ frame, 0 }), 1,
	                       MLW_DOMAIN_MALLOC, 0);
	first = recorder_alloc(&recorder, trace, 10);
	second = recorder_alloc(&recorder, trace, 20);
	recorder_alloc(&recorder, trace, 30);
	recorder_free(&recorder, 1, first);
	recorder_realloc(&recorder, second, trace, 40);
	recorder_die(&recorder);
	database_open(&database, recorder.path);
	database_expect(&database,
	                "SELECT block, process, thread, trace, domain, size, address"
	                " FROM live_blocks",
	                "3|1|1|1|malloc|30|NULL\n4|1|1|1|malloc|40|NULL\n");
	database_expect(&database, "SELECT closed, complete, live_size FROM runs",
	                "0|0|70\n");
	database_close(&database);
	recorder_remove(&recorder);
}

Test(unclosed, what_a_process_forgot_is_no_live_block)
{
	struct recorder recorder;
	uint32_t mine, others;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "main");
	recorder_thread(&recorder, recorder_process(&recorder, 1, "[\"q\"]"), "main");
	mine = recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	others = recorder_trace(&recorder, 0, 2, MLW_DOMAIN_MALLOC, 0);
	recorder_alloc(&recorder, mine, 10);
	recorder_alloc(&recorder, others, 20);
	recorder_clear(&recorder, 1);
	recorder_alloc(&recorder, mine, 30);
	recorder_die(&recorder);
	database_open(&database, recorder.path);
	database_expect(&database, "SELECT block, process, size FROM live_blocks",
	                "2|2|20\n3|1|30\n");
	database_expect(&database,
	                "SELECT op, thread, block, size FROM events WHERE number = 3",
	                "clear|1|NULL|NULL\n");
	database_expect(&database, "SELECT live_size, live_count, frees FROM runs",
	                "50|2|0\n");
	database_close(&database);
	recorder_remove(&recorder);
}

Test(sites_only, events_say_that_there_are_none)
{
	struct recorder recorder;
	char message[256];

	recorder_open_sites(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "main");
	recorder_close(&recorder);
	database_open(&database, recorder.path);
	snprintf(message, sizeof(message),
	         "%s: keeps no events, because only totals by site were recorded "
	         "(--record sites)",
	         recorder.path);
	database_expect_failure(&database, "SELECT count(*) FROM events", message);
	database_expect(&database, "SELECT keeps_events FROM runs", "0\n");
	database_close(&database);
	recorder_remove(&recorder);
}

/* What a connection has is gone with it, in either order. */
Test(lifetime, views_may_be_released_before_the_connection)
{
	scene_open(&scene);
	database_open(&database, scene.recorder.path);
	mlw_views_release(database.views);
	database_expect(&database, "SELECT count(*) FROM traces", "8\n");
	cr_assert_eq(sqlite3_close(database.sqlite), SQLITE_OK);
	scene_close(&scene);
}
