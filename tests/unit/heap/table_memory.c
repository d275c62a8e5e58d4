/* SPDX-License-Identifier: MIT */
#include "heap/table_memory.h"

#include <criterion/criterion.h>
#include <stdint.h>

#define MIB ((size_t)1 << 20)

/* Words of two MiB and a bit: from malloc to mappings, in huge pages and beside them. */
Test(table_memory, a_table_keeps_what_it_had_and_is_zero_behind_it)
{
	static const size_t sizes[] = { 64,      4096,    MIB - 64,     MIB,
		                        2 * MIB, 5 * MIB, 5 * MIB + 64, 40 * MIB };
	uint64_t *words = NULL;
	size_t had = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		words = mlw_table_grow(words, had, sizes[i]);
		cr_assert_not_null(words);
		cr_expect_eq((uintptr_t)words % 64, 0);
		for (size_t at = 0; at < had / 8; at++)
			cr_assert_eq(words[at], at * 31 + 7, "word %zu of %zu", at,
			             had / 8);
		for (size_t at = had / 8; at < sizes[i] / 8; at++) {
			cr_assert_eq(words[at], 0);
			words[at] = at * 31 + 7;
		}
		had = sizes[i];
	}
	mlw_table_free(words, had);
}
