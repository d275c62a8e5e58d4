/* SPDX-License-Identifier: MIT */
#ifndef MLW_PUBLIC_H
#define MLW_PUBLIC_H

/*
 * What libmallow.so exports: the interposed functions (and, in libmallow.map, nothing
 * else). Some of them have no prototype in today's headers.
 */

#include <stddef.h>

#define MLW_PUBLIC __attribute__((visibility("default")))

void cfree(void *block);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

#endif /* MLW_PUBLIC_H */
