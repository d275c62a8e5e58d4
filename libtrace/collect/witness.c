/* SPDX-License-Identifier: MIT */
#include "collect/witness.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 200 /* the witness may have been stopped */
#define FRESH_MS  1000 /* older signals had nothing to do with the one asked about */

/* Fields of /proc/self/stat after the name; the first is the state, number 3. */
#define FIELD_ARG_START (48 - 3)
#define FIELD_ARG_END   (49 - 3)

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Where the kernel reads this process's command line from. */
static bool find_arguments(uintptr_t *start, uintptr_t *end)
{
	FILE *file = fopen("/proc/self/stat", "re");
	char text[1024], *rest = NULL, *field;
	size_t size = 0;

	*start = *end = 0;
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	field = strrchr(text, ')');
	field = field ? strtok_r(field + 1, " ", &rest) : NULL;
	for (int i = 0; field; i++, field = strtok_r(NULL, " ", &rest)) {
		if (i == FIELD_ARG_START)
			*start = strtoul(field, NULL, 10);
		else if (i == FIELD_ARG_END)
			*end = strtoul(field, NULL, 10);
	}
	return *start && *start < *end;
}

static void hide_name(void)
{
	uintptr_t start, end;

	prctl(PR_SET_NAME, "witness");
	if (find_arguments(&start, &end))
		memset((void *)start, 0, end - start);
}

static void close_others(int socket)
{
	if (socket > 0)
		syscall(SYS_close_range, 0, socket - 1, 0);
	syscall(SYS_close_range, socket + 1, UINT_MAX, 0);
}

static void take_signals(int fd, int64_t seen_ms[NSIG])
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo < NSIG)
			seen_ms[info.ssi_signo] = now_ms();
}

/* False when the launcher is gone. */
static bool answer(int socket, int64_t seen_ms[NSIG])
{
	uint8_t signal, saw;

	if (read(socket, &signal, 1) != 1 || signal >= NSIG)
		return false;
	saw = seen_ms[signal] && now_ms() < seen_ms[signal] + FRESH_MS;
	seen_ms[signal] = 0;
	return send(socket, &saw, 1, MSG_NOSIGNAL) == 1;
}

static void bear_witness(int socket)
{
	int64_t seen_ms[NSIG] = { 0 };
	struct pollfd polls[2] = { { .events = POLLIN }, { .events = POLLIN } };
	sigset_t all;

	close_others(socket);
	hide_name();
	sigfillset(&all);
	polls[0].fd = socket;
	polls[1].fd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	while (poll(polls, 2, -1) > 0) {
		/* First, so that an answer counts what has arrived before the question.
		 */
		take_signals(polls[1].fd, seen_ms);
		if (polls[0].revents && !answer(socket, seen_ms))
			break;
	}
	_exit(0);
}

void mlw_witness_start(struct mlw_witness *witness)
{
	int ends[2];

	*witness = (struct mlw_witness){ .socket = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	witness->pid = fork();
	if (witness->pid == 0)
		bear_witness(ends[1]);
	close(ends[1]);
	witness->socket = ends[0];
	if (witness->pid < 0)
		mlw_witness_stop(witness);
}

/*
 * kill() walks a group under the kernel's lock of the process list. setpgid() takes that
 * lock for writing, even if it changes nothing: when it returns, a walk that has reached
 * us has reached the others.
 */
static void await_group(void)
{
	setpgid(0, getpgrp());
}

bool mlw_witness_saw(const struct mlw_witness *witness, int signal)
{
	struct pollfd polls = { .fd = witness->socket, .events = POLLIN };
	uint8_t number = (uint8_t)signal, saw = 0;

	if (witness->pid <= 0)
		return false;
	await_group();
	while (recv(witness->socket, &saw, 1, MSG_DONTWAIT) > 0)
		; /* an answer that came too late */
	saw = 0;
	return send(witness->socket, &number, 1, MSG_NOSIGNAL) == 1 &&
	       poll(&polls, 1, ANSWER_MS) == 1 && read(witness->socket, &saw, 1) == 1 &&
	       saw;
}

void mlw_witness_stop(struct mlw_witness *witness)
{
	if (witness->socket >= 0)
		close(witness->socket);
	if (witness->pid > 0) {
		kill(witness->pid, SIGKILL);
		waitpid(witness->pid, NULL, 0);
	}
	*witness = (struct mlw_witness){ .socket = -1 };
}
