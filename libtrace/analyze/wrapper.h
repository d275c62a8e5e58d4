/* SPDX-License-Identifier: MIT */
#ifndef MLW_WRAPPER_H
#define MLW_WRAPPER_H

/*
 * Which functions only pass an allocation on. The site of a trace is its most recent
 * frame outside them; if all its frames are wrappers, the outermost one, which is as near
 * to the program as the recording came.
 *
 * The list that ships with Mallow: the malloc family; operator new; std::allocator,
 * std::allocator_traits and their headers (not the containers' own functions); strdup,
 * asprintf and getline with their variants; GLib's g_malloc, g_slice and g_strdup
 * families; gnulib's and git's xmalloc families; the allocator of Rust's std.
 */

#include <stdbool.h>

/* Strings may be NULL. */
bool mlw_wrapper_builtin(const char *function, const char *file);

#endif /* MLW_WRAPPER_H */
