/* SPDX-License-Identifier: MIT */
/*
 * x_kept: makes the C library and the loader keep memory for themselves, and leaks three
 * blocks of its own: 11 bytes, a string of 13, and a stream (whose buffer is the
 * library's).
 */
#include <dlfcn.h>
#include <libintl.h>
#include <locale.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *own[2];
FILE *open_file;

static __attribute__((noinline)) void leak_own(void)
{
	own[0] = malloc(11);
}

static __attribute__((noinline)) void leak_file(void)
{
	open_file = fopen("/dev/null", "w");
	fputs("some text", open_file);
}

static __attribute__((noinline)) void leak_copy(void)
{
	own[1] = strdup("12 letters..");
}

static void handler(void)
{
}

static void *sleep_forever(void *ready)
{
	pthread_barrier_wait(ready);
	for (;;)
		nanosleep(&(struct timespec){ 100, 0 }, NULL);
	return NULL;
}

static void keep_environment(void)
{
	char name[32];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "KEPT_%d", i);
		setenv(name, "value", 1);
	}
	putenv((char *)"KEPT_0=other");
}

static void keep_thread(void)
{
	pthread_barrier_t ready;
	pthread_key_t key = 0;
	pthread_t thread;

	pthread_barrier_init(&ready, NULL, 2);
	pthread_create(&thread, NULL, sleep_forever, &ready);
	pthread_barrier_wait(&ready);
	while (key < 40)
		pthread_key_create(&key, NULL);
	pthread_setspecific(key, &key);
}

static void keep_names(void)
{
	setlocale(LC_ALL, "");
	bindtextdomain("nothing", "/nonexistent");
	textdomain("nothing");
	gettext("some message");
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	getpwnam("root");
}

int main(void)
{
	leak_own();
	leak_copy();
	leak_file();
	for (int i = 0; i < 40; i++)
		atexit(handler);
	keep_environment();
	keep_thread();
	keep_names();
	dlopen("libz.so.1", RTLD_NOW);
	dlopen("libm.so.6", RTLD_NOW);
	dlopen("nothing.so", RTLD_NOW);
	puts("done");
	return 0;
}
