/* SPDX-License-Identifier: MIT */
#include "analyze/snapshots.h"

#include <criterion/criterion.h>

#include "scene.h"

static struct recorder recorder;

static void snapshot(const char *name)
{
	struct mlw_snapshot_row row = { .name = name, .at_us = recorder.time_us };
	struct mlw_error err;

	mlw_heap_held(recorder.heap, &row.size, &row.count);
	cr_assert_eq(mlw_writer_snapshot(recorder.writer, &row, recorder.heap, &err), 0);
}

Test(snapshots, are_listed_as_taken_and_numbered_by_name)
{
	struct mallow_snapshots *snapshots;
	struct mlw_error err;

	recorder_open(&recorder);
	recorder_thread(&recorder, recorder_process(&recorder, 0, "[\"p\"]"), "main");
	recorder_trace(&recorder, 0, 1, MLW_DOMAIN_MALLOC, 0);
	snapshot("b");
	recorder.time_us = 20;
	recorder_alloc(&recorder, 1, 7);
	snapshot("a");
	snapshot("b");
	recorder_close(&recorder);

	cr_assert_eq(mlw_snapshots_new(&snapshots, recorder.path, &err), 0, "%s",
	             err.text);
	cr_assert_eq(snapshots->count, 3);
	cr_expect_str_eq(snapshots->rows[0].name, "b");
	cr_expect_eq(snapshots->rows[0].nth, 1);
	cr_expect_eq(snapshots->rows[0].size, 0);
	cr_expect_str_eq(snapshots->rows[1].name, "a");
	cr_expect_eq(snapshots->rows[1].nth, 1);
	cr_expect_eq(snapshots->rows[1].at_ns, 20000);
	cr_expect_str_eq(snapshots->rows[2].name, "b");
	cr_expect_eq(snapshots->rows[2].nth, 2);
	cr_expect_eq(snapshots->rows[2].size, 7);
	cr_expect_eq(snapshots->rows[2].count, 1);
	cr_expect(snapshots->about.complete);
	mlw_snapshots_free(snapshots);
	recorder_remove(&recorder);
}

Test(snapshots, a_run_without_any_has_an_empty_list)
{
	struct mallow_snapshots *snapshots;
	struct mlw_error err;
	struct scene scene;

	scene_open(&scene);
	cr_assert_eq(mlw_snapshots_new(&snapshots, scene.recorder.path, &err), 0);
	cr_expect_eq(snapshots->count, 0);
	mlw_snapshots_free(snapshots);
	scene_close(&scene);
}
