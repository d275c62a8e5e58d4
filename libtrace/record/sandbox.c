/* SPDX-License-Identifier: MIT */
/*
 * prctl and syscall, watched for the installation of a seccomp filter. Both take any
 * number of arguments, and what syscall starts may return twice (SYS_vfork): so both are
 * entered and left by a jump, with every register and the stack as the program left them.
 */
#include "record/sandbox.h"

#include <dlfcn.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define TEXT(number)  #number
#define VALUE(number) TEXT(number)

uint32_t mlw_sandboxed;

extern char mlw_first_prctl[], mlw_first_syscall[];
void *mlw_real_prctl = mlw_first_prctl;
void *mlw_real_syscall = mlw_first_syscall;
void mlw_sandbox_find(void);

__attribute__((used)) void mlw_sandbox_find(void)
{
	mlw_real_prctl = dlsym(RTLD_NEXT, "prctl");
	mlw_real_syscall = dlsym(RTLD_NEXT, "syscall");
}

/*
 * prctl(PR_SET_SECCOMP, mode, filter): a filter of NULL is a probe, strict mode has none.
 * seccomp(operation, flags, filter), operation 0 strict or 1 filter: the same.
 * The first call of either looks up the real functions, with all arguments kept.
 */
__asm__(".text\n"
        "	.globl prctl\n"
        "	.type prctl, @function\n"
        "prctl:\n"
        "	.cfi_startproc\n"
        "	cmpl $" VALUE(PR_SET_SECCOMP) ", %edi\n"
                                              "	je 2f\n"
                                              "1:	jmp *mlw_real_prctl(%rip)\n"
                                              "2:	cmpq $1, %rsi\n"
                                              "	je 3f\n"
                                              "	testq %rdx, %rdx\n"
                                              "	je 1b\n"
                                              "3:	movl $1, mlw_sandboxed(%rip)\n"
                                              "	jmp 1b\n"
                                              "	.cfi_endproc\n"
                                              "	.size prctl, . - prctl\n"
                                              "	.globl syscall\n"
                                              "	.type syscall, @function\n"
                                              "syscall:\n"
                                              "	.cfi_startproc\n"
                                              "	cmpq $317, %rdi\n" /* SYS_seccomp */
                                              "	je 2f\n"
                                              "1:	jmp *mlw_real_syscall(%rip)\n"
                                              "2:	testq %rsi, %rsi\n"
                                              "	je 3f\n"
                                              "	cmpq $1, %rsi\n"
                                              "	jne 1b\n"
                                              "	testq %rcx, %rcx\n"
                                              "	je 1b\n"
                                              "3:	movl $1, mlw_sandboxed(%rip)\n"
                                              "	jmp 1b\n"
                                              "	.cfi_endproc\n"
                                              "	.size syscall, . - syscall\n"
                                              "keep_arguments:\n"
                                              "	.cfi_startproc\n"
                                              "	.cfi_def_cfa_offset 16\n"
                                              "	pushq %rdi\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	pushq %rsi\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	pushq %rdx\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	pushq %rcx\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	pushq %r8\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	pushq %r9\n"
                                              "	.cfi_adjust_cfa_offset 8\n"
                                              "	call mlw_sandbox_find\n"
                                              "	popq %r9\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	popq %r8\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	popq %rcx\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	popq %rdx\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	popq %rsi\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	popq %rdi\n"
                                              "	.cfi_adjust_cfa_offset -8\n"
                                              "	ret\n"
                                              "	.cfi_endproc\n"
                                              "mlw_first_prctl:\n"
                                              "	.cfi_startproc\n"
                                              "	call keep_arguments\n"
                                              "	jmp *mlw_real_prctl(%rip)\n"
                                              "	.cfi_endproc\n"
                                              "mlw_first_syscall:\n"
                                              "	.cfi_startproc\n"
                                              "	call keep_arguments\n"
                                              "	jmp *mlw_real_syscall(%rip)\n"
                                              "	.cfi_endproc\n");

_Static_assert(SYS_seccomp == 317, "as in the assembly");
_Static_assert(SECCOMP_SET_MODE_STRICT == 0 && SECCOMP_SET_MODE_FILTER == 1, "likewise");
