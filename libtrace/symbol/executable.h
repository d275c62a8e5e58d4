/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_EXECUTABLE_H
#define MLW_SYMBOL_EXECUTABLE_H

/*
 * What can be told of a program before it is started: can it be started, will the dynamic
 * linker preload a library into it, whose malloc will it use, can it be symbolized.
 *
 *	struct mlw_executable executable;
 *
 *	status = mlw_executable_find(argv[0], &path, err);
 *	if (status)
 *		return status == -ENOENT ? 127 : 126;
 *	if (mlw_executable_inspect(path, &executable, err))
 *		...
 *	if (executable.elf && !executable.dynamic)
 *		... is static: nothing can be preloaded
 *	mlw_executable_release(&executable);
 *
 * All is read from the file; nothing is run. Libraries are those that the program names
 * itself (DT_NEEDED), not theirs in turn.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The longest build-id that is kept; linkers write 16 (md5, uuid) or 20 (sha1) bytes. */
#define MLW_BUILD_ID_MAX 64

struct mlw_executable {
	/*
	 * A script: what stands behind its #!. All that follows is then of the program
	 * that the kernel runs in its place, found through as many scripts as the kernel
	 * allows. NULL: not a script.
	 */
	char *interpreter;

	/* Neither ELF nor script (false, interpreter NULL): exec fails with ENOEXEC, and
	 * shells and execvp() give such a file to /bin/sh. */
	bool elf;
	unsigned int bits; /* 32 or 64 */
	uint16_t machine; /* EM_* of elf.h */
	bool native; /* bits and machine are those of this program */
	char *loader; /* the dynamic linker it asks for (PT_INTERP), or NULL */
	bool dynamic; /* it asks for one; else static, also as static-pie */

	/* Privileges of the file, and whether they make the kernel start it in secure
	 * mode for the user we are now, in which the dynamic linker ignores LD_PRELOAD
	 * (ld.so(8), AT_SECURE of getauxval(3)). */
	bool setuid;
	bool setgid;
	bool capabilities;
	bool secure;

	uint8_t build_id[MLW_BUILD_ID_MAX];
	size_t build_id_size; /* 0: none */
	bool debug_info; /* DWARF, in the file or its debug file */
	char *debug_file; /* the separate debug file on this machine, or NULL */
	bool symbols; /* .symtab; in the file or its debug file */
	bool dynamic_symbols; /* .dynsym */

	/*
	 * It defines malloc itself. When dynamic_malloc too the definition is exported,
	 * and so precedes that of any preloaded library for the whole process; else only
	 * the program's own calls go there. A stripped static program does not tell.
	 */
	bool own_malloc;
	bool dynamic_malloc;
	/* The allocator by its name: "libjemalloc.so.2" as it is in DT_NEEDED, "jemalloc"
	 * linked in; also tcmalloc and mimalloc. "": the C library's, or not known. */
	char allocator[64];
	/* "address", "hwaddress", "thread", "memory" or "leak"; "": none. As a library or
	 * linked in. */
	char sanitizer[16];
};

/*
 * Fails, with the path and the reason in `err`, when the file or the interpreter of a
 * script cannot be read, or when an ELF file is damaged in what the kernel needs. `out`
 * is valid and to be released in either case.
 */
int mlw_executable_inspect(const char *path, struct mlw_executable *out,
                           struct mlw_error *err);
void mlw_executable_release(struct mlw_executable *executable);

/* "x86-64", "aarch64", ...: for a sentence; "unknown" for rare ones. */
const char *mlw_executable_machine(const struct mlw_executable *executable);

/*
 * The file that execvp(name) would run, by PATH when `name` has no slash. Returns 0 and
 * in *path the caller's, to be freed, or the negative errno that execvp would end with,
 * and the sentence in `err`: -ENOENT not found (shells, env and nohup exit with 127
 * then); -EACCES found but not executable, a folder, or in a folder that is closed to us;
 * any other is rare (126 for all these).
 */
int mlw_executable_find(const char *name, char **path, struct mlw_error *err);

#endif /* MLW_SYMBOL_EXECUTABLE_H */
