/* SPDX-License-Identifier: MIT */
#include "render/render.h"

#include <criterion/criterion.h>
#include <string.h>

#include "analyze/snapshots.h"
#include "analyze/stats.h"
#include "captured.h"

static const struct mlw_style plain = { .colour = false, .width = 100 };
static const char *const command[] = { "jq", ".", "big.json" };
static const char *const child[] = { "/usr/bin/sudo" };

static struct mallow_process_stats processes[2];
static struct mallow_thread_stats threads[20];
static const struct mallow_taken taken[] = { { "loaded", 1, 50000000, 20480, 12 } };
static struct mallow_snapshots snapshots = { .rows = taken, .count = 1 };

static const struct mallow_totals totals = {
	.allocations = 100004,
	.frees = 99996,
	.reallocations = 12,
	.allocated_size = 174063616,
	.peak_size = 4853760,
	.peak_at_ns = 64600000,
	.live_size = 11059,
	.live_count = 8,
	.temporary_count = 35458,
	.inherited_frees = 3,
	.foreign_frees = 2,
};

static void fill_processes(void)
{
	processes[0] = (struct mallow_process_stats){
		.id = 1,
		.pid = 4711,
		.command = command,
		.command_count = 3,
		.end = { MALLOW_ENDED_EXIT, 5, -1 },
		.recorded = true,
		.tracer_size = 9000000,
		.totals = totals,
	};
	processes[1] = (struct mallow_process_stats){
		.id = 2,
		.parent = 1,
		.pid = 4712,
		.command = child,
		.command_count = 1,
		.end = { MALLOW_ENDED_SIGNAL, -1, 9 },
		.reason = "it is setuid",
	};
}

static struct mallow_pools pools[2] = {
	{ .created = 3,
	  .pools = 1,
	  .size = 4096,
	  .free_size = 4096,
	  .largest_free = 4096 },
	{ .block_size = 64,
	  .created = 7,
	  .pools = 7,
	  .size = 28672,
	  .used_size = 10000,
	  .wasted_size = 560,
	  .free_size = 18112,
	  .largest_free = 2048,
	  .blocks = 165 },
};
static struct mallow_domain_stats domains[3];

static void fill_domains(void)
{
	domains[0] = (struct mallow_domain_stats){ .name = "malloc", .totals = totals };
	domains[1] = (struct mallow_domain_stats){
		.id = 16,
		.name = "a\nb",
		.totals = { .allocations = 5, .live_size = 300, .live_count = 4 },
	};
	domains[2] = (struct mallow_domain_stats){
		.id = 17, .name = "objects", .pools = pools, .pool_count = 2
	};
}

static void fill_threads(void)
{
	for (uint32_t i = 0; i < 20; i++)
		threads[i] = (struct mallow_thread_stats){
			.id = i + 1,
			.process = 1,
			.name = "worker",
			.totals = { .allocated_size = i % 7 },
		};
}

static struct mallow_stats sample(void)
{
	fill_processes();
	fill_threads();
	fill_domains();
	return (struct mallow_stats){
		.about = { .file = "run.mallow", .complete = true, .closed = true },
		.run = { .command = command,
		         .command_count = 3,
		         .started_at_ns = 1700000000123456789,
		         .duration_ns = 100000000,
		         .time_resolution_ns = 4000,
		         .end = { MALLOW_ENDED_EXIT, 5, -1 },
		         .totals = totals,
		         .peak_uncertainty = 5000,
		         .truncated_traces = 8,
		         .distinct_traces = 300,
		         .tracer_size = 9000000,
		         .peak_rss = 64 << 20,
		         .mapped = { .allocations = 3,
		                     .live_count = 2,
		                     .live_size = 8192,
		                     .allocated_size = 12288 },
		         .collector_cpu_ns = 123456789,
		         .collector_peak_rss = 23 << 20,
		         .collector_events = 200000 },
		.processes = processes,
		.process_count = 2,
		.threads = threads,
		.thread_count = 2,
		.domains = domains,
		.domain_count = 3,
		.sizes = { { { 0, 0, 3, 0 }, { 16, 31, 100000, 2000000 } }, 2 },
		.lifetimes = { { { 0, 0, 100, 0 } }, 1 },
		.snapshots = &snapshots,
	};
}

static void write_text(const struct mallow_stats *stats, struct captured *captured)
{
	struct mlw_error err;

	captured_open(captured);
	cr_assert_eq(mlw_render_stats_text(stats, &plain, captured->out, &err), 0);
}

Test(stats, text)
{
	struct mallow_stats stats = sample();
	struct captured captured;

	write_text(&stats, &captured);
	captured_matches(&captured, "render/stats.txt");
	captured_close(&captured);
}

/* A terminal of 80 columns; a program of a long path. */
Test(stats, fits_into_a_narrow_screen)
{
	static const struct mlw_style narrow = { .colour = false, .width = 80 };
	static const char *const long_one[] = { "/usr/lib/python3/bin/python3.11",
		                                "work.py", "--all" };
	struct mallow_stats stats = sample();
	struct captured captured;
	struct mlw_error err;

	processes[1].command = long_one;
	processes[1].command_count = 3;
	processes[1].recorded = true;
	captured_open(&captured);
	cr_assert_eq(mlw_render_stats_text(&stats, &narrow, captured.out, &err), 0);
	captured_matches(&captured, "render/stats_narrow.txt");
	captured_close(&captured);
}

Test(stats, json_has_the_keys_of_the_contract)
{
	struct mallow_stats stats = sample();
	struct captured captured;

	captured_open(&captured);
	mlw_render_stats_json(&stats, captured.out);
	captured_matches(&captured, "render/stats.json");
	captured_close(&captured);
}

/* What a sample does not know is null, empty or left out. */
Test(stats, of_a_sample)
{
	struct mallow_stats stats = sample();
	struct captured captured;
	struct mlw_error err;

	stats.about.sample_bytes = 524288;
	captured_open(&captured);
	mlw_render_stats_json(&stats, captured.out);
	captured_matches(&captured, "render/stats_sampled.json");
	captured_close(&captured);
	captured_open(&captured);
	mlw_render_stats_csv(&stats, captured.out);
	captured_matches(&captured, "render/stats_sampled.csv");
	captured_close(&captured);
	captured_open(&captured);
	cr_assert_eq(mlw_render_stats_text(&stats, &plain, captured.out, &err), 0);
	captured_matches(&captured, "render/stats_sampled.txt");
	captured_close(&captured);
}

Test(stats, csv)
{
	struct mallow_stats stats = sample();
	struct captured captured;

	captured_open(&captured);
	mlw_render_stats_csv(&stats, captured.out);
	captured_matches(&captured, "render/stats.csv");
	captured_close(&captured);
}

static void write_domains(const struct mallow_stats *stats, const char *name)
{
	struct captured captured;
	struct mlw_error err;

	captured_open(&captured);
	cr_assert_eq(mlw_render_stats_domains(stats, &plain, captured.out, &err), 0);
	captured_matches(&captured, name);
	captured_close(&captured);
}

Test(stats, domains_and_their_pools)
{
	struct mallow_stats stats = sample();

	write_domains(&stats, "render/stats_domains.txt");
	stats.run.saved = true;
	stats.domain_count = 2;
	write_domains(&stats, "render/stats_domains_saved.txt");
}

static void expect_warning(const struct mallow_stats *stats, const char *part)
{
	struct captured captured;

	write_text(stats, &captured);
	cr_expect_not_null(strstr(captured_text(&captured), part), "%s", part);
	captured_close(&captured);
}

Test(stats, everything_that_is_missing_is_a_warning)
{
	struct mallow_stats stats = sample();

	stats.about.closed = false;
	expect_warning(&stats, "WARNING: incomplete: the recording was not closed");
	stats = sample();
	stats.run.lost_events = 7;
	expect_warning(&stats, "WARNING: incomplete: 7 events were lost");
	stats = sample();
	stats.run.damaged_events = 4;
	expect_warning(&stats, "WARNING: incomplete: 4 events made no sense");
	stats = sample();
	stats.run.stack_mismatches = 1;
	stats.run.stacks_verified = 10;
	expect_warning(&stats, "WARNING: 1 of 10 verified stacks");
	expect_warning(&stats, "WARNING: 1 process could not be recorded");
}

static const char *const names[] = { "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7" };

Test(stats, of_many_names_the_largest_are_shown)
{
	struct mallow_stats stats = sample();
	struct captured captured;
	const char *text;

	stats.thread_count = 20;
	for (size_t i = 0; i < 20; i++) {
		threads[i].name = names[i % 8];
		threads[i].totals.allocated_size = i % 8;
	}
	write_text(&stats, &captured);
	text = strstr(captured_text(&captured), "\nthreads\n");
	cr_assert_not_null(text);
	cr_expect_null(strstr(text, "n0"), "it allocated nothing");
	cr_expect_null(strstr(text, "n1,"));
	cr_expect_not_null(strstr(text, "n2, 3 threads"));
	cr_expect_not_null(strstr(text, "\n  8..16 "));
	cr_expect_not_null(strstr(text, "n7, 2 threads"));
	cr_expect_lt(strstr(text, "n7,"), strstr(text, "n6,"));
	cr_expect_not_null(strstr(text, "2 more names"));
	captured_close(&captured);
}

Test(stats, threads_of_a_name_are_a_row)
{
	struct mallow_stats stats = sample();
	struct captured captured;
	const char *text;

	threads[0] = (struct mallow_thread_stats){ 1, 1, "main", { .allocations = 7 } };
	threads[1] = (struct mallow_thread_stats){ 2,
		                                   1,
		                                   "work",
		                                   { 10, .live_size = 5, .peak_size = 50,
		                                     .allocated_size = 100 } };
	threads[2] = (struct mallow_thread_stats){ 3,
		                                   2,
		                                   "work",
		                                   { 20, .live_size = 6, .peak_size = 40,
		                                     .allocated_size = 200 } };
	stats.thread_count = 3;
	write_text(&stats, &captured);
	text = strstr(captured_text(&captured), "\nthreads\n");
	cr_assert_not_null(text);
	cr_expect_not_null(strstr(text, "\n  2-3        -           30      300 B  50 B  "
	                                "11 B  work, 2 threads\n"));
	cr_expect_not_null(strstr(text, " main\n"));
	captured_close(&captured);
}

/* 1 has the children 2 and 3, 2 has 4. */
Test(stats, processes_are_a_tree)
{
	static const uint32_t parents[] = { 0, 1, 1, 2 };
	struct mallow_process_stats family[4];
	struct mallow_stats stats = sample();
	struct captured captured;
	const char *text;

	for (uint32_t i = 0; i < 4; i++)
		family[i] = (struct mallow_process_stats){ .id = i + 1,
			                                   .parent = parents[i],
			                                   .pid = 10 + (int)i,
			                                   .command = child,
			                                   .command_count = 1,
			                                   .recorded = true,
			                                   .end = { MALLOW_ENDED_EXIT, 0,
			                                            -1 } };
	stats.processes = family;
	stats.process_count = 4;
	write_text(&stats, &captured);
	text = strstr(captured_text(&captured), "\nprocesses\n");
	cr_assert_not_null(text);
	cr_expect_not_null(strstr(text,
	                          "   1   10       -            0        0 B   0 B   "
	                          "0 B  exit 0  /usr/bin/sudo\n"
	                          "   2   11       1            0        0 B   0 B   "
	                          "0 B  exit 0    /usr/bin/sudo\n"
	                          "   4   13       2            0        0 B   0 B   "
	                          "0 B  exit 0      /usr/bin/sudo\n"
	                          "   3   12       1            0        0 B   0 B   "
	                          "0 B  exit 0    /usr/bin/sudo\n"),
	                   "%s", text);
	captured_close(&captured);
}

Test(stats, of_many_processes_the_largest_stand_below_their_ancestors)
{
	static struct mallow_process_stats chain[30];
	struct mallow_stats stats = sample();
	struct captured captured;
	const char *text;

	for (uint32_t i = 0; i < 30; i++)
		chain[i] = (struct mallow_process_stats){
			.id = i + 1,
			.parent = i,
			.command = child,
			.command_count = 1,
			.recorded = true,
			.end = { MALLOW_ENDED_EXIT, 0, -1 },
			.totals = { .allocated_size = i % 3 == 0 }
		};
	stats.processes = chain;
	stats.process_count = 30;
	write_text(&stats, &captured);
	text = strstr(captured_text(&captured), "\nprocesses\n");
	cr_assert_not_null(text);
	cr_expect_not_null(strstr(text, "\n   1 "));
	cr_expect_null(strstr(text, "\n   2 "));
	cr_expect_not_null(strstr(text, "\n  28 "));
	cr_expect_not_null(strstr(text, "exit 0                    /usr/bin/sudo"));
	cr_expect_not_null(strstr(text, "20 more"));
	captured_close(&captured);
}

Test(stats, metadata_that_is_no_text_is_counted)
{
	static struct mallow_metadatum metadata[] = { { "commit", "4f2a", 4 },
		                                      { "image", "a\0b", 3 } };
	struct mallow_stats stats = sample();
	struct captured captured;

	stats.run.saved = true;
	stats.metadata = metadata;
	stats.metadata_count = 2;
	write_text(&stats, &captured);
	cr_expect_not_null(strstr(captured_text(&captured), "commit  4f2a\n"));
	cr_expect_not_null(
	        strstr(captured_text(&captured), "image   (3 bytes, no text)\n"), "%s",
	        captured_text(&captured));
	captured_close(&captured);
}
