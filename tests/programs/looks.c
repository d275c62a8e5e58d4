/* SPDX-License-Identifier: MIT */
/*
 * Asks what is traced, and changes it. Everything but `waits` prints what has changed, in
 * bytes, so that what the C library allocates for itself does not matter.
 *
 *	looks rules | threads | fork | handler | inside | edges | turns N | waits
 *
 * rules: what each function says of blocks, size 0, domains, a lower peak, forgotten
 * blocks. threads: of blocks of a thread that has ended, of eight threads at once, and
 * that a thread that resets the peak has seen what others did before. fork: a child
 * begins at 0. edges: in a constructor, at a thread's end and at the program's. handler: in a signal handler. inside: in one that interrupts malloc, again
 * and again. turns N: two threads in turn track and untrack one address N times.
 * waits: says "ready", reads a line, and says how a look, a reset and a clear went
 * and whether they took longer than 5 seconds.
 */
#include <errno.h>
#include <mallow/mallow.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8

static size_t current, peak, base, base_peak;

static void fail(const char *what, int status)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-status));
	exit(1);
}

static void look(void)
{
	int status = mallow_get_traced_memory(&current, &peak);

	if (status)
		fail("look", status);
}

static void begin(void)
{
	look();
	base = current;
	base_peak = peak;
}

static void say(const char *what)
{
	look();
	printf("%s: %+ld, peak %+ld\n", what, (long)(current - base),
	       (long)(peak - base));
}

static void say_current(const char *what)
{
	look();
	printf("%s: %+ld\n", what, (long)(current - base));
}

static void must(const char *what, int status)
{
	if (status)
		fail(what, status);
}

static void peek_is_the_same(void)
{
	size_t seen, highest;

	look();
	must("peek", mallow_peek_traced_memory(&seen, &highest));
	printf("a peek after a look: %s\n",
	       seen == current && highest == peak ? "the same" : "another");
	must("look at nothing", mallow_get_traced_memory(NULL, NULL));
	must("peek at nothing", mallow_peek_traced_memory(NULL, NULL));
}

static void lower(void)
{
	void *big = malloc(1000000);

	free(big);
	say("after a big block");
	must("reset", mallow_reset_peak());
	say("after a reset");
}

static void track(void)
{
	int domain = mallow_domain("own");
	char memory[64];

	mallow_track(domain, memory, 500);
	say("tracked");
	mallow_track(domain, memory, 20);
	say("tracked again");
	mallow_untrack(domain, memory);
	say("untracked");
}

/* Both counters are 0 then, but for what stdio may do in between. */
static void forget(void)
{
	void *freed = malloc(300), *resized = malloc(70);
	char memory[64];
	int domain = mallow_domain("own");

	mallow_track(domain, memory, 500);
	must("clear", mallow_clear_traces());
	look();
	printf("cleared: %zu, peak %zu\n", current, peak);
	base = 0;
	free(freed);
	mallow_untrack(domain, memory);
	say("the forgotten block freed");
	resized = realloc(resized, 90);
	say("a forgotten block resized");
	free(resized);
	say("and freed");
	must("clear", mallow_clear_traces());
	must("clear", mallow_clear_traces());
	say("cleared twice");
}

static int rules(void)
{
	void *block;

	must("reset", mallow_reset_peak());
	begin();
	printf("peak less current after a reset: %zu\n", base_peak - base);
	block = malloc(1000);
	say("malloc(1000)");
	block = realloc(block, 1500);
	say("realloc(1500)");
	free(block);
	say("free");
	block = malloc(0);
	say("malloc(0)");
	free(block);
	block = calloc(3, 7);
	say("calloc(3, 7)");
	free(block);
	lower();
	track();
	peek_is_the_same();
	forget();
	return 0;
}

static void *blocks[THREADS];

static void *allocate(void *context)
{
	*(void **)context = malloc(1000);
	return NULL;
}

/* Its own blocks come and go; none of it is there when it ends. */
static void *come_and_go(void *context)
{
	for (int i = 0; i < 2000; i++) {
		free(malloc(64));
		if (i % 100 == 0)
			must("look", mallow_get_traced_memory(NULL, NULL));
	}
	return context;
}

static void run(void *(*function)(void *), int count)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, function, &blocks[i]))
			exit(1);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void *reset(void *context)
{
	must("reset", mallow_reset_peak());
	return context;
}

static int threads(void)
{
	int bad = 0;

	run(come_and_go, THREADS); /* the C library keeps stacks and the like */
	begin();
	run(allocate, THREADS);
	say_current("eight threads have allocated");
	for (int i = 0; i < THREADS; i++)
		free(blocks[i]);
	say_current("and all is freed");
	for (int i = 0; i < 200; i++) {
		blocks[0] = NULL;
		run(allocate, 1);
		free(blocks[0]);
		run(reset, 1);
		look();
		bad += peak - current >= 1000;
	}
	printf("resets that came too early: %d\n", bad);
	return 0;
}

static int forked(void)
{
	void *block = malloc(100), *late;
	pid_t child;

	begin();
	fflush(stdout);
	child = fork();
	if (!child) {
		look();
		printf("the child begins at %zu, peak %zu\n", current, peak);
		fflush(stdout);
		begin();
		late = malloc(77);
		say("its own block");
		free(block);
		say("the parent's block");
		free(late);
		must("clear", mallow_clear_traces());
		say("the end");
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	say("the parent");
	free(block);
	return 0;
}

static void handle(int signal)
{
	(void)signal;
	look();
}

static int handler(void)
{
	begin();
	signal(SIGUSR1, handle);
	for (int i = 0; i < 100; i++)
		raise(SIGUSR1);
	say("a hundred handlers");
	return 0;
}

static int early = 1;

__attribute__((constructor)) static void look_early(void)
{
	early = mallow_get_traced_memory(NULL, NULL);
}

/* At the end of a thread, and of the program. */
static void look_late(void *what)
{
	must("clear", mallow_clear_traces());
	look();
	printf("%s: %zu, peak %zu\n", (const char *)what, current, peak);
}

static void look_last(void)
{
	static char what[] = "at exit";

	look_late(what);
}

static pthread_key_t key;

static void *set_key(void *context)
{
	static char what[] = "at a thread's end";

	pthread_setspecific(key, what);
	return context;
}

static int edges(void)
{
	pthread_t thread;

	printf("in a constructor: %d\n", early);
	atexit(look_last);
	if (pthread_key_create(&key, look_late) ||
	    pthread_create(&thread, NULL, set_key, NULL))
		return 1;
	return pthread_join(thread, NULL);
}

static volatile sig_atomic_t inside_count, wrong_count, free_count;

static void interrupt(int signal)
{
	int status = mallow_get_traced_memory(NULL, NULL);

	(void)signal;
	if (status == -EDEADLK)
		inside_count++;
	else if (status)
		wrong_count++;
	else
		free_count++;
}

static int inside(void)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } };

	signal(SIGALRM, interrupt);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; free_count + inside_count < 500 && i < 30000000; i++)
		free(malloc((size_t)i % 100));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	printf("handlers answered: %s, others: %d\n",
	       free_count + inside_count >= 500 ? "500" : "too few", (int)wrong_count);
	return 0;
}

static atomic_int turn;
static int rounds, domain;
static char memory[16];

static void *take_turns(void *context)
{
	int own = context == &blocks[1], at;

	while ((at = atomic_load(&turn)) < rounds) {
		if (at % 2 != own) {
			sched_yield();
			continue;
		}
		mallow_untrack(domain, memory);
		mallow_track(domain, memory, (size_t)at + 1);
		atomic_store(&turn, at + 1);
	}
	return NULL;
}

static int turns(const char *count)
{
	rounds = atoi(count);
	domain = mallow_domain("one");
	run(come_and_go, 2);
	begin();
	run(take_turns, 2);
	look();
	printf("live after %d turns: %+ld\n", rounds, (long)(current - base));
	return 0;
}

static void answer(const char *what, int status)
{
	printf("%s: %s%s\n", what, status ? strerror(-status) : "0",
	       current || peak ? "" : ", nothing is traced");
	fflush(stdout);
}

static int waits(void)
{
	char line[16];
	time_t start;

	look();
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	start = time(NULL);
	answer("look", mallow_get_traced_memory(&current, &peak));
	answer("reset", mallow_reset_peak());
	answer("clear", mallow_clear_traces());
	printf("in time: %d\n", time(NULL) < start + 5);
	return 0;
}

static int alone(void)
{
	current = peak = 1;
	answer("look", mallow_get_traced_memory(&current, &peak));
	current = 1;
	answer("peek", mallow_peek_traced_memory(&current, &peak));
	answer("reset", mallow_reset_peak());
	answer("clear", mallow_clear_traces());
	return 0;
}

int main(int argc, char **argv)
{
	static char buffer[4096];
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	if (!strcmp(what, "rules"))
		return rules();
	if (!strcmp(what, "threads"))
		return threads();
	if (!strcmp(what, "fork"))
		return forked();
	if (!strcmp(what, "handler"))
		return handler();
	if (!strcmp(what, "edges"))
		return edges();
	if (!strcmp(what, "inside"))
		return inside();
	if (!strcmp(what, "turns"))
		return turns(argv[2]);
	return strcmp(what, "waits") ? alone() : waits();
}
