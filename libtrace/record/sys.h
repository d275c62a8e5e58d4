/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYS_H
#define MLW_SYS_H

/*
 * System calls made directly: errno stays what the program left there, no wrapper of the
 * program or of another preloaded library is entered, and no cancellation point is
 * passed. A result in [-4095, -1] is a negated errno.
 *
 * Behind a seccomp filter (record/sandbox.h) none is made: a call that the program itself
 * would not make may be its end. All of them then fail with EPERM, and whoever calls does
 * without.
 */

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "record/sandbox.h"

/* Nothing may come between the registers and the instruction: a sanitizer would call
 * something there. */
static inline long mlw_syscall(long number, long a, long b, long c, long d, long e,
                               long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

static inline long mlw_sys6(long number, long a, long b, long c, long d, long e, long f)
{
	return __builtin_expect(mlw_sandboxed, 0) ? -EPERM
	                                          : mlw_syscall(number, a, b, c, d, e, f);
}

static inline long mlw_sys3(long number, long a, long b, long c)
{
	return mlw_sys6(number, a, b, c, 0, 0, 0);
}

/* Fresh private zeroed memory, or NULL. */
static inline void *mlw_sys_map(size_t size)
{
	long result = mlw_sys6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
	                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return result < 0 && result >= -4095 ? NULL : (void *)result;
}

static inline void mlw_sys_unmap(void *address, size_t size)
{
	mlw_sys3(SYS_munmap, (long)address, (long)size, 0);
}

/* The same, and zeroed again in a forked child. */
static inline void *mlw_sys_map_wiped(size_t size)
{
	void *memory = mlw_sys_map(size);

	if (memory && mlw_sys3(SYS_madvise, (long)memory, (long)size, MADV_WIPEONFORK)) {
		mlw_sys_unmap(memory, size);
		return NULL;
	}
	return memory;
}

static inline uint64_t mlw_sys_now_ns(void)
{
	struct timespec now = { 0 };

	mlw_sys3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* All of them, as the kernel knows them: 64 bits. */
static inline void mlw_sys_block_signals(uint64_t *old)
{
	uint64_t all = UINT64_MAX;

	mlw_sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)old, sizeof(all), 0,
	         0);
}

static inline void mlw_sys_restore_signals(const uint64_t *old)
{
	mlw_sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)old, 0, sizeof(*old), 0, 0);
}

#endif /* MLW_SYS_H */
