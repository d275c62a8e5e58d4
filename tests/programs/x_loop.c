/* SPDX-License-Identifier: MIT */
/*
 * x_loop MILLISECONDS [STOPFILE]: allocates and frees for that long, prints a line for
 * each hundredth of the time that passed, and ends with status 7. It prints the largest
 * pause between two iterations on standard error, in milliseconds, then its allocations
 * and frees. With STOPFILE it reads a pid from that file when a quarter of the time is
 * over, and stops that process: a program that stops its own observer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "x_say.h"

#define KEPT 4096

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void stop_process_of(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || atoi(text) <= 1)
		_exit(96);
	close(fd);
	kill(atoi(text), SIGSTOP);
}

int main(int argc, char **argv)
{
	static void *kept[KEPT];
	int64_t duration = (argc > 1 ? atol(argv[1]) : 1000) * 1000;
	int64_t start = now_us(), last = start, now, pause = 0;
	uint64_t allocations = 0, frees = 0;
	int printed = 0, stopped = argc < 3;

	for (;;) {
		void **slot = &kept[allocations * 7919 % KEPT];

		if (*slot) {
			free(*slot);
			frees++;
		}
		*slot = malloc(16 + allocations % 1000);
		allocations++;
		now = now_us();
		if (now - last > pause)
			pause = now - last;
		last = now;
		if (!stopped && now - start > duration / 4) {
			stop_process_of(argv[2]);
			stopped = 1;
		}
		if ((now - start) * 100 / duration <= printed)
			continue;
		x_say(1, "line %d\n", printed);
		if (++printed == 100)
			break;
	}
	x_say(2, "pause_ms %ld allocations %lu frees %lu\n", (long)(pause / 1000),
	      allocations, frees);
	return 7;
}
