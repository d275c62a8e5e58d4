/* SPDX-License-Identifier: MIT */
/*
 * sampled_edges daemon|jump|filter|throws: 5,000 blocks of 1,000 bytes in after(), once
 * something has happened that a thread's sampling has to survive: a child of libc's own
 * daemon(), jumps out of handlers that interrupted calloc, a filter of system calls, an
 * operator new that threw.
 */
#include <csetjmp>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <new>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

static void *volatile sink;
static sigjmp_buf place;
static pthread_barrier_t small, filtered;

extern "C" __attribute__((noinline)) void after(void)
{
	for (int i = 0; i < 5000; i++) {
		sink = malloc(1000);
		free(sink);
	}
}

static void jump(int)
{
	siglongjmp(place, 1);
}

static void be_interrupted(void)
{
	struct itimerval soon = {};

	signal(SIGALRM, jump);
	for (int i = 0; i < 100; i++) {
		soon.it_value.tv_usec = 200 + i % 50;
		if (sigsetjmp(place, 1))
			continue;
		setitimer(ITIMER_REAL, &soon, nullptr);
		for (;;) {
			sink = calloc(1, 1 << 27);
			free(sink);
		}
	}
}

static void *work(void *)
{
	sink = malloc(20);
	pthread_barrier_wait(&small);
	pthread_barrier_wait(&filtered);
	after();
	return nullptr;
}

static void be_filtered(void)
{
	struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, allow };
	pthread_t thread;

	pthread_barrier_init(&small, nullptr, 2);
	pthread_barrier_init(&filtered, nullptr, 2);
	pthread_create(&thread, nullptr, work, nullptr);
	pthread_barrier_wait(&small);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	pthread_barrier_wait(&filtered);
	pthread_join(thread, nullptr);
}

static void have_thrown(void)
{
	volatile size_t much = size_t{ 1 } << 60;

	try {
		sink = ::operator new(much);
	} catch (std::bad_alloc &) {
		return;
	}
	exit(1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	sink = malloc(50);
	if (!strcmp(what, "filter")) {
		be_filtered();
		return 0;
	}
	if (!strcmp(what, "daemon") && daemon(1, 1))
		return 1;
	if (!strcmp(what, "jump"))
		be_interrupted();
	if (!strcmp(what, "throws"))
		have_thrown();
	after();
	return 0;
}
