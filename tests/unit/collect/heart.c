/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collect/heart.h"

#define STALL_NS    UINT64_C(80000000) /* a look every 10 ms */
#define DURATION_MS 400u

static struct mlw_run_page page;
static struct mlw_heart heart;

static void start(void)
{
	struct mlw_error err;

	memset(&page, 0, sizeof(page));
	cr_assert_eq(mlw_heart_start(&heart, &page, STALL_NS, &err), 0, "%s", err.text);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void spin(uint64_t duration_ms)
{
	uint64_t end = now_ms() + duration_ms;

	while (now_ms() < end)
		;
}

static void nap(unsigned duration_ms)
{
	usleep(duration_ms * 1000);
}

/* The kernel holds a parent in state D until the child of its vfork has ended. */
static void wait_as_for_device(unsigned duration_ms)
{
	pid_t child = vfork();

	if (!child) {
		usleep(duration_ms * 1000);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static uint64_t beats(void)
{
	return atomic_load(&page.heartbeat);
}

Test(heart, beats_while_the_drain_thread_works_without_a_pulse)
{
	start();
	spin(DURATION_MS);
	cr_expect_geq(beats(), 5, "%ju beats", (uintmax_t)beats());
	mlw_heart_stop(&heart);
}

Test(heart, beats_while_a_disk_keeps_the_drain_thread_waiting)
{
	start();
	wait_as_for_device(DURATION_MS);
	cr_expect_geq(beats(), 5, "%ju beats", (uintmax_t)beats());
	mlw_heart_stop(&heart);
}

/* One beat may be for what it did before. */
Test(heart, a_drain_thread_that_hangs_has_none)
{
	start();
	nap(DURATION_MS);
	cr_expect_leq(beats(), 1, "%ju beats", (uintmax_t)beats());
	mlw_heart_stop(&heart);
}

static uint64_t cpu_of_process_ns(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

Test(heart, rests_with_the_drain_thread_and_wakes_with_it)
{
	uint64_t before, rested;

	start();
	mlw_heart_rest(&heart);
	nap(50);
	before = cpu_of_process_ns();
	nap(DURATION_MS);
	cr_expect_lt(cpu_of_process_ns() - before, 1000000, "it goes on looking");
	rested = beats();
	mlw_heart_work(&heart);
	spin(DURATION_MS);
	cr_expect_geq(beats(), rested + 5);
	mlw_heart_stop(&heart);
}

Test(heart, stops_at_once_while_it_rests_and_more_than_once)
{
	uint64_t before = now_ms();

	start();
	mlw_heart_rest(&heart);
	nap(50);
	mlw_heart_stop(&heart);
	mlw_heart_stop(&heart);
	mlw_heart_stop(NULL);
	cr_expect_lt(now_ms() - before, 2000);
}

Test(heart, one_that_was_never_started_does_nothing)
{
	struct mlw_heart none = { 0 };

	mlw_heart_rest(&none);
	mlw_heart_work(&none);
	mlw_heart_stop(&none);
}
