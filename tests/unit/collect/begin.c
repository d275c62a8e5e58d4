/* SPDX-License-Identifier: MIT */
#include "collect/begin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/segment.h"

#define PATIENCE_MS 10000

static char directory[] = "/tmp/mallow-unit.XXXXXX";
static char path[64];
static char program[] = "program";
static char *command[] = { program, NULL };
static struct mlw_run_options options;
static struct mlw_begun begun;
static int ends[2];
static pid_t asking; /* lives until it is killed */

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/r.mallow", directory);
	mlw_run_options_init(&options);
	options.command = command;
	options.output = path;
	options.library = "/nowhere/libmallow.so";
	asking = fork();
	cr_assert_geq(asking, 0);
	if (!asking) {
		pause();
		_exit(0);
	}
	cr_assert_eq(pipe(ends), 0);
}

static bool is_gone(const char *name)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (access(name, F_OK))
			return true;
		usleep(1000);
	}
	return false;
}

/* With the process the recording ends, which closes its file. */
static void teardown(void)
{
	char log[80];

	kill(asking, SIGKILL);
	waitpid(asking, NULL, 0);
	snprintf(log, sizeof(log), "%s-wal", path);
	cr_expect(is_gone(log));
	unlink(path);
	cr_expect_eq(rmdir(directory), 0);
}

TestSuite(begin, .init = setup, .fini = teardown);

Test(begin, who_asks_is_told_where_the_collector_is)
{
	struct mlw_begun told;

	cr_assert_eq(mlw_begin_recording(&options, asking, ends[1], &begun), 0);
	cr_assert_eq(read(ends[0], &told, sizeof(told)), (ssize_t)sizeof(told));
	cr_expect_eq(told.magic, MLW_WIRE_MAGIC);
	cr_expect_eq(told.error, 0);
	cr_expect_str_eq(told.socket, begun.socket);
	cr_expect_eq(access(path, F_OK), 0);
}

Test(begin, who_has_given_up_is_not_recorded)
{
	close(ends[0]);
	cr_expect_eq(mlw_begin_recording(&options, asking, ends[1], &begun), -EPIPE);
	cr_expect(is_gone(path));
}
