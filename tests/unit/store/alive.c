/* SPDX-License-Identifier: MIT */
#include "store/alive.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/mallow-test.XXXXXX";
static char path[64], log_path[80];

static void setup(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	close(open(log_path, O_CREAT | O_RDWR, 0600));
}

static void teardown(void)
{
	unlink(log_path);
	rmdir(folder);
}

TestSuite(alive, .init = setup, .fini = teardown);

Test(alive, nobody_writes_a_file_without_a_lock)
{
	cr_expect_not(mlw_alive_ask(path));
	unlink(log_path);
	cr_expect_not(mlw_alive_ask(path));
	cr_expect_eq(mlw_alive_hold(path), -1);
}

Test(alive, the_lock_ends_with_its_holder)
{
	int ready[2], status;
	pid_t holder;
	char byte;

	cr_assert_eq(pipe(ready), 0);
	holder = fork();
	if (!holder) {
		if (mlw_alive_hold(path) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	cr_expect(mlw_alive_ask(path));
	cr_expect(mlw_alive_ask(path), "asking takes nothing away");
	cr_expect_eq(mlw_alive_hold(path), -1);
	kill(holder, SIGKILL);
	cr_assert_eq(waitpid(holder, &status, 0), holder);
	cr_expect_not(mlw_alive_ask(path));
}
