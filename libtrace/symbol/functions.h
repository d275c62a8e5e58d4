/* SPDX-License-Identifier: MIT */
#ifndef MLW_SYMBOL_FUNCTIONS_H
#define MLW_SYMBOL_FUNCTIONS_H

/*
 * The functions of an object by its ELF symbol tables: .symtab of the file or of its
 * debug file, else .dynsym and what .gnu_debugdata adds.
 *
 * A symbol with a size owns exactly its bytes. One without (assembly) owns what follows
 * it, up to the next symbol or the end of its section, as far as no sized symbol owns it.
 * Among names of one address the greatest by strcmp() is taken, as gdb does: that prefers
 * malloc to __libc_malloc, and always gives the same answer.
 */

#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdwfl.h>

#include "base/error.h"
#include "symbol/ranges.h"

struct mlw_functions {
	const char **names; /* borrowed: of the module's string tables */
	struct mlw_ranges sized;
	struct mlw_ranges open_ended;
};

/* Reads the tables of `module`, which stays open as long as this. Zeroed before. */
int mlw_functions_read(struct mlw_functions *functions, Dwfl_Module *module,
                       struct mlw_error *err);
void mlw_functions_release(struct mlw_functions *functions);

/* The raw name of the function at `address`, or NULL. */
const char *mlw_functions_find(const struct mlw_functions *functions, uint64_t address);

#endif /* MLW_SYMBOL_FUNCTIONS_H */
