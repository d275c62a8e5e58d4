/* SPDX-License-Identifier: MIT */
#ifndef MLW_STRINGS_H
#define MLW_STRINGS_H

/*
 * Which texts have been written already, and under which id. Texts are known by their
 * 128-bit XXH3 alone, so that a million names cost 24 MB and not their length.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct mlw_string_slot {
	uint64_t low, high;
	uint32_t id; /* 0: empty */
};

struct mlw_strings {
	struct mlw_string_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	uint32_t count; /* the latest id */
};

void mlw_strings_release(struct mlw_strings *strings);

/* The id of `text`; *is_new if it was not there before. 0 without memory. */
uint32_t mlw_strings_id(struct mlw_strings *strings, const char *text, bool *is_new,
                        struct mlw_error *err);

#endif /* MLW_STRINGS_H */
