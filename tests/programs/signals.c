/* SPDX-License-Identifier: MIT */
/*
 * signals SECONDS: says `ready`, then names every SIGINT, SIGTERM, SIGUSR1 and SIGCONT
 * that reaches it, allocating 50 bytes at each, until SIGTERM came (returns 15) or the
 * time is over (returns 0). With SIGINT it returns 2 after the second.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *name_of(int number)
{
	switch (number) {
	case SIGINT:
		return "INT";
	case SIGTERM:
		return "TERM";
	case SIGCONT:
		return "CONT";
	default:
		return "USR1";
	}
}

/* The next signal of the set; 0 when the time is over. A stop and a handler that somebody
 * else installed end the wait early. */
static int next_signal(const sigset_t *set, const struct timespec *patience)
{
	int number;

	do {
		number = sigtimedwait(set, NULL, patience);
	} while (number < 0 && errno == EINTR);
	return number < 0 ? 0 : number;
}

int main(int argc, char **argv)
{
	struct timespec patience = { argc > 1 ? atoi(argv[1]) : 10, 0 };
	int interrupts = 0, number;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while ((number = next_signal(&set, &patience))) {
		void *volatile block = malloc(50);

		free(block);
		printf("got %s\n", name_of(number));
		if (number == SIGTERM)
			return 15;
		if (number == SIGINT && ++interrupts == 2)
			return 2;
	}
	return 0;
}
