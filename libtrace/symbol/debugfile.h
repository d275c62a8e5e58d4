/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_DEBUGFILE_H
#define MLW_SYMBOL_DEBUGFILE_H

/*
 * Where the separate debug file of an object is.
 *
 * In this order, and only a file whose build-id (without one: whose CRC) is the object's:
 *	/usr/lib/debug/.build-id/xx/yyyy.debug
 *	DIR/LINK, DIR/.debug/LINK, /usr/lib/debug/DIR/LINK
 * where xxyyyy is the build-id in hexadecimal, DIR the object's folder and LINK what its
 * .gnu_debuglink names. (GDB manual, "Debugging Information in Separate Files".)
 *
 * libdwfl's own search is not used: it asks debuginfod servers whenever the environment
 * names some, and closes a descriptor twice after a mismatch, which in a program with
 * threads may be another's.
 */

#include <stddef.h>
#include <stdint.h>

#include <libelf.h>

struct mlw_build_id {
	const void *bytes; /* borrowed */
	size_t size; /* 0: none */
};

/* The build-id in the notes of `elf`, which owns the bytes. */
struct mlw_build_id mlw_build_id_of(Elf *elf);

int mlw_build_id_equal(struct mlw_build_id a, struct mlw_build_id b);

/*
 * Opens the debug file of `elf`, an object that was loaded from `path` (may be NULL).
 * Returns a descriptor and in *found its path, both the caller's, or -1 if there is none.
 */
int mlw_debugfile_open(Elf *elf, const char *path, char **found);

/* The same for an object of which only the build-id is known. */
int mlw_debugfile_open_by_build_id(struct mlw_build_id id, char **found);

/*
 * Asks the servers of DEBUGINFOD_URLS, through libdebuginfod when it is installed; may
 * wait as long as DEBUGINFOD_TIMEOUT says. Returns as the others.
 */
int mlw_debugfile_download(struct mlw_build_id id, char **found);

#endif /* MLW_SYMBOL_DEBUGFILE_H */
