/* SPDX-License-Identifier: MIT */
/*
 * torture ITERATIONS THREADS: allocates in every situation that an unwinder may meet.
 * Random call trees of plain frames, alloca, realigned stacks, frames of 70 KB, library
 * callbacks, longjmp, exceptions, signals (on the stack and on another one), contexts
 * whose stacks are unmapped, modules that come and go, assembly that keeps its CFA where
 * no compiler does, assembly of libcrypto interrupted by a timer, and deep recursion.
 * Ends with "ok" and status 0.
 */
#include <alloca.h>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#define NOINLINE __attribute__((noinline))

namespace
{

constexpr int KINDS = 12;
constexpr int MAX_THREADS = 64;
constexpr int CONTEXTS = 8;
constexpr size_t CONTEXT_STACK = 512 << 10;
constexpr size_t THREAD_STACK = 64 << 20;
constexpr size_t SIGNAL_STACK = 1 << 20;
constexpr int RECURSION = 10000;

int iterations;

struct context {
	ucontext_t state;
	void *stack;
	bool done;
};

struct thread_state {
	unsigned random;
	jmp_buf back;
	bool may_jump;
	ucontext_t scheduler;
	context *current;
	volatile sig_atomic_t in_assembly;
	volatile long sink;
};

thread_local thread_state self;

unsigned draw(unsigned below)
{
	self.random = self.random * 1664525u + 1013904223u;
	return (self.random >> 8) % below;
}

NOINLINE void allocate()
{
	void *block = malloc(draw(200) + 1);

	self.sink = self.sink + static_cast<long>(reinterpret_cast<uintptr_t>(block) & 1);
	free(block);
}

long call(int depth);

NOINLINE long plain(int depth)
{
	volatile char local[24];

	local[0] = static_cast<char>(depth);
	if (draw(2))
		allocate();
	long result = call(depth - 1);
	allocate();
	return result + local[0];
}

NOINLINE long variable_frame(int depth)
{
	size_t size = draw(300) + 1;
	char *local = static_cast<char *>(alloca(size));

	memset(local, depth, size);
	allocate();
	long result = call(depth - 1);
	if (draw(2))
		allocate();
	return result + local[size - 1];
}

NOINLINE long aligned(int depth)
{
	alignas(64) volatile char local[128];

	local[5] = static_cast<char>(depth);
	allocate();
	long result = call(depth - 1);
	allocate();
	return result + local[5];
}

/* Realigns with its arguments on the caller's stack: gcc needs a pointer to them. */
__attribute__((noinline, force_align_arg_pointer)) long realigned(int depth, long, long,
                                                                  long, long, long,
                                                                  long on_stack, long too)
{
	alignas(64) volatile char local[64];
	size_t size = draw(100) + 1;
	char *variable = static_cast<char *>(alloca(size));

	memset(variable, 1, size);
	local[3] = static_cast<char>(depth);
	allocate();
	long result = call(depth - 1);
	allocate();
	return result + local[3] + on_stack + too + variable[0];
}

NOINLINE long big_frame(int depth)
{
	volatile char local[70000];

	local[1] = static_cast<char>(depth);
	allocate();
	long result = call(depth % 8 - 1);
	allocate();
	return result + local[1];
}

NOINLINE long raises(int depth)
{
	if (!draw(8))
		raise(draw(2) ? SIGUSR1 : SIGUSR2);
	long result = call(depth - 1);
	allocate();
	return result;
}

NOINLINE long jumps(int depth)
{
	long result = call(depth - 1);

	if (self.may_jump && !draw(8))
		longjmp(self.back, 1);
	allocate();
	return result + 1;
}

NOINLINE long throws(int depth)
{
	long result = 0;

	try {
		result = call(depth - 1);
		if (!draw(64))
			throw std::runtime_error("thrown");
	} catch (const std::exception &) {
		allocate();
		result = 3;
	}
	allocate();
	return result;
}

int compare(const void *a, const void *b)
{
	if (!draw(8))
		allocate();
	return *static_cast<const int *>(a) - *static_cast<const int *>(b);
}

NOINLINE long sorts(int depth)
{
	int values[6];

	for (int &value : values)
		value = static_cast<int>(draw(1000));
	qsort(values, 6, sizeof(values[0]), compare);
	long result = call(depth - 1);
	allocate();
	return result + values[0];
}

NOINLINE long copies(int depth)
{
	char *copy = strdup("through the procedure linkage table");
	long result = call(depth - 1);

	free(copy);
	return result;
}

extern "C" long torture_through_rbx(long (*function)(int), int depth);
extern "C" long torture_through_expression(long (*function)(int), int depth);

/*
 * Two frames as hand-written assembly has them: the CFA is kept in rbx while rsp is
 * realigned, and in a word above the stack pointer.
 */
__asm__(".text\n"
        ".globl torture_through_rbx\n"
        ".type torture_through_rbx,@function\n"
        "torture_through_rbx:\n"
        ".cfi_startproc\n"
        "	pushq %rbx\n"
        "	.cfi_adjust_cfa_offset 8\n"
        "	.cfi_offset rbx,-16\n"
        "	movq %rsp,%rbx\n"
        "	.cfi_def_cfa_register rbx\n"
        "	subq $200,%rsp\n"
        "	andq $-64,%rsp\n"
        "	movq %rdi,%rax\n"
        "	movl %esi,%edi\n"
        "	call *%rax\n"
        "	movq %rbx,%rsp\n"
        "	.cfi_def_cfa_register rsp\n"
        "	popq %rbx\n"
        "	.cfi_adjust_cfa_offset -8\n"
        "	.cfi_restore rbx\n"
        "	ret\n"
        ".cfi_endproc\n"
        ".size torture_through_rbx,.-torture_through_rbx\n"
        ".globl torture_through_expression\n"
        ".type torture_through_expression,@function\n"
        "torture_through_expression:\n"
        ".cfi_startproc\n"
        "	movq %rsp,%rax\n"
        "	.cfi_def_cfa_register rax\n"
        "	pushq %r15\n"
        "	.cfi_offset r15,-16\n"
        "	subq $264,%rsp\n"
        "	andq $-64,%rsp\n"
        "	movq %rax,152(%rsp)\n"
        /* DW_CFA_def_cfa_expression: breg7 152, deref, plus_uconst 8 */
        "	.cfi_escape 0x0f,0x06,0x77,0x98,0x01,0x06,0x23,0x08\n"
        "	movq %rdi,%rax\n"
        "	movl %esi,%edi\n"
        "	call *%rax\n"
        "	movq 152(%rsp),%rcx\n"
        "	.cfi_def_cfa rcx,8\n"
        "	movq -8(%rcx),%r15\n"
        "	.cfi_restore r15\n"
        "	leaq (%rcx),%rsp\n"
        "	.cfi_def_cfa_register rsp\n"
        "	ret\n"
        ".cfi_endproc\n"
        ".size torture_through_expression,.-torture_through_expression\n");

long shallow(int depth)
{
	allocate();
	return depth > 0 ? call(depth - 1) : 0;
}

NOINLINE long assembly(int depth)
{
	long result = draw(2) ? torture_through_rbx(shallow, depth / 4)
	                      : torture_through_expression(shallow, depth / 4);

	allocate();
	return result;
}

NOINLINE long call(int depth)
{
	if (depth <= 0) {
		allocate();
		return 1;
	}
	switch (draw(KINDS)) {
	case 0:
		return variable_frame(depth) + 1;
	case 1:
		return aligned(depth) + 2;
	case 2:
		return realigned(depth, 1, 2, 3, 4, 5, 6, 7) + 3;
	case 3:
		return big_frame(depth) + 4;
	case 4:
		return raises(depth) + 5;
	case 5:
		return jumps(depth) + 6;
	case 6:
		return throws(depth) + 7;
	case 7:
		return sorts(depth) + 8;
	case 8:
		return copies(depth) + 9;
	case 9:
		return draw(8) ? plain(depth) + 10 : assembly(depth) + 11;
	default:
		return plain(depth) + 12;
	}
}

void on_signal(int)
{
	allocate();
	if (!draw(3))
		call(static_cast<int>(draw(4)));
	allocate();
}

/* Only what was interrupted inside assembly, which allocates nothing, may allocate. */
void on_timer(int)
{
	if (self.in_assembly)
		allocate();
}

NOINLINE void inside_context(int depth)
{
	allocate();
	if (depth > 0) {
		if (draw(2))
			swapcontext(&self.current->state, &self.scheduler);
		inside_context(depth - 1);
	}
	allocate();
}

void context_main()
{
	for (int i = 0; i < 20; i++) {
		inside_context(static_cast<int>(draw(10)));
		call(static_cast<int>(draw(4)));
		swapcontext(&self.current->state, &self.scheduler);
	}
	self.current->done = true;
	swapcontext(&self.current->state, &self.scheduler);
	abort();
}

void *map_stack(size_t size)
{
	void *stack = mmap(nullptr, size, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		abort();
	return stack;
}

void unmap_context(context *made)
{
	if (made->stack)
		munmap(made->stack, CONTEXT_STACK);
	made->stack = nullptr;
}

void make_context(context *made)
{
	unmap_context(made);
	made->stack = map_stack(CONTEXT_STACK);
	made->done = false;
	getcontext(&made->state);
	made->state.uc_stack.ss_sp = made->stack;
	made->state.uc_stack.ss_size = CONTEXT_STACK;
	made->state.uc_link = nullptr;
	makecontext(&made->state, context_main, 0);
}

NOINLINE void contexts(int rounds)
{
	context all[CONTEXTS] = {};

	self.may_jump = false;
	for (int i = 0; i < rounds; i++) {
		context *next = &all[draw(CONTEXTS)];

		if (!next->stack || next->done)
			make_context(next);
		self.current = next;
		swapcontext(&self.scheduler, &next->state);
		allocate();
	}
	for (context &made : all)
		unmap_context(&made);
}

/* zlib asks us for its memory: our frames stand on frames of a module that comes and
 * goes. The beginning of zlib's z_stream is its stable interface. */
struct zlib_stream {
	const unsigned char *next_in;
	unsigned avail_in;
	unsigned long total_in;
	unsigned char *next_out;
	unsigned avail_out;
	unsigned long total_out;
	const char *message;
	void *state;
	void *(*allocate)(void *, unsigned, unsigned);
	void (*release)(void *, void *);
	void *opaque;
	int data_type;
	unsigned long adler, reserved;
};

void *zlib_allocate(void *, unsigned count, unsigned size)
{
	allocate();
	return calloc(count, size);
}

void zlib_release(void *, void *block)
{
	free(block);
}

NOINLINE void modules()
{
	using init_function = int (*)(zlib_stream *, int, const char *, int);
	using end_function = int (*)(zlib_stream *);
	void *library = dlopen("libz.so.1", RTLD_NOW);
	zlib_stream stream = {};

	if (!library)
		return;
	auto init = reinterpret_cast<init_function>(dlsym(library, "deflateInit_"));
	auto end = reinterpret_cast<end_function>(dlsym(library, "deflateEnd"));

	stream.allocate = zlib_allocate;
	stream.release = zlib_release;
	if (init && end && !init(&stream, 6, "1", sizeof(stream)))
		end(&stream);
	dlclose(library);
}

/* Long runs of libcrypto's assembly, for the timer to interrupt. */
NOINLINE void libcrypto(int rounds)
{
	using digest_init = int (*)(void *);
	using digest_update = int (*)(void *, const void *, size_t);
	static unsigned char data[1 << 16];
	alignas(16) unsigned char state[512];
	void *library = dlopen("libcrypto.so.3", RTLD_NOW);
	static const char *const digests[][2] = { { "SHA1_Init", "SHA1_Update" },
		                                  { "SHA256_Init", "SHA256_Update" },
		                                  { "SHA512_Init", "SHA512_Update" },
		                                  { "MD5_Init", "MD5_Update" } };

	if (!library)
		return;
	for (auto &names : digests) {
		auto init = reinterpret_cast<digest_init>(dlsym(library, names[0]));
		auto update = reinterpret_cast<digest_update>(dlsym(library, names[1]));

		if (!init || !update || !init(state))
			continue;
		self.in_assembly = 1;
		for (int i = 0; i < rounds; i++)
			update(state, data, sizeof(data));
		self.in_assembly = 0;
	}
	dlclose(library);
}

NOINLINE long recurse(int depth)
{
	volatile long local = depth;

	if (depth % 7 == 0)
		allocate();
	long result = depth ? recurse(depth - 1) : 0;
	if (depth % 11 == 0)
		allocate();
	return result + local;
}

void start_timer(long microseconds)
{
	itimerval interval = {};

	interval.it_interval.tv_usec = microseconds;
	interval.it_value.tv_usec = microseconds;
	setitimer(ITIMER_REAL, &interval, nullptr);
}

void *run(void *seed)
{
	stack_t stack = {};

	stack.ss_sp = map_stack(SIGNAL_STACK);
	stack.ss_size = SIGNAL_STACK;
	self.random = static_cast<unsigned>(reinterpret_cast<uintptr_t>(seed));
	sigaltstack(&stack, nullptr);
	for (volatile int i = 0; i < iterations; i = i + 1) {
		self.may_jump = true;
		if (!setjmp(self.back))
			call(10 + static_cast<int>(draw(20)));
		self.may_jump = false;
		if (i % 16 == 0)
			contexts(60);
		if (i % 64 == 0)
			modules();
		if (i % 256 == 0)
			recurse(RECURSION);
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, nullptr);
	munmap(stack.ss_sp, SIGNAL_STACK);
	return nullptr;
}

void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = {};

	action.sa_handler = handler;
	action.sa_flags = flags;
	sigaction(number, &action, nullptr);
}

void run_threads(int count)
{
	pthread_t threads[MAX_THREADS];
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], &attributes, run,
		                   reinterpret_cast<void *>(uintptr_t(i) * 77 + 5)))
			abort();
	run(reinterpret_cast<void *>(3));
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], nullptr);
	pthread_attr_destroy(&attributes);
}

} // namespace

int main(int count, char **arguments)
{
	int threads = count == 3 ? atoi(arguments[2]) : -1;

	if (threads < 0 || threads > MAX_THREADS) {
		fprintf(stderr, "usage: torture ITERATIONS THREADS\n");
		return 2;
	}
	iterations = atoi(arguments[1]);
	handle(SIGUSR1, on_signal, SA_NODEFER);
	handle(SIGUSR2, on_signal, SA_NODEFER | SA_ONSTACK);
	handle(SIGALRM, on_timer, SA_RESTART);
	start_timer(500);
	libcrypto(iterations < 200 ? iterations : 200);
	start_timer(0);
	run_threads(threads);
	puts("ok");
	return 0;
}
