/* SPDX-License-Identifier: MIT */
/*
 * Asks where blocks were allocated.
 *
 *	tracebacks rules | crash | overrun | depth | waits
 *
 * rules: what is found, and what not. crash: a handler of SIGSEGV, on a stack of its own,
 * says where the block was allocated that another thread has broken. overrun: so does one
 * of SIGABRT of a block that free finds damaged. depth: how many
 * frames there are. waits: says "ready", reads a line, and asks.
 */
#include <mallow/mallow.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mallow_block_traceback traceback;
static void *called_from;

static __attribute__((noinline)) void *take(size_t size)
{
	void *block = malloc(size);

	called_from = __builtin_return_address(0);
	return block;
}

static __attribute__((noinline)) void *parse(size_t size)
{
	void *block = take(size);

	if (!block)
		abort();
	return block;
}

/* The second frame is known: it is where take was called. */
static void ask(const char *what, int domain, const void *block)
{
	int status = mallow_get_traceback(domain, block, &traceback);

	if (status) {
		printf("%s: %s\n", what, strerror(-status));
		return;
	}
	printf("%s: %zu bytes, %s%s\n", what, traceback.size,
	       traceback.count > 1 && traceback.frames[1] == called_from
	               ? "from take"
	               : "from elsewhere",
	       traceback.truncated ? ", cut" : "");
}

static void ask_of_tracked(void)
{
	static char memory[64];
	int domain = mallow_domain("own");

	mallow_track(domain, memory, 20);
	ask("tracked", domain, memory);
	ask("in another domain", MALLOW_DOMAIN_MALLOC, memory);
	mallow_untrack(domain, memory);
	ask("untracked", domain, memory);
}

static void ask_of_mapping(void)
{
	char *mapping = mmap(NULL, 16384, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ask("a mapping", MALLOW_DOMAIN_MMAP, mapping);
	munmap(mapping, 4096);
	ask("what is left of it", MALLOW_DOMAIN_MMAP, mapping + 8192);
	ask("what is not", MALLOW_DOMAIN_MMAP, mapping);
	munmap(mapping + 4096, 12288);
}

static void ask_of_pooled(void)
{
	static char arena[1024];
	int domain = mallow_domain("pooled");

	mallow_pool_create(domain, arena, arena, sizeof(arena), 0);
	mallow_pool_alloc(arena, arena + 64, 20);
	ask("of a pool", domain, arena + 64);
	mallow_pool_reset(arena);
	ask("after a reset", domain, arena + 64);
	mallow_pool_destroy(arena);
}

static void dump(const char *what, const void *block)
{
	int status;

	fflush(stdout);
	status = mallow_dump_traceback(STDOUT_FILENO, block);
	if (status)
		printf("%s: %s\n", what, strerror(-status));
}

static int rules(void)
{
	char *block = parse(100);

	ask("malloc", MALLOW_DOMAIN_MALLOC, block);
	ask("inside of it", MALLOW_DOMAIN_MALLOC, block + 1);
	ask("NULL", MALLOW_DOMAIN_MALLOC, NULL);
	ask("no domain", -1, block);
	ask("a domain without a name", 99, block);
	printf("no place: %s\n",
	       strerror(-mallow_get_traceback(MALLOW_DOMAIN_MALLOC, block, NULL)));
	ask_of_tracked();
	ask_of_pooled();
	ask_of_mapping();
	dump("dump", block);
	block = realloc(block, 300);
	ask("resized", MALLOW_DOMAIN_MALLOC, block);
	free(block);
	ask("freed", MALLOW_DOMAIN_MALLOC, block);
	dump("dump of what is freed", block);
	block = parse(50);
	mallow_clear_traces();
	ask("forgotten", MALLOW_DOMAIN_MALLOC, block);
	free(block);
	block = parse(60);
	fflush(stdout);
	if (!fork()) {
		ask("the parent's, in a child", MALLOW_DOMAIN_MALLOC, block);
		block = parse(70);
		ask("the child's", MALLOW_DOMAIN_MALLOC, block);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	free(block);
	return 0;
}

static char *broken;

static void handle(int signal)
{
	(void)signal;
	mallow_dump_traceback(STDOUT_FILENO, broken);
	_exit(3);
}

static void *run(void *context)
{
	broken = parse(30);
	return context;
}

static int crash(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	pthread_t thread;

	if (sigaltstack(&other, NULL) || sigaction(SIGSEGV, &action, NULL) ||
	    pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL))
		return 1;
	return *(volatile char *)(uintptr_t)strlen("");
}

/* glibc aborts when it finds what has been written behind the block. */
static int overrun(void)
{
	struct sigaction action = { .sa_handler = handle };

	if (sigaction(SIGABRT, &action, NULL))
		return 1;
	broken = parse(1040);
	*(volatile size_t *)(uintptr_t)(broken + 1048) = 1;
	free(broken);
	return 0;
}

static __attribute__((noinline)) void *dive(int depth)
{
	void *block = depth ? dive(depth - 1) : parse(10);

	if (!block)
		abort();
	return block;
}

static int depth(void)
{
	void *block = dive(50);

	if (mallow_get_traceback(MALLOW_DOMAIN_MALLOC, block, &traceback))
		return 1;
	printf("%s frames%s\n", traceback.count > 50 ? "more than 50" : "few",
	       traceback.truncated ? ", cut" : "");
	free(block);
	return 0;
}

static int waits(void)
{
	void *block = parse(10);
	char line[16];

	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	ask("get", MALLOW_DOMAIN_MALLOC, block);
	dump("dump", block);
	puts("done");
	return 0;
}

int main(int argc, char **argv)
{
	static char buffer[4096];
	const char *what = argc > 1 ? argv[1] : "rules";

	setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
	if (!strcmp(what, "crash"))
		return crash();
	if (!strcmp(what, "overrun"))
		return overrun();
	if (!strcmp(what, "depth"))
		return depth();
	if (!strcmp(what, "waits"))
		return waits();
	return rules();
}
