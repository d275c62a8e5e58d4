/* SPDX-License-Identifier: MIT */
#ifndef MLW_UNITS_H
#define MLW_UNITS_H

/*
 * Sizes and times as people write and read them.
 *
 * Sizes are in binary units and printed as Python's tracemalloc prints them: bytes below
 * 10 KiB, then the largest unit that leaves at least 10 of it, with one decimal below
 * 100: `5002 B`, `12.5 KiB`, `340 KiB`, `4855 KiB`. Times are `ns`, `us`, `ms` or `s`,
 * with one decimal below 100: `1.5 s`, `340 ms`, `87 ns`.
 *
 *	char text[MLW_UNIT_TEXT];
 *
 *	printf("peak %s\n", mlw_size_text(totals->peak_size, text));
 */

#include <stdint.h>

#include "base/error.h"

#define MLW_UNIT_TEXT 32

/* Each writes into `text`, MLW_UNIT_TEXT bytes, and returns it. */
const char *mlw_size_text(uint64_t size, char *text);
const char *mlw_duration_text(uint64_t ns, char *text);
/* With a sign, as a difference is written: `+5000 B`, `-66 B`, `+0 B`. */
const char *mlw_size_change_text(int64_t change, char *text);
/* size / count, rounded only here; `count` is not 0. */
const char *mlw_average_text(uint64_t size, uint64_t count, char *text);

/*
 * Reads what the user typed: digits, perhaps a decimal point and more digits, and a unit
 * directly after or after a space. Sizes: none or B, K or KiB, M or MiB, G or GiB, T or
 * TiB, in any case. Times: ns, us, ms or s; only 0 may stand alone. What is not whole is
 * cut off. Fails on anything else and on what does not fit into 64 bits.
 */
int mlw_parse_size(const char *text, uint64_t *size, struct mlw_error *err);
int mlw_parse_duration(const char *text, uint64_t *ns, struct mlw_error *err);

#endif /* MLW_UNITS_H */
