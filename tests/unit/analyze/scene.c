/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <criterion/criterion.h>

static void add_traces(struct scene *scene, struct recorder *recorder)
{
	uint32_t prog = recorder_module(recorder, "/usr/bin/prog");
	uint32_t libx = recorder_module(recorder, "/usr/lib/libx.so.1");
	uint32_t mallow = recorder_module(recorder, "/opt/lib/libmallow.so.0");
	uint32_t main = recorder_frame(recorder, prog, "main", "/src/main.c", 10);
	uint32_t parse = recorder_frame(recorder, prog, "parse", "/src/parse.c", 20);
	uint32_t recurse = recorder_frame(recorder, prog, "recurse", "/src/rec.c", 5);
	uint32_t wrapper = recorder_frame(recorder, prog, "xmalloc", "/src/util.c", 3);
	uint32_t a = recorder_frame(recorder, libx, NULL, NULL, 0);
	uint32_t b = recorder_frame(recorder, libx, NULL, NULL, 0);
	uint32_t hook = recorder_frame(recorder, mallow, "malloc", "hooks.c", 1);
	uint32_t twice =
	        recorder_inlined_frame(recorder, prog, "inner", "outer", "/src/inline.c");
	uint32_t parse_stack =
	        recorder_stack(recorder, (uint32_t[]){ main, parse, wrapper, hook, 0 });
	uint32_t a_stack = recorder_stack(recorder, (uint32_t[]){ main, a, hook, 0 });

	scene->parse = recorder_trace(recorder, parse_stack, 1, MLW_DOMAIN_MALLOC, 0);
	scene->recurse = recorder_trace(
	        recorder,
	        recorder_stack(recorder,
	                       (uint32_t[]){ main, recurse, recurse, recurse, hook, 0 }),
	        1, MLW_DOMAIN_MALLOC, MLW_TRACE_TRUNCATED);
	scene->libx_a = recorder_trace(recorder, a_stack, 2, MLW_DOMAIN_MALLOC, 0);
	scene->libx_b = recorder_trace(
	        recorder, recorder_stack(recorder, (uint32_t[]){ main, b, hook, 0 }), 2,
	        MLW_DOMAIN_MALLOC, 0);
	scene->child_parse =
	        recorder_trace(recorder, parse_stack, 3, MLW_DOMAIN_MALLOC, 0);
	scene->only_wrapper = recorder_trace(
	        recorder, recorder_stack(recorder, (uint32_t[]){ wrapper, hook, 0 }), 1,
	        MLW_DOMAIN_MALLOC, 0);
	scene->inlined = recorder_trace(
	        recorder, recorder_stack(recorder, (uint32_t[]){ main, twice, hook, 0 }),
	        1, MLW_DOMAIN_MALLOC, 0);
	scene->mapping = recorder_trace(recorder, a_stack, 1, MLW_DOMAIN_MMAP, 0);
}

static void add_changes(struct scene *scene, struct recorder *recorder)
{
	uint64_t block;

	recorder->time_us = 100;
	recorder_alloc(recorder, scene->mapping, 4096);
	for (int i = 0; i < 2; i++) {
		block = recorder_alloc(recorder, scene->inlined, 500);
		recorder_free(recorder, 1, block);
	}
	recorder_alloc(recorder, scene->parse, 100);
	block = recorder_alloc(recorder, scene->parse, 1000);
	recorder_alloc(recorder, scene->recurse, 30);
	recorder_alloc(recorder, scene->libx_a, 7);
	recorder_alloc(recorder, scene->libx_a, 7);
	recorder_alloc(recorder, scene->libx_b, 7);
	recorder_alloc(recorder, scene->only_wrapper, 1);
	recorder->time_us = 200;
	recorder_alloc(recorder, scene->parse, 50);
	recorder_free(recorder, 2, block);
	recorder->time_us = 300;
	recorder_alloc(recorder, scene->child_parse, 200);
	recorder->time_us = 1000;
}

void scene_open(struct scene *scene)
{
	struct recorder *recorder = &scene->recorder;

	recorder_open(recorder);
	recorder_process(recorder, 0, "[\"prog\", \"two words\"]");
	recorder_process(recorder, 1, "[\"/usr/bin/child\"]");
	recorder_thread(recorder, 1, "main");
	recorder_thread(recorder, 1, "worker");
	recorder_thread(recorder, 2, "main");
	add_traces(scene, recorder);
	add_changes(scene, recorder);
	recorder_close(recorder);
}

void scene_close(struct scene *scene)
{
	recorder_remove(&scene->recorder);
}
