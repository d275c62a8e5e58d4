/* SPDX-License-Identifier: MIT */
/*
 * threads: blocks that one thread allocates and another frees.
 *
 * Four makers allocate 1000 messages of 128 bytes each and hand them, one at a time, to
 * four takers, who free them. None of the 4000 is live at the end; what is left are the
 * C library's own eight blocks for the eight threads.
 *
 *	mallow run -o threads.mallow threads
 *	mallow top --by thread --sort allocated threads.mallow
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 4, MESSAGES = 1000 };

static struct slot {
	sem_t empty, full;
	char *message;
} slots[PAIRS];
static pthread_barrier_t all_started;

static __attribute__((noinline)) char *message_new(void)
{
	return memset(malloc(128), 'm', 128);
}

static void *make(void *argument)
{
	struct slot *slot = argument;

	pthread_barrier_wait(&all_started);
	for (int i = 0; i < MESSAGES; i++) {
		sem_wait(&slot->empty);
		slot->message = message_new();
		sem_post(&slot->full);
	}
	return NULL;
}

static void *take(void *argument)
{
	struct slot *slot = argument;

	pthread_barrier_wait(&all_started);
	for (int i = 0; i < MESSAGES; i++) {
		sem_wait(&slot->full);
		free(slot->message);
		sem_post(&slot->empty);
	}
	return NULL;
}

int main(void)
{
	pthread_t makers[PAIRS], takers[PAIRS];
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 256 << 10);
	pthread_barrier_init(&all_started, NULL, 2 * PAIRS);
	for (int i = 0; i < PAIRS; i++) {
		sem_init(&slots[i].empty, 0, 1);
		sem_init(&slots[i].full, 0, 0);
		pthread_create(&makers[i], &small, make, &slots[i]);
		pthread_create(&takers[i], &small, take, &slots[i]);
	}
	for (int i = 0; i < PAIRS; i++) {
		pthread_join(makers[i], NULL);
		pthread_join(takers[i], NULL);
	}
	return 0;
}
