/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/ranking.h"
#include "recorder.h"

Test(leak_kind, functions_that_keep_memory_are_known_by_all_their_names)
{
	cr_expect(mlw_runtime_keeps("_IO_file_doallocate"));
	cr_expect(mlw_runtime_keeps("__GI__IO_file_doallocate"));
	cr_expect(mlw_runtime_keeps("setlocale"));
	cr_expect(mlw_runtime_keeps("___pthread_setspecific"));
	cr_expect(mlw_runtime_keeps("unsetenv"));
	cr_expect(mlw_runtime_keeps("tzset_internal.constprop.0"));
	cr_expect(mlw_runtime_keeps("dlopen@@GLIBC_2.34"));
	cr_expect(mlw_runtime_keeps("__nss_module_allocate"));
	cr_expect(mlw_runtime_keeps("_dl_new_object"));
}

Test(leak_kind, functions_that_allocate_for_their_caller_keep_nothing)
{
	cr_expect_not(mlw_runtime_keeps("fopen"));
	cr_expect_not(mlw_runtime_keeps("__fopen_internal"));
	cr_expect_not(mlw_runtime_keeps("strdup"));
	cr_expect_not(mlw_runtime_keeps("set"));
	cr_expect_not(mlw_runtime_keeps("setlocales"));
	cr_expect_not(mlw_runtime_keeps("newlocale"));
	cr_expect_not(mlw_runtime_keeps("opendir"));
	cr_expect_not(mlw_runtime_keeps(""));
	cr_expect_not(mlw_runtime_keeps("__"));
}

/* One run with a block of its own size from each of these stacks. */
static struct {
	struct recorder recorder;
	uint32_t prog, libc, loader, libstdcxx, main;
} scene;

static uint32_t frame(uint32_t module, const char *function)
{
	return recorder_frame(&scene.recorder, module, function, NULL, 0);
}

static void leak(uint64_t size, const uint32_t *frames)
{
	struct recorder *recorder = &scene.recorder;
	uint32_t trace = recorder_trace(recorder, recorder_stack(recorder, frames), 1,
	                                MLW_DOMAIN_MALLOC, 0);

	recorder_alloc(recorder, trace, size);
}

static void leak_for_runtime(void)
{
	uint32_t setenv = frame(scene.libc, "setenv");
	uint32_t tsearch = frame(scene.libc, "tsearch");
	uint32_t loader = frame(scene.loader, NULL);
	uint32_t thread = frame(scene.libc, "pthread_create");
	uint32_t constructor = frame(scene.libstdcxx, NULL);
	uint32_t pool = frame(scene.prog, "_GLOBAL__sub_I_eh_alloc.cc");

	leak(1, (uint32_t[]){ scene.main, setenv, tsearch, 0 });
	leak(2, (uint32_t[]){ scene.main, thread, loader, 0 });
	leak(4, (uint32_t[]){ loader, constructor, 0 });
	leak(8, (uint32_t[]){ scene.main, pool, 0 });
}

static void leak_for_the_program(void)
{
	uint32_t tsearch = frame(scene.libc, "tsearch");
	uint32_t own = frame(scene.prog, "setenv");
	uint32_t strdup = frame(scene.libc, "strdup");
	uint32_t setlocale = frame(scene.libc, "setlocale");
	uint32_t callback = frame(scene.prog, "callback");
	uint32_t loader = frame(scene.loader, "call_init");
	uint32_t start = frame(scene.libc, "start_thread");
	uint32_t string = frame(scene.libstdcxx, "std::string::reserve");

	leak(100, (uint32_t[]){ scene.main, tsearch, 0 });
	leak(200, (uint32_t[]){ scene.main, own, strdup, 0 });
	leak(400, (uint32_t[]){ scene.main, setlocale, callback, 0 });
	leak(800, (uint32_t[]){ loader, callback, string, 0 });
	leak(1600, (uint32_t[]){ start, string, 0 });
	leak(3200, (uint32_t[]){ 0 });
}

static void open_scene(void)
{
	struct recorder *recorder = &scene.recorder;

	recorder_open(recorder);
	recorder_process(recorder, 0, "[\"prog\"]");
	recorder_thread(recorder, 1, "main");
	scene.prog = recorder_module(recorder, "/usr/bin/prog");
	scene.libc = recorder_module(recorder, "/lib/x86_64-linux-gnu/libc.so.6");
	scene.loader =
	        recorder_module(recorder, "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
	scene.libstdcxx = recorder_module(recorder, "/usr/lib/libstdc++.so.6.0.30");
	scene.main = frame(scene.prog, "main");
	leak_for_runtime();
	leak_for_the_program();
	recorder_close(recorder);
}

static void close_scene(void)
{
	recorder_remove(&scene.recorder);
}

TestSuite(leaks, .init = open_scene, .fini = close_scene);

static struct mallow_ranking *ask(struct mlw_query query)
{
	struct mallow_ranking *leaks;
	struct mlw_error err = { "" };

	query.place = scene.recorder.path;
	query.leaks = true;
	cr_assert_eq(mlw_ranking_new(&leaks, &query, &err), 0, "%s", err.text);
	return leaks;
}

Test(leaks, what_the_c_library_keeps_is_told_by_where_it_was_allocated)
{
	struct mallow_ranking *leaks =
	        ask((struct mlw_query){ .by = MALLOW_BY_TRACEBACK });

	cr_expect_eq(leaks->kinds[MALLOW_LEAK_RUNTIME].size, 1 + 2 + 4 + 8);
	cr_expect_eq(leaks->kinds[MALLOW_LEAK_RUNTIME].count, 4);
	cr_expect_eq(leaks->kinds[MALLOW_LEAK_UNCLASSIFIED].size,
	             100 + 200 + 400 + 800 + 1600 + 3200);
	cr_expect_eq(leaks->kinds[MALLOW_LEAK_UNCLASSIFIED].count, 6);
	mlw_ranking_free(leaks);
}

Test(leaks, rows_are_in_the_order_of_their_kinds)
{
	struct mallow_ranking *leaks =
	        ask((struct mlw_query){ .by = MALLOW_BY_TRACEBACK });

	cr_assert_eq(leaks->count, 10);
	for (size_t i = 0; i < leaks->count; i++)
		cr_expect_eq(leaks->rows[i].kind,
		             i < 6 ? MALLOW_LEAK_UNCLASSIFIED : MALLOW_LEAK_RUNTIME);
	cr_expect_eq(leaks->rows[0].sums.size, 3200);
	cr_expect_eq(leaks->rows[6].sums.size, 8);
	mlw_ranking_free(leaks);
}

Test(leaks, two_kinds_are_never_one_row)
{
	struct mallow_ranking *leaks =
	        ask((struct mlw_query){ .by = MALLOW_BY_FUNCTION });
	uint64_t sizes[2] = { 0, 0 };

	for (size_t i = 0; i < leaks->count; i++) {
		const struct mallow_row *row = &leaks->rows[i];
		const struct mlw_frame *site =
		        row->traceback->count ? row->traceback->frames[0] : NULL;

		if (site && site->function && !strcmp(site->function, "tsearch"))
			sizes[row->kind == MALLOW_LEAK_RUNTIME] = row->sums.size;
	}
	cr_expect_eq(sizes[0], 100);
	cr_expect_eq(sizes[1], 1);
	mlw_ranking_free(leaks);
}

Test(leaks, a_limit_keeps_the_kinds_whole)
{
	struct mallow_ranking *leaks =
	        ask((struct mlw_query){ .by = MALLOW_BY_TRACEBACK, .limit = 1 });

	cr_expect_eq(leaks->count, 1);
	cr_expect_eq(leaks->kinds[MALLOW_LEAK_RUNTIME].count, 4);
	mlw_ranking_free(leaks);
}
