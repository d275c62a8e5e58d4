/* SPDX-License-Identifier: MIT */
#include "collect/settle.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Descriptors of the program must not be kept open by us, nor its terminal. */
int mlw_settle_descriptors(int launcher)
{
	struct rlimit files;
	int null;

	setsid();
	if (launcher != MLW_LAUNCHER_FD && dup2(launcher, MLW_LAUNCHER_FD) < 0)
		return -1;
	fcntl(MLW_LAUNCHER_FD, F_SETFD, FD_CLOEXEC);
	syscall(SYS_close_range, MLW_LAUNCHER_FD + 1, UINT_MAX, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return -1;
	close(null);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	prctl(PR_SET_NAME, "mallow-collect");
	return 0;
}

/* What cannot be had stays as it is: the collector is slower then, no more. */
void mlw_settle_schedule(void)
{
	struct sched_param none = { 0 };
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all);
	sched_setscheduler(0, SCHED_OTHER, &none);
}

/* What ends the program must not end its recording before it is whole. */
void mlw_settle_signals(void)
{
	static const int signals[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE,
		                       SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN,
		                       SIGTTOU, SIGXFSZ, SIGXCPU };
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
