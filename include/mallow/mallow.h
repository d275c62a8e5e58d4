/* SPDX-License-Identifier: MIT */
#ifndef MALLOW_MALLOW_H
#define MALLOW_MALLOW_H

/*
 * Mallow: the memory of a native program, traced.
 *
 * A program needs nothing of this to be recorded: `mallow run PROGRAM` is enough. What
 * can be asked of Mallow from inside a program is declared here, for C and C++:
 *
 *	#include <mallow/mallow.h>
 *
 *	if (mallow_is_tracing())
 *		printf("%zu bytes are Mallow's own\n", mallow_get_tracer_memory());
 *
 * Nothing is to be linked. Every function is a wrapper in this header around a weak
 * symbol of libmallow.so, which `mallow run` loads into the program; without it the
 * symbol is absent, and the wrapper returns what its comment says for "off": a program
 * that was compiled with this header runs unchanged without Mallow. A program that is
 * linked statically is always off, and so is one that is not of x86-64.
 *
 * Off: Mallow is not there, or does not record this process (it is a child of
 * `--no-follow-children`, the collector is gone, the program has not started its
 * recording or has stopped it).
 *
 * Unless a function says otherwise, it may be called from any thread, from constructors,
 * destructors, atexit handlers and signal handlers, and in a child of fork; it takes no
 * lock, allocates nothing and leaves errno alone. Sizes are bytes. Errors are negative
 * errno values.
 */

#include <errno.h>
#include <stddef.h>

#define MALLOW_VERSION_MAJOR 0
#define MALLOW_VERSION_MINOR 1
#define MALLOW_VERSION_PATCH 0

/* Grows with every release: 0.1.0 is 100, 1.2.3 is 10203. */
#define MALLOW_VERSION_NUMBER \
	(MALLOW_VERSION_MAJOR * 10000 + MALLOW_VERSION_MINOR * 100 + MALLOW_VERSION_PATCH)

#ifdef __cplusplus
extern "C" {
#endif

#define MALLOW_CALL static __inline__ __attribute__((always_inline, unused))

/*
 * The address of what libmallow.so exports as `symbol`, or NULL. It comes from the global
 * offset table, in executables of every kind: what a compiler makes of a weak symbol in
 * one that is not position-independent, the linker has decided before Mallow is there.
 */
#if defined(__x86_64__) && !defined(__ILP32__)
#define MALLOW_FIND(pointer, symbol)                                        \
	__asm__(".weak " symbol "\n\t{movq " symbol "@GOTPCREL(%%rip), %0|" \
	        "mov %0, QWORD PTR " symbol "@GOTPCREL[rip]}"               \
	        : "=r"(pointer))
#else
#define MALLOW_FIND(pointer, symbol) (pointer) = NULL /* not recorded */
#endif

/*
 * Starts the recording of this process, with `depth` frames of a stack at most (1 to
 * 1024). Already on: 0, and the depth stays as it is. For a program that is linked to
 * libmallow.so (Mallow::mallow in CMake, pkg-config mallow) or has it preloaded; one that
 * is run by `mallow run` is on from the start.
 *
 * The first start in a process without a recording begins one, in the file that the
 * environment variable MALLOW_OUTPUT names or in PROGRAM.PID.mallow: it executes the
 * collector, `mallow` in ../bin of libmallow.so's folder (or what MALLOW_COLLECTOR
 * names), as a process that is no child of this one, and waits for it, some milliseconds.
 * Children are in the same recording. What was allocated before the start is unknown, and
 * freeing it is ignored. The recording ends, and its file is complete, when its last
 * process has ended. (Process 1 of a container adopts the collector, which the kernel
 * kills when that process ends: use `mallow run` there.)
 *
 * After mallow_stop() it goes on in the same recording, with its depth; what was live
 * before is forgotten, as by mallow_clear_traces().
 *
 * Returns 0; -EINVAL: no such depth; -ENOTCONN: libmallow.so is not there, the collector
 * is gone, or the process is not to be recorded (`--no-follow-children`); -EPERM: behind
 * a seccomp filter, or with the privileges of a setuid program; -ENOENT: no collector is
 * found; -EEXIST: the file exists; -EIO: it cannot be written; -ETIMEDOUT; -EDEADLK: it
 * was stopped, and this is a signal handler that has interrupted malloc, free or a
 * function of this header; others from executing the collector.
 */
MALLOW_CALL int mallow_start(int depth)
{
	int (*call)(int);

	MALLOW_FIND(call, "mallow_recorder_start");
	return call ? call(depth) : depth < 1 || depth > 1024 ? -EINVAL : -ENOTCONN;
}

/*
 * Stops the recording of this process; children that it forks from then on are stopped
 * too. A program that it executes is another one, and recorded from its beginning, unless
 * it stops that itself. The file keeps what was live then as live at the end, until it is
 * started again. While another thread starts it, this waits for that. Returns 0, also
 * when off.
 */
MALLOW_CALL int mallow_stop(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_stop");
	return call ? call() : 0;
}

/* 1 while this process is being recorded, else 0. */
MALLOW_CALL int mallow_is_tracing(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_is_tracing");
	return call ? call() : 0;
}

/* The most recent frames that are kept of a stack (`mallow run --depth`); 0 when off. */
MALLOW_CALL int mallow_get_traceback_limit(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_get_traceback_limit");
	return call ? call() : 0;
}

/*
 * Bytes of memory that Mallow itself holds in this process, those that it shares with its
 * collector included; 0 when off. Asks the kernel, some microseconds. Behind a seccomp
 * filter, where Mallow makes no system calls, the shared ones are not counted.
 */
MALLOW_CALL size_t mallow_get_tracer_memory(void)
{
	size_t (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_get_tracer_memory");
	return call ? call() : 0;
}

/*
 * Traced memory: what this process has live, in bytes as it asked for them, in all
 * domains together (of mappings only under `mallow run --mmap`), and the highest that was
 * since the start. In a forked child both begin at 0, because the blocks that it
 * inherited are its parent's. Either pointer may be NULL.
 */

/*
 * Exact: it waits until the collector has seen all that this thread has done, and all
 * that any thread had done by then: some tens of microseconds, but as long as the
 * collector is behind where several threads allocate without a pause (bench/api).
 *
 * Returns 0; when off both are 0. Errors: -ENOTCONN: the collector is gone, both are 0;
 * -ETIMEDOUT: it has not answered for `mallow run --stall`; -EPERM behind a seccomp
 * filter; -EDEADLK in a signal handler that has interrupted malloc, free or a function of
 * this header. After the last three both are as mallow_peek_traced_memory gives them. In
 * other signal handlers it may be called.
 */
MALLOW_CALL int mallow_get_traced_memory(size_t *current, size_t *peak)
{
	int (*call)(size_t *, size_t *);

	MALLOW_FIND(call, "mallow_recorder_get_traced_memory");
	if (call)
		return call(current, peak);
	if (current)
		*current = 0;
	if (peak)
		*peak = 0;
	return 0;
}

/*
 * What the collector last said, without waiting: mostly some milliseconds old, and older
 * while the collector is busy. Some nanoseconds. Returns 0, when off with both 0;
 * -ENOTCONN: the collector is gone, both are 0.
 */
MALLOW_CALL int mallow_peek_traced_memory(size_t *current, size_t *peak)
{
	int (*call)(size_t *, size_t *);

	MALLOW_FIND(call, "mallow_recorder_peek_traced_memory");
	if (call)
		return call(current, peak);
	if (current)
		*current = 0;
	if (peak)
		*peak = 0;
	return 0;
}

/*
 * The peak becomes what is live now, for all threads at one moment, which is after all
 * that this thread has done. The blocks stay, and so does the peak of the recording
 * (`mallow top FILE@peak`): only mallow_get_traced_memory and mallow_peek_traced_memory
 * tell another one. Returns 0; -ENOTCONN when off; -ETIMEDOUT, -EPERM and -EDEADLK as
 * mallow_get_traced_memory.
 */
MALLOW_CALL int mallow_reset_peak(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_reset_peak");
	return call ? call() : -ENOTCONN;
}

/*
 * Forgets all blocks that this process has live, in all domains and threads: current and
 * peak become 0, and what is freed, untracked or unmapped of them later is ignored. They
 * are in no later snapshot and no leak; moments and the peak before stay in the
 * recording. One that is resized begins anew. Returns 0; errors are those of
 * mallow_reset_peak.
 */
MALLOW_CALL int mallow_clear_traces(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_clear_traces");
	return call ? call() : -ENOTCONN;
}

/*
 * Domains. A program that has an allocator of its own tells Mallow of the blocks that it
 * hands out, in a domain that it names. They are recorded beside those of malloc, with
 * their own stacks, and never counted among them, so that an arena that came from malloc
 * is not counted twice: `mallow top --by domain`, `mallow top --domain NAME`.
 *
 *	int mesh = mallow_domain("mesh");
 *
 *	vertex = mesh_take(size);
 *	mallow_track(mesh, vertex, size);
 *	...
 *	mallow_untrack(mesh, vertex);
 *	mesh_give_back(vertex);
 *
 * The order of what threads do to one address is kept exactly as it happened, if a block
 * is tracked after it was taken and untracked before it is given back.
 *
 * In a forked child the numbers of domains go on to be good; blocks that were tracked
 * before the fork are the parent's, and unknown in the child.
 */

/*
 * The number of the domain of that name, always the same in one process: 16 or more.
 * Names are 1 to 63 bytes without control characters, and not "malloc", "mmap", "brk" or
 * "all": -EINVAL. A process may have 112 of them: -ENOSPC. Without Mallow: -ENOTCONN,
 * which may be handed on to the functions below. (When Mallow is there and does not
 * record, a number is given all the same.)
 */
MALLOW_CALL int mallow_domain(const char *name)
{
	int (*call)(const char *);

	MALLOW_FIND(call, "mallow_recorder_domain");
	return call ? call(name) : -ENOTCONN;
}

/*
 * A block of `size` bytes (which may be 0) at `block` begins. If one is tracked there
 * already in this domain, this one takes its place, as by realloc: its stack is the new
 * one. Returns 0; -ENOTCONN when off; -EINVAL: no such domain, `block` is NULL or no
 * address of 48 bits, or `size` is above 2^48; -ENOBUFS: lost, because the collector
 * did not keep up (`mallow run --stall`).
 */
MALLOW_CALL int mallow_track(int domain, const void *block, size_t size)
{
	int (*call)(int, const void *, size_t);

	MALLOW_FIND(call, "mallow_recorder_track");
	return call ? call(domain, block, size) : -ENOTCONN;
}

/* The block at `block` ends. Returns 0, also when none is tracked there and for NULL;
 * errors are those of mallow_track. */
MALLOW_CALL int mallow_untrack(int domain, const void *block)
{
	int (*call)(int, const void *);

	MALLOW_FIND(call, "mallow_recorder_untrack");
	return call ? call(domain, block) : -ENOTCONN;
}

/*
 * Pools. An allocator of one's own takes some memory and carves blocks from it: an arena,
 * a slab, a page of blocks of one size. If Mallow knows that memory as a pool, its blocks
 * are tracked in the pool's domain as mallow_track does, they end together when the pool
 * is reset or destroyed, and `mallow stats --by domain` shows what is used of the memory,
 * what is free, the largest free run, and what blocks take beyond what was asked for.
 *
 *	int objects = mallow_domain("objects");
 *
 *	page = aligned_alloc(4096, 4096);
 *	mallow_pool_create(objects, page, page, 4096, 64);	blocks of up to 64 bytes
 *	...
 *	mallow_pool_alloc(page, block, 50);
 *	mallow_pool_free(page, block);
 *	...
 *	mallow_pool_reset(page);	its blocks are gone
 *	mallow_pool_destroy(page);	and so is the pool
 *
 * The memory of a pool may come from anywhere: malloc, mmap, or another pool, of which it
 * is a block then. So an arena of pages is a pool in a domain of its own, "arenas", and
 * each page that is taken out of it a block there and a pool in "objects".
 *
 * `pool` is the name that a pool goes by: any address that no other pool of the process
 * has at the time, such as that of its memory or of the structure that describes it. All
 * that threads do to one pool is seen in the order in which it happened, if it is created
 * first and destroyed last, and what is said of a block is said while it is the
 * program's. A forked child knows none of its parent's pools, and what happens to pools
 * while the recording is stopped is not seen: create them anew.
 *
 * All return 0; -ENOTCONN when off; -EINVAL, see below, and for a `pool` that is NULL or
 * no address of 48 bits; -ENOBUFS as mallow_track. What is said of a pool that was not
 * created is not recorded.
 */

/*
 * The `size` bytes at `memory` are a pool. With `block_size` above 0 each block takes
 * that many of them, whatever its own size: a size class. -EINVAL: no such domain,
 * `memory` is NULL or no address, `size` is 0 or above 2^48, `block_size` above
 * `size`. A pool of that name is destroyed first.
 */
MALLOW_CALL int mallow_pool_create(int domain, const void *pool, const void *memory,
                                   size_t size, size_t block_size)
{
	int (*call)(int, const void *, const void *, size_t, size_t);

	MALLOW_FIND(call, "mallow_recorder_pool_create");
	return call ? call(domain, pool, memory, size, block_size) : -ENOTCONN;
}

/* A block of `size` bytes begins at `block`, in the place of one that is there. -EINVAL:
 * `block` is NULL or no address, `size` above 2^48. */
MALLOW_CALL int mallow_pool_alloc(const void *pool, const void *block, size_t size)
{
	int (*call)(const void *, const void *, size_t);

	MALLOW_FIND(call, "mallow_recorder_pool_alloc");
	return call ? call(pool, block, size) : -ENOTCONN;
}

/* The block at `block` ends; 0 also when there is none, and for NULL. */
MALLOW_CALL int mallow_pool_free(const void *pool, const void *block)
{
	int (*call)(const void *, const void *);

	MALLOW_FIND(call, "mallow_recorder_pool_free");
	return call ? call(pool, block) : -ENOTCONN;
}

/* All blocks of the pool end. Pools that lie in it are not touched. */
MALLOW_CALL int mallow_pool_reset(const void *pool)
{
	int (*call)(const void *);

	MALLOW_FIND(call, "mallow_recorder_pool_reset");
	return call ? call(pool) : -ENOTCONN;
}

/* The same, and the pool ends too. */
MALLOW_CALL int mallow_pool_destroy(const void *pool)
{
	int (*call)(const void *);

	MALLOW_FIND(call, "mallow_recorder_pool_destroy");
	return call ? call(pool) : -ENOTCONN;
}

/*
 * Scopes name what a thread is doing: a phase, a kind of request, a pass of a compiler.
 * Whatever it allocates meanwhile, in all domains, has the innermost scope as a group
 * key: `mallow top --by scope`, and `scope` in SQL's `traces` and `events`.
 *
 *	mallow_scope_begin("parse");
 *	...
 *	mallow_scope_end();
 *
 *	MALLOW_SCOPE("parse");	ends with the block that it stands in
 *
 * A scope is a thread's own: threads that it starts are in none, a forked child goes on
 * in those of the thread that forked. Scopes nest as deep as they like. A process may have
 * 1024 names and be in some 8000 different nestings of them. Beginning and ending
 * cost some nanoseconds, and nothing is recorded of a scope in which nothing is
 * allocated.
 *
 * What is left by longjmp, or in C by a thread that is cancelled, is not ended by it: who
 * jumps out of scopes ends them. An exception of C++ ends MALLOW_SCOPE and mallow::scope.
 */

/*
 * A scope begins; it ends with mallow_scope_end, whatever is returned here: 0; -ENOTCONN
 * when off; -EINVAL: no name of 1 to 63 bytes without control characters; -ENOSPC: too
 * many names or nestings. Then it goes by the name of the scope around it. `name` is
 * copied.
 */
MALLOW_CALL int mallow_scope_begin(const char *name)
{
	int (*call)(const char *);

	MALLOW_FIND(call, "mallow_recorder_scope_begin");
	return call ? call(name) : -ENOTCONN;
}

/* The innermost scope of this thread ends. 0; -EINVAL: it is in none; -ENOTCONN when off.
 */
MALLOW_CALL int mallow_scope_end(void)
{
	int (*call)(void);

	MALLOW_FIND(call, "mallow_recorder_scope_end");
	return call ? call() : -ENOTCONN;
}

MALLOW_CALL int mallow_scope_leave_(const int *begun)
{
	(void)begun;
	return mallow_scope_end();
}

#define MALLOW_PASTE_(a, b)  a##b
#define MALLOW_UNIQUE_(a, b) MALLOW_PASTE_(a, b)

/* A declaration: scope `name` begins here, and ends where the block that it stands in is
 * left. */
#define MALLOW_SCOPE(name)                                                              \
	__attribute__((cleanup(mallow_scope_leave_), unused)) const int MALLOW_UNIQUE_( \
	        mallow_scope_, __LINE__) = mallow_scope_begin(name)

/*
 * Tracebacks: where a live block was allocated.
 *
 *	struct mallow_block_traceback traceback;
 *
 *	if (!mallow_get_traceback(MALLOW_DOMAIN_MALLOC, block, &traceback))
 *		backtrace_symbols_fd(traceback.frames, (int)traceback.count, 2);
 */

/* As in mallow/snapshot.h. Those from mallow_domain() may be asked for as well. */
#ifndef MALLOW_DOMAIN_MALLOC
#define MALLOW_DOMAIN_MALLOC 0u
#define MALLOW_DOMAIN_MMAP   1u
#define MALLOW_DOMAIN_BRK    2u
#endif

#define MALLOW_TRACEBACK_FRAMES 1024

/* It has 8 KiB: in a signal handler, mind the stack. */
struct mallow_block_traceback {
	size_t size; /* of the block, bytes as requested */
	unsigned count; /* of frames */
	unsigned truncated; /* not 0: outermost frames are missing */
	/* Return addresses, most recent call first, as backtrace(3) gives them, without
	 * malloc's own. NULL: its module has been unloaded. */
	void *frames[MALLOW_TRACEBACK_FRAMES];
};

/*
 * The traceback of the block that begins at `block` (of a mapping: that it lies in), after
 * all that this thread has done. `domain`: MALLOW_DOMAIN_MALLOC, or one of
 * mallow_domain(). Asks the collector, some tens of microseconds. Returns 0; -ENOENT:
 * there is no such block, or not any more; -EINVAL: no domain, or no place for the
 * answer; -ENOTCONN when off; -ETIMEDOUT, -EPERM and -EDEADLK as
 * mallow_get_traced_memory.
 */
MALLOW_CALL int mallow_get_traceback(int domain, const void *block,
                                     struct mallow_block_traceback *traceback)
{
	int (*call)(int, const void *, struct mallow_block_traceback *);

	MALLOW_FIND(call, "mallow_recorder_get_traceback");
	return call ? call(domain, block, traceback) : -ENOTCONN;
}

/*
 * Writes to the descriptor `fd` where the block of malloc at `block` was allocated, for
 * people, with functions, files and lines where there are debug symbols:
 *
 *	Memory block allocated at (most recent call first):
 *	  File "/home/me/parse.c", line 12, in parse
 *	  File "/home/me/main.c", line 30, in main
 *
 * and an empty line. For handlers of SIGSEGV and SIGABRT: it is safe there, and takes no
 * memory. The latest block that a thread has freed is told as well, as "Freed memory
 * block", because free() may be just about to find that it is damaged.
 * The collector reads the symbols, which may take seconds for a large program. Returns
 * and errors are those of mallow_get_traceback; nothing is written then.
 */
MALLOW_CALL int mallow_dump_traceback(int fd, const void *block)
{
	int (*call)(int, const void *);

	MALLOW_FIND(call, "mallow_recorder_dump_traceback");
	return call ? call(fd, block) : -ENOTCONN;
}

/*
 * A snapshot of the whole run under `name`: what was live after all that this thread has
 * done, at one moment for all threads and processes. It is in the file on return, and
 * FILE@NAME is a place for every command; the second one of a name is FILE@NAME#2. The
 * other threads run on meanwhile. It takes some milliseconds: that of the collector and
 * of its commit.
 *
 * Returns 0; -ENOTCONN when off; -EINVAL: no name of a snapshot (empty, longer than 127
 * bytes, "start", "end", "peak", a time, a share, with '@', '#' or control characters);
 * -EIO: the file cannot be written (a full disk); -ETIMEDOUT: the collector has not
 * answered for 30 seconds; -EPERM behind a seccomp filter; -EDEADLK in a signal handler
 * that has interrupted malloc, free or a function of this header. In other signal
 * handlers it may be called.
 */
MALLOW_CALL int mallow_take_snapshot(const char *name)
{
	int (*call)(const char *);

	MALLOW_FIND(call, "mallow_recorder_take_snapshot");
	return call ? call(name) : -ENOTCONN;
}

#ifdef __cplusplus
}

namespace mallow
{

/* A scope for as long as the object lives, which is on the stack of one thread. */
class scope
{
      public:
	explicit scope(const char *name)
	{
		(void)mallow_scope_begin(name);
	}
	~scope()
	{
		(void)mallow_scope_end();
	}
	scope(const scope &) = delete;
	scope &operator=(const scope &) = delete;
};

} // namespace mallow
#endif

#endif /* MALLOW_MALLOW_H */
